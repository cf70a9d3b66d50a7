// SPDX-License-Identifier: Apache-2.0
// Bytes as text: base64 and base64url (RFC 4648), and hexadecimal.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

// Encode with padding, without line breaks.
char *base64_encode(struct arena *arena, struct slice bytes);

// base64url without padding (JOSE).
char *base64url_encode(struct arena *arena, struct slice bytes);

enum base64_flags {
	BASE64_STRICT = 0,	 // canonical: padding present, unused bits zero, no other character
	BASE64_NO_PADDING = 1,	 // padding may be missing (hardware hashes, behaviour R8)
	BASE64_WHITESPACE = 2,	 // line breaks, blanks and tabs are skipped (CSRs in SOAP)
	BASE64_LENIENT_BITS = 4, // unused bits of the last character may be set
};

// Decode at most `max` bytes; a NUL follows the data. ERR_INVALID with the offset, ERR_LIMIT.
bool base64_decode(struct arena *arena, struct slice text, unsigned flags, size_t max,
	struct slice *out, struct error *e) MUST_CHECK;
bool base64url_decode(struct arena *arena, struct slice text, size_t max, struct slice *out,
	struct error *e) MUST_CHECK;

// Lower-case hexadecimal; decoding takes both cases.
char *hex_encode(struct arena *arena, struct slice bytes);
bool hex_decode(
	struct arena *arena, const char *text, struct slice *out, struct error *e) MUST_CHECK;
