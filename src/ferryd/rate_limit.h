// SPDX-License-Identifier: Apache-2.0
// How many requests a client may still make: a bucket of tokens for each, filled at a steady rate.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rate_limit;

// `rate` requests a second on average, ten seconds' worth at once. 0: no limit (NULL).
struct rate_limit *rate_limit_new(unsigned rate);

// Take a token of the client's at `now_ms` (monotonic). False: none is left, and *wait_s says after
// how many seconds to come again. NULL throttles nobody. Any thread.
bool rate_limit_take(struct rate_limit *throttle, const char *client, int64_t now_ms, int *wait_s);
