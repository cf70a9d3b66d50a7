// SPDX-License-Identifier: Apache-2.0
// Work that only a connector can do: who may take it, for how long, and what came of it
// (design.md 2.6).
#pragma once

#include "base/slice.h"
#include "store/trust.h"
#include "store/work.h"

enum { JOB_MAX_ATTEMPTS = 5, JOB_MAX_NAMES = 3 };

struct job {
	const char *job_id, *device_id, *deployment_id;
	const char *kind;  // "odj": make the account and seal the blob; "verify": is the account in
			   // order?
	const char *state; // "queued", "leased", "done", "failed"
	const char *domain, *ou, *computer_name;
	const char *object_guid;    // an account of ours that exists already, or ""
	const char *attestation_id; // whose TPM the blob is sealed to
	const char *lease_id, *leased_by;
	int64_t attempts;
	const char *fault, *message; // when failed
	const char *result;	     // JSON of what a verification found
	struct slice sealed_blob;    // present from done until delivered
	time_us created_at, finished_at, delivered_at, lease_until;
	struct slice ek_certificate, ak_public; // filled when leased
	const char *const *adopts; // filled when leased, for odj: see made_account_lost()
};

struct connector {
	const char *connector_id, *tenant_id, *name, *domain, *version;
	time_us last_seen_at, created_at;
	const char *refused;	  // the fault for which it gets no work, or ""
	const char *check_report; // JSON of its last self-test, or ""
	time_us checked_at;
};

struct ad_account {
	const char *job_id, *domain, *computer_name, *dn, *object_guid, *sid;
	time_us created_at, joined_at, verified_at;
};

// Queue a job. A repeated request finds the job that is open or done: *out is that one and *created
// is false. A failed job is followed by a new one. The new job's event goes to the timeline.
bool store_job_request(const struct work *w, const struct job *in, struct job *out, bool *created,
	struct error *e) MUST_CHECK;

// As above, but a job that is done counts as history: used when a device needs a new blob or a new
// check.
bool store_job_renew(
	const struct work *w, const struct job *in, struct job *out, struct error *e) MUST_CHECK;

// The newest job of a kind in a deployment; ERR_NOT_FOUND.
bool store_job_latest(const struct work *w, const char *deployment_id, const char *kind,
	struct job *out, struct error *e) MUST_CHECK;

// Take the oldest job of the connector's domain that is free (queued, or leased by somebody who did
// not come back) for `lease_us`. *found is false when there is none. A job that was taken
// JOB_MAX_ATTEMPTS times fails with odj_timeout.
bool store_job_lease(const struct work *w, const struct connector *connector, time_us lease_us,
	struct job *out, bool *found, struct error *e) MUST_CHECK;

struct job_outcome {
	const char *fault, *message;	    // failure: a catalogue name and the detail
	const char *next_name;		    // failure: try again under this name; NULL: final
	const char *object_guid, *dn, *sid; // success of odj
	struct slice sealed_blob;	    // success of odj
	const char *result;		    // success of verify: JSON
};

// End a job that this connector leased (ERR_DENIED for another's). Repeating the call with the same
// lease is no error; a lease that was lost is ERR_CONFLICT. A final failure marks the deployment
// failed; success of an odj job records the account.
bool store_job_finish(const struct work *w, const char *connector_id, const char *job_id,
	const char *lease_id, const struct job_outcome *outcome, struct error *e) MUST_CHECK;

// End an open job from the service's side (nobody took it, or not in time) and mark the deployment
// failed.
bool store_job_expire(const struct work *w, const char *job_id, const char *fault,
	const char *message, struct error *e) MUST_CHECK;

// The device has applied the blob: it is removed from the store (single delivery).
bool store_job_delivered(const struct work *w, const struct job *job, struct error *e) MUST_CHECK;

// The account Ferry made for the device; ERR_NOT_FOUND.
bool store_ad_account(const struct work *w, const char *device_id, struct ad_account *out,
	struct error *e) MUST_CHECK;

// A connector and its one-time enrolment token.
bool store_connector_create(const struct work *w, const char *name, const char *domain,
	const char *token_sha256, time_us expires_at, const char **id, struct error *e) MUST_CHECK;

// Use a token up. ERR_UNAUTHENTICATED when it is unknown, used or too old.
bool store_connector_take_token(const struct work *w, const char *token_sha256,
	struct connector *out, struct error *e) MUST_CHECK;
bool store_connector_certificate(const struct work *w, const char *connector_id,
	const struct issued_certificate *certificate, struct error *e) MUST_CHECK;

// By the SHA-256 of the client certificate. ERR_UNAUTHENTICATED.
bool store_connector_by_certificate(const struct work *w, const char *sha256, struct connector *out,
	struct error *e) MUST_CHECK;
// A connector asks for work. It does one job at a time, so it has none now: one that it took and
// lost (it died, or the answer was lost) is free again at once.
bool store_connector_seen(const struct work *w, const char *connector_id, const char *version,
	struct error *e) MUST_CHECK;

// Everything about one, by id in the organization of the work. ERR_NOT_FOUND.
bool store_connector_get(
	const struct work *w, const char *id, struct connector *out, struct error *e) MUST_CHECK;

// Its last self-test, a JSON object.
bool store_connector_tested(const struct work *w, const char *connector_id, const char *report,
	struct error *e) MUST_CHECK;

// Why it gets no work ("": it does).
bool store_connector_refuse(const struct work *w, const char *connector_id, const char *fault,
	struct error *e) MUST_CHECK;

// Forget those that nobody has seen since then (behaviour K11), of every organization.
bool store_connectors_forget(
	const struct work *w, time_us before, int64_t *gone, struct error *e) MUST_CHECK;

// How many connectors the domain has, and when one was seen last (0: never).
bool store_connector_alive(const struct work *w, const char *domain, int64_t *known,
	time_us *last_seen, struct error *e) MUST_CHECK;
