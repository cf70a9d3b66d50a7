// SPDX-License-Identifier: Apache-2.0
// Which of several settings of one node a device gets, when their values differ: nobody may lose
// without a word (pains row 18; behaviour has no rule for this, so it is that of P19: the oldest).
#pragma once

#include "base/arena.h"
#include <stdbool.h>

struct setting {
	const char *id, *name;
	const char *loc_uri, *format, *data;
};

// Two names of one node: "./Vendor/X" is "./Device/Vendor/X".
bool setting_same_node(const char *a, const char *b);

// The setting that list[i] loses to, or NULL. `list` is what reaches the device, the oldest first:
// the oldest of a node counts, and another with the same value loses nothing.
const struct setting *setting_winner(const struct setting *list, size_t count, size_t i);

// One sentence for people about the two.
const char *setting_conflict(
	struct arena *arena, const struct setting *winner, const struct setting *loser);
