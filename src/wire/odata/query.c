// SPDX-License-Identifier: Apache-2.0
#include "wire/odata/lex.h"

#include "base/str.h"

struct options {
	struct arena *arena;
	struct odata_query *query;
	unsigned seen; // bits of the table below
	size_t nesting;
	struct error *e;
};

static bool apply(struct options *o, const char *name, const char *value);

static struct odata_query *
query_new(struct arena *arena)
{
	struct odata_query *query = arena_new(arena, struct odata_query);

	query->top = -1;
	return query;
}

static bool
too_many(struct options *o, const char *option)
{
	return error_set(o->e, ERR_LIMIT, "%s has more than %d items", option, ODATA_MAX_ITEMS);
}

static bool
read_filter(struct options *o, const char *value)
{
	return odata_filter_parse(o->arena, value, &o->query->filter, o->e);
}

// a,b/c or *, which asks for everything like no $select at all.
static bool
read_select(struct options *o, const char *value)
{
	struct odata_query *q = o->query;
	struct lex lex;
	bool all = false;
	size_t room = 0;

	if (!lex_start(&lex, o->arena, "$select", value, o->e))
		return false;
	while (lex.kind != LEX_END) {
		if (q->select_count == ODATA_MAX_ITEMS)
			return too_many(o, "$select");
		if (lex.kind == LEX_STAR) {
			all = true;
			if (!lex_next(&lex))
				return false;
		} else {
			q->select = arena_more(
				o->arena, q->select, q->select_count, &room, sizeof *q->select);
			if (!lex_path(&lex, &q->select[q->select_count++]))
				return false;
		}
		if (lex.kind == LEX_END)
			break;
		if (lex.kind != LEX_COMMA)
			return lex_fail(&lex, ", or the end is expected");
		if (!lex_next(&lex))
			return false;
		if (lex.kind == LEX_END)
			return lex_fail(&lex, "the name of a property is expected");
	}
	if (all)
		q->select_count = 0;
	return true;
}

static bool
read_order(struct options *o, const char *value)
{
	struct odata_query *q = o->query;
	struct lex lex;
	size_t room = 0;

	if (!lex_start(&lex, o->arena, "$orderby", value, o->e))
		return false;
	do {
		if (q->order_count == ODATA_MAX_ITEMS)
			return too_many(o, "$orderby");
		if (q->order_count && !lex_next(&lex))
			return false;
		q->order = arena_more(o->arena, q->order, q->order_count, &room, sizeof *q->order);
		struct odata_order *order = &q->order[q->order_count++];
		if (!lex_path(&lex, &order->path))
			return false;
		order->descending = lex_is(&lex, "desc");
		if ((order->descending || lex_is(&lex, "asc")) && !lex_next(&lex))
			return false;
	} while (lex.kind == LEX_COMMA);
	if (lex.kind == LEX_END)
		return true;
	lex_fail(&lex, "asc, desc, a comma or the end is expected");
	return error_hint(o->e, "write $orderby=displayName desc,id");
}

// From a '(' to the ')' that belongs to it, texts in quotes apart; NULL: there is none. Stops at
// `stop` outside of inner parentheses as well, when that is not 0.
static const char *
matching(const char *p, char stop)
{
	size_t open = 0;
	bool text = false;

	for (; *p; p++) {
		if (*p == '\'')
			text = !text;
		if (text)
			continue;
		if (*p == '(')
			open++;
		if (*p == ')' && --open == 0 && !stop)
			return p;
		if (stop && *p == stop && open == 0)
			return p;
	}
	return stop ? p : NULL;
}

// $select=id;$filter=… : what stands in the parentheses of an item of $expand.
static bool
read_nested(struct options *outer, const char *text, size_t len, struct odata_expand *item)
{
	struct options o = {.arena = outer->arena,
		.query = item->options,
		.nesting = outer->nesting + 1,
		.e = outer->e};
	const char *p = arena_strndup(o.arena, text, len);

	if (o.nesting > ODATA_MAX_NESTING)
		return error_set(
			o.e, ERR_LIMIT, "$expand is nested deeper than %d", ODATA_MAX_NESTING);
	while (*p) {
		const char *end = matching(p, ';');
		const char *option = arena_strndup(o.arena, p, (size_t)(end - p));
		const char *equals = strchr(option, '=');
		option += strspn(option, " ");
		if (!equals || option[0] != '$')
			return error_set(o.e, ERR_INVALID, "'%.60s' is not an option", option);
		const char *name = arena_strndup(o.arena, option, (size_t)(equals - option));
		if (!apply(&o, name, equals + 1))
			return false;
		p = end + (*end == ';');
	}
	return true;
}

static bool
read_expand_item(struct options *o, struct lex *lex, struct odata_expand *item)
{
	item->options = query_new(o->arena);
	if (lex->kind == LEX_STAR) {
		lex_fail(lex, "* is not supported");
		return error_hint(o->e, "name the properties: $expand=assignments");
	}
	if (!lex_path(lex, &item->path))
		return false;
	if (lex->kind != LEX_OPEN)
		return true;
	const char *close = matching(lex->at, 0);
	if (!close)
		return lex_fail(lex, "this parenthesis is not closed");
	if (!read_nested(o, lex->at + 1, (size_t)(close - lex->at - 1), item)) {
		size_t column = lex_column(lex, lex->at + 1);
		return error_wrap(o->e, "$expand column %zu", column);
	}
	lex->p = close + 1;
	return lex_next(lex);
}

static bool
read_expand(struct options *o, const char *value)
{
	struct odata_query *q = o->query;
	struct lex lex;
	size_t room = 0;

	if (!lex_start(&lex, o->arena, "$expand", value, o->e))
		return false;
	while (lex.kind != LEX_END) {
		if (q->expand_count == ODATA_MAX_ITEMS)
			return too_many(o, "$expand");
		q->expand =
			arena_more(o->arena, q->expand, q->expand_count, &room, sizeof *q->expand);
		if (!read_expand_item(o, &lex, &q->expand[q->expand_count++]))
			return false;
		if (lex.kind == LEX_END)
			break;
		if (lex.kind != LEX_COMMA)
			return lex_fail(&lex, ", or the end is expected");
		if (!lex_next(&lex))
			return false;
		if (lex.kind == LEX_END)
			return lex_fail(&lex, "the name of a property is expected");
	}
	return true;
}

static bool
read_number(struct options *o, const char *option, const char *value, uint64_t least, uint64_t most,
	int64_t *out)
{
	uint64_t number;

	if (!str_to_u64(value, most, &number) || number < least)
		return error_set(o->e, ERR_INVALID, "%s must be a number from %d to %lld", option,
			(int)least, (long long)most);
	*out = (int64_t)number;
	return true;
}

static bool
read_top(struct options *o, const char *value)
{
	return read_number(o, "$top", value, 1, ODATA_MAX_TOP, &o->query->top);
}

static bool
read_skip(struct options *o, const char *value)
{
	return read_number(o, "$skip", value, 0, INT32_MAX, &o->query->skip);
}

static bool
read_count(struct options *o, const char *value)
{
	o->query->count = str_ieq(value, "true");
	if (o->query->count || str_ieq(value, "false"))
		return true;
	return error_set(o->e, ERR_INVALID, "$count must be true or false");
}

static bool
read_search(struct options *o, const char *value)
{
	if (!value[strspn(value, " ")])
		return error_set(o->e, ERR_INVALID, "$search is empty");
	o->query->search = value;
	return true;
}

static bool
read_skiptoken(struct options *o, const char *value)
{
	if (!*value)
		return error_set(o->e, ERR_INVALID, "$skiptoken is empty");
	o->query->skiptoken = value;
	return true;
}

static bool
read_format(struct options *o, const char *value)
{
	if (str_ieq(value, "json") || str_istarts(value, "application/json"))
		return true;
	return error_set(o->e, ERR_UNSUPPORTED, "$format can only be json");
}

static const struct {
	const char *name;
	bool (*read)(struct options *o, const char *value);
	bool nested; // possible inside $expand
} table[] = {
	{"$filter", read_filter, true},
	{"$select", read_select, true},
	{"$expand", read_expand, true},
	{"$orderby", read_order, true},
	{"$top", read_top, true},
	{"$skip", read_skip, true},
	{"$count", read_count, true},
	{"$search", read_search, false},
	{"$skiptoken", read_skiptoken, false},
	{"$format", read_format, false},
};

static bool
apply(struct options *o, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (!str_ieq(table[i].name, name) || (o->nesting && !table[i].nested))
			continue;
		if (o->seen & 1u << i)
			return error_set(o->e, ERR_INVALID, "%s is given twice", table[i].name);
		o->seen |= 1u << i;
		return table[i].read(o, value);
	}
	error_set(o->e, ERR_INVALID, "the query option %.60s is not supported", name);
	return error_hint(o->e,
		"possible: $filter, $select, $expand, $orderby, $top, $skip, $count%s",
		o->nesting ? "" : ", $search, $skiptoken");
}

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// raw[from..to) with escapes undone; `what` names it in errors.
static bool
decode(struct options *o, struct slice raw, size_t from, size_t to, const char **out)
{
	char *text = arena_alloc(o->arena, to - from + 1), *put = text;

	for (size_t i = from; i < to; i++) {
		uint8_t c = raw.data[i];
		if (c == '%') {
			int high = to - i > 2 ? hex_digit(raw.data[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(raw.data[i + 2]) : -1;
			if (low < 0)
				return error_set(o->e, ERR_INVALID,
					"query column %zu: %% is not followed by two hexadecimal "
					"digits",
					i + 1);
			c = (uint8_t)(high << 4 | low);
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		*put++ = (char)c;
	}
	if (!utf8_valid(slice_of(text, (size_t)(put - text))))
		return error_set(
			o->e, ERR_INVALID, "query column %zu: this is not UTF-8 text", from + 1);
	*out = text;
	return true;
}

// raw[from..to) is name=value.
static bool
read_pair(struct options *o, struct slice raw, size_t from, size_t to)
{
	const uint8_t *equals = memchr(raw.data + from, '=', to - from);
	size_t middle = equals ? (size_t)(equals - raw.data) : to;
	const char *name, *value = "";

	// Foreign options may hold whatever they like, as long as the name can be read.
	if (!decode(o, raw, from, middle, &name))
		return false;
	name += strspn(name, " ");
	if (name[0] != '$')
		return true;
	if (equals && !decode(o, raw, middle + 1, to, &value))
		return false;
	if (strlen(value) > ODATA_MAX_OPTION)
		return error_set(
			o->e, ERR_LIMIT, "%.60s is longer than %d bytes", name, ODATA_MAX_OPTION);
	if (apply(o, name, value))
		return true;
	if (strchr(o->e->message, '$') != o->e->message || !strstr(o->e->message, "column"))
		error_wrap(o->e, "query column %zu", from + 1);
	return false;
}

bool
odata_query_parse(struct arena *arena, struct slice raw, struct odata_query **out, struct error *e)
{
	struct options o = {.arena = arena, .query = query_new(arena), .e = e};

	if (raw.len > ODATA_MAX_QUERY)
		return error_set(
			e, ERR_LIMIT, "the query is longer than %d bytes", ODATA_MAX_QUERY);
	for (size_t from = 0; from < raw.len;) {
		const uint8_t *end = memchr(raw.data + from, '&', raw.len - from);
		size_t to = end ? (size_t)(end - raw.data) : raw.len;
		if (to > from && !read_pair(&o, raw, from, to))
			return false;
		from = to + 1;
	}
	*out = o.query;
	return true;
}
