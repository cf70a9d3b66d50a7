// SPDX-License-Identifier: Apache-2.0
// Where checks of people wait for a connector and answers for those who asked: in memory only.
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

enum { DESK_MAX_WAITING = 8, DESK_SEEN_MS = 40000 };

struct desk_entry {
	struct desk_entry *next;
	const char *check_id, *connector_id, *kind;
	struct slice sealed;
	bool taken;
	char *answer; // JSON; released by desk_leave
};

// A connector asks for checks at this ferryd; what it can check.
void desk_seen(const char *connector_id, bool passwords, bool tickets);

// Did it ask lately, and can it check this kind?
bool desk_present(const char *connector_id, const char *kind);

// Begin to wait with an entry (which stays the caller's), or false: too many do.
bool desk_enter(struct desk_entry *entry);

// A connector takes a check that is for it: false when there is none. The copies are in the arena.
bool desk_take(struct arena *arena, const char *connector_id, struct desk_entry *out);

// Its answer; false when nobody waits for it here (any more).
bool desk_answer(const char *check_id, const char *connector_id, const char *answer);

// Wait for an answer at most so long; false when none came.
bool desk_wait(struct desk_entry *entry, int timeout_ms);

void desk_leave(struct desk_entry *entry);
