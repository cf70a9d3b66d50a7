// SPDX-License-Identifier: Apache-2.0
// windowsAutopilotDeviceIdentities and their import (graph-api.md sections 2 and 3), and what
// explains a device.
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "domain/fault.h"
#include "ferryd/handlers.h"
#include "store/deployments.h"
#include "wire/hwhash/hwhash.h"

enum { ANSWER_MAX = 32 << 20, MAX_IMPORT = 5000 };

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

// GET /ferry/v1/devices/{serial}: the device and why each thing was assigned to it.
bool
graph_device_explain(struct call *c, struct error *e)
{
	struct device d;
	struct ad_account account;
	const char *explanation;
	struct buf body;

	if (!store_device_by_serial(&c->work, http_param(c->req, "serial"), &d, e))
		return false;
	if (!store_device_explain(&c->work, d.device_id, &explanation, e))
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
	jsonw_raw(&w, "explanation", explanation);
	jsonw_str(&w, "computerName", have_account ? account.computer_name : NULL);
	jsonw_str(&w, "adDn", have_account ? account.dn : NULL);
	jsonw_str(&w, "adObjectGuid", have_account ? account.object_guid : NULL);
	return call_send(c, 200, &w, &body, e);
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

static const char *
text_or(const struct json *in, const char *name, const char *otherwise)
{
	const char *text = json_str(in, name);

	return text ? text : otherwise;
}

// One import entry to a registration: what the hash says wins over the columns beside it (behaviour
// R9).
static bool
read_import(struct call *c, const struct json *in, struct registration *out, struct error *e)
{
	struct hwhash hash;
	struct slice bytes;
	const char *text = json_str(in, "hardwareIdentifier"),
		   *serial = json_str(in, "serialNumber");

	if (str_empty(text))
		return error_fault(
			e, ERR_INVALID, "ztd_hash_invalid", "the hardware hash is missing");
	if (!hwhash_from_text(c->arena, slice_str(text), &bytes, e) ||
		!hwhash_decode(c->arena, bytes, &hash, e)) {
		struct error why = *e;
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid", "%s", why.message);
	}
	if (str_empty(hash.serial) || str_empty(hash.manufacturer))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hardware hash names no manufacturer or serial number");
	if (!str_empty(serial) && !str_ieq(serial, hash.serial))
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hash is of serial number %.40s, the column says %.40s", hash.serial,
			serial);
	*out = (struct registration){
		.serial = hash.serial,
		.manufacturer = hash.manufacturer,
		.model = hash.product ? hash.product : "",
		.product_key = text_or(in, "productKey", ""),
		.ek_id = hash.ek_id,
		.hardware_hash = bytes,
		.group_tag = text_or(in, "groupTag", text_or(in, "orderIdentifier", "")),
		.assigned_upn = text_or(in, "assignedUserPrincipalName", ""),
	};
	return true;
}

static void
write_import(struct call *c, struct jsonw *w, const struct json *in,
	const struct registration_result *result)
{
	const struct fault *fault = fault_find(result->fault);

	jsonw_object(w, NULL);
	jsonw_str(w, "id", uuid_new(c->arena));
	jsonw_str(w, "serialNumber", json_str(in, "serialNumber"));
	jsonw_object(w, "state");
	jsonw_str(w, "deviceImportStatus", fault ? "error" : "complete");
	jsonw_str(w, "deviceRegistrationId", result->device_id ? result->device_id : "");
	uint64_t code = 0;
	if (fault && fault->code && !str_to_u64(fault->code, 9999, &code))
		code = 0;
	jsonw_int(w, "deviceErrorCode", (int64_t)code);
	jsonw_str(w, "deviceErrorName", fault ? fault->name : "");
	jsonw_end_object(w);
	jsonw_end_object(w);
}

// POST …/importedWindowsAutopilotDeviceIdentities/import: assigned is true when this answers.
bool
graph_import(struct call *c, struct error *e)
{
	const struct json *body, *list, *in;
	struct buf reply;
	size_t count = 0, i = 0;

	if (!call_json(c, &body, e))
		return false;
	list = json_get(body, "importedWindowsAutopilotDeviceIdentities");
	if (!list || list->type != JSON_ARRAY || list->count > MAX_IMPORT)
		return error_set(e, ERR_INVALID,
			"importedWindowsAutopilotDeviceIdentities must be an array of at most %d",
			MAX_IMPORT);
	struct registration *good = arena_array(c->arena, list->count + 1, sizeof *good);
	struct registration_result *done = arena_array(c->arena, list->count + 1, sizeof *done);
	struct registration_result *results =
		arena_array(c->arena, list->count + 1, sizeof *results);
	bool *readable = arena_array(c->arena, list->count + 1, sizeof *readable);
	for (in = list->first; in; in = in->next, i++) {
		struct error why;
		readable[i] = read_import(c, in, &good[count], &why);
		if (readable[i])
			count++;
		else
			results[i].fault = why.fault ? why.fault : "ztd_hash_invalid";
	}
	if (count && !store_register(&c->work, good, count, true, done, e))
		return false;
	for (size_t n = 0, g = 0; n < list->count; n++)
		if (readable[n])
			results[n] = done[g++];
	struct jsonw w =
		open_list(c, &reply, "deviceManagement/importedWindowsAutopilotDeviceIdentities");
	i = 0;
	for (in = list->first; in; in = in->next)
		write_import(c, &w, in, &results[i++]);
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &reply, e);
}
