// SPDX-License-Identifier: Apache-2.0
// Codes of an authenticator app: six digits from a shared secret and the time (RFC 6238 over RFC
// 4226, SHA-1, 30 seconds), each accepted once.
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/slice.h"

enum { TOTP_SECRET_LEN = 20, TOTP_STEP_S = 30, TOTP_DIGITS = 6, TOTP_WINDOW = 1 };

// The code of a step (seconds since 1970 / 30).
uint32_t totp_code(struct slice secret, int64_t step);

// True when `text` (blanks are ignored) is the code of the present step, the one before or the one
// after, and of a step later than `last_step`: a code that was seen over a shoulder opens nothing
// (RFC 6238 section 5.2). *step is what to remember then.
bool totp_match(
	struct slice secret, const char *text, time_us now, int64_t last_step, int64_t *step);

// RFC 4648 base32 without padding, as authenticator apps take a secret by hand; decoding ignores
// case, blanks and hyphens, and gives NULL data when malformed.
char *base32_encode(struct arena *arena, struct slice bytes);
struct slice base32_decode(struct arena *arena, const char *text);

// otpauth://totp/… for a QR code.
char *totp_uri(struct arena *arena, const char *organization, const char *upn, struct slice secret);
