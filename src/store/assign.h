// SPDX-License-Identifier: Apache-2.0
// Inside a transaction: which groups a device is in, and what they give it. Only the store includes
// this.
#pragma once

#include "store/work.h"

struct assigner;
struct device;

// Read the tenant's rules and assignments once; they are compiled for any number of devices of this
// transaction.
bool assigner_open(
	struct db *db, const struct work *w, struct assigner **out, struct error *e) MUST_CHECK;

// Evaluate one device and write membership, assignment and explanation.
bool assigner_apply(
	struct assigner *a, struct db *db, const char *device_id, struct error *e) MUST_CHECK;

// All devices of the tenant: what a change of a rule or an assignment needs.
bool assigner_apply_all(struct db *db, const struct work *w, struct error *e) MUST_CHECK;

// Read a device row; in devices.c.
bool device_load(struct db *db, const struct work *w, const char *device_id, struct device *out,
	struct error *e) MUST_CHECK;
