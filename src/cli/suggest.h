// SPDX-License-Identifier: Apache-2.0
// Which of the names that there are was meant by one that there is not.
#pragma once

#include <stddef.h>

struct suggestion {
	const char *word; // as it was typed
	const char *best; // NULL: nothing is near enough
	size_t distance;
};

// A name that there is. The nearest so far is kept; of equally near ones the first.
void suggest_offer(struct suggestion *s, const char *name, size_t len);

// How many letters must be put, taken, replaced or swapped with their neighbour (Damerau's
// distance, restricted); texts longer than 64 bytes are as far from everything as they are long.
size_t suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len);
