// SPDX-License-Identifier: Apache-2.0
// Random bytes from the kernel, and the identifiers made of them (RFC 9562 version 4, lower-case
// text).
#pragma once

#include "base/arena.h"
#include <stdbool.h>
#include <stdint.h>

enum { UUID_TEXT = 37 }; // 36 characters and NUL

// Fill from getrandom(2); ends the process if the kernel has none.
void random_bytes(void *out, size_t len);

// A new random UUID in the arena.
char *uuid_new(struct arena *arena);

// A new UUID of version 7: begins with the time, so that an index that it is put into grows at its
// end. Half of it is random: not a secret, as no identifier is.
char *uuid_ordered(struct arena *arena);

// 8-4-4-4-12 hexadecimal digits.
bool uuid_valid(const char *text);

// Text <-> 16 bytes in text order (big-endian); false when malformed.
bool uuid_parse(const char *text, uint8_t out[16]);
void uuid_format(const uint8_t bytes[16], char out[UUID_TEXT]);
