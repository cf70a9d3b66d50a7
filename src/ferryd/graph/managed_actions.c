// SPDX-License-Identifier: Apache-2.0
// Remote actions on managed devices (graph-api.md section 9): asked for here, heard of by the
// device in its next session (management.c).
#include "base/str.h"
#include "ferryd/deletions.h"
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"
#include "ferryd/graph/managed_ask.h"
#include "store/actions.h"
#include "store/registration.h"
#include "store/registration_edit.h"

static const char *
actor(const struct call *c)
{
	return c->actor ? c->actor : "";
}

// How the device is joined; before that, how its profile will join it.
static const char *
join_of(const struct device *device)
{
	return str_eq(device->trust_type, "ServerAD")	? "hybrid"
		: str_eq(device->trust_type, "AzureAD") ? "directory"
							: device->join_type;
}

bool
managed_ask_in(struct asked *x, struct error *e)
{
	struct call *c = x->c;
	bool end = x->action == DEVICE_ACTION_DELETE;
	const struct json *before;
	struct device device;
	struct device_action_entry entry;

	if (!graph_view_object(c, &graph_managed_devices, x->managed_id, &before, e))
		return false;
	x->device_id = json_str(before, "ferryRegistrationId");
	struct action_request in = {.enrollment_id = x->managed_id,
		.action = x->action,
		.data = x->value,
		.actor = x->actor ? x->actor : actor(c)};
	// The re-use block goes with the management record (behaviour B2). It is what may be
	// refused, so it comes before anything is written.
	if (!store_device_by_id(&c->work, x->device_id, &device, e) ||
		!device_action_check(x->action, join_of(&device), x->value, e) ||
		(end && !store_device_unblock(&c->work, x->device_id, actor(c), e)) ||
		!store_action_request(&c->work, &in, &entry, &x->created, e))
		return false;
	if (!x->created)
		return true;
	struct graph_note note = {
		.operation = end ? "Delete" : "Action",
		.action = end ? NULL : device_action_row(x->action)->name,
		.noun = graph_managed_devices.noun,
		.category = graph_managed_devices.category,
		.resource_id = x->managed_id,
		.resource_name = json_str(before, "deviceName"),
		.type = &graph_managed_device,
		.before = end ? before : NULL,
	};
	return graph_note(c, &note, e);
}

static bool
ask_tx(void *ctx, struct error *e)
{
	return managed_ask_in(ctx, e);
}

bool
managed_ask(struct call *c, const char *id, enum device_action action, const char *value,
	struct error *e)
{
	struct asked x = {
		.c = c, .managed_id = str_lower(c->arena, id), .action = action, .value = value};

	if (!store_together(c->work.session, ask_tx, &x, e))
		return false;
	if (!x.created)
		return true;
	wake_device(c, x.device_id);
	if (device_action_destroys(action))
		deletions_done(c, 1);
	return true;
}

bool
graph_managed_end(struct call *c, const char *id, struct error *e)
{
	return managed_ask(c, id, DEVICE_ACTION_DELETE, NULL, e);
}

bool
graph_managed_delete(struct call *c, struct error *e)
{
	return graph_managed_end(c, http_param(c->req, "id"), e) && call_done(c);
}

// --- what a body says ---

static bool
body_flag(const struct json *body, const char *name, bool *out, struct error *e)
{
	const struct json *value = json_get(body, name);

	*out = json_bool(body, name, false);
	return !value || value->type == JSON_NULL || value->type == JSON_BOOL ||
		error_set(e, ERR_INVALID, "%s must be true or false", name);
}

static bool
read_wipe(const struct json *body, enum device_action *action, const char **value, struct error *e)
{
	struct wipe_options options;
	bool rejoin;

	if (!body_flag(body, "keepEnrollmentData", &options.keep_enrollment, e) ||
		!body_flag(body, "keepUserData", &options.keep_user_data, e) ||
		!body_flag(body, "useProtectedWipe", &options.protect, e) ||
		!body_flag(body, "ferryRejoin", &rejoin, e))
		return false;
	*action = device_action_wipe(&options);
	*value = rejoin ? "rejoin" : NULL;
	if (!rejoin || device_action_row(*action)->effect == ACTION_ENDS)
		return true;
	return error_set(e, ERR_INVALID, "ferryRejoin is for a wipe that keeps nothing");
}

bool
managed_read_action(const char *name, const struct json *body, enum device_action *action,
	const char **value, struct error *e)
{
	bool keep;

	*value = NULL;
	if (str_ieq(name, "wipe"))
		return read_wipe(body, action, value, e);
	if (str_ieq(name, "cleanWindowsDevice")) {
		if (!body_flag(body, "keepUserData", &keep, e))
			return false;
		*action =
			keep ? DEVICE_ACTION_FRESH_START_KEEP_USER_DATA : DEVICE_ACTION_FRESH_START;
		return true;
	}
	if (str_ieq(name, "setDeviceName"))
		*value = graph_text(body, "deviceName");
	if (str_ieq(name, "deprovision"))
		name = "retire";
	return device_action_find(name, action) ||
		error_set(e, ERR_INVALID, "there is no action '%.40s'", name);
}

// POST …/{id}/wipe, retire, syncDevice …: 204, and deviceActionResults says how it goes on.
bool
graph_managed_action(struct call *c, struct error *e)
{
	const char *name = strrchr(c->req->path, '/') + 1;
	const struct json *body;
	enum device_action action;
	const char *value;

	// Graph's function syntax: microsoft.graph.wipe.
	if (strrchr(name, '.'))
		name = strrchr(name, '.') + 1;
	return graph_body(c, &body, e) && managed_read_action(name, body, &action, &value, e) &&
		managed_ask(c, http_param(c->req, "id"), action, value, e) && call_done(c);
}

// --- disable, reenable: the directory's object, at once ---

struct enabling {
	struct call *c;
	const char *id;
	bool enable;
};

static bool
enable_tx(void *ctx, struct error *e)
{
	struct enabling *x = ctx;
	struct call *c = x->c;
	const struct json *before;
	struct directory_edit edit = {.account_enabled = x->enable};

	if (!graph_view_object(c, &graph_managed_devices, x->id, &before, e))
		return false;
	struct graph_note note = {
		.operation = "Action",
		.action = x->enable ? "reenable" : "disable",
		.noun = graph_managed_devices.noun,
		.category = graph_managed_devices.category,
		.resource_id = x->id,
		.resource_name = json_str(before, "deviceName"),
	};
	return store_directory_edit(&c->work, json_str(before, "azureADDeviceId"), &edit, e) &&
		graph_note(c, &note, e);
}

// POST …/{id}/disable, /reenable: the directory lets its users in, or does not.
bool
graph_managed_enable(struct call *c, struct error *e)
{
	struct enabling x = {.c = c,
		.id = str_lower(c->arena, http_param(c->req, "id")),
		.enable = str_ends(c->req->path, "reenable")};

	return store_together(c->work.session, enable_tx, &x, e) && call_done(c);
}
