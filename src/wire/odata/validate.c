// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "wire/odata/body.h"
#include "wire/odata/lex.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum { MAX_IGNORED = 32, MAX_OBJECTS_DEEP = 8 };

struct validator {
	struct arena *arena;
	struct error *e;
	const char **ignored;
	size_t ignored_count, depth;
};

// Where in the document a value stands.
struct where {
	const struct where *up;
	const char *name;
	size_t index; // 1-based in lists, 0: a member
};

static const char *
where_text(struct validator *v, const struct where *where)
{
	if (!where)
		return "";
	const char *up = where_text(v, where->up);
	if (where->index)
		return arena_printf(v->arena, "%s[%zu]", up, where->index - 1);
	return arena_printf(v->arena, "%s%s%.100s", up, *up ? "/" : "", where->name);
}

static bool
expected(struct validator *v, const struct where *where, const char *what)
{
	const char *path = where_text(v, where);

	return error_set(v->e, ERR_INVALID, "%.120s must be %s", *path ? path : "the body", what);
}

// --- making nodes ---

struct list {
	const struct json *first;
	struct json *last;
	size_t count;
};

static void
append(struct list *list, struct json *node)
{
	node->next = NULL;
	if (list->last)
		list->last->next = node;
	else
		list->first = node;
	list->last = node;
	list->count++;
}

static struct json *
node_new(struct arena *arena, enum json_type type, const char *name)
{
	struct json *node = arena_new(arena, struct json);

	node->type = type;
	node->name = name;
	return node;
}

static struct json *
text_node(struct arena *arena, enum json_type type, const char *name, const char *text)
{
	struct json *node = node_new(arena, type, name);

	node->text = text;
	node->len = strlen(text);
	return node;
}

static struct json *
list_node(struct arena *arena, enum json_type type, const char *name, const struct list *list)
{
	struct json *node = node_new(arena, type, name);

	node->first = list->first;
	node->count = list->count;
	return node;
}

static struct json *
copy_as(struct arena *arena, const struct json *value, const char *name)
{
	struct json *node = arena_memdup(arena, value, sizeof *value);

	node->name = name;
	node->next = NULL;
	return node;
}

// --- scalars: each fills *out or says what was expected ---

struct field {
	struct validator *v;
	const struct odata_property *property;
	const struct json *in;
	const struct where *where;
	const char *name; // of the new node; NULL in lists
};

static size_t
max_bytes(const struct odata_property *p)
{
	return p->max > 0 ? (size_t)p->max : ODATA_MAX_TEXT;
}

static bool
take_string(struct field *f, struct json **out)
{
	size_t max = max_bytes(f->property);

	if (f->in->type != JSON_STRING)
		return expected(f->v, f->where, "a string");
	if (f->in->len > max)
		return error_set(f->v->e, ERR_INVALID,
			"%.120s has %zu bytes, at most %zu are allowed", where_text(f->v, f->where),
			f->in->len, max);
	*out = copy_as(f->v->arena, f->in, f->name);
	return true;
}

static bool
take_bool(struct field *f, struct json **out)
{
	bool text = f->in->type == JSON_STRING;
	bool yes = text ? str_ieq(f->in->text, "true") : f->in->boolean;

	if (f->in->type != JSON_BOOL && !yes && !(text && str_ieq(f->in->text, "false")))
		return expected(f->v, f->where, "true or false");
	*out = node_new(f->v->arena, JSON_BOOL, f->name);
	(*out)->boolean = yes;
	return true;
}

static bool
take_whole(struct field *f, struct json **out)
{
	const struct odata_property *p = f->property;
	bool wide = p->kind == OD_INT64, limited = p->min || p->max;
	int64_t min = limited ? p->min : wide ? INT64_MIN : INT32_MIN;
	int64_t max = limited ? p->max : wide ? INT64_MAX : INT32_MAX;
	char *end = NULL;
	int64_t number = 0;

	errno = 0;
	if ((f->in->type == JSON_NUMBER || f->in->type == JSON_STRING) && f->in->len &&
		strspn(f->in->text, "-0123456789") == f->in->len)
		number = strtoll(f->in->text, &end, 10);
	if (end && !*end && !errno && number >= min && number <= max) {
		*out = text_node(f->v->arena, JSON_NUMBER, f->name,
			arena_printf(f->v->arena, "%" PRId64, number));
		return true;
	}
	return expected(f->v, f->where,
		arena_printf(f->v->arena, "a whole number from %" PRId64 " to %" PRId64, min, max));
}

static bool
take_double(struct field *f, struct json **out)
{
	const struct odata_property *p = f->property;
	char *end = NULL;
	double number = 0;

	if ((f->in->type == JSON_NUMBER || f->in->type == JSON_STRING) && f->in->len &&
		f->in->len < 40 && strspn(f->in->text, "+-.eE0123456789") == f->in->len)
		number = strtod(f->in->text, &end);
	if (!end || *end || !isfinite(number))
		return expected(f->v, f->where, "a number");
	if ((p->min || p->max) && (number < (double)p->min || number > (double)p->max))
		return expected(f->v, f->where,
			arena_printf(f->v->arena, "a number from %" PRId64 " to %" PRId64, p->min,
				p->max));
	// Written by the writer of JSON, as "+1" and ".5" are not JSON.
	struct buf text;
	buf_init(&text, f->v->arena, 64);
	struct jsonw w = jsonw_on(&text);
	jsonw_double(&w, NULL, number);
	*out = text_node(f->v->arena, JSON_NUMBER, f->name, buf_text(&text));
	return true;
}

static bool
take_date(struct field *f, struct json **out)
{
	time_us t;

	if (f->in->type != JSON_STRING || !odata_date_parse(f->in->text, &t))
		return expected(f->v, f->where, "a date such as 2026-01-02T03:04:05Z");
	*out = text_node(f->v->arena, JSON_STRING, f->name,
		t % US_PER_S ? clock_rfc3339_us(f->v->arena, t) : clock_rfc3339(f->v->arena, t));
	return true;
}

static bool
take_guid(struct field *f, struct json **out)
{
	if (f->in->type != JSON_STRING || !uuid_valid(f->in->text))
		return expected(f->v, f->where, "a GUID");
	*out = text_node(f->v->arena, JSON_STRING, f->name, str_lower(f->v->arena, f->in->text));
	return true;
}

// In Graph's words, which tools look for (behaviour R8). `text` is NULL for what is no text.
static bool
not_binary(struct field *f, const char *text)
{
	const char *path = where_text(f->v, f->where);

	return error_set(f->v->e, ERR_INVALID,
		"%.120s: Cannot convert the literal '%.60s' to the expected type 'Edm.Binary'",
		*path ? path : "the body", text ? text : "");
}

static bool
take_binary(struct field *f, struct json **out)
{
	struct slice bytes;
	struct error e;

	if (f->in->type != JSON_STRING)
		return not_binary(f, f->in->text);
	if (!base64_decode(f->v->arena, slice_of(f->in->text, f->in->len),
		    BASE64_NO_PADDING | BASE64_WHITESPACE, max_bytes(f->property), &bytes, &e)) {
		not_binary(f, f->in->text);
		return error_hint(f->v->e, "%s", e.message);
	}
	*out = text_node(f->v->arena, JSON_STRING, f->name, base64_encode(f->v->arena, bytes));
	return true;
}

static bool
take_duration(struct field *f, struct json **out)
{
	int64_t us;

	if (f->in->type != JSON_STRING || !odata_duration_parse(f->in->text, &us))
		return expected(f->v, f->where, "a duration such as PT1H30M");
	*out = copy_as(f->v->arena, f->in, f->name);
	return true;
}

static bool
take_member(struct field *f, struct json **out)
{
	const struct odata_enum *members = f->property->members;
	const struct odata_member *m = NULL;
	uint64_t number;

	if (f->in->type == JSON_STRING)
		m = odata_member_find(members, f->in->text);
	if (!m && (f->in->type == JSON_STRING || f->in->type == JSON_NUMBER) &&
		str_to_u64(f->in->text, INT32_MAX, &number))
		m = odata_member_of(members, (int)number);
	if (!m) {
		struct buf list;
		buf_init(&list, f->v->arena, sizeof f->v->e->hint);
		for (size_t i = 0; i < members->count; i++)
			buf_printf(&list, "%s%s", i ? ", " : "", members->members[i].name);
		expected(
			f->v, f->where, arena_printf(f->v->arena, "a member of %s", members->name));
		return error_hint(f->v->e, "members: %s", buf_text(&list));
	}
	*out = text_node(f->v->arena, JSON_STRING, f->name, m->name);
	return true;
}

static bool
take_any(struct field *f, struct json **out)
{
	*out = copy_as(f->v->arena, f->in, f->name);
	return true;
}

// --- objects ---

static bool take_members(struct validator *v, const struct odata_type *type, const struct json *in,
	enum odata_mode mode, const struct where *where, struct list *out,
	const struct odata_type **actual);

static bool
take_object(struct field *f, enum odata_mode mode, struct json **out)
{
	const struct odata_type *actual;
	struct list members = {0};

	if (!take_members(f->v, f->property->complex, f->in, mode, f->where, &members, &actual))
		return false;
	*out = list_node(f->v->arena, JSON_OBJECT, f->name, &members);
	return true;
}

static bool
take_one(struct field *f, enum odata_mode mode, struct json **out)
{
	static bool (*const takers[OD_KIND_COUNT])(struct field *, struct json **) = {
		[OD_STRING] = take_string,
		[OD_BOOL] = take_bool,
		[OD_INT32] = take_whole,
		[OD_INT64] = take_whole,
		[OD_DOUBLE] = take_double,
		[OD_DATE] = take_date,
		[OD_GUID] = take_guid,
		[OD_BINARY] = take_binary,
		[OD_DURATION] = take_duration,
		[OD_ENUM] = take_member,
		[OD_ANY] = take_any,
	};

	if (f->property->kind == OD_COMPLEX)
		return take_object(f, mode, out);
	return takers[f->property->kind](f, out);
}

static bool
take_list(struct field *f, struct json **out)
{
	struct list items = {0};
	struct json *node;

	if (f->in->type != JSON_ARRAY)
		return expected(f->v, f->where, "a list");
	if (f->in->count > ODATA_MAX_LIST)
		return error_set(f->v->e, ERR_LIMIT, "%.120s has more than %d elements",
			where_text(f->v, f->where), ODATA_MAX_LIST);
	for (const struct json *in = f->in->first; in; in = in->next) {
		struct where at = {.up = f->where, .index = items.count + 1};
		struct field item = {.v = f->v, .property = f->property, .in = in, .where = &at};
		// Elements have no earlier state: whole objects.
		if (!take_one(&item, ODATA_CREATE, &node))
			return false;
		append(&items, node);
	}
	*out = list_node(f->v->arena, JSON_ARRAY, f->name, &items);
	return true;
}

static bool
initial_node(struct validator *v, const struct odata_property *p, struct json **out)
{
	struct error e;
	const struct json *value = json_parse(v->arena, slice_str(p->initial), NULL, &e);

	if (!value)
		return error_set(
			v->e, ERR_INTERNAL, "initial value of %s: %.100s", p->name, e.message);
	*out = copy_as(v->arena, value, p->name);
	return true;
}

// Unset texts come as "" where another kind of value belongs (graph-api.md 1, Nulls).
static bool
is_unset(const struct odata_property *p, const struct json *in)
{
	bool text = p->kind == OD_STRING || p->kind == OD_BINARY || p->kind == OD_ANY;

	return in->type == JSON_NULL ||
		(in->type == JSON_STRING && in->len == 0 && !text && !(p->flags & OD_LIST));
}

static bool
take_unset(struct field *f, enum odata_mode mode, struct json **out)
{
	const struct odata_property *p = f->property;

	if (p->flags & OD_REQUIRED && mode == ODATA_CREATE)
		return error_set(
			f->v->e, ERR_INVALID, "%.120s is required", where_text(f->v, f->where));
	if (p->flags & OD_NULLABLE) {
		*out = node_new(f->v->arena, JSON_NULL, p->name);
		return true;
	}
	if (p->initial)
		return initial_node(f->v, p, out);
	if (p->flags & OD_LIST) {
		*out = node_new(f->v->arena, JSON_ARRAY, p->name);
		return true;
	}
	return error_set(
		f->v->e, ERR_INVALID, "%.120s must not be null", where_text(f->v, f->where));
}

// On create, what was not sent; *out stays NULL when there is nothing to write.
static bool
take_absent(struct field *f, struct json **out)
{
	const struct odata_property *p = f->property;
	const struct json empty = {.type = JSON_OBJECT};

	if (p->flags & OD_REQUIRED)
		return error_set(
			f->v->e, ERR_INVALID, "%.120s is required", where_text(f->v, f->where));
	if (p->initial)
		return initial_node(f->v, p, out);
	if (p->kind == OD_COMPLEX && !(p->flags & (OD_NULLABLE | OD_LIST))) {
		f->in = &empty;
		return take_object(f, ODATA_CREATE, out);
	}
	return true;
}

// What was sent for a property: the newer name wins, the last of several spellings of one name.
static const struct json *
sent(const struct json *in, const struct odata_property *p)
{
	const struct json *older = NULL, *newer = NULL;

	for (const struct json *m = in->first; m; m = m->next) {
		if (str_ieq(m->name, p->name))
			newer = m;
		else if (str_ieq(m->name, p->old_name))
			older = m;
	}
	return newer ? newer : older;
}

static bool
take_property(struct validator *v, const struct odata_property *p, const struct json *in,
	enum odata_mode mode, const struct where *up, struct list *out)
{
	struct where where = {.up = up, .name = p->name};
	const struct json *value = p->flags & OD_READ_ONLY ? NULL : sent(in, p);
	struct field f = {.v = v, .property = p, .in = value, .where = &where, .name = p->name};
	struct json *node = NULL;
	bool ok = true;

	if (p->flags & OD_NAV)
		return true;
	if (!value)
		ok = mode == ODATA_PATCH || take_absent(&f, &node);
	else if (is_unset(p, value))
		ok = take_unset(&f, mode, &node);
	else
		ok = p->flags & OD_LIST ? take_list(&f, &node) : take_one(&f, mode, &node);
	if (node)
		append(out, node);
	return ok;
}

static void
record_ignored(struct validator *v, const struct odata_type *type, const struct json *in,
	const struct where *up)
{
	for (const struct json *m = in->first; m && v->ignored_count < MAX_IGNORED; m = m->next) {
		const struct odata_property *p = odata_property_find(type, m->name);
		struct where where = {.up = up, .name = m->name};
		bool taken = p && !(p->flags & (OD_READ_ONLY | OD_NAV));
		if (!taken && m->name[0] != '@' && !strstr(m->name, "@odata."))
			v->ignored[v->ignored_count++] = where_text(v, &where);
	}
}

// The type that the object says it is of; an abstract one cannot be made.
static bool
choose_type(struct validator *v, const struct odata_type *type, const struct json *in,
	enum odata_mode mode, const struct where *where, const struct odata_type **out)
{
	const char *name = json_str(in, "@odata.type");
	struct buf list;

	*out = name ? odata_type_find(type, name) : type;
	// Annotations of types without relatives say nothing new, and older clients misspell them.
	if (!*out && !type->base && !type->derived_count)
		*out = type;
	if (*out && !(mode == ODATA_CREATE && (*out)->abstract))
		return true;
	const char *path = where_text(v, where);
	error_set(v->e, ERR_INVALID, "%.100s%s@odata.type must name a type of %s", path,
		*path ? "/" : "", type->name);
	buf_init(&list, v->arena, sizeof v->e->hint - 10);
	for (size_t i = 0; i < type->derived_count; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", type->derived[i]->name);
	return error_hint(v->e, "types: %s", list.len ? buf_text(&list) : type->name);
}

static bool
take_members(struct validator *v, const struct odata_type *type, const struct json *in,
	enum odata_mode mode, const struct where *where, struct list *out,
	const struct odata_type **actual)
{
	const struct odata_property *p;

	if (in->type != JSON_OBJECT)
		return expected(v, where, "an object");
	if (v->depth == MAX_OBJECTS_DEEP)
		return error_set(
			v->e, ERR_LIMIT, "%.120s is nested too deep", where_text(v, where));
	if (!choose_type(v, type, in, mode, where, actual))
		return false;
	v->depth++;
	bool related = (*actual)->base || (*actual)->derived_count;
	if (related && (mode == ODATA_CREATE || json_get(in, "@odata.type")))
		append(out, text_node(v->arena, JSON_STRING, "@odata.type", (*actual)->name));
	for (size_t i = 0; (p = odata_property_at(*actual, i)); i++)
		if (!take_property(v, p, in, mode, where, out))
			return false;
	record_ignored(v, *actual, in, where);
	v->depth--;
	return true;
}

bool
odata_validate(struct arena *arena, const struct odata_type *type, const struct json *in,
	enum odata_mode mode, struct odata_body *out, struct error *e)
{
	struct validator v = {.arena = arena, .e = e};
	struct list members = {0};

	*out = (struct odata_body){0};
	v.ignored = arena_array(arena, MAX_IGNORED, sizeof *v.ignored);
	if (!take_members(&v, type, in, mode, NULL, &members, &out->type))
		return false;
	out->document = list_node(arena, JSON_OBJECT, NULL, &members);
	out->ignored = v.ignored;
	out->ignored_count = v.ignored_count;
	return true;
}

const struct json *
odata_merge(struct arena *arena, const struct odata_type *type, const struct json *old,
	const struct json *patch)
{
	struct list out = {0};

	for (const struct json *m = old ? old->first : NULL; m; m = m->next) {
		const struct json *sent_value = json_get(patch, m->name);
		const struct odata_property *p = type ? odata_property_find(type, m->name) : NULL;
		const struct json *value = sent_value ? sent_value : m;
		if (sent_value && p && p->kind == OD_COMPLEX && m->type == JSON_OBJECT &&
			sent_value->type == JSON_OBJECT)
			value = odata_merge(arena, p->complex, m, sent_value);
		append(&out, copy_as(arena, value, m->name));
	}
	for (const struct json *m = patch ? patch->first : NULL; m; m = m->next)
		if (!json_get(old, m->name))
			append(&out, copy_as(arena, m, m->name));
	return list_node(arena, JSON_OBJECT, NULL, &out);
}
