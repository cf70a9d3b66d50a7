// SPDX-License-Identifier: Apache-2.0
// Text helpers that libc lacks: case-insensitive prefix and equality, strict numbers, UTF-8
// validation.
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include <stdbool.h>
#include <stdint.h>

static inline bool
str_eq(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

// ASCII case-insensitive; NULL equals nothing.
bool str_ieq(const char *a, const char *b);
bool str_starts(const char *text, const char *prefix);
bool str_istarts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

// True for NULL and "".
static inline bool
str_empty(const char *text)
{
	return !text || !*text;
}

// Copies in the arena with ASCII letters in one case.
char *str_lower(struct arena *arena, const char *text);
char *str_upper(struct arena *arena, const char *text);

// Decimal digits only, whole text, within 0..max.
bool str_to_u64(const char *text, uint64_t max, uint64_t *out);

// Well-formed UTF-8 without NUL, surrogates or overlong forms (RFC 3629).
bool utf8_valid(struct slice text);

// Append code point `cp` as UTF-8 to out (room for 4 bytes); returns the number of bytes, 0 if cp
// is not a scalar value.
size_t utf8_encode(uint32_t cp, char out[4]);

// Decode the scalar value at text[*pos], advancing *pos; false at malformed input.
bool utf8_next(struct slice text, size_t *pos, uint32_t *cp);
