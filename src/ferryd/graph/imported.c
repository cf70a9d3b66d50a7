// SPDX-License-Identifier: Apache-2.0
// importedWindowsAutopilotDeviceIdentities: requests to register, each with how it ended
// (graph-api.md section 3). Registered and assigned is what is said so when the answer comes: a
// client that polls for it sees it done at its first look.
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/registration.h"
#include "store/imports.h"

enum { MAX_ENTRIES = 5000 };

#define PATH "deviceManagement/importedWindowsAutopilotDeviceIdentities"

const struct graph_collection graph_imported_devices = {
	.path = PATH,
	.type = &graph_imported_device,
	.view = &view_imported_devices,
	.noun = "ImportedWindowsAutopilotDeviceIdentity",
	.category = "Enrollment",
};
const struct graph_collection graph_import_uploads = {
	.path = "deviceManagement/importedWindowsAutopilotDeviceIdentityUploads",
	.type = &graph_import_upload,
	.view = &view_import_uploads,
	.noun = "ImportedWindowsAutopilotDeviceIdentityUpload",
	.category = "Enrollment",
};

struct import_ctx {
	struct call *c;
	const struct json *list; // entries as they were sent
	struct registration *rows;
	struct imported_device *requests; // as read
	struct imported_device *done;	  // as stored
	size_t count, good;
	const char *operation, *upload_id;
	bool tuple; // without a hash: by maker, model and serial number
};

static const char *
text_of(const struct json *entry, const char *name)
{
	const char *text = json_str(entry, name);

	return text ? text : "";
}

// What is said beside the hash. A device that a partner registers may have no hash (behaviour R7).
static bool
read_tuple(const struct json *entry, struct registration *out, struct error *e)
{
	*out = (struct registration){
		.serial = text_of(entry, "serialNumber"),
		.manufacturer = text_of(entry, "manufacturer"),
		.model = text_of(entry, "model"),
		.source = "tuple",
	};
	return (!str_empty(out->serial) && !str_empty(out->manufacturer) &&
		       !registration_placeholder(out->serial)) ||
		error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"without a hardware hash manufacturer, model and serialNumber are needed");
}

// What the hash says wins over the columns beside it (behaviour R9).
static bool
read_hash(struct call *c, const struct json *entry, struct registration *out, struct error *e)
{
	const char *hash = text_of(entry, "hardwareIdentifier");
	struct registration_line line = {0};

	if (str_empty(hash))
		return error_fault(
			e, ERR_INVALID, "ztd_hash_invalid", "the hardware hash is missing");
	if (!registration_decode(
		    c->arena, slice_str(hash), text_of(entry, "serialNumber"), &line, e))
		return false;
	*out = (struct registration){
		.serial = line.serial,
		.serial_key = registration_key(c->arena, line.serial, line.ek_id),
		.manufacturer = line.manufacturer,
		.model = line.model,
		.sku_number = line.sku_number,
		.system_family = line.system_family,
		.ek_id = line.ek_id,
		.hardware_hash = line.hash,
	};
	return true;
}

static void
read_entry(struct import_ctx *x, const struct json *entry)
{
	struct call *c = x->c;
	struct imported_device *request = &x->requests[x->count++];
	struct registration *row = &x->rows[x->good];
	struct error why = {0};

	*request = (struct imported_device){
		.batch_id = text_of(entry, "importId"),
		.serial = text_of(entry, "serialNumber"),
		.product_key = text_of(entry, "productKey"),
		.group_tag = text_of(entry, "groupTag"),
		.assigned_upn = text_of(entry, "assignedUserPrincipalName"),
		.upload_id = x->upload_id,
		.device_id = "",
	};
	if (x->tuple ? read_tuple(entry, row, &why) : read_hash(c, entry, row, &why)) {
		row->product_key = request->product_key;
		row->group_tag = request->group_tag;
		row->assigned_upn = request->assigned_upn;
		row->purchase_order = text_of(entry, "purchaseOrderIdentifier");
		request->serial = row->serial;
		x->good++;
		return;
	}
	request->status = "error";
	request->error_name = registration_graph_error(
		why.fault ? why.fault : "ztd_hash_invalid", &request->error_code);
}

// Each entry is read for itself; only what is no such object at all refuses the request, with its
// place.
static bool
read_entries(struct import_ctx *x, const struct odata_type *type, struct error *e)
{
	struct odata_body body;
	size_t i = 0;

	x->rows = arena_array(x->c->arena, x->list->count + 1, sizeof *x->rows);
	x->requests = arena_array(x->c->arena, x->list->count + 1, sizeof *x->requests);
	for (const struct json *in = x->list->first; in; in = in->next, i++) {
		if (!odata_validate(x->c->arena, type, in, ODATA_CREATE, &body, e))
			return error_wrap(e, "entry %zu", i);
		read_entry(x, body.document);
	}
	return true;
}

static bool
import_tx(void *ctx, struct error *e)
{
	struct import_ctx *x = ctx;
	struct call *c = x->c;

	x->done = arena_memdup(c->arena, x->requests, (x->count + 1) * sizeof *x->done);
	if ((x->upload_id && !store_upload_insert(&c->work, x->upload_id, e)) ||
		!store_imported_insert(&c->work, x->rows, x->done, x->count, e))
		return false;
	struct graph_note note = {
		.operation = x->operation,
		.action = str_eq(x->operation, "Action") ? "Import" : NULL,
		.noun = x->upload_id ? graph_import_uploads.noun : graph_imported_devices.noun,
		.category = graph_imported_devices.category,
		.resource_id = x->upload_id ? x->upload_id
			: x->count	    ? x->done[0].imported_id
					    : "",
		.resource_name = x->count == 1 ? x->done[0].serial
					       : arena_printf(c->arena, "%zu devices", x->count),
	};
	return graph_note(c, &note, e);
}

static bool
import_all(struct import_ctx *x, struct error *e)
{
	return store_together(x->c->work.session, import_tx, x, e);
}

static const struct json *
request_json(struct call *c, const struct imported_device *r)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	struct json_maker state = json_make(c->arena, JSON_OBJECT);

	json_put_str(&m, "id", r->imported_id);
	json_put_str(&m, "groupTag", r->group_tag);
	json_put_str(&m, "serialNumber", r->serial);
	json_put_str(&m, "productKey", r->product_key);
	json_put_str(&m, "importId", r->batch_id);
	json_put_str(&m, "assignedUserPrincipalName", r->assigned_upn);
	json_put_str(&state, "deviceImportStatus", r->status);
	json_put_str(&state, "deviceRegistrationId", r->device_id ? r->device_id : "");
	json_put_int(&state, "deviceErrorCode", r->error_code);
	json_put_str(&state, "deviceErrorName", r->error_name ? r->error_name : "");
	json_put(&m, "state", state.whole);
	return m.whole;
}

static bool
find_list(const struct json *body, const char *name, const struct json **out, struct error *e)
{
	*out = NULL;
	for (const struct json *m = body->first; m && !*out; m = m->next)
		if (str_ieq(m->name, name))
			*out = m;
	if (!*out || (*out)->type != JSON_ARRAY || (*out)->count > MAX_ENTRIES)
		return error_set(
			e, ERR_INVALID, "%s must be an array of at most %d", name, MAX_ENTRIES);
	return true;
}

// POST …/import {"importedWindowsAutopilotDeviceIdentities":[…]}
bool
graph_imported_import(struct call *c, struct error *e)
{
	struct import_ctx x = {.c = c, .operation = "Action"};
	const struct json *body;

	if (!graph_body(c, &body, e) ||
		!find_list(body, "importedWindowsAutopilotDeviceIdentities", &x.list, e) ||
		!read_entries(&x, &graph_imported_device, e) || !import_all(&x, e))
		return false;
	const struct json **objects = arena_array(c->arena, x.count + 1, sizeof *objects);
	for (size_t i = 0; i < x.count; i++)
		objects[i] = request_json(c, &x.done[i]);
	struct graph_answer answer = {.path = PATH,
		.type = &graph_imported_device,
		.objects = objects,
		.count = x.count,
		.total = -1};
	return graph_send_list(c, &answer, e);
}

static bool
import_one(struct import_ctx *x, const struct odata_type *type, struct error *e)
{
	struct json_maker one = json_make(x->c->arena, JSON_ARRAY);
	const struct json *body;

	x->operation = "Create";
	if (!graph_body(x->c, &body, e))
		return false;
	json_put(&one, NULL, body);
	x->list = one.whole;
	return read_entries(x, type, e) && import_all(x, e);
}

// POST …/importedWindowsAutopilotDeviceIdentities: one entity.
bool
graph_imported_create(struct call *c, struct error *e)
{
	struct import_ctx x = {.c = c};

	if (!import_one(&x, &graph_imported_device, e))
		return false;
	const struct json *object = request_json(c, &x.done[0]);
	struct graph_answer answer = {
		.path = PATH, .type = &graph_imported_device, .objects = &object, .count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

// POST …/windowsAutopilotDeviceIdentities, as partners' tools do for what they have in stock: by
// maker, model and serial number. Administrators import hashes (behaviour R7; the route's scope).
bool
graph_autopilot_create(struct call *c, struct error *e)
{
	struct import_ctx x = {.c = c, .tuple = true};
	const struct json *object;

	if (!import_one(&x, &graph_autopilot_device, e))
		return false;
	const struct imported_device *r = &x.done[0];
	if (str_eq(r->status, "error") && r->error_code != 806)
		return error_fault(e, r->error_code == 808 ? ERR_CONFLICT : ERR_INVALID,
			r->error_code == 808 ? "ztd_assigned_to_other_tenant" : "ztd_hash_invalid",
			"%s: manufacturer, model and serialNumber are needed", r->error_name);
	if (!graph_view_object(c, &graph_autopilot_devices, r->device_id, &object, e))
		return false;
	struct graph_answer answer = {.path = graph_autopilot_devices.path,
		.type = &graph_autopilot_device,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

// --- what clients tidy away ---

struct delete_ctx {
	struct call *c;
	const struct graph_collection *collection;
	bool (*delete)(const struct work *w, const char *id, struct error *e);
	const char *id;
};

static bool
delete_tx(void *ctx, struct error *e)
{
	struct delete_ctx *x = ctx;
	const struct json *before;

	if (!graph_view_object(x->c, x->collection, x->id, &before, e) ||
		!x->delete (&x->c->work, x->id, e))
		return false;
	struct graph_note note = {
		.operation = "Delete",
		.noun = x->collection->noun,
		.category = x->collection->category,
		.resource_id = x->id,
		.resource_name = json_str(before, "serialNumber"),
		.type = x->collection->type,
		.before = before,
	};
	return graph_note(x->c, &note, e);
}

bool
graph_imported_delete(struct call *c, struct error *e)
{
	struct delete_ctx x = {.c = c,
		.collection = c->collection,
		.delete = c->collection == &graph_import_uploads ? store_upload_delete
								 : store_imported_delete,
		.id = str_lower(c->arena, http_param(c->req, "id"))};

	return store_together(c->work.session, delete_tx, &x, e) && call_done(c);
}

// --- uploads, as the oldest clients make them ---

// POST …/importedWindowsAutopilotDeviceIdentityUploads {"deviceIdentities":[…]}
bool
graph_upload_create(struct call *c, struct error *e)
{
	struct import_ctx x = {.c = c, .operation = "Create", .upload_id = uuid_ordered(c->arena)};
	const struct json *body, *object;

	if (!graph_body(c, &body, e) || !find_list(body, "deviceIdentities", &x.list, e) ||
		!read_entries(&x, &graph_imported_device, e) || !import_all(&x, e) ||
		!graph_view_object(c, &graph_import_uploads, x.upload_id, &object, e))
		return false;
	struct graph_answer answer = {.path = graph_import_uploads.path,
		.type = &graph_import_upload,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 201, &answer, 0, e);
}

// GET …/{id}/deviceIdentities
bool
graph_upload_devices(struct call *c, struct error *e)
{
	const struct json *upload;

	return graph_view_object(c, c->collection, http_param(c->req, "id"), &upload, e) &&
		graph_list_view(c, &view_upload_devices, PATH, json_str(upload, "id"), e);
}
