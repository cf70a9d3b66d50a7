// SPDX-License-Identifier: Apache-2.0
// Orders about computer accounts that were made before, and self-tests: work for a connector that
// belongs to no deployment and outlives the device.
#pragma once

#include "store/jobs.h"
#include "store/work.h"

struct account_job {
	const char *job_id;
	const char *kind;  // "disable", "enable", "delete", "check"
	const char *state; // "queued", "leased", "done", "failed"
	const char *domain, *connector_id, *device_id, *object_guid, *computer_name;
	const char *made_by; // the mark that the account must carry, "" for any of ours
	const char *reason;  // why it was ordered, for people
	const char *lease_id, *leased_by;
	int64_t attempts;
	const char *fault, *message; // why it failed, or why it is tried again later
	const char *result;	     // JSON of the connector's
	time_us created_at, finished_at;
};

// End what a device may do in the domain, when it is wiped, retired or deregistered: `mode` is
// "disable", "enable" or "delete". The account is the newest one that Ferry made for the device,
// also when the device's row is gone since. An order that waits for the same account is replaced.
// *domain is that whose connectors are to be woken after the transaction; both outputs are NULL
// when there never was an account. Inside of a transaction; ERR_INVALID for another mode.
bool account_retire(struct db *db, const struct work *w, const char *device_id, const char *mode,
	const char *reason, const char **job_id, const char **domain, struct error *e) MUST_CHECK;

// The same as a transaction of its own.
bool store_account_retire(const struct work *w, const char *device_id, const char *mode,
	const char *reason, const char **job_id, const char **domain, struct error *e) MUST_CHECK;

// The same by objectGUID. ERR_DENIED when Ferry made no such account.
bool store_account_retire_guid(const struct work *w, const char *object_guid, const char *mode,
	const char *reason, const char **job_id, const char **domain, struct error *e) MUST_CHECK;

// The newest order for a device, for whoever shows it. ERR_NOT_FOUND.
bool store_account_job_latest(const struct work *w, const char *device_id, struct account_job *out,
	struct error *e) MUST_CHECK;
bool store_account_job_get(const struct work *w, const char *job_id, struct account_job *out,
	struct error *e) MUST_CHECK;

// Ask one connector for a self-test; a test that waits already is that one.
bool store_check_request(const struct work *w, const struct connector *connector,
	const char **job_id, struct error *e) MUST_CHECK;

// Take the next order that this connector may have, as store_job_lease().
bool store_account_job_lease(const struct work *w, const struct connector *connector,
	time_us lease_us, struct account_job *out, bool *found, struct error *e) MUST_CHECK;

// The answer of the connector that has the lease: a result, or a fault. Faults that pass by
// themselves (the domain cannot be reached) are tried again with growing pauses, up to an hour.
// ERR_NOT_FOUND when there is no such order, ERR_DENIED for another's, ERR_CONFLICT without lease.
bool store_account_job_finish(const struct work *w, const char *connector_id, const char *job_id,
	const char *lease_id, const char *fault, const char *message, const char *result,
	struct error *e) MUST_CHECK;

// End an open order from the service's side.
bool store_account_job_expire(const struct work *w, const char *job_id, const char *fault,
	const char *message, struct error *e) MUST_CHECK;

// What a connector found with a mark of ours.
struct marked_account {
	const char *object_guid, *job_id, *computer_name;
};

// Judge such accounts: those whose order ended without a report of theirs are nobody's, and their
// deletion is ordered. *ordered counts these, *strange the ones that this service never ordered
// (another service works in the same domain, or ours was restored): they stay.
bool store_accounts_sweep(const struct work *w, const struct connector *connector,
	const struct marked_account *accounts, size_t count, int64_t *ordered, int64_t *strange,
	struct error *e) MUST_CHECK;

// The orders for a device that ended without a report: what carries their mark may be taken over by
// the next one. NULL-terminated, newest first, at most 16.
bool made_account_lost(struct db *db, const struct work *w, const struct job *job,
	const char *const **out, struct error *e) MUST_CHECK;
