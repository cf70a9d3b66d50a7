// SPDX-License-Identifier: Apache-2.0
// Bytes that somebody else owns: a pointer and a length, with the few comparisons everybody needs.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const uint8_t *data;
	size_t len;
};

static inline struct slice
slice_of(const void *data, size_t len)
{
	return (struct slice){.data = data, .len = len};
}

static inline struct slice
slice_str(const char *text)
{
	return (struct slice){.data = (const uint8_t *)text, .len = text ? strlen(text) : 0};
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool
slice_is(struct slice a, const char *text)
{
	return slice_eq(a, slice_str(text));
}
