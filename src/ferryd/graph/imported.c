// SPDX-License-Identifier: Apache-2.0
// importedWindowsAutopilotDeviceIdentities: registration as Graph's clients do it (graph-api.md
// section 3, behaviour R7-R11, R23-R25). What an answer says is done: no client has to poll, and
// one that does finds its requests.
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "domain/registration.h"
#include "store/imports.h"

enum { MAX_IMPORT = 5000 };

const struct graph_collection graph_imported_devices = {
	.path = "deviceManagement/importedWindowsAutopilotDeviceIdentities",
	.type = &graph_imported_device,
	.view = &view_imported_devices,
	.noun = "ImportedWindowsAutopilotDeviceIdentity",
	.category = "Enrollment",
};

struct imported_ctx {
	struct call *c;
	size_t count, good;
	struct registration *rows;
	struct imported_device *requests, *done;
	const char *id;
};

static const char *
text_or(const struct json *in, const char *name, const char *otherwise)
{
	const char *text = json_str(in, name);

	return text ? text : otherwise;
}

// A request with its registration; or with its status, when it fails before anything is registered.
static void
read_request(struct imported_ctx *x, const struct json *in)
{
	struct arena *arena = x->c->arena;
	struct imported_device *r = &x->requests[x->count++];
	struct registration_line line = {0};
	struct error why;

	*r = (struct imported_device){
		.batch_id = text_or(in, "importId", ""),
		.serial = text_or(in, "serialNumber", ""),
		.product_key = text_or(in, "productKey", ""),
		.group_tag = text_or(in, "groupTag", text_or(in, "orderIdentifier", "")),
		.assigned_upn = text_or(in, "assignedUserPrincipalName", ""),
		.device_id = "",
		.error_name = "",
	};
	if (!registration_decode(arena, slice_str(text_or(in, "hardwareIdentifier", "")), r->serial,
		    &line, &why)) {
		r->status = "error";
		r->error_name = registration_graph_error(
			why.fault ? why.fault : "ztd_hash_invalid", &r->error_code);
		return;
	}
	r->serial = line.serial;
	x->rows[x->good++] = (struct registration){
		.serial = line.serial,
		.serial_key = registration_key(arena, line.serial, line.ek_id),
		.manufacturer = line.manufacturer,
		.model = line.model,
		.sku_number = line.sku_number,
		.system_family = line.system_family,
		.product_key = r->product_key,
		.ek_id = line.ek_id,
		.hardware_hash = line.hash,
		.group_tag = r->group_tag,
		.assigned_upn = r->assigned_upn,
		.purchase_order = text_or(in, "purchaseOrderIdentifier", ""),
	};
}

// May run twice: it works on a copy of what was read.
static bool
import_tx(void *ctx, struct error *e)
{
	struct imported_ctx *x = ctx;
	struct call *c = x->c;

	memcpy(x->done, x->requests, x->count * sizeof *x->done);
	if (!store_imported_insert(&c->work, x->rows, x->done, x->count, e))
		return false;
	struct graph_note note = {
		.operation = "Create",
		.action = "Import",
		.noun = graph_imported_devices.noun,
		.category = graph_imported_devices.category,
		.resource_id = x->done[0].imported_id,
		.resource_name = arena_printf(c->arena, "%s%s", x->done[0].serial,
			x->count > 1 ? arena_printf(c->arena, " and %zu more", x->count - 1) : ""),
	};
	return graph_note(c, &note, e);
}

static const struct json *
as_json(struct arena *arena, const struct imported_device *r)
{
	struct json_maker m = json_make(arena, JSON_OBJECT), state = json_make(arena, JSON_OBJECT);

	json_put_str(&state, "deviceImportStatus", r->status);
	json_put_str(&state, "deviceRegistrationId", r->device_id);
	json_put_int(&state, "deviceErrorCode", r->error_code);
	json_put_str(&state, "deviceErrorName", r->error_name);
	json_put_str(&m, "id", r->imported_id);
	json_put_str(&m, "groupTag", r->group_tag);
	json_put_str(&m, "serialNumber", r->serial);
	json_put_str(&m, "productKey", r->product_key);
	json_put_str(&m, "importId", r->batch_id);
	json_put_str(&m, "hardwareIdentifier", NULL);
	json_put_str(&m, "assignedUserPrincipalName", r->assigned_upn);
	json_put(&m, "state", state.whole);
	return m.whole;
}

static bool
import(struct imported_ctx *x, const struct json *first, size_t count, struct error *e)
{
	struct arena *arena = x->c->arena;

	x->rows = arena_array(arena, count + 1, sizeof *x->rows);
	x->requests = arena_array(arena, count + 1, sizeof *x->requests);
	x->done = arena_array(arena, count + 1, sizeof *x->done);
	for (const struct json *in = first; in && x->count < count; in = in->next) {
		if (in->type != JSON_OBJECT)
			return error_set(e, ERR_INVALID, "each element must be an object");
		read_request(x, in);
	}
	return !x->count || store_together(x->c->work.session, import_tx, x, e);
}

// POST …/import {"importedWindowsAutopilotDeviceIdentities":[…]}
bool
graph_imported_import(struct call *c, struct error *e)
{
	struct imported_ctx x = {.c = c};
	const struct json *body, *list;

	if (!graph_body(c, &body, e))
		return false;
	list = json_get(body, "importedWindowsAutopilotDeviceIdentities");
	if (!list || list->type != JSON_ARRAY || list->count > MAX_IMPORT)
		return error_set(e, ERR_INVALID,
			"importedWindowsAutopilotDeviceIdentities must be an array of at most %d",
			MAX_IMPORT);
	if (!import(&x, list->first, list->count, e))
		return false;
	struct json_maker value = json_make(c->arena, JSON_ARRAY);
	for (size_t i = 0; i < x.count; i++)
		json_put(&value, NULL, as_json(c->arena, &x.done[i]));
	return graph_send_value(c, value.whole, e);
}

// POST: one.
bool
graph_imported_create(struct call *c, struct error *e)
{
	struct imported_ctx x = {.c = c};
	const struct json *body;

	if (!graph_body(c, &body, e) || !import(&x, body, 1, e))
		return false;
	const struct json *object = as_json(c->arena, &x.done[0]);
	struct graph_answer answer = {.path = graph_imported_devices.path,
		.type = &graph_imported_device,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

static bool
delete_tx(void *ctx, struct error *e)
{
	struct imported_ctx *x = ctx;
	struct call *c = x->c;
	struct graph_note note = {.operation = "Delete",
		.noun = graph_imported_devices.noun,
		.category = graph_imported_devices.category,
		.resource_id = x->id};

	return store_imported_delete(&c->work, x->id, e) && graph_note(c, &note, e);
}

// The request is forgotten; the registration stays.
bool
graph_imported_delete(struct call *c, struct error *e)
{
	struct imported_ctx x = {.c = c, .id = str_lower(c->arena, http_param(c->req, "id"))};

	return store_together(c->work.session, delete_tx, &x, e) && call_done(c);
}
