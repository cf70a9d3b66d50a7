// SPDX-License-Identifier: Apache-2.0
// Time as Ferry stores it: microseconds since 1970 UTC for what happened, a monotonic clock for how
// long it took.
#pragma once

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

typedef int64_t time_us; // microseconds since 1970-01-01T00:00:00Z

#define US_PER_S 1000000LL
#define US_PER_MIN (60 * US_PER_S)
#define US_PER_DAY (86400 * US_PER_S)

time_us clock_now(void);	  // wall clock
int64_t clock_monotonic_ms(void); // for deadlines and durations

// "2026-11-21T09:30:00Z" (RFC 3339, whole seconds), and with microseconds.
char *clock_rfc3339(struct arena *arena, time_us t);
char *clock_rfc3339_us(struct arena *arena, time_us t);

// Parse RFC 3339 with Z or an offset and optional fraction; false when malformed.
bool clock_parse_rfc3339(const char *text, time_us *out);

// "Sat, 21 Nov 2026 09:30:00 GMT" (IMF-fixdate, RFC 9110 section 5.6.7) into out, and back.
void clock_http_date(time_us t, char out[30]);
bool clock_parse_http_date(const char *text, time_us *out);
