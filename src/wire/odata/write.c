// SPDX-License-Identifier: Apache-2.0
#include "wire/odata/body.h"
#include "wire/odata/eval.h"

#include "base/str.h"

enum { MAX_OBJECTS_DEEP = 16 };

// Which names an object is written with. Where a complex property has an older name of its own,
// each of its two forms has the names of one generation only, as clients of that generation read
// them.
enum generation { NEWER, OLDER, BOTH };

struct writer {
	struct jsonw *w;
	const struct odata_view *view;
	enum generation generation;
	size_t depth;
};

static void write_object(struct writer *out, const char *name, const struct odata_type *type,
	const struct json *object);

static void
write_absent(struct writer *out, const char *name, const struct odata_property *p)
{
	if (p->initial)
		jsonw_raw(out->w, name, p->initial);
	else if (p->flags & OD_NULLABLE)
		jsonw_null(out->w, name);
	else if (p->flags & OD_LIST)
		jsonw_raw(out->w, name, "[]");
	else if (p->kind == OD_COMPLEX && out->depth < MAX_OBJECTS_DEEP)
		write_object(out, name, p->complex, NULL);
	else
		jsonw_null(out->w, name);
}

static void
write_value(struct writer *out, const char *name, const struct odata_property *p,
	const struct json *value, enum generation generation)
{
	struct writer inner = *out;

	inner.generation = generation;
	inner.depth++;
	if (!value) {
		write_absent(&inner, name, p);
	} else if (p->kind != OD_COMPLEX || out->depth == MAX_OBJECTS_DEEP) {
		jsonw_value(out->w, name, value);
	} else if (value->type == JSON_OBJECT) {
		write_object(&inner, name, p->complex, value);
	} else if (value->type == JSON_ARRAY) {
		jsonw_array(out->w, name);
		for (const struct json *item = value->first; item; item = item->next)
			write_object(&inner, NULL, p->complex, item);
		jsonw_end_array(out->w);
	} else {
		jsonw_null(out->w, name);
	}
}

static void
write_property(struct writer *out, const struct odata_property *p, const struct json *value)
{
	bool renamed = p->old_name != NULL;

	if (out->generation != BOTH) {
		bool older = renamed && out->generation == OLDER;
		write_value(out, older ? p->old_name : p->name, p, value, out->generation);
		return;
	}
	write_value(out, p->name, p, value, renamed ? NEWER : BOTH);
	if (renamed)
		write_value(out, p->old_name, p, value, OLDER);
}

// --- navigation ---

static const struct odata_expand *
expanded(const struct odata_view *view, const struct odata_property *p)
{
	for (size_t i = 0; view->query && i < view->query->expand_count; i++) {
		const struct odata_path *path = &view->query->expand[i].path;
		if (path->properties[path->count - 1] == p)
			return &view->query->expand[i];
	}
	return NULL;
}

// A list of entities that the document holds, as the options in parentheses ask for it.
static void
write_collection(struct jsonw *w, const struct odata_type *type, const struct json *list,
	const struct odata_view *view)
{
	struct arena *arena = w->out->arena;
	const struct json **found = arena_array(arena, list->count + 1, sizeof *found);
	const struct odata_query *query = view->query;
	size_t count = 0, first = (size_t)query->skip;

	for (const struct json *item = list->first; item; item = item->next)
		if (odata_query_matches(query, type, item))
			found[count++] = item;
	odata_sort(arena, found, count, query, type);
	for (size_t i = first; i < count; i++)
		if (query->top < 0 || i - first < (size_t)query->top)
			odata_write(w, NULL, type, found[i], view);
}

static void
write_navigation(struct writer *out, const struct odata_property *p, const struct json *object)
{
	const struct odata_expand *item = expanded(out->view, p);
	struct odata_view inner = *out->view;

	if (!item)
		return;
	if (out->view->expand) {
		out->view->expand(out->view->context, out->w, item, object);
		return;
	}
	inner.query = item->options;
	const struct json *value = json_get(object, p->name);
	if (p->flags & OD_LIST) {
		jsonw_array(out->w, p->name);
		if (value && value->type == JSON_ARRAY)
			write_collection(out->w, p->complex, value, &inner);
		jsonw_end_array(out->w);
	} else if (value && value->type == JSON_OBJECT) {
		odata_write(out->w, p->name, p->complex, value, &inner);
	} else {
		jsonw_null(out->w, p->name);
	}
}

// --- objects ---

static bool
selected(const struct writer *out, const struct odata_property *p)
{
	const struct odata_query *query = out->depth ? NULL : out->view->query;

	if (!query || !query->select_count || strcmp(p->name, "id") == 0)
		return true;
	for (size_t i = 0; i < query->select_count; i++) {
		const struct odata_path *path = &query->select[i];
		for (size_t k = 0; k < path->count; k++)
			if (path->properties[k]) {
				if (path->properties[k] == p)
					return true;
				break; // the first name counts: complex properties are written
				       // whole
			}
	}
	return false;
}

static void
write_members(struct writer *out, const struct odata_type *type, const struct json *object)
{
	const struct odata_type *actual = odata_type_of(type, object);
	const struct odata_property *p;
	const struct json *next = NULL; // mostly the members are in the order of the properties

	if (actual->base || actual->derived_count)
		jsonw_str(out->w, "@odata.type", actual->name);
	for (size_t i = 0; (p = odata_property_at(actual, i)); i++) {
		bool hidden = p->flags & OD_SECRET ||
			(p->flags & OD_BETA && out->view->version == ODATA_V1);
		if (hidden)
			continue;
		if (p->flags & OD_NAV)
			write_navigation(out, p, object);
		else if (selected(out, p))
			write_property(out, p, json_get_next(object, &next, p->name));
	}
}

static void
write_object(struct writer *out, const char *name, const struct odata_type *type,
	const struct json *object)
{
	jsonw_object(out->w, name);
	write_members(out, type, object);
	jsonw_end_object(out->w);
}

void
odata_write_members(struct jsonw *w, const struct odata_type *type, const struct json *object,
	const struct odata_view *view)
{
	struct writer out = {.w = w, .view = view};

	out.generation = view->version == ODATA_BETA ? BOTH : NEWER;
	write_members(&out, type, object);
}

void
odata_write(struct jsonw *w, const char *name, const struct odata_type *type,
	const struct json *object, const struct odata_view *view)
{
	jsonw_object(w, name);
	odata_write_members(w, type, object, view);
	jsonw_end_object(w);
}
