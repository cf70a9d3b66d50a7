// SPDX-License-Identifier: Apache-2.0
// windowsAutopilotDeviceIdentities and windowsAutopilotSettings (graph-api.md sections 2 and 4).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "domain/naming.h"
#include "ferryd/deletions.h"
#include "store/registration.h"
#include "store/registration_edit.h"

enum { MAX_SERIALS = 1000, ACCOUNT_TEXT_MAX = 256 };

#define PATH "deviceManagement/windowsAutopilotDeviceIdentities"

static bool
expand_device(struct call *c, const struct odata_expand *expand, const struct json *object,
	struct json_maker *m, struct error *e)
{
	const char *id = json_str(object, "ferryDeploymentProfileId");
	const struct odata_property *p = expand->path.properties[expand->path.count - 1];
	struct object profile;

	if (!id) {
		json_put_str(m, p->name, NULL);
		return true;
	}
	if (!graph_find(c, &graph_profiles, id, &profile, e)) {
		json_put_str(m, p->name, NULL);
		return e->code == ERR_NOT_FOUND;
	}
	json_put(m, p->name, graph_object(c, &graph_profiles, &profile).whole);
	return true;
}

const struct graph_collection graph_autopilot_devices = {
	.path = PATH,
	.type = &graph_autopilot_device,
	.view = &view_autopilot_devices,
	.noun = "WindowsAutopilotDeviceIdentity",
	.category = "Enrollment",
	.expand = expand_device,
};

static bool
send_device(struct call *c, const char *id, struct error *e)
{
	const struct json *object;

	if (!graph_view_object(c, &graph_autopilot_devices, id, &object, e))
		return false;
	struct graph_answer answer = {
		.path = PATH, .type = &graph_autopilot_device, .objects = &object, .count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

// --- changing ---

struct edit_ctx {
	struct call *c;
	const char *id, *action;
	const struct json *sent;
	struct registration_edit edit;
	struct resource_account account;
	bool (*change)(struct edit_ctx *x, struct error *e);
	const char *operation;
};

// Read the device, change it, note the difference: one transaction.
static bool
change_tx(void *ctx, struct error *e)
{
	struct edit_ctx *x = ctx;
	struct call *c = x->c;
	const struct json *before, *after = NULL;

	if (!graph_view_object(c, &graph_autopilot_devices, x->id, &before, e) || !x->change(x, e))
		return false;
	if (!str_eq(x->operation, "Delete") &&
		!graph_view_object(c, &graph_autopilot_devices, x->id, &after, e))
		return false;
	struct graph_note note = {
		.operation = x->operation,
		.action = x->action,
		.noun = graph_autopilot_devices.noun,
		.category = graph_autopilot_devices.category,
		.resource_id = json_str(before, "id"),
		.resource_name = json_str(before, "serialNumber"),
		.type = &graph_autopilot_device,
		.before = before,
		.after = after,
	};
	return graph_note(c, &note, e);
}

static bool
edit(struct edit_ctx *x, struct error *e)
{
	return store_registration_edit(&x->c->work, x->id, &x->edit, e);
}

static bool
change(struct call *c, struct edit_ctx *x, struct error *e)
{
	x->c = c;
	x->id = str_lower(c->arena, http_param(c->req, "id"));
	if (!x->operation)
		x->operation = "Action";
	return store_together(c->work.session, change_tx, x, e);
}

// What was sent of the four properties that may be changed (behaviour R17).
static bool
read_edit(struct call *c, struct registration_edit *out, struct error *e)
{
	const struct json *sent;
	struct odata_body body;

	if (!graph_body(c, &sent, e) ||
		!odata_validate(c->arena, &graph_autopilot_device, sent, ODATA_PATCH, &body, e))
		return false;
	*out = (struct registration_edit){
		.group_tag = graph_text(body.document, "groupTag"),
		.assigned_upn = graph_text(body.document, "userPrincipalName"),
		.user_name = graph_text(body.document, "addressableUserName"),
		.friendly_name = graph_text(body.document, "displayName"),
	};
	// It is what the computer will be called (P20).
	return str_empty(out->friendly_name) || naming_valid(out->friendly_name, e);
}

bool
graph_autopilot_patch(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = edit, .operation = "Patch"};

	return read_edit(c, &x.edit, e) && change(c, &x, e) && send_device(c, x.id, e);
}

bool
graph_update_properties(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = edit, .action = "UpdateDeviceProperties"};

	return read_edit(c, &x.edit, e) && change(c, &x, e) && graph_done(c);
}

bool
graph_assign_user(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = edit, .action = "AssignUserToDevice"};

	if (!read_edit(c, &x.edit, e))
		return false;
	if (str_empty(x.edit.assigned_upn))
		return error_set(e, ERR_INVALID, "userPrincipalName is missing");
	x.edit.group_tag = x.edit.friendly_name = NULL;
	return change(c, &x, e) && graph_done(c);
}

bool
graph_unassign_user(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = edit,
		.action = "UnassignUserFromDevice",
		.edit = {.assigned_upn = "", .user_name = ""}};

	return change(c, &x, e) && graph_done(c);
}

static bool
unblock(struct edit_ctx *x, struct error *e)
{
	return store_device_unblock(&x->c->work, x->id, x->c->actor, e);
}

// behaviour B2.
bool
graph_allow_enrollment(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = unblock, .action = "AllowNextEnrollment"};

	return change(c, &x, e) && graph_done(c);
}

static bool
remove_device(struct edit_ctx *x, struct error *e)
{
	return store_device_delete(&x->c->work, x->id, x->c->actor, e);
}

bool
graph_autopilot_delete(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = remove_device, .operation = "Delete"};

	if (!change(c, &x, e))
		return false;
	deletions_done(c, 1);
	return call_done(c);
}

static const struct json *
deleted(struct call *c, const char *serial, const char *id, const char *state, const char *message)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);

	json_put_str(&m, "serialNumber", serial);
	json_put_str(&m, "deviceRegistrationId", id);
	json_put_str(&m, "deletionState", state);
	json_put_str(&m, "errorMessage", message);
	return m.whole;
}

// POST …/deleteDevices {"serialNumbers":[…]}: each for itself; one that is unknown harms no other.
bool
graph_delete_devices(struct call *c, struct error *e)
{
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	const struct json *body, *serials;
	struct device device;
	struct error why;
	size_t gone = 0;

	if (!graph_body(c, &body, e))
		return false;
	serials = json_get(body, "serialNumbers");
	if (!serials || serials->type != JSON_ARRAY || serials->count > MAX_SERIALS)
		return error_set(
			e, ERR_INVALID, "serialNumbers must be a list of at most %d", MAX_SERIALS);
	// threats row 20
	if (serials->count > DEREGISTER_ALONE)
		return error_fault(e, ERR_DENIED, "second_person_needed",
			"%zu devices at once: ask by /ferry/v1/deregistrations", serials->count);
	for (const struct json *s = serials->first; s; s = s->next) {
		struct edit_ctx x = {.c = c, .change = remove_device, .operation = "Delete"};
		if (s->type != JSON_STRING)
			return error_set(e, ERR_INVALID, "serialNumbers must hold texts");
		bool found = store_device_by_serial(&c->work, s->text, &device, &why);
		x.id = found ? device.device_id : NULL;
		bool done = found && store_together(c->work.session, change_tx, &x, &why);
		// The service itself failed: that is no answer about a device.
		if (!done && (why.code == ERR_UNAVAILABLE || why.code == ERR_IO)) {
			*e = why;
			return false;
		}
		json_put(&list, NULL,
			deleted(c, s->text, x.id,
				done		? "accepted"
					: found ? "error"
						: "failed",
				done ? "" : arena_strdup(c->arena, why.message)));
		gone += done;
	}
	deletions_done(c, gone);
	return graph_send_value(c, list.whole, e);
}

// GET …/{id}/deploymentProfile and /intendedDeploymentProfile: assigned at once, so they are one.
bool
graph_device_profile(struct call *c, struct error *e)
{
	const struct json *device;
	struct object profile;
	struct odata_query *query;

	if (!graph_query(c, &graph_profile, &query, e) ||
		!graph_view_object(
			c, &graph_autopilot_devices, http_param(c->req, "id"), &device, e))
		return false;
	const char *id = json_str(device, "ferryDeploymentProfileId");
	if (!id)
		return error_set(e, ERR_NOT_FOUND, "no deployment profile is assigned");
	if (!graph_find(c, &graph_profiles, id, &profile, e))
		return false;
	const struct json *object = graph_object(c, &graph_profiles, &profile).whole;
	struct graph_answer answer = {.path = graph_profiles.path,
		.type = &graph_profile,
		.query = query,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 200, &answer, profile.version, e);
}

static bool
put_account(struct edit_ctx *x, struct error *e)
{
	return store_resource_account(&x->c->work, x->id, &x->account, e) &&
		store_registration_edit(&x->c->work, x->id, &x->edit, e);
}

static const char *
account_text(const struct json *sent, const char *name)
{
	const char *text = graph_text(sent, name);

	return text ? text : "";
}

// The account that a room's device signs in with. Nothing in Ferry signs it in, so its password is
// not kept: it could only be lost.
bool
graph_assign_resource_account(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = put_account, .action = "AssignResourceAccountToDevice"};
	const struct json *sent;

	if (!graph_body(c, &sent, e))
		return false;
	x.account = (struct resource_account){
		.resource_name = account_text(sent, "resourceAccountName"),
		.upn = account_text(sent, "deviceAccountUpn"),
		.friendly_name = account_text(sent, "deviceFriendlyName"),
	};
	x.edit.assigned_upn = graph_text(sent, "userPrincipalName");
	x.edit.user_name = graph_text(sent, "addressableUserName");
	if (str_empty(x.account.upn) && str_empty(x.edit.assigned_upn))
		return error_set(e, ERR_INVALID, "deviceAccountUpn is missing");
	if (strlen(x.account.upn) > ACCOUNT_TEXT_MAX ||
		strlen(x.account.resource_name) > ACCOUNT_TEXT_MAX ||
		strlen(x.account.friendly_name) > ACCOUNT_TEXT_MAX ||
		strlen(account_text(sent, "userPrincipalName")) > ACCOUNT_TEXT_MAX ||
		strlen(account_text(sent, "addressableUserName")) > ACCOUNT_TEXT_MAX)
		return error_set(e, ERR_LIMIT, "a name has at most %d bytes", ACCOUNT_TEXT_MAX);
	return change(c, &x, e) && graph_done(c);
}

static bool
take_account(struct edit_ctx *x, struct error *e)
{
	return store_resource_account(&x->c->work, x->id, NULL, e);
}

bool
graph_unassign_resource_account(struct call *c, struct error *e)
{
	struct edit_ctx x = {.change = take_account, .action = "UnassignResourceAccountFromDevice"};

	return change(c, &x, e) && graph_done(c);
}

// --- settings ---

// Rules are evaluated when something changes, so there is nothing to synchronize: the last time is
// always now, and the ten minutes between two clicks (behaviour R16) are not copied.
bool
graph_autopilot_settings_get(struct call *c, struct error *e)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	struct odata_query *query;

	if (!graph_query(c, &graph_autopilot_settings, &query, e))
		return false;
	json_put_str(&m, "id", c->work.tenant_id);
	json_put_str(&m, "lastSyncDateTime", clock_rfc3339(c->arena, c->work.now));
	json_put_str(&m, "lastManualSyncTriggerDateTime", clock_rfc3339(c->arena, c->work.now));
	json_put_str(&m, "syncStatus", "completed");
	const struct json *object = m.whole;
	struct graph_answer answer = {.path = "deviceManagement/windowsAutopilotSettings",
		.type = &graph_autopilot_settings,
		.query = query,
		.objects = &object,
		.count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

// Every property is read-only.
bool
graph_autopilot_settings_patch(struct call *c, struct error *e)
{
	return graph_autopilot_settings_get(c, e);
}

bool
graph_autopilot_sync(struct call *c, struct error *e)
{
	(void)e;
	return graph_done(c);
}
