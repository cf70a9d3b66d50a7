// SPDX-License-Identifier: Apache-2.0
// importedDeviceIdentities: corporate identifiers (graph-api.md section 12).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "store/identifiers.h"

enum { MAX_ENTRIES = 5000 };

const struct graph_collection graph_corporate_identifiers = {
	.path = "deviceManagement/importedDeviceIdentities",
	.type = &graph_corporate_identifier,
	.view = &view_corporate_identifiers,
	.noun = "ImportedDeviceIdentity",
	.category = "Enrollment",
};

struct identifier_ctx {
	struct call *c;
	struct corporate_identifier *list;
	size_t count;
	bool overwrite, single;
	const char *id;
};

// "maker,model,serial", each with something in it.
static bool
is_triple(const char *text)
{
	const char *model = strchr(text, ','), *serial = model ? strchr(model + 1, ',') : NULL;

	return serial && model > text && serial > model + 1 && serial[1] &&
		!strchr(serial + 1, ',');
}

static bool
read_entry(struct identifier_ctx *x, const struct json *in, struct error *e)
{
	struct corporate_identifier *out = &x->list[x->count];
	struct odata_body body;

	if (!odata_validate(x->c->arena, &graph_corporate_identifier, in, ODATA_CREATE, &body, e))
		return x->single ? false : error_wrap(e, "entry %zu", x->count);
	const char *description = json_str(body.document, "description");
	*out = (struct corporate_identifier){
		.type = json_str(body.document, "importedDeviceIdentityType"),
		.identifier = json_str(body.document, "importedDeviceIdentifier"),
		.description = description ? description : "",
	};
	if (str_empty(out->identifier))
		return error_set(e, ERR_INVALID, "importedDeviceIdentifier is empty");
	if (str_eq(out->type, "unknown"))
		return error_set(e, ERR_INVALID, "importedDeviceIdentityType is unknown");
	if (str_eq(out->type, "manufacturerModelSerial") && !is_triple(out->identifier))
		return error_set(e, ERR_INVALID, "\"%.80s\" is not of the form maker,model,serial",
			out->identifier);
	x->count++;
	return true;
}

static bool
read_list(struct identifier_ctx *x, const struct json *body, struct error *e)
{
	const struct json *list = NULL;

	for (const struct json *m = body->first; m; m = m->next)
		if (str_ieq(m->name, "importedDeviceIdentities"))
			list = m;
	if (!list || list->type != JSON_ARRAY || list->count > MAX_ENTRIES)
		return error_set(e, ERR_INVALID,
			"importedDeviceIdentities must be an array of at most %d", MAX_ENTRIES);
	x->list = arena_array(x->c->arena, list->count + 1, sizeof *x->list);
	for (const struct json *in = list->first; in; in = in->next)
		if (!read_entry(x, in, e))
			return false;
	return true;
}

// --- making ---

static bool
put_tx(void *ctx, struct error *e)
{
	struct identifier_ctx *x = ctx;
	struct call *c = x->c;

	if (!store_identifiers_put(&c->work, x->list, x->count, x->overwrite, e))
		return false;
	if (x->single && !x->list[0].done)
		return error_set(e, ERR_CONFLICT, "the identifier \"%.80s\" is there already",
			x->list[0].identifier);
	struct graph_note note = {
		.operation = x->single ? "Create" : "Action",
		.action = x->single ? NULL : "Import",
		.noun = graph_corporate_identifiers.noun,
		.category = graph_corporate_identifiers.category,
		.resource_id = x->count ? x->list[0].id : "",
		.resource_name = x->count == 1
			? x->list[0].identifier
			: arena_printf(c->arena, "%zu identifiers", x->count),
	};
	return graph_note(c, &note, e);
}

bool
graph_identifier_create(struct call *c, struct error *e)
{
	struct corporate_identifier one;
	struct identifier_ctx x = {.c = c, .list = &one, .single = true};
	const struct json *body, *object;

	if (!graph_body(c, &body, e) || !read_entry(&x, body, e) ||
		!store_together(c->work.session, put_tx, &x, e) ||
		!graph_view_object(c, &graph_corporate_identifiers, one.id, &object, e))
		return false;
	struct graph_answer answer = {.path = graph_corporate_identifiers.path,
		.type = &graph_corporate_identifier,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

// What is stored of each, and with `status` whether this request stored it.
static bool
send_results(
	struct identifier_ctx *x, const struct odata_type *type, bool only_found, struct error *e)
{
	struct call *c = x->c;
	const struct json **objects = arena_array(c->arena, x->count + 1, sizeof *objects);
	size_t n = 0;

	for (size_t i = 0; i < x->count; i++) {
		const struct json *stored;
		if (only_found && !x->list[i].id)
			continue;
		if (!graph_view_object(c, &graph_corporate_identifiers, x->list[i].id, &stored, e))
			return false;
		struct json_maker m = json_make(c->arena, JSON_OBJECT);
		json_put_bool(&m, "status", x->list[i].done);
		for (const struct json *v = stored->first; v; v = v->next)
			json_put(&m, v->name, v);
		objects[n++] = m.whole;
	}
	struct graph_answer answer = {.path = graph_corporate_identifiers.path,
		.type = type,
		.objects = objects,
		.count = n,
		.total = -1};
	return graph_send_list(c, &answer, e);
}

// POST …/importDeviceIdentityList
// {"importedDeviceIdentities":[…],"overwriteImportedDeviceIdentities":B}
bool
graph_identifiers_import(struct call *c, struct error *e)
{
	struct identifier_ctx x = {.c = c};
	const struct json *body;

	if (!graph_body(c, &body, e) || !read_list(&x, body, e))
		return false;
	for (const struct json *m = body->first; m; m = m->next)
		if (str_ieq(m->name, "overwriteImportedDeviceIdentities"))
			x.overwrite = m->type == JSON_BOOL ? m->boolean
				: m->type == JSON_STRING   ? str_ieq(m->text, "true")
							   : false;
	return store_together(c->work.session, put_tx, &x, e) &&
		send_results(&x, &graph_corporate_result, false, e);
}

// POST …/searchExistingIdentities
bool
graph_identifiers_search(struct call *c, struct error *e)
{
	struct identifier_ctx x = {.c = c};
	const struct json *body;

	return graph_body(c, &body, e) && read_list(&x, body, e) &&
		store_identifiers_find(&c->work, x.list, x.count, e) &&
		send_results(&x, &graph_corporate_identifier, true, e);
}

static bool
delete_tx(void *ctx, struct error *e)
{
	struct identifier_ctx *x = ctx;
	const struct json *before;

	if (!graph_view_object(x->c, &graph_corporate_identifiers, x->id, &before, e) ||
		!store_identifier_delete(&x->c->work, x->id, e))
		return false;
	struct graph_note note = {
		.operation = "Delete",
		.noun = graph_corporate_identifiers.noun,
		.category = graph_corporate_identifiers.category,
		.resource_id = x->id,
		.resource_name = json_str(before, "importedDeviceIdentifier"),
		.type = &graph_corporate_identifier,
		.before = before,
	};
	return graph_note(x->c, &note, e);
}

bool
graph_identifier_delete(struct call *c, struct error *e)
{
	struct identifier_ctx x = {.c = c, .id = str_lower(c->arena, http_param(c->req, "id"))};

	return store_together(c->work.session, delete_tx, &x, e) && call_done(c);
}
