// SPDX-License-Identifier: Apache-2.0
// Device preparation at the edges of a deployment: a device that nobody registered comes, enrols
// into its group, and is finished (behaviour Z2, Z4, Z9, Z14).
#include "ferryd/preparation.h"

#include "base/str.h"
#include "domain/registration.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"
#include "store/deployments.h"
#include "store/gate.h"
#include "wire/hwhash/hwhash.h"

// --- a device that nobody knows ---

bool
preparation_stranger(
	struct call *c, const struct json *body, struct device *device, struct error *e)
{
	struct error before = *e;
	const char *organization;
	struct hwhash says;
	struct slice hash;

	if (!str_eq(e->fault, "device_not_registered"))
		return false;
	if (!store_preparation_offered(&c->work, &organization, e))
		return false;
	if (!organization) {
		*e = before;
		return false;
	}
	if (!hwhash_from_text(c->arena, slice_str(json_str(body, "hardwareHash")), &hash, e) ||
		!hwhash_decode(c->arena, hash, &says, e))
		return false;
	// The tokens of a sign-in are bound to a device: this one has no id yet, but its hash.
	*device = (struct device){.device_id = sha256_hex(c->arena, hash),
		.serial = says.serial,
		.manufacturer = says.manufacturer,
		.model = says.product ? says.product : "",
		.assigned_upn = "",
		.join_type = "directory",
		.source = "preparation"};
	return true;
}

bool
preparation_greet(struct call *c, struct error *e)
{
	const char *organization;
	struct buf body;

	if (!store_preparation_offered(&c->work, &organization, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_null(&w, "ztdId");
	jsonw_null(&w, "profile");
	jsonw_str(&w, "organization", organization);
	jsonw_str(&w, "mode", mode_traits(MODE_DEVICE_PREPARATION)->name);
	jsonw_str(&w, "joinType", "directory");
	jsonw_bool(&w, "preprovisioningAllowed", false);
	jsonw_str(&w, "fault", "device_not_registered");
	jsonw_str(&w, "reason", "the device is not registered");
	jsonw_str(&w, "time", clock_rfc3339(c->arena, c->work.now));
	return call_send(c, 200, &w, &body, e);
}

bool
preparation_admit(struct call *c, const struct json *body, const char *upn, struct device *device,
	struct error *e)
{
	struct preparation_choice choice;
	struct registration_line line = {0};
	struct registration_result result;

	// Asked before anything is written: who may not enrol leaves no trace.
	struct device nobody = *device;
	nobody.device_id = "";
	if (!store_preparation_choose(&c->work, NULL, upn, &choice, e))
		return false;
	if (!choice.found)
		return error_fault(
			e, ERR_CONFLICT, "preparation_policy_missing", "%s", choice.reason);
	if (!device_gate(c, &nobody, upn, e) ||
		!registration_decode(c->arena, slice_str(json_str(body, "hardwareHash")),
			device->serial, &line, e))
		return false;
	struct registration in = {.serial = line.serial,
		.manufacturer = line.manufacturer,
		.model = line.model,
		.product_key = line.product_key ? line.product_key : "",
		.ek_id = line.ek_id,
		.hardware_hash = line.hash,
		.group_tag = "",
		.assigned_upn = "",
		.source = "preparation",
		.sku_number = line.sku_number,
		.system_family = line.system_family};
	if (!store_register(&c->work, &in, 1, false, &result, e))
		return false;
	if (!result.created && !str_eq(result.fault, "ztd_already_assigned"))
		return error_fault(
			e, ERR_CONFLICT, result.fault, "%s cannot be made known", device->serial);
	return store_device_by_id(&c->work, result.device_id, device, e);
}

// --- enrolment ---

struct enroll_ctx {
	struct call *c;
	const struct enrollment *in;
	const struct issued_certificate *certificate;
	bool personal;
};

static bool
enroll_tx(void *ctx, struct error *e)
{
	struct enroll_ctx *x = ctx;
	const struct work *w = &x->c->work;

	return store_enroll(w, x->in, x->certificate, e) &&
		store_preparation_place(w, x->in->deployment_id, x->personal, e);
}

bool
preparation_enroll(struct call *c, const struct enrollment *in,
	const struct issued_certificate *certificate, struct error *e)
{
	struct enroll_ctx x = {.c = c, .in = in, .certificate = certificate};
	struct device device;
	struct error ignored;
	bool corporate;

	if (!store_device_by_id(&c->work, in->device_id, &device, e) ||
		!store_is_corporate(&c->work, &device, &corporate, e))
		return false;
	x.personal = !corporate;
	if (store_together(c->work.session, enroll_tx, &x, e))
		return true;
	if (!str_starts(e->fault, "preparation_"))
		return false;
	struct event event = {.source = "service",
		.phase = "devicePreparation",
		.row_name = "registering",
		.state = "error",
		.fault = e->fault,
		.reason = e->message};
	if (!store_events_add(&c->work, in->deployment_id, &event, 1, &ignored))
		return false;
	return false;
}
