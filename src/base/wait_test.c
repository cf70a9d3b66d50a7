// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/wait.h"
#include <errno.h>

// By the wall clock the moment of the monotonic one was decades ago, and the wait would end at
// once.
static void
a_wait_goes_by_the_monotonic_clock(void **state)
{
	(void)state;
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t never;

	wait_condition(&never);
	int64_t begin = clock_monotonic_ms();
	struct timespec until = wait_until(30);
	pthread_mutex_lock(&lock);
	assert_int_equal(pthread_cond_timedwait(&never, &lock, &until), ETIMEDOUT);
	pthread_mutex_unlock(&lock);
	assert_true(clock_monotonic_ms() - begin >= 29); // both ends are rounded down
	pthread_cond_destroy(&never);
}

static void
a_moment_is_well_formed(void **state)
{
	(void)state;
	static const int64_t waits[] = {-1, 0, 1, 999, 1000, 1001, 59999, 86400000LL * 400};
	struct timespec before = wait_until(0);

	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		struct timespec t = wait_until(waits[i]);
		assert_in_range(t.tv_nsec, 0, 999999999);
		int64_t ms =
			(t.tv_sec - before.tv_sec) * 1000 + (t.tv_nsec - before.tv_nsec) / 1000000;
		assert_true(ms >= waits[i]);
		assert_true(ms < (waits[i] < 0 ? 0 : waits[i]) + 5000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wait_goes_by_the_monotonic_clock),
		cmocka_unit_test(a_moment_is_well_formed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
