// SPDX-License-Identifier: Apache-2.0
// importedDeviceIdentities: corporate identifiers (graph-api.md section 12, behaviour E13).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "store/corporate.h"

enum { MAX_LIST = 5000, DETAILS_MAX = 128 };

const struct graph_collection graph_corporate_identifiers = {
	.path = "deviceManagement/importedDeviceIdentities",
	.type = &graph_corporate_identifier,
	.view = &view_corporate_identifiers,
	.noun = "ImportedDeviceIdentity",
	.category = "Enrollment",
};

struct corporate_ctx {
	struct call *c;
	struct corporate_identifier *list, *done;
	size_t count;
	bool overwrite, alone;
	bool search; // what is no identifier is just not found
	const char *id;
};

// Both the long form that Graph has and the bare identifier are understood.
static bool
read_one(struct call *c, const struct json *in, struct corporate_identifier *out, struct error *e)
{
	const char *type = json_str(in, "importedDeviceIdentityType");
	const char *identifier = json_str(in, "importedDeviceIdentifier");
	const char *description = json_str(in, "description");

	if (str_empty(identifier))
		return error_set(e, ERR_INVALID, "importedDeviceIdentifier is missing");
	if (str_empty(type) || str_ieq(type, "unknown"))
		type = strchr(identifier, ',') ? "manufacturerModelSerial" : "serialNumber";
	*out = (struct corporate_identifier){.type = type,
		.identifier = identifier,
		.description = description ? description : ""};
	if (strlen(out->description) > DETAILS_MAX)
		return error_set(
			e, ERR_INVALID, "the description has more than %d bytes", DETAILS_MAX);
	return corporate_key(c->arena, type, identifier) ||
		error_set(e, ERR_INVALID, "\"%.80s\" is no identifier of type %.40s", identifier,
			type);
}

static bool
read_list(struct corporate_ctx *x, const struct json *body, struct error *e)
{
	const struct json *list = json_get(body, "importedDeviceIdentities");

	if (!list || list->type != JSON_ARRAY || list->count > MAX_LIST)
		return error_set(e, ERR_INVALID,
			"importedDeviceIdentities must be an array of at most %d", MAX_LIST);
	x->list = arena_array(x->c->arena, list->count + 1, sizeof *x->list);
	x->done = arena_array(x->c->arena, list->count + 1, sizeof *x->done);
	for (const struct json *in = list->first; in; in = in->next)
		if (read_one(x->c, in, &x->list[x->count], e))
			x->count++;
		else if (!x->search)
			return false;
	// One file, one kind (E13).
	for (size_t i = 1; i < x->count && !x->search; i++)
		if (!str_eq(x->list[i].type, x->list[0].type))
			return error_set(e, ERR_INVALID, "all identifiers must be of one type");
	return true;
}

static bool
put_tx(void *ctx, struct error *e)
{
	struct corporate_ctx *x = ctx;
	struct call *c = x->c;

	memcpy(x->done, x->list, x->count * sizeof *x->done);
	if (!store_corporate_put(&c->work, x->done, x->count, x->overwrite, e))
		return false;
	if (x->alone && !x->done->stored)
		return error_set(e, ERR_CONFLICT, "the identifier is there already");
	struct graph_note note = {.operation = "Create",
		.noun = graph_corporate_identifiers.noun,
		.category = graph_corporate_identifiers.category,
		.resource_id = x->done[0].identifier_id,
		.resource_name = arena_printf(c->arena, "%s%s", x->done[0].identifier,
			x->count > 1 ? arena_printf(c->arena, " and %zu more", x->count - 1) : "")};
	return graph_note(c, &note, e);
}

static const struct json *
result(struct call *c, const struct corporate_identifier *one, bool status)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);

	json_put_str(&m, "id", one->identifier_id);
	json_put_str(&m, "importedDeviceIdentifier", one->identifier);
	json_put_str(&m, "importedDeviceIdentityType", one->type);
	json_put_str(&m, "description", one->description);
	json_put_bool(&m, "status", status);
	return m.whole;
}

// POST …/importDeviceIdentityList: status is false for one that was there and is not overwritten.
bool
graph_corporate_import(struct call *c, struct error *e)
{
	struct corporate_ctx x = {.c = c};
	const struct json *body;

	if (!graph_body(c, &body, e) || !read_list(&x, body, e))
		return false;
	x.overwrite = json_bool(body, "overwriteImportedDeviceIdentities", false);
	if (x.count && !store_together(c->work.session, put_tx, &x, e))
		return false;
	struct json_maker value = json_make(c->arena, JSON_ARRAY);
	for (size_t i = 0; i < x.count; i++)
		json_put(&value, NULL, result(c, &x.done[i], x.done[i].stored));
	return graph_send_value(c, value.whole, e);
}

// POST …/searchExistingIdentities: those of the list that are there.
bool
graph_corporate_search(struct call *c, struct error *e)
{
	struct corporate_ctx x = {.c = c, .search = true};
	const struct json *body;

	if (!graph_body(c, &body, e) || !read_list(&x, body, e) ||
		!store_corporate_search(&c->work, x.list, x.count, e))
		return false;
	struct json_maker value = json_make(c->arena, JSON_ARRAY);
	for (size_t i = 0; i < x.count; i++)
		if (x.list[i].identifier_id)
			json_put(&value, NULL, result(c, &x.list[i], true));
	return graph_send_value(c, value.whole, e);
}

// POST: one. ERR_CONFLICT when it is there.
bool
graph_corporate_create(struct call *c, struct error *e)
{
	struct corporate_identifier list[1], done[1];
	struct corporate_ctx x = {.c = c, .list = list, .done = done, .count = 1, .alone = true};
	const struct json *body, *object;

	if (!graph_body(c, &body, e) || !read_one(c, body, list, e) ||
		!store_together(c->work.session, put_tx, &x, e))
		return false;
	if (!graph_view_object(c, &graph_corporate_identifiers, done->identifier_id, &object, e))
		return false;
	struct graph_answer answer = {.path = graph_corporate_identifiers.path,
		.type = &graph_corporate_identifier,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

static bool
delete_tx(void *ctx, struct error *e)
{
	struct corporate_ctx *x = ctx;
	struct call *c = x->c;
	const struct json *before;

	if (!graph_view_object(c, &graph_corporate_identifiers, x->id, &before, e) ||
		!store_corporate_delete(&c->work, x->id, e))
		return false;
	struct graph_note note = {.operation = "Delete",
		.noun = graph_corporate_identifiers.noun,
		.category = graph_corporate_identifiers.category,
		.resource_id = x->id,
		.resource_name = json_str(before, "importedDeviceIdentifier"),
		.type = &graph_corporate_identifier,
		.before = before};
	return graph_note(c, &note, e);
}

bool
graph_corporate_delete(struct call *c, struct error *e)
{
	struct corporate_ctx x = {.c = c, .id = str_lower(c->arena, http_param(c->req, "id"))};

	return store_together(c->work.session, delete_tx, &x, e) && call_done(c);
}
