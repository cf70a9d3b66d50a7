// SPDX-License-Identifier: Apache-2.0
// Remote actions where Graph has no word for it: a device's list with reasons, taking one back, and
// the device that begins its reset.
#include "base/failpoint.h"
#include "base/str.h"
#include "domain/fault.h"
#include "ferryd/handlers.h"
#include "store/actions.h"
#include "store/deployments.h"

enum { REASON_MAX = 400 };

static void
write_time(struct call *c, struct jsonw *w, const char *name, time_us at)
{
	jsonw_str(w, name, at ? clock_rfc3339(c->arena, at) : NULL);
}

static void
write_action(struct call *c, struct jsonw *w, const struct device_action_entry *a)
{
	const struct fault *fault = fault_find(a->fault);

	jsonw_object(w, NULL);
	jsonw_str(w, "id", a->action_id);
	jsonw_str(w, "action", device_action_row(a->action)->name);
	jsonw_str(w, "value", str_empty(a->data) ? NULL : a->data);
	jsonw_str(w, "state", a->state);
	jsonw_str(w, "managedDeviceId", a->enrollment_id);
	jsonw_str(w, "requestedBy", a->requested_by);
	write_time(c, w, "requestedDateTime", a->requested_at);
	write_time(c, w, "sentDateTime", a->sent_at);
	write_time(c, w, "finishedDateTime", a->finished_at);
	jsonw_str(w, "reason", str_empty(a->reason) ? NULL : a->reason);
	jsonw_str(w, "fault", fault ? fault->name : NULL);
	jsonw_str(w, "fix", fault ? fault->fix : NULL);
	jsonw_end_object(w);
}

// GET /ferry/v1/devices/{serial}/actions: the newest first, also of enrolments that have ended.
bool
device_actions_list(struct call *c, struct error *e)
{
	struct device_action_entry *list;
	struct device device;
	struct buf body;
	size_t count;

	if (!store_device_by_serial(&c->work, http_param(c->req, "serial"), &device, e) ||
		!store_actions_of_device(&c->work, device.device_id, &list, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++)
		write_action(c, &w, &list[i]);
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

// POST /ferry/v1/deviceActions/{id}/cancel: before the device has heard of it.
bool
device_action_cancel(struct call *c, struct error *e)
{
	return store_action_cancel(&c->work, str_lower(c->arena, http_param(c->req, "id")),
		       c->actor ? c->actor : "", e) &&
		call_done(c);
}

// POST /ferry/v1/devices/{serial}/fail {"reason"}: the setup that runs now is given up (behaviour
// X61). The device shows its red page with the reason; Retry begins the setup again.
bool
device_fail(struct call *c, struct error *e)
{
	const struct json *body;
	const char *reason;
	struct device device;
	struct deployment *list;
	size_t count;

	if (!call_json(c, &body, e) || !json_need_str(body, "reason", REASON_MAX, &reason, e) ||
		!store_device_by_serial(&c->work, http_param(c->req, "serial"), &device, e) ||
		!store_deployments_of(&c->work, device.device_id, &list, &count, e))
		return false;
	if (!count || list[0].finished_at)
		return error_set(e, ERR_CONFLICT, "%s is not being set up", device.serial);
	const struct event given_up = {.source = "service",
		.phase = "flow",
		.row_name = "",
		.state = "error",
		.fault = "esp_forced_failure",
		.reason = arena_printf(c->arena, "%s (%s)", reason, c->actor ? c->actor : "?")};
	if (!store_events_add(&c->work, list[0].deployment_id, &given_up, 1, e))
		return false;
	wake_device(c, device.device_id);
	return call_done(c);
}

// POST /device/v1/reset: users, apps and settings are gone from the device, it goes on to the next
// user (behaviour A1, A2). Repeating it gives the same deployment.
bool
device_reset(struct call *c, struct error *e)
{
	const char *deployment;
	struct device device;
	struct buf body;

	if (!store_device_by_id(&c->work, c->enrollment.device_id, &device, e))
		return false;
	if (str_eq(device.trust_type, "ServerAD"))
		return error_fault(e, ERR_CONFLICT, "reset_hybrid",
			"%s is joined to a domain: it is wiped and joins again", device.serial);
	if (!store_reset_begin(&c->work, c->enrollment.enrollment_id, &deployment, e))
		return false;
	failpoint("ferryd.reset_begun");
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "deployment", deployment);
	return call_send(c, 200, &w, &body, e);
}
