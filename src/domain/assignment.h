// SPDX-License-Identifier: Apache-2.0
// Which of several assigned objects reaches a device, and why (behaviour P18, P19, X15, X16, J5,
// C1).
//
// Autopilot does not support exclusions beside All devices (P18); Ferry does: an excluded group
// takes the object away however it was included. All users and groups of users never decide about
// what belongs to a device (J5): they are targets for assignment_decide_user() and assignment_all()
// only.
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
	int priority;	    // ESP: the lowest number wins (X16); 0 where there is none
	enum assignment_target target;
	const char *group_id, *group_name; // NULL for All devices
};

struct assignment_choice {
	const char *object_id;		  // NULL: nothing reaches the device
	const struct assignment_row *row; // by which it does, NULL: none
	const char *object_name;
	const char *reason; // one sentence for people
	const char *lost;   // "" or the other objects that matched and why they lost
};

// The row by which one object reaches the device, or NULL: assignment_decide() without the words.
const struct assignment_row *assignment_best(const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count);

// Decide for a device that is a member of `groups` (group ids, `group_count` of them). The best
// priority wins, then a group over All devices, then the oldest. Strings live in the arena.
struct assignment_choice assignment_decide(struct arena *arena, const struct assignment_row *rows,
	size_t row_count, const char *const *groups, size_t group_count);

// Every object that reached the device and lost, or was taken away, with the reason. Each once.
struct assignment_loser {
	const struct assignment_row *row;
	const char *reason;
};
size_t assignment_losers(struct arena *arena, const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count, const struct assignment_choice *choice,
	struct assignment_loser **out);

// Decide what the user of a device brings, when nothing reached the device itself (X16). `groups`
// are the user's.
struct assignment_choice assignment_decide_user(struct arena *arena,
	const struct assignment_row *rows, size_t row_count, const char *const *groups,
	size_t group_count);

// Every object of `rows` that reaches the device, for kinds that do not compete (policies, apps).
// Writes object ids to `out` (room for row_count) and returns how many.
size_t assignment_all(const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count, const char **out);
