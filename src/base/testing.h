// SPDX-License-Identifier: Apache-2.0
// How a test case fails with an error's own words, and how it says that it could not run here, so
// that nobody counts it as passed.
#pragma once

#include <stdio.h>

// Leave a void test function with the reason. Not cmocka's skip(): it writes "not ok # SKIP", which
// TAP readers count as failed. test/count-results understands the remark.
#define SKIP_CASE(reason)                                                                          \
	do {                                                                                       \
		printf("# SKIP %s\n", reason);                                                     \
		fflush(stdout);                                                                    \
		return;                                                                            \
	} while (0)

// Fails with what the call says in the caller's `struct error e`. After <cmocka.h>.
#define assert_works(call)                                                                         \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("%s: %s", #call, e.message);                                      \
	} while (0)
