// SPDX-License-Identifier: Apache-2.0
// UTF-16LE as Windows stores names and passwords, and its UTF-8 form.
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include <stdbool.h>

// UTF-8 text as UTF-16LE units without a final NUL; false when the text is not well-formed UTF-8.
bool utf16_from_utf8(struct arena *arena, const char *text, struct slice *out) MUST_CHECK;

// UTF-16LE units as UTF-8. False when the length is odd, a surrogate has no partner, or a unit is
// zero.
bool utf16_to_utf8(struct arena *arena, struct slice units, char **out) MUST_CHECK;

// As utf16_to_utf8, but every surrogate without a partner becomes U+FFFD, as a domain controller
// does before it derives Kerberos keys from a random machine password (MS-SAMR 3.1.1.8.11.6).
bool utf16_to_utf8_replacing(struct arena *arena, struct slice units, char **out) MUST_CHECK;
