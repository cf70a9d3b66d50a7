// SPDX-License-Identifier: Apache-2.0
// An archive of small files (POSIX ustar, IEEE 1003.1 pax) as one compressed text (gzip, RFC 1952).
#pragma once

#include "base/buf.h"
#include <stdint.h>

// Append a file of mode 0600. `name` has at most 99 bytes. `at` is in seconds since 1970.
void tar_put(struct buf *out, const char *name, struct slice content, int64_t at);

// Nothing follows.
void tar_end(struct buf *out);

// Compress. ERR_LIMIT when the result has more than `max` bytes.
bool gzip(struct arena *arena, struct slice plain, size_t max, struct slice *out,
	struct error *e) MUST_CHECK;

// And back. ERR_INVALID, ERR_LIMIT.
bool gunzip(struct arena *arena, struct slice packed, size_t max, struct slice *out,
	struct error *e) MUST_CHECK;
