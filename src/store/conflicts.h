// SPDX-License-Identifier: Apache-2.0
// Which configuration items set the same node, and for whom that is a conflict. Only the store
// includes this.
#pragma once

#include "domain/finding.h"
#include "domain/setting.h"
#include "store/cohort.h"

// Items whose node another item sets too, with their assignments; the oldest first.
struct shared_settings {
	struct setting *settings;
	size_t count, setting_room;
	struct row_list rows;
	size_t row_room;
	const char *only; // id of the item that is asked about, or NULL
};

// With `item_id`: only the items of its node, and only its own conflicts.
bool shared_settings_load(struct db *db, const struct work *w, const char *item_id,
	struct shared_settings *out, struct error *e) MUST_CHECK;

// What devices in these groups lose, as warnings.
void shared_settings_check(const struct shared_settings *shared, const char *const *groups,
	size_t group_count, struct findings *out);

// The same for each group that one of them is assigned to, and for no group: what two assignments
// contradict in before any device has both.
void shared_settings_check_targets(const struct shared_settings *shared, struct findings *out);
