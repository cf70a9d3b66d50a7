// SPDX-License-Identifier: Apache-2.0
// managedDevices, autopilotEvents, auditEvents (graph-api.md sections 9 and 10).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "store/audit.h"
#include "store/registration_edit.h"

enum { EVENTS_PAGE = 50, CHAIN_PAGE = 500 };

const struct graph_collection graph_managed_devices = {
	.path = "deviceManagement/managedDevices",
	.type = &graph_managed_device,
	.view = &view_managed_devices,
	.noun = "ManagedDevice",
	.category = "Device",
};

struct managed_ctx {
	struct call *c;
	const char *id, *name, *ownership, *notes;
	const struct json *after;
};

static const char *
ownership_of(const char *owner_type)
{
	return !owner_type			  ? NULL
		: str_ieq(owner_type, "personal") ? "Personal"
		: str_ieq(owner_type, "company")  ? "Company"
						  : "Unknown";
}

static bool
managed_tx(void *ctx, struct error *e)
{
	struct managed_ctx *x = ctx;
	struct call *c = x->c;
	const struct json *before;

	if (!graph_view_object(c, &graph_managed_devices, x->id, &before, e))
		return false;
	struct registration_edit edit = {.friendly_name = x->name};
	struct directory_edit owner = {.ownership = x->ownership, .account_enabled = -1};
	if ((x->name &&
		    !store_registration_edit(
			    &c->work, json_str(before, "ferryRegistrationId"), &edit, e)) ||
		(x->ownership &&
			!store_directory_edit(
				&c->work, json_str(before, "azureADDeviceId"), &owner, e)) ||
		(x->notes && !store_enrollment_note(&c->work, x->id, x->notes, e)) ||
		!graph_view_object(c, &graph_managed_devices, x->id, &x->after, e))
		return false;
	struct graph_note note = {
		.operation = "Patch",
		.noun = graph_managed_devices.noun,
		.category = graph_managed_devices.category,
		.resource_id = x->id,
		.resource_name = json_str(before, "deviceName"),
		.type = &graph_managed_device,
		.before = before,
		.after = x->after,
	};
	return graph_note(c, &note, e);
}

// PATCH: managedDeviceName, managedDeviceOwnerType and notes.
bool
graph_managed_patch(struct call *c, struct error *e)
{
	struct managed_ctx x = {.c = c, .id = str_lower(c->arena, http_param(c->req, "id"))};
	const struct json *sent;
	struct odata_body body;

	if (!graph_body(c, &sent, e) ||
		!odata_validate(c->arena, &graph_managed_device, sent, ODATA_PATCH, &body, e))
		return false;
	x.notes = graph_text(body.document, "notes");
	x.name = graph_text(body.document, "managedDeviceName");
	x.ownership = ownership_of(json_str(body.document, "managedDeviceOwnerType"));
	if (!store_together(c->work.session, managed_tx, &x, e))
		return false;
	struct graph_answer answer = {.path = graph_managed_devices.path,
		.type = &graph_managed_device,
		.objects = &x.after,
		.count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

// --- deployments ---

static bool
expand_event(struct call *c, const struct odata_expand *expand, const struct json *object,
	struct json_maker *m, struct error *e)
{
	struct db_param deployment = DB_TEXT(json_str(object, "id"));
	struct view_request request = {.view = &view_policy_status,
		.collection = "policyStatusDetails",
		.params = &deployment,
		.param_count = 1,
		.page = GRAPH_MAX_PAGE};
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	struct view_page page;

	if (!store_view_page(&c->work, &request, &page, e))
		return false;
	for (size_t i = 0; i < page.count; i++)
		json_put(&list, NULL, page.objects[i]);
	json_put(m, expand->path.properties[expand->path.count - 1]->name, list.whole);
	return true;
}

const struct graph_collection graph_autopilot_events = {
	.path = "deviceManagement/autopilotEvents",
	.type = &graph_autopilot_event,
	.view = &view_autopilot_events,
	.page = EVENTS_PAGE,
	.noun = "AutopilotEvent",
	.category = "Enrollment",
	.expand = expand_event,
};

// GET …/{id}/policyStatusDetails
bool
graph_event_details(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	const struct json *event;

	return graph_view_object(c, c->collection, id, &event, e) &&
		graph_list_view(c, &view_policy_status,
			arena_printf(
				c->arena, "%s('%s')/policyStatusDetails", c->collection->path, id),
			id, e);
}

// --- audit ---

const struct graph_collection graph_audit_events = {
	.path = "deviceManagement/auditEvents",
	.type = &graph_audit_event,
	.view = &view_audit_events,
	.noun = "AuditEvent",
	.category = "Other",
};

// GET /ferry/v1/audit/chain?after=N: the links as they are hashed, so that a client can verify
// them without believing us.
bool
graph_audit_chain(struct call *c, struct error *e)
{
	const char *text = http_query(c->req, "after"), *head;
	struct audit_link *links;
	uint64_t after = 0;
	int64_t head_seq;
	size_t count;
	struct buf body;

	if (text && !str_to_u64(text, INT64_MAX, &after))
		return error_set(e, ERR_INVALID, "after must be a number");
	if (!store_audit_links(&c->work, (int64_t)after, CHAIN_PAGE, &links, &count, e) ||
		!store_audit_head(&c->work, &head_seq, &head, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_int(&w, "headSeq", head_seq);
	jsonw_str(&w, "headSha256", head);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		jsonw_int(&w, "seq", links[i].seq);
		jsonw_str(&w, "text", links[i].text);
		jsonw_str(&w, "sha256", links[i].sha256);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

// GET /ferry/v1/audit/verify
bool
graph_audit_verify(struct call *c, struct error *e)
{
	struct audit_verdict verdict;
	struct buf body;

	if (!store_audit_verify(&c->work, &verdict, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_bool(&w, "intact", verdict.intact);
	jsonw_int(&w, "events", verdict.events);
	if (!verdict.intact) {
		jsonw_int(&w, "brokenSeq", verdict.broken_seq);
		jsonw_str(&w, "finding", verdict.finding);
	}
	return call_send(c, 200, &w, &body, e);
}
