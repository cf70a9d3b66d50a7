// SPDX-License-Identifier: Apache-2.0
// How often a caller did something lately, counted once for all services on one database.
#pragma once

#include "store/work.h"

// Count `n` more of `kind` for the caller (an id). A window of `window` microseconds begins with
// the first; *total is how many there were in it, these included.
bool store_tally_add(const struct work *w, const char *kind, const char *caller, int64_t n,
	time_us window, int64_t *total, struct error *e) MUST_CHECK;
