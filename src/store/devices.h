// SPDX-License-Identifier: Apache-2.0
// Registrations: how they enter the store, how they are found, and what is assigned to them the
// moment they are there.
#pragma once

#include "base/slice.h"
#include "store/work.h"

struct registration {
	const char *serial, *manufacturer, *model, *product_key;
	const char *ek_id; // hexadecimal SHA-256 of the EK modulus, NULL when the hash has none
	struct slice hardware_hash;
	const char *group_tag, *assigned_upn;
	const char *purchase_order;		// NULL: none
	const char *source;			// NULL: "hash"
	const char *sku_number, *system_family; // NULL: none
	const char *serial_key; // as registration_key() makes it; NULL: made when needed
};

struct registration_result {
	const char *device_id; // the new or the existing registration
	bool created;
	// NULL, "ztd_already_assigned", "ztd_assigned_to_other_tenant", "ztd_duplicated", or
	// "hardware_mismatch": registered with another TPM
	const char *fault;
	bool changed; // what is registered differs from this in its TPM or its serial number
};

struct device {
	const char *device_id, *tenant_id, *serial, *manufacturer, *model, *product_key, *ek_id;
	const char *group_tag, *assigned_upn, *state, *attestation_store, *enrollment_state;
	const char *directory_id, *trust_type;
	const char
		*friendly_name; // its own computer name instead of the template's (R17); "": none
	const char *source;	// hash, partner, converted, offline; preparation: not registered
	const char
		*preparation_id; // its deployment, open or still enrolled, if that follows a device
				 // preparation policy; then profile_name, join_type, trust_store,
				 // timeout_minutes and name_template are that policy's
	const char *remediation; // none, pending, attention (behaviour R32)
	bool reuse_blocked, preprovisioning;
	time_us attested_at, last_contact_at, created_at, assigned_at;	 // 0: never
	const char *profile_id, *profile_name, *join_type, *trust_store; // NULL or "" when none
	const char *esp_id, *esp_name;
	int64_t timeout_minutes, hybrid_extra_minutes;
	const char *domain_join_id, *domain_join_name, *domain, *ou, *name_template;
};

// Register a batch in one transaction that also makes the directory device, evaluates the dynamic
// groups and assigns profiles (design.md 2.1): what the answer says is true when it is given. A
// device that is registered already keeps its id; when `update` is set, its group tag and user
// become those given, and stay where none is given.
bool store_register(const struct work *w, const struct registration *in, size_t count, bool update,
	struct registration_result *out, struct error *e) MUST_CHECK;

// ERR_NOT_FOUND with fault device_not_registered when there is none.
bool store_device_by_id(const struct work *w, const char *device_id, struct device *out,
	struct error *e) MUST_CHECK;
bool store_device_by_serial(
	const struct work *w, const char *serial, struct device *out, struct error *e) MUST_CHECK;

// Match what a device says about itself: by EK first, else by maker, model and serial of a
// registration without EK. A serial that is registered with another EK is ERR_CONFLICT,
// hardware_mismatch, with *out set (threats row 3). Any tenant.
bool store_device_match(const struct work *w, const char *ek_id, const char *manufacturer,
	const char *model, const char *serial, struct device *out, struct error *e) MUST_CHECK;

// Why the device is in its groups and gets what it gets, as JSON: {"groups":[{id,name,reason}],
// "profile","esp","domainJoin":{id,name,reason,lost}}.
bool store_device_explain(
	const struct work *w, const char *device_id, const char **json, struct error *e) MUST_CHECK;

// End a registration as store_deregister() does (registration.h); the caller writes the audit
// event.
bool store_device_delete(
	const struct work *w, const char *device_id, const char *actor, struct error *e) MUST_CHECK;

// No enrolment without a person from now on, for a reason that stays with the registration
// (behaviour B1). ERR_NOT_FOUND.
bool store_device_block(const struct work *w, const char *device_id, const char *actor,
	const char *reason, struct error *e) MUST_CHECK;

// Allow the next enrolment of a pre-provisioned device (behaviour B1-B4). ERR_CONFLICT with fault
// "hardware_mismatch" while its hardware is in doubt (B2).
bool store_device_unblock(
	const struct work *w, const char *device_id, const char *actor, struct error *e) MUST_CHECK;
