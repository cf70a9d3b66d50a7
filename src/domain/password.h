// SPDX-License-Identifier: Apache-2.0
// Which passwords are good enough: long, not among those that everybody tries first, and not the
// user's own name (NIST SP 800-63B section 5.1.1.2).
#pragma once

#include "base/arena.h"
#include "base/error.h"

enum { PASSWORD_MIN_DEFAULT = 12, PASSWORD_MIN_FLOOR = 8, PASSWORD_MAX_BYTES = 256 };

struct password_rules {
	size_t min_length; // characters, not bytes; 0: PASSWORD_MIN_DEFAULT
};

// Check a new password. `upn` and `display_name` are its owner's and may be NULL. ERR_INVALID with
// fault password_too_short, password_too_long, password_common or password_contains_name.
//
// No rule asks for kinds of characters: they make passwords worse (section 5.1.1.2 says so).
bool password_check(struct arena *arena, const struct password_rules *rules, const char *password,
	const char *upn, const char *display_name, struct error *e) MUST_CHECK;
