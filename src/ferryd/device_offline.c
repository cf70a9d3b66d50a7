// SPDX-License-Identifier: Apache-2.0
#include "ferryd/device_offline.h"

#include "base/str.h"
#include "ferryd/device_claim.h"
#include "store/clients.h"
#include "store/offline.h"
#include "wire/hwhash/hwhash.h"
#include "wire/offline/offline.h"

// What the hash says, as a registration would have it.
static bool
read_claim(struct call *c, const struct json *body, struct registration *out, struct error *e)
{
	struct slice bytes;
	struct hwhash hash;
	const char *text;

	if (!json_need_str(body, "hardwareHash", HWHASH_MAX * 2, &text, e) ||
		!hwhash_from_text(c->arena, slice_str(text), &bytes, e) ||
		!hwhash_decode(c->arena, bytes, &hash, e))
		return false;
	*out = (struct registration){
		.serial = hash.serial,
		.manufacturer = hash.manufacturer,
		.model = hash.product ? hash.product : "",
		.product_key = "",
		.ek_id = hash.ek_id,
		.hardware_hash = bytes,
		.group_tag = "",
		.assigned_upn = "",
		.source = "offline",
	};
	return true;
}

static bool
unknown(struct error *e, const char *what)
{
	return error_fault(e, ERR_NOT_FOUND, "offline_profile_unknown", "%s", what);
}

// A registered device gets a profile from its file; whose it is, and what is known of it, stays
// (G11, B1).
static void
take_profile(struct device *device, const struct device *named)
{
	device->profile_id = named->profile_id;
	device->profile_name = named->profile_name;
	device->join_type = named->join_type;
	device->preprovisioning = named->preprovisioning;
	device->trust_store = named->trust_store;
}

static bool
by_file(struct call *c, const struct json *body, const struct json *offline, struct device *out,
	struct error *e)
{
	const char *tenant_id = json_str(offline, "tenantId");
	const char *profile_id = json_str(offline, "correlationId");
	struct registration claim;
	struct device named;
	struct tenant tenant;

	if (!tenant_id || !profile_id)
		return unknown(e, "the file names no organization or no profile");
	if (!store_tenant(&c->work, tenant_id, &tenant, e))
		return e->code == ERR_NOT_FOUND
			? unknown(e, "the organization of the file is not on this service")
			: false;
	if (out->device_id && !str_eq(out->tenant_id, tenant.tenant_id))
		return error_fault(e, ERR_CONFLICT, "ztd_assigned_to_other_tenant",
			"the device is registered by another organization");
	c->work.tenant_id = tenant.tenant_id;
	if (!read_claim(c, body, &claim, e) ||
		!store_offline_device(&c->work, &claim, profile_id, &named, e))
		return false;
	if (out->device_id)
		take_profile(out, &named);
	else
		*out = named;
	return true;
}

bool
device_by_hash_or_file(
	struct call *c, const struct json *body, struct device *out, bool *offline, struct error *e)
{
	const struct json *file = json_get(body, "offline");
	struct slice hash;

	*offline = false;
	*out = (struct device){0};
	if (device_by_hash(c, body, out, &hash, e)) {
		// V13: what is assigned wins.
		*offline = file && str_empty(out->profile_id);
		return !*offline || by_file(c, body, file, out, e);
	}
	*offline = file && str_eq(e->fault, "device_not_registered");
	return *offline && by_file(c, body, file, out, e);
}

bool
device_offline_register(
	struct call *c, const struct json *body, struct device *device, struct error *e)
{
	const char *profile_id = device->profile_id, *device_id;
	struct registration claim;

	return read_claim(c, body, &claim, e) &&
		store_offline_register(&c->work, &claim, profile_id,
			offline_profile_name(c->arena, profile_id), &device_id, e) &&
		store_device_by_id(&c->work, device_id, device, e);
}
