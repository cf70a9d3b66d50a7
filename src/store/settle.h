// SPDX-License-Identifier: Apache-2.0
// How devices are asked one by one after a rule changed that their cohort does not decide: a few at
// once, many in portions that let others write in between.
#pragma once

#include "store/assign.h"

// What a transaction may still do: every other writer waits for it.
struct settle_limit {
	size_t devices, steps; // devices or users; steps of rules (RULE_MAX_STEPS), all that the
			       // assigner counted
};

// In a transaction: ask the devices of a cohort now if they are at most left->devices (which is
// lowered), and as long as their rules take few enough steps; otherwise mark the cohort, or what is
// left of it, for store_settle().
bool settle_or_mark(struct assigner *a, struct db *db, const char *cohort_id,
	struct settle_limit *left, struct error *e) MUST_CHECK;

// Ask the next portion of devices that wait, of any tenant, in a transaction of its own; then of
// users. *more: whether something is left.
bool store_settle(const struct work *w, bool *more, struct error *e) MUST_CHECK;

// Grows whenever a transaction of this process leaves devices to store_settle(): who finds it grown
// after a change wakes whoever calls that. Any thread.
unsigned long store_settle_marks(void);
void settle_marked(void); // by the store

// How many devices of the tenant wait.
bool store_settle_left(const struct work *w, int64_t *devices, struct error *e) MUST_CHECK;
