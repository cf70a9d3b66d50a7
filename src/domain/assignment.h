// SPDX-License-Identifier: Apache-2.0
// Which of several assigned objects reaches a device, and why (behaviour P18, P19, X16, J5).
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include <stdbool.h>

enum assignment_target { TARGET_GROUP, TARGET_EXCLUDE_GROUP, TARGET_ALL_DEVICES, TARGET_ALL_USERS };

// One assignment of one object, with what decides between objects.
struct assignment_row {
	const char *object_id;
	const char *object_name;
	time_us created_at; // the oldest created profile wins (P19)
	int priority;	    // ESP: the lowest number wins (X16); 0 where the kind has none
	enum assignment_target target;
	const char *group_id, *group_name; // NULL for All devices
};

struct assignment_choice {
	const char *object_id; // NULL: nothing reaches the device
	const char *object_name;
	const char *reason; // one sentence for people
	const char *lost;   // "" or the other objects that matched and why they lost
};

// Decide for a device that is a member of `groups` (group ids, `group_count` of them). Objects
// assigned through a group beat objects assigned to All devices; an excluded group removes the
// object (P18). Strings live in the arena.
struct assignment_choice assignment_decide(struct arena *arena, const struct assignment_row *rows,
	size_t row_count, const char *const *groups, size_t group_count);

// Every object of `rows` that reaches the device, for kinds that do not compete (policies, apps).
// Writes object ids to `out` (room for row_count) and returns how many.
size_t assignment_all(const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count, const char **out);
