// SPDX-License-Identifier: Apache-2.0
// What a device may know before it proved anything: public text only (design.md 2.2). And where a
// deployment begins.
#include "base/str.h"
#include "domain/fault.h"
#include "ferryd/default_page.h"
#include "ferryd/device_claim.h"
#include "ferryd/handlers.h"
#include "store/deployments.h"
#include "store/gate.h"
#include "store/hardware.h"
#include "store/trust.h"
#include "wire/hwhash/hwhash.h"

// Another TPM under a registered serial number: the administrator can see it, the registration
// stays as it is. Always false.
static bool
note_stranger(struct call *c, const struct device *device, struct error *e)
{
	struct error ignored;

	if (!str_eq(e->fault, "hardware_mismatch"))
		return false;
	c->work.tenant_id = device->tenant_id;
	if (!store_device_mismatch(&c->work, device->device_id, &ignored))
		return false;
	return false;
}

bool
device_by_hash(struct call *c, const struct json *body, struct device *out, struct slice *bytes,
	struct error *e)
{
	const char *text;
	struct hwhash hash;

	if (!json_need_str(body, "hardwareHash", HWHASH_MAX * 2, &text, e) ||
		!hwhash_from_text(c->arena, slice_str(text), bytes, e) ||
		!hwhash_decode(c->arena, *bytes, &hash, e))
		return false;
	if (!hash.serial || !hash.manufacturer)
		return error_fault(e, ERR_INVALID, "ztd_hash_invalid",
			"the hardware hash names no manufacturer or serial number");
	if (!store_device_match(&c->work, hash.ek_id, hash.manufacturer,
		    hash.product ? hash.product : "", hash.serial, out, e))
		return note_stranger(c, out, e);
	c->work.tenant_id = out->tenant_id;
	return true;
}

// Why a pre-provisioned deployment cannot begin, checked in the order in which a person would mend
// it.
static bool
check_preprovisioning(const struct device *d, bool default_shown, struct error *e)
{
	if (str_empty(d->profile_id))
		return error_fault(e, ERR_CONFLICT, "profile_missing",
			"no deployment profile is assigned to %s", d->serial);
	if (!d->preprovisioning)
		return error_fault(e, ERR_CONFLICT, "preprovisioning_not_allowed",
			"profile \"%s\" does not allow pre-provisioned deployment",
			d->profile_name);
	if (str_empty(d->esp_id) && !default_shown)
		return error_fault(e, ERR_CONFLICT, "esp_missing",
			"no Enrollment Status Page is assigned to %s, and the default shows no "
			"progress",
			d->serial);
	if (str_eq(d->join_type, "hybrid") && str_empty(d->domain_join_id))
		return error_fault(e, ERR_CONFLICT, "domain_join_profile_missing",
			"profile \"%s\" is hybrid, but no domain-join profile is assigned",
			d->profile_name);
	if (d->reuse_blocked)
		return error_fault(e, ERR_CONFLICT, "reuse_blocked",
			"%s was pre-provisioned before and not released since", d->serial);
	return true;
}

// What would refuse the enrolment later, said now (behaviour section 4). The device has not said
// yet what it runs.
static bool
check_gate(struct call *c, const struct device *d, struct error *e)
{
	static const struct gate_device says = {.os_version = "", .edition = "", .userless = true};
	struct gate_verdict verdict;

	if (!store_gate(&c->work, d, &says, &verdict, e))
		return false;
	return verdict.allowed || error_fault(e, ERR_CONFLICT, verdict.fault, "%s", verdict.reason);
}

bool
device_may_begin(struct call *c, struct device *d, struct error *e)
{
	struct esp_settings page;
	bool default_shown;

	return default_page(c, d, &page, &default_shown, e) &&
		check_preprovisioning(d, default_shown, e) && check_gate(c, d, e);
}

static bool
send_profile(struct call *c, struct device *d, const struct deployment *deployment, struct error *e)
{
	struct error problem = {0};
	bool ready = device_may_begin(c, d, &problem);
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_str(&w, "ztdId", d->device_id);
	jsonw_str(&w, "organization", c->service->organization);
	jsonw_str(&w, "profile", str_empty(d->profile_name) ? NULL : d->profile_name);
	jsonw_str(&w, "joinType", d->join_type);
	jsonw_str(&w, "domain", str_empty(d->domain) ? NULL : d->domain);
	jsonw_str(&w, "user", str_empty(d->assigned_upn) ? NULL : d->assigned_upn);
	jsonw_bool(&w, "preprovisioningAllowed", d->preprovisioning);
	jsonw_int(&w, "timeoutMinutes",
		d->timeout_minutes +
			(str_eq(d->join_type, "hybrid") ? d->hybrid_extra_minutes : 0));
	jsonw_str(&w, "companionUrl",
		arena_printf(c->arena, "%s/c/%s", c->service->base_url, d->device_id));
	jsonw_str(&w, "fault", ready ? NULL : problem.fault);
	jsonw_str(&w, "reason", ready ? NULL : problem.message);
	jsonw_str(&w, "time", clock_rfc3339(c->arena, c->work.now));
	if (deployment)
		jsonw_str(&w, "deployment", deployment->deployment_id);
	return call_send(c, 200, &w, &body, e);
}

// POST /device/v1/profile {"hardwareHash"}
bool
device_profile_claim(struct call *c, struct error *e)
{
	const struct json *body;
	struct device device;
	struct slice hash;

	return call_json(c, &body, e) && device_by_hash(c, body, &device, &hash, e) &&
		send_profile(c, &device, NULL, e);
}

// GET /device/v1/profile: a managed device asks again.
bool
device_profile_known(struct call *c, struct error *e)
{
	return send_profile(c, &c->device, NULL, e);
}

// The device's own idea of the time ("time", may be absent): Kerberos would refuse it later in
// disguise (behaviour N7).
static bool
check_clock(const struct call *c, const struct json *body, struct error *e)
{
	const char *text = json_str(body, "time");
	time_us theirs;

	if (!text)
		return true;
	if (!clock_parse_rfc3339(text, &theirs))
		return error_set(e, ERR_INVALID, "\"time\" is not a time");
	time_us skew = theirs - c->work.now;
	if (skew < 5 * US_PER_MIN && skew > -5 * US_PER_MIN)
		return true;
	return error_fault(e, ERR_CONFLICT, "clock_skew", "the device's clock is %lld seconds %s",
		(long long)((skew < 0 ? -skew : skew) / US_PER_S), skew < 0 ? "behind" : "ahead");
}

// POST /device/v1/deployments {"hardwareHash","time"}: Provision was pressed. Repeating it gives
// the same deployment.
bool
device_deployment_begin(struct call *c, struct error *e)
{
	const struct json *body;
	struct device device;
	struct deployment deployment;
	struct slice hash;

	// Parts replaced since the registration are believed once the TPM has proven itself.
	if (!call_json(c, &body, e) || !device_by_hash(c, body, &device, &hash, e) ||
		!store_hardware_claimed(&c->work, device.device_id, hash, e) ||
		!store_deployment_begin(
			&c->work, device.device_id, "preprovisioned", &deployment, e))
		return false;
	if (!check_clock(c, body, e) || !device_may_begin(c, &device, e)) {
		struct event event = {
			// Whoever has a copy of the hash can claim any time: that fails no proven
			// device.
			.aside = deployment.proven,
			.source = "service",
			.phase = "flow",
			.state = "error",
			.fault = e->fault,
			.reason = e->message,
		};
		struct error ignored;
		if (!store_events_add(&c->work, deployment.deployment_id, &event, 1, &ignored))
			return false;
		return false;
	}
	// A deployment that is proven is started again by a proof or over mutual TLS, not by a
	// claim.
	if (!deployment.proven && !store_deployment_retry(&c->work, deployment.deployment_id, e))
		return false;
	return send_profile(c, &device, &deployment, e);
}
