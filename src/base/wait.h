// SPDX-License-Identifier: Apache-2.0
// Waiting for another thread, by the monotonic clock: a wall clock that is set (the first answer of
// NTP on a new device) makes no wait longer or shorter.
#pragma once

#include <pthread.h>
#include <stdint.h>
#include <time.h>

// A condition whose timed waits take what wait_until() gives.
void wait_condition(pthread_cond_t *condition);

// The moment so many milliseconds from now; a negative number is now.
struct timespec wait_until(int64_t ms);
