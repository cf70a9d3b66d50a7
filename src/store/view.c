// SPDX-License-Identifier: Apache-2.0
#include "store/view_sql.h"

#include "base/str.h"

enum { TEXT_MAX = 256 << 10, MAX_KEYS = ODATA_TOKEN_VALUES, JSON_MAX = 1 << 20 };

// What rows are ordered by, in this order; together the keys are unique.
struct sort_key {
	const char *sql;
	bool number, descending;
};

struct page_ctx {
	const struct work *w;
	const struct view_request *request;
	struct view_sql sql;
	struct sort_key keys[MAX_KEYS];
	size_t key_count;
	uint64_t hash;
	struct odata_token token; // where the page begins
	bool resumed;
	const char *column, *value; // one object
	struct view_page page;
	int64_t total;
};

// Names of the columns that carry the sort keys of a row to the next token.
static const char *const key_columns[MAX_KEYS] = {"order_0", "order_1", "order_2", "order_3",
	"order_4", "order_5", "order_6", "order_7", "order_8", "order_9", "order_10", "order_11",
	"order_12", "order_13", "order_14", "order_15"};

const char *
view_time(struct arena *arena, time_us t)
{
	return t % US_PER_S ? clock_rfc3339_us(arena, t) : clock_rfc3339(arena, t);
}

// --- rows to objects ---

static const char *
duration(struct arena *arena, int64_t us)
{
	int64_t s = us / US_PER_S;

	return arena_printf(arena, "PT%lldH%lldM%lldS", (long long)(s / 3600),
		(long long)(s / 60 % 60), (long long)(s % 60));
}

static void
put_json(struct json_maker *m, const char *name, const char *text)
{
	struct json_limits limits = {.max_bytes = JSON_MAX};
	struct error ignored;

	if (text)
		json_put(m, name, json_parse(m->arena, slice_str(text), &limits, &ignored));
}

static void
put_parts(struct json_maker *m, const struct view *view, const struct odata_property *p,
	struct db_rows *rows)
{
	struct json_maker list = json_make(m->arena, JSON_ARRAY);
	bool known = false;

	for (const struct view_part *part = view->parts; part && part->column; part++) {
		if (strcmp(part->column, p->column) != 0)
			continue;
		known = true;
		const char *text = db_text(m->arena, rows, part->part);
		if (!str_empty(text))
			json_put_str(&list, NULL,
				arena_printf(
					m->arena, "%s%s", part->prefix ? part->prefix : "", text));
	}
	if (known)
		json_put(m, p->name, list.whole);
	else
		put_json(m, p->name, db_text(m->arena, rows, p->column));
}

static void
put_property(struct json_maker *m, const struct view *view, const struct odata_property *p,
	struct db_rows *rows)
{
	if (p->flags & OD_LIST) {
		put_parts(m, view, p, rows);
		return;
	}
	if (db_is_null(rows, p->column))
		return;
	switch (p->kind) {
	case OD_BOOL:
		json_put_bool(m, p->name, db_bool(rows, p->column));
		return;
	case OD_INT32:
	case OD_INT64:
		json_put_int(m, p->name, db_int(rows, p->column));
		return;
	case OD_DATE:
		json_put_str(m, p->name, view_time(m->arena, db_int(rows, p->column)));
		return;
	case OD_DURATION:
		json_put_str(m, p->name, duration(m->arena, db_int(rows, p->column)));
		return;
	case OD_COMPLEX:
	case OD_ANY:
		put_json(m, p->name, db_text(m->arena, rows, p->column));
		return;
	default:
		json_put_str(m, p->name, db_text(m->arena, rows, p->column));
	}
}

static void put_type(struct json_maker *m, const struct view *view, const struct odata_type *type,
	struct db_rows *rows);

// Complex properties whose own properties have columns.
static void
put_complex(struct json_maker *m, const struct view *view, const struct odata_property *p,
	struct db_rows *rows)
{
	struct json_maker inner = json_make(m->arena, JSON_OBJECT);

	if (p->kind != OD_COMPLEX || (p->flags & (OD_NAV | OD_LIST)))
		return;
	put_type(&inner, view, p->complex, rows);
	if (inner.whole->count)
		json_put(m, p->name, inner.whole);
}

static void
put_type(struct json_maker *m, const struct view *view, const struct odata_type *type,
	struct db_rows *rows)
{
	const struct odata_property *p;

	for (size_t i = 0; (p = odata_property_at(type, i)); i++)
		if (p->column)
			put_property(m, view, p, rows);
		else
			put_complex(m, view, p, rows);
}

static const struct json *
object_of(struct arena *arena, const struct view *view, struct db_rows *rows)
{
	struct json_maker m = json_make(arena, JSON_OBJECT);
	const struct odata_type *type = view->type;

	if (view->typed) {
		const char *name = db_text(arena, rows, "odata_type");
		const struct odata_type *own = odata_type_find(type, name);
		json_put_str(&m, "@odata.type", name);
		type = own ? own : type;
	}
	put_type(&m, view, type, rows);
	return m.whole;
}

// --- order ---

static bool
add_key(struct page_ctx *c, const char *sql, bool number, bool descending, struct error *e)
{
	for (size_t i = 0; i < c->key_count; i++)
		if (strcmp(c->keys[i].sql, sql) == 0)
			return true;
	if (c->key_count == MAX_KEYS)
		return error_set(e, ERR_LIMIT, "$orderby has too many properties");
	c->keys[c->key_count++] =
		(struct sort_key){.sql = sql, .number = number, .descending = descending};
	return true;
}

static bool
plan_order(struct page_ctx *c, struct error *e)
{
	const struct odata_query *query = c->request->query;
	const struct view *view = c->request->view;
	struct arena *arena = c->w->arena;
	bool number;

	c->key_count = 0;
	for (size_t i = 0; query && i < query->order_count; i++) {
		const char *sql = view_sort_key(&c->sql, &query->order[i].path, &number);
		if (c->sql.failed || !add_key(c, sql, number, query->order[i].descending, e))
			return false;
	}
	if (!view->order[0].column)
		return add_key(c, "v.id", false, false, e);
	for (size_t i = 0; i < VIEW_ORDERS && view->order[i].column; i++)
		if (!add_key(c, arena_printf(arena, "v.%s", view->order[i].column),
			    view->order[i].number, view->order[i].descending, e))
			return false;
	return true;
}

static const char *
token_param(struct page_ctx *c, size_t i, struct error *e)
{
	const struct odata_token_value *value = &c->token.values[i];
	bool number = value->kind == ODATA_TOKEN_INT;

	if (number != c->keys[i].number || (!number && value->kind != ODATA_TOKEN_TEXT)) {
		error_set(e, ERR_INVALID, "$skiptoken is not one of this query");
		c->sql.failed = true;
		return "NULL";
	}
	return number ? view_int_param(&c->sql, value->integer)
		      : view_text_param(&c->sql, value->text);
}

// All keys run the same way: a comparison of rows, which an index can answer.
static bool
one_direction(const struct page_ctx *c)
{
	for (size_t i = 1; i < c->key_count; i++)
		if (c->keys[i].descending != c->keys[0].descending)
			return false;
	return true;
}

static void
put_after_row(struct page_ctx *c, const char *const *values)
{
	struct buf *text = &c->sql.text;

	buf_puts(text, "(");
	for (size_t i = 0; i < c->key_count; i++)
		buf_printf(text, "%s%s", i ? ", " : "", c->keys[i].sql);
	buf_puts(text, c->keys[0].descending ? ") < (" : ") > (");
	for (size_t i = 0; i < c->key_count; i++)
		buf_printf(text, "%s%s", i ? ", " : "", values[i]);
	buf_puts(text, ")");
}

// The rows after the one that the token names.
static bool
put_after(struct page_ctx *c, struct error *e)
{
	const char *values[MAX_KEYS];
	struct buf *text = &c->sql.text;

	if (c->token.count != c->key_count)
		return error_set(e, ERR_INVALID, "$skiptoken is not one of this query");
	for (size_t i = 0; i < c->key_count; i++)
		values[i] = token_param(c, i, e);
	if (c->sql.failed)
		return false;
	buf_puts(text, " AND ");
	if (one_direction(c)) {
		put_after_row(c, values);
		return true;
	}
	for (size_t i = 0; i < c->key_count; i++) {
		const struct sort_key *key = &c->keys[i];
		const char *sign = key->descending ? "<" : ">";
		bool last = i + 1 == c->key_count;
		buf_printf(text, last ? "%s %s %s" : "(%s %s %s OR (", key->sql, sign, values[i]);
		if (!last)
			buf_printf(text, "%s = %s AND ", key->sql, values[i]);
	}
	for (size_t i = 1; i < c->key_count; i++)
		buf_puts(text, "))");
	return true;
}

// --- composing ---

static bool
start(struct page_ctx *c, struct db *db, struct error *e)
{
	struct view_sql *s = &c->sql;

	*s = (struct view_sql){
		.arena = c->w->arena, .kind = db->driver->kind, .view = c->request->view, .e = e};
	buf_init(&s->text, c->w->arena, TEXT_MAX);
	s->params[s->count++] = DB_TEXT(c->w->tenant_id);
	for (size_t i = 0; i < c->request->param_count; i++)
		s->params[s->count++] = c->request->params[i];
	buf_puts(&s->text, ") AS v WHERE 1 = 1");
	return true;
}

static bool
put_conditions(struct page_ctx *c)
{
	const struct odata_query *query = c->request->query;
	struct view_sql *s = &c->sql;

	if (query && query->filter) {
		buf_puts(&s->text, " AND ");
		view_filter(s, query->filter);
	}
	if (query && query->search_for) {
		buf_puts(&s->text, " AND ");
		view_filter(s, query->search_for);
	}
	return !s->failed;
}

static bool
run(struct page_ctx *c, struct db *db, const char *head, struct db_rows **rows, struct error *e)
{
	struct db_composed composed = {.query = c->request->view->query,
		.head = head,
		.tail = buf_text(&c->sql.text),
		.by_values = c->sql.by_values};
	struct db_params params = {.items = c->sql.params, .count = c->sql.count};

	return buf_ok(&c->sql.text, e) && db_query_composed(db, &composed, params, rows, e);
}

static const char *
page_head(struct page_ctx *c)
{
	struct buf head;

	buf_init(&head, c->w->arena, TEXT_MAX);
	buf_puts(&head, "SELECT v.*");
	for (size_t i = 0; i < c->key_count; i++)
		buf_printf(&head, ", %s AS %s", c->keys[i].sql, key_columns[i]);
	buf_puts(&head, " FROM (");
	return buf_text(&head);
}

static void
put_order(struct page_ctx *c, int64_t limit)
{
	struct view_sql *s = &c->sql;
	const struct odata_query *query = c->request->query;

	buf_puts(&s->text, " ORDER BY ");
	for (size_t i = 0; i < c->key_count; i++)
		buf_printf(&s->text, "%s%s%s", i ? ", " : "", c->keys[i].sql,
			c->keys[i].descending ? " DESC" : "");
	buf_printf(&s->text, " LIMIT %s", view_int_param(s, limit));
	if (query && query->skip && !c->resumed)
		buf_printf(&s->text, " OFFSET %s", view_int_param(s, query->skip));
}

static bool
next_token(struct page_ctx *c, struct db_rows *rows, const char **out, struct error *e)
{
	struct odata_token token = {.query = c->hash, .count = c->key_count, .id = "-"};

	for (size_t i = 0; i < c->key_count; i++) {
		struct odata_token_value *value = &token.values[i];
		if (c->keys[i].number) {
			value->kind = ODATA_TOKEN_INT;
			value->integer = db_int(rows, key_columns[i]);
		} else {
			value->kind = ODATA_TOKEN_TEXT;
			value->text = db_text(c->w->arena, rows, key_columns[i]);
			if (!value->text)
				value->text = "";
		}
	}
	return odata_token_encode(c->w->arena, &token, out, e);
}

static bool
read_rows(struct page_ctx *c, struct db_rows *rows, int64_t wanted, struct error *e)
{
	struct view_page *page = &c->page;
	const char *token = NULL;

	*page = (struct view_page){
		.objects = arena_array(c->w->arena, (size_t)wanted + 1, sizeof *page->objects)};
	while (db_next(rows)) {
		if ((int64_t)page->count == wanted) {
			page->skiptoken = token;
			continue;
		}
		page->objects[page->count++] = object_of(c->w->arena, c->request->view, rows);
		if ((int64_t)page->count == wanted && !next_token(c, rows, &token, e))
			return false;
	}
	return true;
}

// One row more than asked for tells whether there is a next page.
static bool
page_tx(struct db *db, void *ctx, struct error *e)
{
	struct page_ctx *c = ctx;
	const struct odata_query *query = c->request->query;
	int64_t wanted = c->request->page;
	autorows rows = NULL;

	if (query && query->top > 0 && query->top < wanted)
		wanted = query->top;
	if (!start(c, db, e) || !put_conditions(c) || !plan_order(c, e))
		return false;
	// Parameters of the sort keys stand in the head too: they are made before it.
	if (c->resumed && !put_after(c, e))
		return false;
	put_order(c, wanted + 1);
	return !c->sql.failed && run(c, db, page_head(c), &rows, e) &&
		read_rows(c, rows, wanted, e);
}

bool
store_view_page(const struct work *w, const struct view_request *request, struct view_page *out,
	struct error *e)
{
	static const struct odata_query everything = {.top = -1};
	struct view_request plain = *request;
	struct page_ctx *c = arena_new(w->arena, struct page_ctx);

	if (!plain.query)
		plain.query = &everything;
	c->w = w;
	c->request = &plain;
	c->hash = odata_query_hash(w->arena,
		arena_printf(w->arena, "%s/%s", w->tenant_id, request->collection), plain.query);
	c->resumed = plain.query->skiptoken != NULL;
	if (c->resumed &&
		!odata_token_decode(w->arena, plain.query->skiptoken, c->hash, &c->token, e))
		return false;
	if (!store_read(w->session, page_tx, c, e))
		return false;
	*out = c->page;
	return true;
}

static bool
count_tx(struct db *db, void *ctx, struct error *e)
{
	struct page_ctx *c = ctx;
	autorows rows = NULL;

	if (!start(c, db, e) || !put_conditions(c) ||
		!run(c, db, "SELECT COUNT(*) AS total FROM (", &rows, e))
		return false;
	c->total = db_next(rows) ? db_int(rows, "total") : 0;
	return true;
}

bool
store_view_count(
	const struct work *w, const struct view_request *request, int64_t *out, struct error *e)
{
	struct page_ctx *c = arena_new(w->arena, struct page_ctx);

	c->w = w;
	c->request = request;
	if (!store_read(w->session, count_tx, c, e))
		return false;
	*out = c->total;
	return true;
}

// Without regard to case, by the column that holds the value folded where there is one.
static const char *
key_equals(struct page_ctx *c)
{
	struct arena *arena = c->w->arena;
	const char *lower = str_lower(arena, c->value);

	for (const struct view_key *k = c->request->view->keys; k && k->column; k++) {
		if (!str_eq(k->column, c->column))
			continue;
		const char *folded = k->fold == VIEW_LOWER ? lower
			: k->fold == VIEW_UPPER		   ? str_upper(arena, c->value)
							   : c->value;
		return arena_printf(arena, "v.%s = %s", k->key, view_text_param(&c->sql, folded));
	}
	return arena_printf(arena, "LOWER(v.%s) = %s", c->column, view_text_param(&c->sql, lower));
}

static bool
one_tx(struct db *db, void *ctx, struct error *e)
{
	struct page_ctx *c = ctx;
	autorows rows = NULL;

	if (!start(c, db, e))
		return false;
	buf_printf(&c->sql.text, " AND %s LIMIT 1", key_equals(c));
	if (!run(c, db, "SELECT * FROM (", &rows, e))
		return false;
	c->page.count = db_next(rows);
	if (c->page.count)
		c->page.objects[0] = object_of(c->w->arena, c->request->view, rows);
	return true;
}

bool
store_view_one(const struct work *w, const struct view_request *request, const char *column,
	const char *value, const struct json **out, struct error *e)
{
	struct page_ctx *c = arena_new(w->arena, struct page_ctx);

	c->w = w;
	c->request = request;
	c->column = column;
	c->value = value;
	c->page.objects = out;
	if (!utf8_valid(slice_str(value)) || !store_read(w->session, one_tx, c, e))
		return false;
	return c->page.count || error_set(e, ERR_NOT_FOUND, "there is nothing with this id");
}
