// SPDX-License-Identifier: Apache-2.0
// Inside a transaction: which groups a device is in, and what they give it. Only the store includes
// this.
//
// Devices that rules cannot tell apart are one cohort (schema/0001_core.sql). Rules and assignments
// are decided for cohorts; a device only has to be put into the right one. Where a rule asks what
// differs within a cohort (displayName, deviceId), its devices are asked one by one, found members
// are written to group_member, and the device moves to the cohort with that group among its own.
#pragma once

#include "store/facts.h"

struct assigner;
struct device;
struct new_assignment;

// Where a device belongs by its shared attributes alone.
struct placement {
	const char *cohort_id;
	size_t undecided; // rules that must be put to the device itself: assigner_apply() does
};

// Read the tenant's groups and assignments once, for any number of devices of this transaction.
// Errors as rule_compile(): a stored rule does compile.
bool assigner_open(
	struct db *db, const struct work *w, struct assigner **out, struct error *e) MUST_CHECK;

// The cohort of a device that is being registered; made and decided if it is the first of its kind.
// Costs no statement for a cohort that this assigner has seen.
bool assigner_place(struct assigner *a, struct db *db, const struct device_facts *facts,
	struct placement *out, struct error *e) MUST_CHECK;

// Look at one device again: after its facts or its assigned groups changed.
bool assigner_apply(
	struct assigner *a, struct db *db, const char *device_id, struct error *e) MUST_CHECK;

// Decide all cohorts again: after a rule, a group inside a group or an assignment changed.
// `group_id` is the group whose rule is new, else NULL. Devices that must be asked one by one are,
// as long as they are few; more are left to store_settle().
bool assigner_refresh(
	struct db *db, const struct work *w, const char *group_id, struct error *e) MUST_CHECK;

// Read a device row; in devices.c.
bool device_load(struct db *db, const struct work *w, const char *device_id, struct device *out,
	struct error *e) MUST_CHECK;

// Replace all assignments of one object, and decide again who gets what; in profiles.c.
bool assign_in(struct db *db, const struct work *w, const char *kind, const char *object_id,
	const struct new_assignment *in, size_t count, struct error *e) MUST_CHECK;
