// SPDX-License-Identifier: Apache-2.0
// Properties, literals and elements of lists as values in SQL.
#include "store/view_sql.h"

#include "base/str.h"
#include "wire/odata/lex.h"
#include <stdarg.h>
#include <stdlib.h>

void
view_fail(struct view_sql *s, const char *fmt, ...)
{
	char message[200];
	va_list args;

	if (s->failed)
		return;
	s->failed = true;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	error_set(s->e, ERR_INVALID, "%s", message);
}

static const char *
param(struct view_sql *s, struct db_param value, const char *type)
{
	if (s->count == DB_MAX_PARAMS) {
		if (!s->failed)
			error_set(s->e, ERR_LIMIT, "the filter has more than %d values",
				DB_MAX_PARAMS / 2);
		s->failed = true;
		return "NULL";
	}
	s->params[s->count++] = value;
	return arena_printf(s->arena, "CAST($%zu AS %s)", s->count, type);
}

const char *
view_text_param(struct view_sql *s, const char *text)
{
	return param(s, DB_TEXT(text), "TEXT");
}

const char *
view_int_param(struct view_sql *s, int64_t value)
{
	return param(s, DB_INT(value), s->kind == DB_SQLITE ? "INTEGER" : "BIGINT");
}

// --- values ---

static bool
is_number(const struct odata_property *p)
{
	static const bool numbers[OD_KIND_COUNT] = {[OD_BOOL] = true,
		[OD_INT32] = true,
		[OD_INT64] = true,
		[OD_DATE] = true,
		[OD_DURATION] = true};

	return numbers[p->kind] && !(p->flags & OD_LIST);
}

// What the table gives a property that has no value, as a parameter; NULL when it is null.
static const char *
initial_value(struct view_sql *s, const struct odata_property *p)
{
	struct error ignored;
	const struct json *json =
		p->initial ? json_parse(s->arena, slice_str(p->initial), NULL, &ignored) : NULL;
	int64_t number = 0;

	if (!json || json->type == JSON_NULL)
		return NULL;
	if (!is_number(p))
		return json->type == JSON_STRING
			? view_text_param(s, str_lower(s->arena, json->text))
			: NULL;
	if (p->kind == OD_DATE &&
		(json->type != JSON_STRING || !odata_date_parse(json->text, &number)))
		return NULL;
	if (p->kind == OD_DURATION &&
		(json->type != JSON_STRING || !odata_duration_parse(json->text, &number)))
		return NULL;
	if (p->kind == OD_BOOL)
		number = json->boolean;
	else if (json->type == JSON_NUMBER)
		number = strtoll(json->text, NULL, 10);
	return view_int_param(s, number);
}

static const struct view_key *
find_key(const struct view *view, const char *column)
{
	for (const struct view_key *k = view->keys; k && k->column; k++)
		if (strcmp(k->column, column) == 0)
			return k;
	return NULL;
}

static struct view_value
column_value(struct view_sql *s, const struct odata_property *p)
{
	const struct view_key *key = find_key(s->view, p->column);
	struct view_value v = {.number = is_number(p), .property = p, .null = true};
	bool text = !v.number;

	if (key && text) {
		v.fold = key->fold;
		v.sql = arena_printf(s->arena, "v.%s", key->key);
		return v;
	}
	v.sql = arena_printf(s->arena, text ? "LOWER(v.%s)" : "v.%s", p->column);
	const char *initial = initial_value(s, p);
	if (initial) {
		v.sql = arena_printf(s->arena, "COALESCE(%s, %s)", v.sql, initial);
		v.null = false;
	}
	return v;
}

struct view_value
view_property(struct view_sql *s, const struct odata_path *path)
{
	const struct odata_property *p = path->count ? path->properties[path->count - 1] : NULL;
	struct view_value v = {.sql = "NULL", .null = true, .property = p};

	if (!p || (p->flags & OD_LIST) || p->kind == OD_COMPLEX || p->kind == OD_ANY ||
		p->kind == OD_DOUBLE) {
		view_fail(s, "'%s' cannot be compared or sorted by here",
			path->count ? path->names[path->count - 1] : "");
		return v;
	}
	if (p->column)
		return column_value(s, p);
	const char *initial = initial_value(s, p);
	v.number = is_number(p);
	if (initial) {
		v.sql = initial;
		v.null = false;
	} else if (v.number) {
		v.sql = s->kind == DB_SQLITE ? "NULL" : "CAST(NULL AS BIGINT)";
	} else {
		v.sql = "CAST(NULL AS TEXT)";
	}
	return v;
}

static const char *
fold_text(struct view_sql *s, const char *text, enum view_fold fold)
{
	return fold == VIEW_UPPER ? str_upper(s->arena, text) : str_lower(s->arena, text);
}

bool
view_literal_is_text(const struct odata_literal *l)
{
	return l->kind == ODATA_LIT_STRING || l->kind == ODATA_LIT_GUID ||
		l->kind == ODATA_LIT_ENUM;
}

static const struct view_element *
find_element(const struct view_element *element, const struct odata_node *lambda)
{
	while (element && element->lambda != lambda)
		element = element->outer;
	return element;
}

// The parts of a list property; the count of rows is returned in *count.
const struct view_part *
view_parts(struct view_sql *s, const struct odata_node *path, size_t *count)
{
	const struct odata_property *p = path->property;
	const struct view_part *first = NULL;

	*count = 0;
	if (path->root || !p || !(p->flags & OD_LIST) || (p->flags & OD_NAV)) {
		view_fail(s, "this list cannot be asked about here");
		return NULL;
	}
	for (const struct view_part *v = s->view->parts; p->column && v && v->column; v++)
		if (strcmp(v->column, p->column) == 0) {
			first = *count ? first : v;
			++*count;
		}
	if (p->column && !*count)
		view_fail(s, "'%s' cannot be asked about here", p->name);
	return first;
}

const char *
view_part_present(struct view_sql *s, const struct view_part *part)
{
	return arena_printf(s->arena, "(v.%s IS NOT NULL AND v.%s <> '')", part->part, part->part);
}

static struct view_value
list_count(struct view_sql *s, const struct odata_node *path)
{
	size_t count;
	const struct view_part *parts = view_parts(s, path, &count);
	const char *sql = view_int_param(s, 0);

	for (size_t i = 0; i < count; i++)
		sql = arena_printf(s->arena, "%s + CASE WHEN %s THEN 1 ELSE 0 END", sql,
			view_part_present(s, &parts[i]));
	return (struct view_value){
		.sql = arena_printf(s->arena, "(%s)", sql), .number = true, .null = false};
}

// prefix || text, where the prefix cannot be taken out of the comparison.
struct view_value
view_whole_text(struct view_sql *s, struct view_value v)
{
	if (!v.prefix || !*v.prefix)
		return v;
	v.sql = arena_printf(s->arena, "(%s || LOWER(%s))",
		view_text_param(s, str_lower(s->arena, v.prefix)), v.sql);
	v.prefix = NULL;
	v.fold = VIEW_LOWER;
	return v;
}

struct view_value
view_value_of(struct view_sql *s, const struct odata_node *node, const struct view_element *element)
{
	struct view_value v = {.sql = "NULL", .null = true};

	switch (node->op) {
	case ODATA_LITERAL:
		v.literal = &node->literal;
		v.number = !view_literal_is_text(&node->literal);
		v.null = node->literal.kind == ODATA_LIT_NULL;
		return v;
	case ODATA_PATH:
		if (!node->root)
			return view_property(s, &node->path);
		element = find_element(element, node->root);
		if (element && node->path.count == 0)
			return element->value;
		view_fail(s, "this list cannot be asked about here");
		return v;
	case ODATA_TOLOWER: // comparisons ignore case anyway
	case ODATA_TOUPPER:
		return view_value_of(s, node->first, element);
	case ODATA_LENGTH:
		v = view_whole_text(s, view_value_of(s, node->first, element));
		if (v.literal)
			v.sql = view_int_param(s, (int64_t)v.literal->len);
		else
			v.sql = arena_printf(s->arena, "LENGTH(%s)", v.sql);
		return (struct view_value){.sql = v.sql, .number = true, .null = v.null};
	case ODATA_COUNT:
		return list_count(s, node->first);
	default:
		view_fail(s, "this cannot be compared here");
		return v;
	}
}

// A literal as SQL that can be compared with `other`.
struct view_value
view_settled(struct view_sql *s, struct view_value v, const struct view_value *other)
{
	if (!v.literal || v.literal->kind == ODATA_LIT_NULL)
		return v;
	v.sql = v.number ? view_int_param(s, v.literal->integer)
			 : view_text_param(s, fold_text(s, v.literal->text, other->fold));
	v.fold = other->fold;
	return v;
}

// Members of an enumeration are ordered by their numbers.
struct view_value
view_by_number(struct view_sql *s, struct view_value v)
{
	const struct odata_enum *members = v.property ? v.property->members : NULL;
	struct buf text;

	if (v.literal && v.literal->kind == ODATA_LIT_ENUM) {
		v.number = true;
		return v;
	}
	if (!members || v.number)
		return v;
	buf_init(&text, s->arena, 64 << 10);
	buf_printf(&text, "CASE LOWER(%s)", v.sql);
	for (size_t i = 0; i < members->count; i++)
		buf_printf(&text, " WHEN '%s' THEN %d",
			str_lower(s->arena, members->members[i].name), members->members[i].value);
	buf_puts(&text, " END");
	v.sql = arena_printf(s->arena, "CAST(%s AS %s)", buf_text(&text),
		s->kind == DB_SQLITE ? "INTEGER" : "BIGINT");
	v.number = true;
	v.null = true;
	v.fold = VIEW_LOWER;
	return v;
}

const char *
view_sort_key(struct view_sql *s, const struct odata_path *path, bool *number)
{
	struct view_value v = view_by_number(s, view_property(s, path));

	*number = v.number;
	// NULL for a column with NOT NULL costs the index: only what Graph calls nullable is asked.
	if (!v.null || (v.property && !(v.property->flags & OD_NULLABLE) && !v.property->members))
		return v.sql;
	return v.number ? arena_printf(s->arena, "COALESCE(%s, -9223372036854775807)", v.sql)
			: arena_printf(s->arena, "COALESCE(%s, '')", v.sql);
}
