// SPDX-License-Identifier: Apache-2.0
// A growing byte buffer in an arena that never grows past its maximum: what every writer writes
// into.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct buf {
	struct arena *arena;
	char *data; // NUL-terminated once anything was appended
	size_t len, cap;
	size_t max;    // ceiling for len
	bool overflow; // an append did not fit: the content is incomplete
};

// Start an empty buffer of at most `max` bytes.
void buf_init(struct buf *b, struct arena *arena, size_t max);

// Appends are silently dropped once the maximum is exceeded; ask buf_ok() once, at the end.
void buf_put(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

// Room for `len` bytes at the end, which the caller fills; NULL when they do not fit.
char *buf_extend(struct buf *b, size_t len);

// Everything but the unreserved characters of a URI as %XX (RFC 3986 section 2).
void buf_put_escaped(struct buf *b, const char *text);

// ERR_LIMIT if an append did not fit.
bool buf_ok(const struct buf *b, struct error *e) MUST_CHECK;

// The content as a NUL-terminated text ("" when empty).
const char *buf_text(const struct buf *b);

static inline struct slice
buf_slice(const struct buf *b)
{
	return slice_of(b->data, b->len);
}
