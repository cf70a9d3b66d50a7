// SPDX-License-Identifier: Apache-2.0
// Deployments and their timeline: what happened to a device, when, and why.
#pragma once

#include "store/work.h"

struct deployment {
	const char *deployment_id, *tenant_id, *device_id;
	const char *mode;   // as mode_traits() names it
	const char *upn;    // who signed in, "" while nobody has
	const char *phase;  // "started", "technician", "resealed", "user", "done", "continued"
	const char *result; // "running", "failed", "success"
	const char *fault;  // NULL unless failed
	const char *reason;
	bool proven; // a TPM proved itself in this deployment
	int64_t attempt;
	time_us started_at, finished_at;
};

struct event {
	time_us at;
	const char *source;   // "service", "device", "connector", "claim"
	const char *phase;    // "devicePreparation", "deviceSetup", "accountSetup", "flow"
	const char *row_name; // a row's key, or ""
	const char *state;    // "working", "complete", "error", …
	const char *fault;    // catalogue name or NULL
	const char *reason;
	int64_t seq;  // set by the store
	bool claimed; // somebody who is not proven brought it about: told while there is room
	bool aside; // a fault of somebody who is not proven, or one that can be done without: told,
		    // but the deployment is not failed by it
};

enum {
	MAX_CLAIM_EVENTS = 50,	  // what an unproven device may write into one timeline …
	MAX_CLAIMED_EVENTS = 300, // … and how long it grows by what the service says of claims
};

// The open deployment of a device, made if there is none. Repeating it gives the same one, which
// goes the new way unless it is proven already.
bool store_deployment_begin(const struct work *w, const char *device_id, const char *mode,
	struct deployment *out, struct error *e) MUST_CHECK;

bool store_deployment_get(const struct work *w, const char *deployment_id, struct deployment *out,
	struct error *e) MUST_CHECK;

// Newest first.
bool store_deployments_of(const struct work *w, const char *device_id, struct deployment **out,
	size_t *count, struct error *e) MUST_CHECK;

// Append events in one transaction. Events of source "claim" are refused once the deployment is
// proven (ERR_DENIED) and limited in number (ERR_LIMIT). An event with a fault marks the deployment
// failed.
bool store_events_add(const struct work *w, const char *deployment_id, const struct event *events,
	size_t count, struct error *e) MUST_CHECK;

bool store_events(const struct work *w, const char *deployment_id, int64_t after_seq,
	struct event **out, size_t *count, struct error *e) MUST_CHECK;

// What the device's newest deployment could do without and did not get: the newest event of each
// row, where it has state "warning".
bool store_device_warnings(const struct work *w, const char *device_id, struct event **out,
	size_t *count, struct error *e) MUST_CHECK;

// Enter a phase, with the event that says so; clears an earlier failure.
bool store_deployment_phase(const struct work *w, const char *deployment_id, const char *phase,
	struct error *e) MUST_CHECK;

// Start a failed deployment again: failed items and jobs are tried anew. No effect on one that is
// running.
bool store_deployment_retry(
	const struct work *w, const char *deployment_id, struct error *e) MUST_CHECK;

// Somebody signed in: the deployment, its enrolment and its directory entry are this person's.
bool store_deployment_owner(const struct work *w, const char *deployment_id, const char *upn,
	struct error *e) MUST_CHECK;

// End it as "success".
bool store_deployment_finish(const struct work *w, const char *deployment_id, const char *reason,
	struct error *e) MUST_CHECK;

// The person chose to use a device whose setup failed (behaviour X11): the deployment is over and
// stays failed. Repeating it changes nothing.
bool store_deployment_continued(const struct work *w, const char *deployment_id, const char *reason,
	struct error *e) MUST_CHECK;

// Inside a transaction, for the store's own files.
bool deployment_load(struct db *db, const struct work *w, int query, const char *key,
	struct deployment *out, struct error *e) MUST_CHECK;
bool event_add(struct db *db, const struct work *w, const char *deployment_id,
	const struct event *event, struct error *e) MUST_CHECK;
