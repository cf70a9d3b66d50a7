// SPDX-License-Identifier: Apache-2.0
// How a computer gets its name: the naming template of a profile and its macros (behaviour P20-P23,
// J1; pains row 14: hybrid names may use them too).
#pragma once

#include "base/arena.h"
#include "domain/finding.h"
#include <stdint.h>

enum { NAME_MAX_LEN = 15, NAME_RANDOM_DIGITS = 15 };

// Check a template: text, %SERIAL%, %RAND:n% and %ALNUM:n% (n 1..14). ERR_INVALID says what is
// wrong and how to mend it.
bool naming_check(const char *template_text, struct error *e) MUST_CHECK;

// True if two expansions can differ: a name that is taken may be tried again with another random
// part.
bool naming_is_random(const char *template_text);

// Expand a checked template. `random` supplies NAME_RANDOM_DIGITS bytes; %RAND:n% gives decimal
// digits (P22, C2), %ALNUM:n% capital letters and digits without those that look alike. The serial
// number is reduced to letters, digits and hyphens and cut so that the name has at most 15
// characters (P21). ERR_INVALID if the result is not a valid computer name
// (empty, all digits, hyphen at an end: P20).
bool naming_expand(struct arena *arena, const char *template_text, const char *serial,
	const unsigned char random[NAME_RANDOM_DIGITS], char **out, struct error *e) MUST_CHECK;

// A NetBIOS computer name as P20 allows it.
bool naming_valid(const char *name, struct error *e) MUST_CHECK;

// How many names a template can give.
struct naming_space {
	bool serial;	    // the serial number makes them differ
	size_t serial_room; // characters of it that fit (P21)
	bool random;	    // or a random part does
	uint64_t names;	    // of one serial number: 10^n, 32^n; 1 without a random part
};

// Of a checked template.
void naming_space(const char *template_text, struct naming_space *out);

// Of how many percent of attempts a random name would be taken already, when `devices` have one.
unsigned naming_crowded(const struct naming_space *space, uint64_t devices);

// Characters of the serial number that a name may have.
size_t naming_serial_length(const char *serial);

// What a template would do to `devices` devices, of which the longest serial number has
// `serial_length` characters (0: unknown).
void naming_findings(
	const char *template_text, uint64_t devices, size_t serial_length, struct findings *out);
