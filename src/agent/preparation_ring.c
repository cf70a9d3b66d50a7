// SPDX-License-Identifier: Apache-2.0
#include "agent/preparation_ring.h"

int
ring_at(struct ring *ring, enum ring_step step, size_t done, size_t total, int part)
{
	static const int shares[RING_STEPS] = {
		[RING_BEGIN] = 2,
		[RING_SECURED] = 10,
		[RING_JOINED] = 15,
		[RING_ENROLLED] = 20,
		[RING_POLICIES] = 30,
		[RING_ITEMS] = 95,
		[RING_DONE] = 100,
	};
	int percent = shares[step];

	if (step == RING_POLICIES && total > 0) {
		size_t whole = done > total ? total : done;
		int inside = part < 0 || whole == total ? 0 : part > 100 ? 100 : part;
		int room = shares[RING_ITEMS] - shares[RING_POLICIES];
		percent += (int)((whole * 100 + (size_t)inside) * (size_t)room / (total * 100));
	}
	if (percent > ring->percent)
		ring->percent = percent;
	return ring->percent;
}
