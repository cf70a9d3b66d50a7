// SPDX-License-Identifier: Apache-2.0
// What explains a device: why it gets what it gets, and what happened to it.
#include "base/str.h"
#include "domain/fault.h"
#include "ferryd/handlers.h"
#include "store/deployments.h"
#include "store/items.h"

enum { ANSWER_MAX = 32 << 20 };

// {"@odata.context":…,"value":[
static struct jsonw
open_list(struct call *c, struct buf *body, const char *context)
{
	buf_init(body, c->arena, ANSWER_MAX);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena, "%s/beta/$metadata#%s", c->service->base_url, context));
	jsonw_array(&w, "value");
	return w;
}

// In the words of Autopilot's list of devices (behaviour R28, R32).
static const char *
hardware_in_words(const char *remediation)
{
	return str_eq(remediation, "pending")	   ? "Fix pending"
		: str_eq(remediation, "attention") ? "Attention required"
						   : "as registered";
}

static void
write_event(struct arena *a, struct jsonw *w, const struct event *event)
{
	const struct fault *fault = fault_find(event->fault);

	jsonw_object(w, NULL);
	jsonw_int(w, "seq", event->seq);
	jsonw_str(w, "at", clock_rfc3339_us(a, event->at));
	jsonw_str(w, "source", event->source);
	jsonw_str(w, "phase", event->phase);
	jsonw_str(w, "row", event->row_name);
	jsonw_str(w, "state", event->state);
	jsonw_str(w, "reason", event->reason);
	jsonw_str(w, "fault", event->fault);
	if (fault) {
		jsonw_str(w, "code", fault->code);
		jsonw_str(w, "title", fault->title);
		jsonw_str(w, "cause", fault->cause);
		jsonw_str(w, "fix", fault->fix);
	}
	jsonw_end_object(w);
}

// GET /ferry/v1/devices/{serial}: the device and why each thing was assigned to it.
bool
graph_device_explain(struct call *c, struct error *e)
{
	struct device d;
	struct ad_account account;
	const char *explanation;
	struct event *warnings;
	struct report *reports;
	struct buf body;
	size_t count, report_count;

	if (!store_device_by_serial(&c->work, http_param(c->req, "serial"), &d, e))
		return false;
	if (!store_device_explain(&c->work, d.device_id, &explanation, e) ||
		!store_device_warnings(&c->work, d.device_id, &warnings, &count, e) ||
		!store_report_list(&c->work, d.device_id, &reports, &report_count, e))
		return false;
	bool have_account = store_ad_account(&c->work, d.device_id, &account, e);
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "ztdId", d.device_id);
	jsonw_str(&w, "serial", d.serial);
	jsonw_str(&w, "manufacturer", d.manufacturer);
	jsonw_str(&w, "model", d.model);
	jsonw_str(&w, "groupTag", d.group_tag);
	jsonw_str(&w, "user", d.assigned_upn);
	jsonw_str(&w, "state", d.state);
	jsonw_str(&w, "attestationStore", d.attestation_store);
	jsonw_str(&w, "enrollmentState", d.enrollment_state);
	jsonw_str(&w, "trustType", d.trust_type);
	jsonw_bool(&w, "reuseBlocked", d.reuse_blocked);
	jsonw_str(&w, "hardware", hardware_in_words(d.remediation));
	jsonw_str(&w, "accountType", report_value(reports, report_count, ACCOUNT_TYPE_NODE));
	jsonw_raw(&w, "explanation", explanation);
	jsonw_str(&w, "computerName", have_account ? account.computer_name : NULL);
	jsonw_str(&w, "adDn", have_account ? account.dn : NULL);
	jsonw_str(&w, "adObjectGuid", have_account ? account.object_guid : NULL);
	jsonw_array(&w, "warnings");
	for (size_t i = 0; i < count; i++)
		write_event(c->arena, &w, &warnings[i]);
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

static bool
write_deployment(struct call *c, struct jsonw *w, const struct deployment *d, struct error *e)
{
	struct event *events;
	size_t count;

	if (!store_events(&c->work, d->deployment_id, 0, &events, &count, e))
		return false;
	jsonw_object(w, NULL);
	jsonw_str(w, "id", d->deployment_id);
	jsonw_str(w, "mode", d->mode);
	jsonw_str(w, "phase", d->phase);
	jsonw_str(w, "result", d->result);
	jsonw_str(w, "fault", d->fault);
	jsonw_str(w, "reason", d->reason);
	jsonw_int(w, "attempt", d->attempt);
	jsonw_str(w, "startedAt", clock_rfc3339_us(c->arena, d->started_at));
	jsonw_str(w, "finishedAt",
		d->finished_at ? clock_rfc3339_us(c->arena, d->finished_at) : NULL);
	jsonw_array(w, "events");
	for (size_t i = 0; i < count; i++)
		write_event(c->arena, w, &events[i]);
	jsonw_end_array(w);
	jsonw_end_object(w);
	return true;
}

// GET /ferry/v1/devices/{serial}/timeline
bool
graph_device_timeline(struct call *c, struct error *e)
{
	struct device device;
	struct deployment *list;
	size_t count;
	struct buf body;

	if (!store_device_by_serial(&c->work, http_param(c->req, "serial"), &device, e) ||
		!store_deployments_of(&c->work, device.device_id, &list, &count, e))
		return false;
	struct jsonw w = open_list(c, &body, "ferry/timeline");
	for (size_t i = 0; i < count; i++)
		if (!write_deployment(c, &w, &list[i], e))
			return false;
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}
