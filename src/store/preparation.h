// SPDX-License-Identifier: Apache-2.0
// Device preparation as it is remembered: which policy reaches a device, what was decided for one
// deployment, into which group the device came, and how far each item got (behaviour Z1-Z17).
#pragma once

#include "domain/device_preparation.h"
#include "store/work.h"

// The policy for a device and its person (Z12).
struct preparation_choice {
	bool found;
	struct preparation policy;
	int64_t version;
	bool associated;    // Z15: somebody bound the device to device preparation
	bool by_device;	    // assigned to the device, not to the person
	const char *reason; // why it is this one, or why there is none; a sentence
};

// device_id: NULL when the device is not known yet; upn: NULL when nobody signed in. A policy that
// is automatic counts for devices only.
bool store_preparation_choose(const struct work *w, const char *device_id, const char *upn,
	struct preparation_choice *out, struct error *e) MUST_CHECK;

// Does any organization prepare devices of people who sign in? *organization: the first one's name,
// or NULL.
bool store_preparation_offered(
	const struct work *w, const char **organization, struct error *e) MUST_CHECK;

// One deployment by a policy, as it was when the deployment began.
struct preparation_run {
	const char *deployment_id, *tenant_id, *device_id, *policy_id, *policy_name, *reached_by;
	const char *message, *trust_store, *name_template, *group_id, *group_name, *upn;
	int64_t policy_version, timeout_minutes;
	bool automatic, administrator, allow_skip, diagnostics;
	time_us created_at, placed_at, continued_at; // 0: not yet
	const char *phase, *result, *fault, *reason; // of the deployment
	time_us finished_at;			     // 0: it goes on
};

// Note the choice for the deployment and work out what it sets up. Once the device is in its group
// a repetition changes nothing.
bool store_preparation_begin(const struct work *w, const char *deployment_id, const char *device_id,
	const struct preparation_choice *choice, const char *upn, struct error *e) MUST_CHECK;

// ERR_NOT_FOUND when the deployment is none of device preparation.
bool store_preparation_run(const struct work *w, const char *deployment_id,
	struct preparation_run *out, struct error *e) MUST_CHECK;

// Put the device into the policy's group, and decide what it gets there (Z9): for the transaction
// of the enrolment. Nothing happens for another kind of deployment. ERR_CONFLICT with fault
// preparation_group_missing or preparation_group_dynamic. `personal`: nobody said that the device
// is the organization's.
bool store_preparation_place(
	const struct work *w, const char *deployment_id, bool personal, struct error *e) MUST_CHECK;

struct preparation_item {
	const char *item_id, *kind, *name, *stage;
	const char *skipped; // "", or why it is left out
	const char *state;   // as struct item's
	const char *fault, *reason, *output;
	bool ended; // a script that ran to its end gave exit_code
	int64_t exit_code;
	time_us updated_at;
};

bool store_preparation_items(const struct work *w, const char *deployment_id,
	struct preparation_item **out, size_t *count, struct error *e) MUST_CHECK;

// The person continues although something failed (Z4): the deployment goes on to its end.
// ERR_DENIED with fault preparation_not_continued. Repeating it is no error.
bool store_preparation_continue(
	const struct work *w, const char *deployment_id, struct error *e) MUST_CHECK;

// The end: success, or failed when somebody continued; what was taken away meanwhile is noted as
// skipped.
bool store_preparation_finish(const struct work *w, const char *deployment_id, const char *reason,
	struct error *e) MUST_CHECK;

// Associations (Z15) ---------------------------------------------------------------------------

struct association {
	const char *association_id, *device_id, *serial, *policy_id;
	const char *state; // preassociated, associated, removing
	time_us created_at, associated_at;
};

// Associate a device: it is prepared by `policy_id` ("": by whichever reaches it). Again: the
// policy becomes the one given.
bool store_associate(const struct work *w, const char *device_id, const char *policy_id,
	const char *actor, struct association *out, struct error *e) MUST_CHECK;

// One that was not used yet is gone at once, with a device that is known for nothing else; one of a
// prepared device is "removing" until that device is set up anew. *state: "" or "removing".
bool store_dissociate(const struct work *w, const char *association_id, const char *actor,
	const char **state, struct error *e) MUST_CHECK;
