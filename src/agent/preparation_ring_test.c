// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/preparation_ring.h"

static void
the_ring_never_goes_back_and_never_beyond_its_end(void **state)
{
	(void)state;
	struct ring ring = {0};

	assert_int_equal(ring_at(&ring, RING_BEGIN, 0, 0, 0), 2);
	assert_int_equal(ring_at(&ring, RING_ENROLLED, 0, 9, 0), 20);
	// After a power cut the first steps are seen again.
	assert_int_equal(ring_at(&ring, RING_BEGIN, 0, 0, 0), 20);
	assert_int_equal(ring_at(&ring, RING_POLICIES, 2, 4, 50), 30 + 65 * 250 / 400);
	// More items than before: the ring waits until they have caught up.
	assert_int_equal(ring_at(&ring, RING_POLICIES, 2, 8, 0), 30 + 65 * 250 / 400);
	assert_int_equal(ring_at(&ring, RING_POLICIES, 90, 8, 300), 95);
	assert_int_equal(ring_at(&ring, RING_DONE, 0, 0, 0), 100);
	assert_int_equal(ring_at(&ring, RING_ITEMS, 0, 0, -5), 100);
}

static void
every_item_moves_the_ring(void **state)
{
	(void)state;
	struct ring ring = {0};
	int before = ring_at(&ring, RING_POLICIES, 0, 25, 0);

	for (size_t done = 0; done < 25; done++)
		for (int part = done ? 0 : 50; part <= 100; part += 50) {
			int now = ring_at(&ring, RING_POLICIES, done, 25, part);
			assert_true(now >= before);
			before = now;
		}
	assert_int_equal(before, 95);
	// Nothing to set up: the ring stays until the end is known.
	ring = (struct ring){0};
	assert_int_equal(ring_at(&ring, RING_POLICIES, 0, 0, 50), 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ring_never_goes_back_and_never_beyond_its_end),
		cmocka_unit_test(every_item_moves_the_ring),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
