// SPDX-License-Identifier: Apache-2.0
// What a device may know before it proved anything: public text only (design.md 2.2). And where a
// deployment begins.
#include "base/str.h"
#include "ferryd/device_claim.h"
#include "ferryd/device_offline.h"
#include "ferryd/device_settings.h"
#include "ferryd/handlers.h"
#include "ferryd/preparation.h"
#include "store/deployments.h"
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

// What begins without a person: the technician's flow, or the device's own.
static bool
begins_alone(struct call *c, const struct device *d, const struct device_settings *settings,
	struct error *e)
{
	struct device_claim claim = {.mode = MODE_PREPROVISIONED};

	if (settings->profile.mode == PROFILE_SELF_DEPLOYING)
		claim.mode = MODE_SELF_DEPLOYING;
	return device_mode_may_begin(c, d, settings, &claim, e);
}

// What is known of a device, read in one transaction. `problem`: why it could not begin.
struct look {
	struct call *c;
	struct device *device;
	const struct device_claim *claim; // NULL: on its own
	struct device_settings settings;
	struct error problem;
	bool ready;
};

static bool
look_tx(void *ctx, struct error *e)
{
	struct look *l = ctx;

	l->problem = (struct error){0};
	if (!device_settings(l->c, l->device, &l->settings, e))
		return false;
	l->ready = l->claim
		? device_mode_may_begin(l->c, l->device, &l->settings, l->claim, &l->problem)
		: begins_alone(l->c, l->device, &l->settings, &l->problem);
	return true;
}

static bool
look(struct look *l, struct error *e)
{
	return store_see_together(l->c->work.session, look_tx, l, e);
}

static bool
must_be_ready(struct look *l, struct error *e)
{
	if (!look(l, e))
		return false;
	if (!l->ready)
		*e = l->problem;
	return l->ready;
}

bool
device_may_begin(struct call *c, struct device *d, struct error *e)
{
	struct look l = {.c = c, .device = d};

	return must_be_ready(&l, e);
}

static bool
send_profile(struct call *c, struct device *d, const struct deployment *deployment, struct error *e)
{
	struct look l = {.c = c, .device = d};
	struct buf body;

	if (!look(&l, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "ztdId", d->device_id);
	jsonw_str(&w, "profile", str_empty(d->profile_name) ? NULL : d->profile_name);
	jsonw_str(&w, "groupTag", d->group_tag);
	device_settings_write(&l.settings, &w);
	jsonw_str(&w, "joinType", d->join_type);
	jsonw_str(&w, "domain", str_empty(d->domain) ? NULL : d->domain);
	jsonw_str(&w, "user", str_empty(d->assigned_upn) ? NULL : d->assigned_upn);
	jsonw_bool(&w, "preprovisioningAllowed", d->preprovisioning);
	jsonw_int(&w, "timeoutMinutes",
		d->timeout_minutes +
			(str_eq(d->join_type, "hybrid") ? d->hybrid_extra_minutes : 0));
	jsonw_str(&w, "companionUrl",
		arena_printf(c->arena, "%s/c/%s", c->service->base_url, d->device_id));
	jsonw_str(&w, "fault", l.ready ? NULL : l.problem.fault);
	jsonw_str(&w, "reason", l.ready ? NULL : l.problem.message);
	jsonw_str(&w, "time", clock_rfc3339(c->arena, c->work.now));
	if (deployment)
		jsonw_str(&w, "deployment", deployment->deployment_id);
	return call_send(c, 200, &w, &body, e);
}

// POST /device/v1/profile {"hardwareHash","offline"?}
bool
device_profile_claim(struct call *c, struct error *e)
{
	const struct json *body;
	struct device device;
	bool offline;

	if (!call_json(c, &body, e))
		return false;
	if (device_by_hash_or_file(c, body, &device, &offline, e))
		return send_profile(c, &device, NULL, e);
	return preparation_stranger(c, body, &device, e) && preparation_greet(c, e);
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

static bool
may_begin(struct call *c, const struct json *body, struct device *device, const char *deployment_id,
	const struct device_claim *claim, struct error *e)
{
	struct look l = {.c = c, .device = device, .claim = claim};

	return check_clock(c, body, e) && must_be_ready(&l, e) &&
		(claim->mode != MODE_DEVICE_PREPARATION ||
			preparation_begin(c, device, deployment_id, claim->upn, e));
}

// POST /device/v1/deployments {"hardwareHash","mode","userToken","time"}: Provision was pressed, or
// a person signed in. Repeating it gives the same deployment.
bool
device_deployment_begin(struct call *c, struct error *e)
{
	const struct json *body;
	struct device device;
	struct device_claim claim;
	struct deployment deployment;
	struct slice hash;

	// Parts replaced since the registration are believed once the TPM has proven itself.
	if (!call_json(c, &body, e) || !device_by_hash(c, body, &device, &hash, e) ||
		!device_claim_read(c, body, &device, &claim, e) ||
		!store_hardware_claimed(&c->work, device.device_id, hash, e) ||
		!store_deployment_begin(
			&c->work, device.device_id, mode_traits(claim.mode)->name, &deployment, e))
		return false;
	if (!may_begin(c, body, &device, deployment.deployment_id, &claim, e)) {
		struct event event = {
			// Whoever has a copy of the hash can claim any time: that fails no proven
			// device.
			.aside = deployment.proven,
			.claimed = true,
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
