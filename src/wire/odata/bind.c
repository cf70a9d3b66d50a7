// SPDX-License-Identifier: Apache-2.0
// Names, $select, $orderby and $expand; the filter is in bind_filter.c.
#include "wire/odata/bind.h"

#include "base/buf.h"
#include "base/str.h"

#include <stdarg.h>

bool
bind_fail(struct binder *b, size_t column, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return error_set(b->e, ERR_INVALID, "%s column %zu: %s", b->option, column, text);
}

static bool
visible(const struct binder *b, const struct odata_property *p)
{
	return b->version == ODATA_BETA || !(p->flags & OD_BETA);
}

bool
bind_hint_usable(struct binder *b, const struct odata_type *type, unsigned flag)
{
	struct buf out;
	const struct odata_property *p;

	buf_init(&out, b->arena, sizeof b->e->hint - 20);
	for (size_t i = 0; (p = odata_property_at(type, i)); i++)
		if (p->flags & flag && visible(b, p))
			buf_printf(&out, "%s%s", out.len ? ", " : "usable: ", p->name);
	return error_hint(b->e, "%s%s", out.len ? buf_text(&out) : "none is usable",
		out.overflow ? ", …" : "");
}

// How many letters must change: Levenshtein over short names, in one row.
static size_t
distance(const char *a, const char *b)
{
	size_t row[65], n = strlen(b), m = strlen(a);

	if (n > 64 || m > 64)
		return SIZE_MAX;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 1; i <= m; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			bool same = (a[i - 1] | 0x20) == (b[k - 1] | 0x20);
			size_t best = diagonal + !same;
			diagonal = row[k];
			best = row[k] + 1 < best ? row[k] + 1 : best;
			row[k] = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
		}
	}
	return row[n];
}

static bool
is_near(const char *name, const char *known)
{
	size_t len = strlen(name);

	return distance(name, known) <= (len < 5 ? 1 : len / 3) ||
		(len >= 4 && strcasestr(known, name)) ||
		(strlen(known) >= 4 && strcasestr(name, known));
}

static bool
not_found(struct binder *b, size_t column, const struct odata_type *type, const char *name)
{
	struct buf out;
	const struct odata_property *p;

	buf_init(&out, b->arena, sizeof b->e->hint - 20);
	bind_fail(b, column, "Could not find a property named '%.60s' on type '%s'.", name,
		type->name + (type->name[0] == '#'));
	for (size_t i = 0; (p = odata_property_at(type, i)); i++)
		if (visible(b, p) && is_near(name, p->name))
			buf_printf(&out, "%s%s", out.len ? ", " : "near: ", p->name);
	for (size_t i = 0; i < type->derived_count && !out.len; i++)
		if (odata_property_find(type->derived[i], name))
			buf_printf(&out, "write %s/%s", type->derived[i]->name + 1, name);
	return error_hint(b->e, "%s", out.len ? buf_text(&out) : "see the type's documentation");
}

static bool
cast_to(struct binder *b, const struct odata_path *path, const char *name,
	const struct odata_type **type)
{
	const struct odata_type *found = odata_type_find(*type, name);

	if (!found)
		return bind_fail(b, path->column, "%.60s is not a type derived from '%s'", name,
			(*type)->name + ((*type)->name[0] == '#'));
	*type = found;
	return true;
}

static bool
step(struct binder *b, struct odata_path *path, size_t i, const struct odata_type **type)
{
	const char *name = path->names[i];
	const struct odata_property *p = odata_property_find(*type, name);

	if (!p || !visible(b, p))
		return not_found(b, path->column, *type, name);
	path->properties[i] = p;
	*type = p->kind == OD_COMPLEX ? p->complex : NULL;
	if (i + 1 == path->count)
		return true;
	if (p->flags & OD_LIST) {
		bind_fail(b, path->column, "%s is a list", p->name);
		return error_hint(b->e, "write %s/any(x:x/%s eq …)", p->name, path->names[i + 1]);
	}
	if (!*type)
		return bind_fail(b, path->column, "%s has no properties of its own", p->name);
	return true;
}

bool
bind_path(struct binder *b, struct odata_path *path, const struct odata_type *type,
	const struct odata_property **last, const struct odata_type **end)
{
	*last = NULL;
	for (size_t i = 0; i < path->count; i++) {
		bool cast = strchr(path->names[i], '.') && path->names[i][0] != '@';
		path->properties[i] = NULL;
		if (!(cast ? cast_to(b, path, path->names[i], &type) : step(b, path, i, &type)))
			return false;
		*last = path->properties[i];
	}
	*end = type;
	return true;
}

static bool
bind_select(struct binder *b, struct odata_query *query)
{
	const struct odata_property *last;
	const struct odata_type *end;

	b->option = "$select";
	for (size_t i = 0; i < query->select_count; i++) {
		struct odata_path *path = &query->select[i];
		// "@odata.type" is an annotation, which is there anyway.
		if (path->names[0][0] == '@' && path->count == 1)
			continue;
		if (!bind_path(b, path, b->type, &last, &end))
			return false;
		if (!last)
			return bind_fail(b, path->column, "a property is expected after the type");
	}
	return true;
}

static bool
bind_order(struct binder *b, struct odata_query *query)
{
	const struct odata_property *last;
	const struct odata_type *end;

	b->option = "$orderby";
	for (size_t i = 0; i < query->order_count; i++) {
		struct odata_path *path = &query->order[i].path;
		if (!bind_path(b, path, b->type, &last, &end))
			return false;
		if (last && last->flags & OD_SORT && !(last->flags & OD_LIST) && !end)
			continue;
		bind_fail(b, path->column, "property %s cannot be used in $orderby",
			last ? last->name : path->names[path->count - 1]);
		return bind_hint_usable(b, b->type, OD_SORT);
	}
	return true;
}

static bool
bind_expand(struct binder *b, struct odata_query *query)
{
	for (size_t i = 0; i < query->expand_count; i++) {
		struct odata_expand *item = &query->expand[i];
		const struct odata_property *last;
		const struct odata_type *end;
		b->option = "$expand";
		if (!bind_path(b, &item->path, b->type, &last, &end))
			return false;
		if (!last || !(last->flags & OD_EXPAND) || !end) {
			bind_fail(b, item->path.column, "property %s cannot be expanded",
				last ? last->name : item->path.names[item->path.count - 1]);
			return bind_hint_usable(b, b->type, OD_EXPAND);
		}
		if (!odata_bind(b->arena, item->options, end, b->version, b->e))
			return error_wrap(b->e, "$expand=%s", last->name);
	}
	return true;
}

bool
odata_bind(struct arena *arena, struct odata_query *query, const struct odata_type *type,
	enum odata_version version, struct error *e)
{
	struct binder b = {.arena = arena, .type = type, .version = version, .e = e};

	b.option = "$filter";
	if (query->filter && !bind_filter(&b, query->filter))
		return false;
	b.option = "$search";
	if (query->search && !bind_search(&b, query->search, &query->search_for))
		return false;
	return bind_select(&b, query) && bind_order(&b, query) && bind_expand(&b, query);
}
