// SPDX-License-Identifier: Apache-2.0
// Codes that people read and type: how they look, how many bits they hold, and for how long they
// count.
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"

enum code_kind {
	CODE_USER,     // device flow (RFC 8628 section 6.1), XXXXX-XXXXX, 43 bits
	CODE_RECOVERY, // instead of an authenticator app, XXXXX-XXXXX-XXXXX, 64 bits
	CODE_PASS,     // Temporary Access Pass, XXXX-XXXX-XXXX, 51 bits
	CODE_KINDS
};

enum {
	CODE_RANDOM = 64,
	RECOVERY_CODES = 10,
	USER_CODE_SECONDS = 600,
	PASS_MIN_MINUTES = 10,
	PASS_MAX_MINUTES = 480,
	PASS_DEFAULT_MINUTES = 60,
};

// A code of consonants only, so that no word and no digit that looks like a letter comes out. False
// when the random bytes do not suffice (less often than once in 10^15): take others.
bool code_make(struct arena *arena, enum code_kind kind, const uint8_t random[CODE_RANDOM],
	char **out) MUST_CHECK;

// What a person typed as the code was made: upper case, hyphens put where they belong. NULL when it
// cannot be one.
char *code_read(struct arena *arena, enum code_kind kind, const char *typed);

// A Temporary Access Pass (behaviour E18): valid from start_at for `minutes`.
struct access_pass {
	time_us start_at; // 0: now
	int64_t minutes;  // 0: PASS_DEFAULT_MINUTES
	bool one_time;
};

// Fill in what is 0 and check. ERR_INVALID with fault access_pass_lifetime.
bool access_pass_settle(struct access_pass *pass, time_us now, struct error *e) MUST_CHECK;
