// SPDX-License-Identifier: Apache-2.0
// GET /openapi.json: every route with its permission and every type, as OpenAPI 3.1.
#include "ferryd/graph/documented.h"
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "ferryd/routes.h"
#include "wire/graph/types.h"

enum { OPENAPI_MAX = 8 << 20, NAME_ROOM = 128 };

// --- what there is ---

static void add_type(struct documented *all, const struct odata_type *type);

static void
add_enum(struct documented *all, const struct odata_enum *members)
{
	for (size_t i = 0; i < all->enum_count; i++)
		if (str_eq(all->enums[i]->name, members->name))
			return;
	if (all->enum_count < DOCUMENTED_MAX)
		all->enums[all->enum_count++] = members;
}

static bool
has_type(const struct documented *all, const struct odata_type *type)
{
	for (size_t i = 0; i < all->type_count; i++)
		if (str_eq(all->types[i]->name, type->name))
			return true;
	return false;
}

static void
add_type(struct documented *all, const struct odata_type *type)
{
	if (has_type(all, type))
		return;
	if (type->base) {
		add_type(all, type->base);
		// Which has added those that are derived from it.
		if (has_type(all, type))
			return;
	}
	if (all->type_count < DOCUMENTED_MAX)
		all->types[all->type_count++] = type;
	for (size_t i = 0; i < type->count; i++) {
		const struct odata_property *p = &type->properties[i];
		if (p->kind == OD_ENUM)
			add_enum(all, p->members);
		if (p->kind == OD_COMPLEX)
			add_type(all, p->complex);
	}
	for (size_t i = 0; i < type->derived_count; i++)
		add_type(all, type->derived[i]);
}

void
documented_collect(struct arena *arena, struct documented *out)
{
	(void)arena;
	*out = (struct documented){0};
	for (size_t i = 0; i < graph_type_count; i++)
		add_type(out, graph_types[i]);
	for (size_t i = 0; i < route_count; i++) {
		const struct graph_collection *collection = route_table[i].collection;
		bool known = !collection;
		for (size_t k = 0; k < out->collection_count; k++)
			known |= out->collections[k] == collection;
		if (!known && out->collection_count < DOCUMENTED_MAX)
			out->collections[out->collection_count++] = collection;
	}
}

// --- types ---

static void
write_reference(struct jsonw *w, const char *name, const char *type)
{
	jsonw_object(w, name);
	jsonw_str(w, "$ref",
		arena_printf(w->out->arena, "#/components/schemas/%s", type + (*type == '#')));
	jsonw_end_object(w);
}

static void
write_plain(struct jsonw *w, const char *name, const struct odata_property *p)
{
	static const struct {
		const char *type, *format;
	} kinds[OD_KIND_COUNT] = {
		[OD_STRING] = {"string", NULL},
		[OD_BOOL] = {"boolean", NULL},
		[OD_INT32] = {"integer", "int32"},
		[OD_INT64] = {"integer", "int64"},
		[OD_DOUBLE] = {"number", "double"},
		[OD_DATE] = {"string", "date-time"},
		[OD_GUID] = {"string", "uuid"},
		[OD_BINARY] = {"string", "byte"},
		[OD_DURATION] = {"string", "duration"},
	};

	jsonw_object(w, name);
	if (kinds[p->kind].type && (p->flags & OD_NULLABLE) && !(p->flags & OD_LIST)) {
		jsonw_array(w, "type");
		jsonw_str(w, NULL, kinds[p->kind].type);
		jsonw_str(w, NULL, "null");
		jsonw_end_array(w);
	} else if (kinds[p->kind].type) {
		jsonw_str(w, "type", kinds[p->kind].type);
	}
	if (kinds[p->kind].format)
		jsonw_str(w, "format", kinds[p->kind].format);
	if (p->flags & OD_READ_ONLY)
		jsonw_bool(w, "readOnly", true);
	if (p->flags & OD_SECRET)
		jsonw_bool(w, "writeOnly", true);
	jsonw_end_object(w);
}

static void
write_value(struct jsonw *w, const char *name, const struct odata_property *p)
{
	if (p->kind == OD_ENUM)
		write_reference(w, name, p->members->name);
	else if (p->kind == OD_COMPLEX)
		write_reference(w, name, p->complex->name);
	else
		write_plain(w, name, p);
}

static void
write_property(struct jsonw *w, const char *name, const struct odata_property *p)
{
	if (!(p->flags & OD_LIST)) {
		write_value(w, name, p);
		return;
	}
	jsonw_object(w, name);
	jsonw_str(w, "type", "array");
	write_value(w, "items", p);
	jsonw_end_object(w);
}

static void
write_properties(struct jsonw *w, const struct odata_type *type)
{
	jsonw_str(w, "type", "object");
	jsonw_object(w, "properties");
	for (size_t i = 0; i < type->count; i++) {
		const struct odata_property *p = &type->properties[i];
		write_property(w, p->name, p);
		if (p->old_name)
			write_property(w, p->old_name, p);
	}
	jsonw_end_object(w);
}

static void
write_type(struct jsonw *w, const struct odata_type *type)
{
	jsonw_object(w, type->name + 1);
	if (!type->base) {
		write_properties(w, type);
	} else {
		jsonw_array(w, "allOf");
		write_reference(w, NULL, type->base->name);
		jsonw_object(w, NULL);
		write_properties(w, type);
		jsonw_end_object(w);
		jsonw_end_array(w);
	}
	jsonw_end_object(w);
}

// graph-api.md section 1.
#define TEXT_SCHEMA "{\"type\":\"string\"}"
#define ERROR_SCHEMA                                                                               \
	"{\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"     \
	"\"code\":" TEXT_SCHEMA ",\"message\":" TEXT_SCHEMA                                        \
	",\"innerError\":{\"type\":\"object\"}}}}}"

static void
write_components(struct jsonw *w, const struct documented *all)
{
	jsonw_object(w, "components");
	jsonw_object(w, "securitySchemes");
	jsonw_object(w, "bearer");
	jsonw_str(w, "type", "http");
	jsonw_str(w, "scheme", "bearer");
	jsonw_str(w, "bearerFormat", "JWT");
	jsonw_end_object(w);
	jsonw_object(w, "certificate");
	jsonw_str(w, "type", "mutualTLS");
	jsonw_end_object(w);
	jsonw_end_object(w);
	jsonw_object(w, "schemas");
	jsonw_raw(w, "microsoft.graph.error", ERROR_SCHEMA);
	for (size_t i = 0; i < all->enum_count; i++) {
		jsonw_object(w, all->enums[i]->name);
		jsonw_str(w, "type", "string");
		jsonw_array(w, "enum");
		for (size_t k = 0; k < all->enums[i]->count; k++)
			jsonw_str(w, NULL, all->enums[i]->members[k].name);
		jsonw_end_array(w);
		jsonw_end_object(w);
	}
	for (size_t i = 0; i < all->type_count; i++)
		write_type(w, all->types[i]);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

// --- routes ---

static void
write_parameters(struct jsonw *w, const char *pattern)
{
	bool any = false;

	for (const char *p = pattern; (p = strchr(p, '{')); p++) {
		size_t len = strcspn(p + 1, "*}");
		if (!any)
			jsonw_array(w, "parameters");
		any = true;
		jsonw_object(w, NULL);
		jsonw_text(w, "name", slice_of(p + 1, len));
		jsonw_str(w, "in", "path");
		jsonw_bool(w, "required", true);
		jsonw_raw(w, "schema", "{\"type\":\"string\"}");
		jsonw_end_object(w);
	}
	if (any)
		jsonw_end_array(w);
}

static void
write_security(struct jsonw *w, const struct route_row *row)
{
	jsonw_array(w, "security");
	if (row->auth != AUTH_PUBLIC) {
		bool token = row->auth == AUTH_SCOPE || row->auth == AUTH_TOKEN;
		jsonw_object(w, NULL);
		jsonw_array(w, token ? "bearer" : "certificate");
		if (row->auth == AUTH_SCOPE)
			jsonw_str(w, NULL, scope_name(row->scope));
		jsonw_end_array(w);
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

// {"content":{"application/json":{"schema":…}}}: one object, or a page of them.
static void
write_content(struct jsonw *w, const struct graph_collection *collection, bool page)
{
	const char *type = collection->type->name;

	jsonw_object(w, "content");
	jsonw_object(w, "application/json");
	if (page) {
		jsonw_object(w, "schema");
		jsonw_str(w, "type", "object");
		jsonw_object(w, "properties");
		jsonw_object(w, "value");
		jsonw_str(w, "type", "array");
		write_reference(w, "items", type);
		jsonw_end_object(w);
		jsonw_raw(w, "@odata.nextLink", "{\"type\":\"string\",\"format\":\"uri\"}");
		jsonw_raw(w, "@odata.count", "{\"type\":\"integer\"}");
		jsonw_end_object(w);
		jsonw_end_object(w);
	} else {
		write_reference(w, "schema", type);
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
}

static void
write_operation(struct jsonw *w, const struct route_row *row)
{
	bool page = row->run == graph_list,
	     writes = row->run == graph_create || row->run == graph_patch;

	jsonw_object(w, str_lower(w->out->arena, row->method));
	write_parameters(w, row->pattern);
	write_security(w, row);
	if (writes) {
		jsonw_object(w, "requestBody");
		write_content(w, row->collection, false);
		jsonw_end_object(w);
	}
	jsonw_object(w, "responses");
	jsonw_object(w, "2XX");
	jsonw_str(w, "description", "done");
	if (page || writes || row->run == graph_get)
		write_content(w, row->collection, page);
	jsonw_end_object(w);
	jsonw_object(w, "default");
	jsonw_str(w, "description", "what went wrong");
	jsonw_raw(w, "content",
		"{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/"
		"microsoft.graph.error\"}}}");
	jsonw_end_object(w);
	jsonw_end_object(w);
	jsonw_end_object(w);
}

// Rows of one pattern stand together in the document, wherever they stand in the table.
static void
write_paths(struct jsonw *w)
{
	jsonw_object(w, "paths");
	for (size_t i = 0; i < route_count; i++) {
		bool seen = false;
		for (size_t k = 0; k < i; k++)
			seen |= str_eq(route_table[k].pattern, route_table[i].pattern);
		if (seen)
			continue;
		jsonw_object(w, route_table[i].pattern);
		for (size_t k = i; k < route_count; k++)
			if (str_eq(route_table[k].pattern, route_table[i].pattern))
				write_operation(w, &route_table[k]);
		jsonw_end_object(w);
	}
	jsonw_end_object(w);
}

bool
graph_openapi(struct call *c, struct error *e)
{
	struct documented *all = arena_new(c->arena, struct documented);
	struct buf body;

	documented_collect(c->arena, all);
	buf_init(&body, c->arena, OPENAPI_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "openapi", "3.1.0");
	jsonw_object(&w, "info");
	jsonw_str(&w, "title", "Ferry");
	jsonw_str(&w, "version", FERRY_VERSION);
	jsonw_end_object(&w);
	jsonw_array(&w, "servers");
	jsonw_object(&w, NULL);
	jsonw_str(&w, "url", graph_origin(c));
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	write_paths(&w);
	write_components(&w, all);
	return call_send(c, 200, &w, &body, e);
}
