// SPDX-License-Identifier: Apache-2.0
// Remote actions on several devices: at once, or when a second person has agreed (threats row 20).
#include "base/str.h"
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"
#include "ferryd/graph/managed_ask.h"
#include "store/actions.h"
#include "store/registration.h"

// Graph takes 100 at once; of what is lost for ever a second person may agree to a day's worth
// (A8).
enum { MAX_AT_ONCE = 100, MAX_ORDERED = 500, ID_MAX = 64 };

struct outcome {
	struct json_maker done, failed, missing, unsupported;
};

struct bulk {
	const struct json *ids;
	const char *value;
	enum device_action action;
	bool known;	    // an action that Ferry has
	bool needs_another; // person, who agrees to it
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
check_ids(const struct json *ids, size_t max, struct error *e)
{
	if (!ids || ids->type != JSON_ARRAY || ids->count > max)
		return error_set(e, ERR_INVALID, "deviceIds must be a list of at most %zu", max);
	for (const struct json *id = ids->first; id; id = id->next)
		if (id->type != JSON_STRING || id->len > ID_MAX)
			return error_set(e, ERR_INVALID, "deviceIds must hold ids");
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
			!managed_read_action(
				single_name(name), body, &out->action, &out->value, e)))
		return error_set(
			e, ERR_INVALID, "there is no actionName '%.60s'", name ? name : "");
	out->known = !is_foreign(name);
	bool ends = out->known && device_action_destroys(out->action);
	if (!check_ids(out->ids, ends ? MAX_ORDERED : MAX_AT_ONCE, e))
		return false;
	out->needs_another = ends && out->ids->count > DEREGISTER_ALONE; // threats row 20
	if (out->known && out->action == DEVICE_ACTION_DELETE &&
		!(c->scopes & SCOPE_BIT(SCOPE_MANAGED_WRITE)))
		return error_set(e, ERR_DENIED, "deleting needs the permission %s",
			scope_name(SCOPE_MANAGED_WRITE));
	return true;
}

// One device for itself; only a failure of the service itself ends the whole.
static bool
act(struct call *c, const struct bulk *bulk, const char *id, struct outcome *out, struct error *e)
{
	const struct json *device;
	struct error why = {0};
	bool found = graph_view_object(c, &graph_managed_devices, id, &device, &why);

	if (found && bulk->known && managed_ask(c, id, bulk->action, bulk->value, &why))
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

static struct outcome
no_outcome(struct call *c)
{
	return (struct outcome){json_make(c->arena, JSON_ARRAY), json_make(c->arena, JSON_ARRAY),
		json_make(c->arena, JSON_ARRAY), json_make(c->arena, JSON_ARRAY)};
}

static void
write_outcome(struct jsonw *w, const struct outcome *out)
{
	jsonw_value(w, "successfulDeviceIds", out->done.whole);
	jsonw_value(w, "failedDeviceIds", out->failed.whole);
	jsonw_value(w, "notFoundDeviceIds", out->missing.whole);
	jsonw_value(w, "notSupportedDeviceIds", out->unsupported.whole);
}

static void
write_order(struct call *c, struct jsonw *w, const struct deletion_request *r)
{
	jsonw_str(w, "id", r->request_id);
	jsonw_str(w, "action", r->action);
	jsonw_str(w, "value", str_empty(r->data) ? NULL : r->data);
	jsonw_str(w, "state", r->state);
	jsonw_str(w, "requestedBy", r->requested_by);
	jsonw_str(w, "decidedBy", str_empty(r->decided_by) ? NULL : r->decided_by);
	jsonw_int(w, "devices", r->count);
	jsonw_str(w, "createdDateTime", clock_rfc3339(c->arena, r->created_at));
	jsonw_str(w, "expiresDateTime", clock_rfc3339(c->arena, r->expires_at));
}

static struct principal
principal(const struct call *c)
{
	const char *id = c->user_id ? c->user_id : c->client_id;

	return (struct principal){.id = id ? id : "", .name = c->actor ? c->actor : ""};
}

static bool
send_bulk(struct call *c, int status, const struct outcome *out,
	const struct deletion_request *order, struct error *e)
{
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena, "%s/$metadata#microsoft.graph.bulkManagedDeviceActionResult",
			graph_root(c)));
	write_outcome(&w, out);
	if (order) {
		jsonw_object(&w, "@ferry.request");
		write_order(c, &w, order);
		jsonw_end_object(&w);
	}
	return call_send(c, status, &w, &body, e);
}

// 202: nothing is done yet, so none of the lists has a device.
static bool
order(struct call *c, const struct bulk *bulk, struct error *e)
{
	const char **ids = arena_array(c->arena, bulk->ids->count, sizeof *ids);
	const struct action_request in = {.action = bulk->action, .data = bulk->value};
	struct principal who = principal(c);
	struct outcome none = no_outcome(c);
	struct deletion_request request;
	size_t count = 0;

	for (const struct json *id = bulk->ids->first; id; id = id->next)
		ids[count++] = str_lower(c->arena, id->text);
	return store_action_order(&c->work, &who, &in, ids, count, &request, e) &&
		send_bulk(c, 202, &none, &request, e);
}

// POST …/executeAction {"actionName","deviceIds":[…]}: bulkManagedDeviceActionResult. What is not
// offered for one device is not offered for many, and the answer says so of each.
bool
graph_execute_action(struct call *c, struct error *e)
{
	struct outcome out = no_outcome(c);
	struct bulk bulk = {0};

	if (!read_bulk(c, &bulk, e))
		return false;
	if (bulk.needs_another)
		return order(c, &bulk, e);
	for (const struct json *id = bulk.ids->first; id; id = id->next)
		if (!act(c, &bulk, id->text, &out, e))
			return false;
	return send_bulk(c, 200, &out, NULL, e);
}

// --- what a second person decides ---

// GET /ferry/v1/actionRequests: the last requests and what was decided.
bool
action_requests_list(struct call *c, struct error *e)
{
	struct deletion_request *list;
	struct buf body;
	size_t count;

	if (!store_action_orders(&c->work, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		write_order(c, &w, &list[i]);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

static bool
read_items(
	struct call *c, const struct deletion_request *r, const struct json **out, struct error *e)
{
	return (*out = json_parse(c->arena, slice_str(r->items), NULL, e)) != NULL;
}

// Who is to agree sees to what.
static bool
write_devices(struct call *c, struct jsonw *w, const struct json *ids, struct error *e)
{
	jsonw_array(w, "managedDevices");
	for (const struct json *id = ids->first; id; id = id->next) {
		const struct json *device = NULL;
		if (!graph_view_object(c, &graph_managed_devices, id->text, &device, e) &&
			e->code != ERR_NOT_FOUND)
			return false;
		jsonw_object(w, NULL);
		jsonw_str(w, "id", id->text);
		jsonw_str(w, "serialNumber", json_str(device, "serialNumber"));
		jsonw_str(w, "deviceName", json_str(device, "deviceName"));
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
	return true;
}

// GET /ferry/v1/actionRequests/{id}
bool
action_request_get(struct call *c, struct error *e)
{
	struct deletion_request request;
	const struct json *ids;
	struct buf body;

	if (!store_action_order_get(&c->work, http_param(c->req, "id"), &request, e) ||
		!read_items(c, &request, &ids, e))
		return false;
	struct jsonw w = call_object(c, &body);
	write_order(c, &w, &request);
	return write_devices(c, &w, ids, e) && call_send(c, 200, &w, &body, e);
}

struct decision {
	struct call *c;
	bool approve;
	struct deletion_request request;
	struct outcome out;
	const char **wake; // devices that have something new to hear of
	size_t wake_count;
};

// One device of a request that was agreed to. What is refused about it is said in the answer.
static bool
ask_one(struct decision *d, const char *id, enum device_action action, struct error *e)
{
	struct call *c = d->c;
	struct asked x = {.c = c,
		.managed_id = id,
		.action = action,
		.value = str_empty(d->request.data) ? NULL : d->request.data,
		.actor = arena_printf(c->arena, "%s, agreed to by %s", d->request.requested_by,
			d->request.decided_by)};

	if (managed_ask_in(&x, e)) {
		json_put_str(&d->out.done, NULL, id);
		if (x.created)
			d->wake[d->wake_count++] = x.device_id;
		return true;
	}
	if (e->code == ERR_NOT_FOUND)
		json_put_str(&d->out.missing, NULL, id);
	else if (e->code == ERR_UNSUPPORTED)
		json_put_str(&d->out.unsupported, NULL, id);
	else if (e->fault && (e->code == ERR_CONFLICT || e->code == ERR_INVALID))
		json_put_str(&d->out.failed, NULL, id);
	else
		return false;
	return true;
}

static bool
decide_tx(void *ctx, struct error *e)
{
	struct decision *d = ctx;
	struct call *c = d->c;
	struct principal who = principal(c);
	enum device_action action;
	const struct json *ids;

	d->out = no_outcome(c);
	d->wake_count = 0;
	if (!store_action_order_decide(
		    &c->work, http_param(c->req, "id"), &who, d->approve, &d->request, e) ||
		!read_items(c, &d->request, &ids, e))
		return false;
	if (!d->approve)
		return true;
	if (!device_action_find(d->request.action, &action))
		return error_set(e, ERR_INTERNAL, "no action %s", d->request.action);
	if (action == DEVICE_ACTION_DELETE && !(c->scopes & SCOPE_BIT(SCOPE_MANAGED_WRITE)))
		return error_set(e, ERR_DENIED, "deleting needs the permission %s",
			scope_name(SCOPE_MANAGED_WRITE));
	d->wake = arena_array(c->arena, ids->count + 1, sizeof *d->wake);
	for (const struct json *id = ids->first; id; id = id->next)
		if (!ask_one(d, id->text, action, e))
			return false;
	return true;
}

static bool
decide(struct call *c, bool approve, struct error *e)
{
	struct decision d = {.c = c, .approve = approve};
	struct buf body;

	if (!store_together(c->work.session, decide_tx, &d, e))
		return false;
	for (size_t i = 0; i < d.wake_count; i++)
		wake_device(c, d.wake[i]);
	struct jsonw w = call_object(c, &body);
	write_order(c, &w, &d.request);
	write_outcome(&w, &d.out);
	return call_send(c, 200, &w, &body, e);
}

// POST /ferry/v1/actionRequests/{id}/approve: asked for with the decision, all or none.
bool
action_request_approve(struct call *c, struct error *e)
{
	return decide(c, true, e);
}

// POST /ferry/v1/actionRequests/{id}/refuse
bool
action_request_refuse(struct call *c, struct error *e)
{
	return decide(c, false, e);
}
