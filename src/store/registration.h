// SPDX-License-Identifier: Apache-2.0
// How registrations enter the store, one or many thousand at a time, and how they leave it; what
// happened to them on the way.
#pragma once

#include "store/devices.h"

struct register_options {
	bool update;	 // group tag and user of a known device become those given
	bool check_only; // write nothing: only say what would happen
	time_us at; // becomes created_at; 0: now. What has the same is of the same import (R25)
	const char *actor; // for the event, NULL: the service
};

// In a transaction of the caller. Results as store_register(); besides, a device that an earlier
// line of the same import registered is "ztd_duplicated".
bool registration_insert(struct db *db, const struct work *w, const struct registration *in,
	size_t count, const struct register_options *options, struct registration_result *out,
	struct error *e) MUST_CHECK;

// Something happened to a registration that is to stay visible; `device_id` may be gone. kind:
// claim_mismatch, proof_cleared, unblocked, deregistered, transferred, converted.
bool registration_event_add(struct db *db, const struct work *w, const char *device_id,
	const char *kind, const char *actor, const char *detail, struct error *e) MUST_CHECK;

struct registration_event {
	const char *kind, *actor, *detail;
	time_us at;
};

// The newest first, at most 100.
bool store_registration_events(const struct work *w, const char *device_id,
	struct registration_event **out, size_t *count, struct error *e) MUST_CHECK;

// Deregistration -------------------------------------------------------------------------------

// What goes with a device, and what stands in its way.
struct deregistration {
	const char *device_id, *serial;
	const char *computer_name, *dn, *domain; // Active Directory account, "" when none
	const char *directory_id, *user;
	int64_t enrollments, deployments, certificates;
	bool enrolled, done;
	const char *fault; // NULL, or why it is left: "device_not_registered"
};

// Deregister a device whatever state it is in: enrolment retired, certificates revoked, record,
// directory device and hash deleted, the account in Active Directory put down as work (behaviour
// D1-D7, pains 7). One transaction. `dry_run`: only say what would go. By id, or by serial number
// when the serial number is of one device only.
bool store_deregister(const struct work *w, const char *id_or_serial, bool dry_run,
	const char *actor, struct deregistration *out, struct error *e) MUST_CHECK;

// Above this many in one call a second administrator must agree (threats row 20).
enum { DEREGISTER_ALONE = 50, DEREGISTER_HOURS = 24 };

struct deletion_request {
	const char *request_id, *requested_by, *decided_by, *state, *items; // items: JSON list
	int64_t count;
	time_us created_at, expires_at;
};

// state: waiting, approved (by somebody else, before it expires), refused, done.
bool store_deletion_request(const struct work *w, const char *actor, const char *items,
	int64_t count, struct deletion_request *out, struct error *e) MUST_CHECK;
bool store_deletion_get(const struct work *w, const char *request_id, struct deletion_request *out,
	struct error *e) MUST_CHECK;
// ERR_DENIED with fault "second_person_needed" for the one who asked.
bool store_deletion_decide(const struct work *w, const char *request_id, const char *actor,
	bool approve, struct deletion_request *out, struct error *e) MUST_CHECK;
bool store_deletion_done(const struct work *w, const char *request_id, struct error *e) MUST_CHECK;

// Accounts in Active Directory whose device is gone.
struct orphan_account {
	const char *object_guid, *domain, *computer_name, *dn, *serial, *state;
	time_us created_at;
};
bool store_orphan_accounts(const struct work *w, struct orphan_account **out, size_t *count,
	struct error *e) MUST_CHECK;
