// SPDX-License-Identifier: Apache-2.0
// How far device preparation is, as one percentage that never goes back (behaviour Z11).
#pragma once

#include <stddef.h>
#include <stdint.h>

// What happens before the items, in order; each has its share of the ring.
enum ring_step {
	RING_BEGIN,
	RING_SECURED,  // the TPM is proven
	RING_JOINED,   // the directory knows the device
	RING_ENROLLED, // management
	RING_POLICIES, // what is no app or script is in place
	RING_ITEMS,    // all apps and scripts
	RING_DONE,
	RING_STEPS
};

struct ring {
	int percent; // 0 to 100; only ring_at() changes it
};

// `step` is reached, and of the items after RING_POLICIES `done` of `total`, with `part` of the
// next one in percent. Gives the percentage, at least that of before.
int ring_at(struct ring *ring, enum ring_step step, size_t done, size_t total, int part);
