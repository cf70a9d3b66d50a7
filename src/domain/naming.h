// SPDX-License-Identifier: Apache-2.0
// How a computer gets its name: the naming template of a profile and its macros (behaviour P20-P23,
// J1).
#pragma once

#include "base/arena.h"
#include "base/error.h"

enum { NAME_MAX_LEN = 15, NAME_RANDOM_DIGITS = 15 };

// Check a template: text, %SERIAL% and %RAND:n% (n 1..14). ERR_INVALID says what is wrong and how
// to mend it.
bool naming_check(const char *template_text, struct error *e) MUST_CHECK;

// True if two expansions can differ: a name that is taken may be tried again with another random
// part.
bool naming_is_random(const char *template_text);

// Expand a checked template. `random` supplies NAME_RANDOM_DIGITS bytes; %RAND:n% gives decimal
// digits (P22, C2). The serial number is reduced to letters, digits and hyphens and cut so that the
// name has at most 15 characters (P21). ERR_INVALID if the result is not a valid computer name
// (empty, all digits, hyphen at an end: P20).
bool naming_expand(struct arena *arena, const char *template_text, const char *serial,
	const unsigned char random[NAME_RANDOM_DIGITS], char **out, struct error *e) MUST_CHECK;

// A NetBIOS computer name as P20 allows it.
bool naming_valid(const char *name, struct error *e) MUST_CHECK;
