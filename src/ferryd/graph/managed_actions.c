// SPDX-License-Identifier: Apache-2.0
// Remote actions on managed devices (graph-api.md section 9): asked for here, heard of by the
// device in its next session (management.c).
#include "base/str.h"
#include "ferryd/deletions.h"
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"
#include "store/actions.h"
#include "store/registration.h"
#include "store/registration_edit.h"

enum { MAX_AT_ONCE = 100 };

// One action on its way into the store.
struct asked {
	struct call *c;
	const char *managed_id, *value, *device_id;
	enum device_action action;
	bool created;
};

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

static bool
ask_tx(void *ctx, struct error *e)
{
	struct asked *x = ctx;
	struct call *c = x->c;
	const struct json *before;
	struct device device;
	struct device_action_entry entry;

	if (!graph_view_object(c, &graph_managed_devices, x->managed_id, &before, e))
		return false;
	x->device_id = json_str(before, "ferryRegistrationId");
	struct action_request in = {.enrollment_id = x->managed_id,
		.action = x->action,
		.data = x->value,
		.actor = actor(c)};
	if (!store_device_by_id(&c->work, x->device_id, &device, e) ||
		!device_action_check(x->action, join_of(&device), x->value, e) ||
		!store_action_request(&c->work, &in, &entry, &x->created, e))
		return false;
	if (!x->created)
		return true;
	bool end = x->action == DEVICE_ACTION_DELETE;
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
	// The re-use block goes with the management record (behaviour B2).
	return (!end || store_device_unblock(&c->work, x->device_id, actor(c), e)) &&
		graph_note(c, &note, e);
}

static bool
ask(struct call *c, const char *id, enum device_action action, const char *value, struct error *e)
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
	return ask(c, id, DEVICE_ACTION_DELETE, NULL, e);
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

// The action that the last segment of the path and the body mean together.
static bool
read_action(const char *name, const struct json *body, enum device_action *action,
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
	return graph_body(c, &body, e) && read_action(name, body, &action, &value, e) &&
		ask(c, http_param(c->req, "id"), action, value, e) && call_done(c);
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

// --- several at once ---

struct outcome {
	struct json_maker done, failed, missing, unsupported;
};

struct bulk {
	const struct json *ids;
	const char *value;
	enum device_action action;
	bool known; // an action that Ferry has
};

// Names of Graph's enumeration that are other than the actions' own.
static const char *
single_name(const char *name)
{
	static const char *const names[][2] = {{"fullScan", "windowsDefenderScan"},
		{"quickScan", "windowsDefenderScan"},
		{"signatureUpdate", "windowsDefenderUpdateSignatures"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_ieq(name, names[i][0]))
			return names[i][1];
	return name;
}

// What Graph can do to other devices than ours.
static bool
is_foreign(const char *name)
{
	static const char *const names[] = {"customTextNotification", "disable", "reenable",
		"moveDeviceToOrganizationalUnit", "activateDeviceEsim", "collectDiagnostics",
		"initiateMobileDeviceManagementKeyRecovery",
		"initiateOnDemandProactiveRemediation"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_ieq(name, names[i]))
			return true;
	return false;
}

static bool
check_ids(const struct json *ids, struct error *e)
{
	if (!ids || ids->type != JSON_ARRAY || ids->count > MAX_AT_ONCE)
		return error_set(
			e, ERR_INVALID, "deviceIds must be a list of at most %d", MAX_AT_ONCE);
	for (const struct json *id = ids->first; id; id = id->next)
		if (id->type != JSON_STRING)
			return error_set(e, ERR_INVALID, "deviceIds must hold texts");
	return true;
}

static bool
read_bulk(struct call *c, struct bulk *out, struct error *e)
{
	const struct json *body;

	if (!graph_body(c, &body, e))
		return false;
	const char *name = graph_text(body, "actionName");
	out->ids = json_get(body, "deviceIds");
	if (!name ||
		(!is_foreign(name) &&
			!read_action(single_name(name), body, &out->action, &out->value, e)))
		return error_set(
			e, ERR_INVALID, "there is no actionName '%.60s'", name ? name : "");
	out->known = !is_foreign(name);
	if (!check_ids(out->ids, e))
		return false;
	if (out->known && out->action == DEVICE_ACTION_DELETE &&
		!(c->scopes & SCOPE_BIT(SCOPE_MANAGED_WRITE)))
		return error_set(e, ERR_DENIED, "deleting needs the permission %s",
			scope_name(SCOPE_MANAGED_WRITE));
	// threats row 20
	return !out->known || !device_action_destroys(out->action) ||
		out->ids->count <= DEREGISTER_ALONE ||
		error_fault(e, ERR_DENIED, "second_person_needed",
			"%zu devices at once: at most %d", out->ids->count, DEREGISTER_ALONE);
}

// One device for itself; only a failure of the service itself ends the whole.
static bool
act(struct call *c, const struct bulk *bulk, const char *id, struct outcome *out, struct error *e)
{
	const struct json *device;
	struct error why = {0};
	bool found = graph_view_object(c, &graph_managed_devices, id, &device, &why);

	if (found && bulk->known && ask(c, id, bulk->action, bulk->value, &why))
		json_put_str(&out->done, NULL, id);
	else if (!found && why.code == ERR_NOT_FOUND)
		json_put_str(&out->missing, NULL, id);
	else if (!bulk->known || why.code == ERR_UNSUPPORTED)
		json_put_str(&out->unsupported, NULL, id);
	else if (why.code == ERR_UNAVAILABLE || why.code == ERR_IO) {
		*e = why;
		return false;
	} else
		json_put_str(&out->failed, NULL, id);
	return true;
}

// POST …/executeAction {"actionName","deviceIds":[…]}: bulkManagedDeviceActionResult. What is not
// offered for one device is not offered for many, and the answer says so of each.
bool
graph_execute_action(struct call *c, struct error *e)
{
	struct json_maker result = json_make(c->arena, JSON_OBJECT);
	struct outcome out = {json_make(c->arena, JSON_ARRAY), json_make(c->arena, JSON_ARRAY),
		json_make(c->arena, JSON_ARRAY), json_make(c->arena, JSON_ARRAY)};
	struct bulk bulk = {0};
	struct buf body;

	if (!read_bulk(c, &bulk, e))
		return false;
	for (const struct json *id = bulk.ids->first; id; id = id->next)
		if (!act(c, &bulk, id->text, &out, e))
			return false;
	json_put(&result, "successfulDeviceIds", out.done.whole);
	json_put(&result, "failedDeviceIds", out.failed.whole);
	json_put(&result, "notFoundDeviceIds", out.missing.whole);
	json_put(&result, "notSupportedDeviceIds", out.unsupported.whole);
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena, "%s/$metadata#microsoft.graph.bulkManagedDeviceActionResult",
			graph_root(c)));
	for (const struct json *v = result.whole->first; v; v = v->next)
		jsonw_value(&w, v->name, v);
	return call_send(c, 200, &w, &body, e);
}
