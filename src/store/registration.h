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
// claim_mismatch, hardware_changed, hardware_refreshed, blocked, unblocked, deregistered,
// transferred, transfer_refused, converted.
bool registration_event_add(struct db *db, const struct work *w, const char *device_id,
	const char *kind, const char *actor, const char *detail, struct error *e) MUST_CHECK;

struct registration_event {
	const char *kind, *actor, *detail;
	time_us at;
};

// The newest first, at most 100.
bool store_registration_events(const struct work *w, const char *device_id,
	struct registration_event **out, size_t *count, struct error *e) MUST_CHECK;

// One audit event of this room, in the transaction that makes the change.
bool registration_audit(struct db *db, const struct work *w, const char *actor,
	const char *operation, const char *activity, const char *resource_id,
	const char *resource_name, struct error *e) MUST_CHECK;

// Does the device's profile ask for its hardware hash, and is none known (behaviour R21)?
bool store_hash_wanted(
	const struct work *w, const char *device_id, bool *out, struct error *e) MUST_CHECK;

// Keep the hash (base64) that a managed device says of itself, if none is known. One of another
// TPM, or another serial number where no TPM is known, is no hash of it: "Attention required".
bool store_hash_reported(
	const struct work *w, const char *device_id, const char *text, struct error *e) MUST_CHECK;

// Deregistration -------------------------------------------------------------------------------

// What goes with a device, and what stands in its way.
struct deregistration {
	const char *device_id, *serial;
	const char *computer_name, *dn, *domain;	// Active Directory account, "" when none
	const char *directory_id, *managed_id, *user;	// managed_id: of the current enrolment
	int64_t enrollments, deployments, certificates; // certificates: those still valid
	bool done;
	const char *fault; // NULL, or why it is left: "device_not_registered", "serial_ambiguous"
};

// Deregister devices whatever state they are in: enrolment retired, certificates revoked, record,
// directory device and hash deleted, the account in Active Directory put down as work (behaviour
// D1-D7, pains 7). One transaction for all; `out` has one for each key. `dry_run`: only say what
// would go. A key is the id of the registration, of the directory device or of the managed device,
// or the serial number when it is of one device only. actor: for audit.
bool store_deregister(const struct work *w, const char *const *keys, size_t count, bool dry_run,
	const char *actor, struct deregistration *out, struct error *e) MUST_CHECK;

// The same for one, in a transaction of the caller.
bool registration_remove(struct db *db, const struct work *w, const char *device_id,
	const char *actor, struct error *e) MUST_CHECK;

// Above this many in one call a second administrator must agree (threats row 20).
enum { DEREGISTER_ALONE = 50, DEREGISTER_HOURS = 24 };

struct deletion_request {
	const char *request_id, *requested_by, *requested_by_id, *decided_by, *state;
	const char *items; // JSON list
	int64_t count, removed;
	time_us created_at, expires_at;
	const char *action, *data; // store/actions.h; "" for deletions
};

// A person or a program. The id tells them apart; the name is what others read.
struct principal {
	const char *id, *name;
};

// state: waiting, done (somebody else agreed before it expired), refused, expired.
bool store_deletion_request(const struct work *w, const struct principal *who,
	const char *const *keys, size_t count, struct deletion_request *out,
	struct error *e) MUST_CHECK;
bool store_deletion_get(const struct work *w, const char *request_id, struct deletion_request *out,
	struct error *e) MUST_CHECK;
// The newest first, at most 100; their `items` are "".
bool store_deletions(const struct work *w, struct deletion_request **out, size_t *count,
	struct error *e) MUST_CHECK;
// Agree, and the devices are gone; or refuse. ERR_DENIED with fault "second_person_needed" for the
// one who asked, ERR_CONFLICT with "deletion_decided".
bool store_deletion_decide(const struct work *w, const char *request_id,
	const struct principal *who, bool approve, struct deletion_request *out,
	struct error *e) MUST_CHECK;

// Accounts in Active Directory whose device is gone.
struct orphan_account {
	const char *object_guid, *domain, *computer_name, *dn, *serial, *state;
	time_us created_at;
};
bool store_orphan_accounts(const struct work *w, struct orphan_account **out, size_t *count,
	struct error *e) MUST_CHECK;

// Somebody has removed it. ERR_NOT_FOUND.
bool store_orphan_done(const struct work *w, const char *object_guid, const char *actor,
	struct error *e) MUST_CHECK;

// A device of another organization that this one wants (808): who asks shows its hardware hash.
// Approved by its owner, the registration there ends and the one here can begin; both have events
// of it.
struct transfer_claim {
	const char *ek_id, *manufacturer, *model, *serial_key; // ek_id: NULL when it has none
};
struct device_transfer {
	const char *transfer_id, *serial, *organization, *requested_by, *decided_by, *state;
	bool ours; // asked for by this organization
	time_us created_at;
};
bool store_transfer_request(const struct work *w, const struct transfer_claim *claim,
	const char *actor, const char **transfer_id, struct error *e) MUST_CHECK;
bool store_transfers(const struct work *w, struct device_transfer **out, size_t *count,
	struct error *e) MUST_CHECK;
bool store_transfer_decide(const struct work *w, const char *transfer_id, const char *actor,
	bool approve, struct error *e) MUST_CHECK;
