// SPDX-License-Identifier: Apache-2.0
// How guessing is slowed down without anybody being able to lock the owner of an account out.
//
// Nothing is ever locked: failures cost growing delays. Who is delayed depends on who asks: a
// browser that signed in to this account before (its cookie) has a counter of its own, and an
// address from which this account signed in before is not held up by the account's counter. So an
// attacker elsewhere, at whatever rate, delays only those who never signed in from anywhere known.
#pragma once

#include "base/clock.h"

enum guess_kind {
	GUESS_DEVICE,  // one browser that signed in to this account before
	GUESS_PAIR,    // one address and one account
	GUESS_ACCOUNT, // one account, from anywhere unknown
	GUESS_SOURCE,  // one address, whatever account
	GUESS_KINDS
};

struct guess_counter {
	int64_t failures;
	time_us last_at, until;
};

#define GUESS_BIT(kind) (1u << (kind))

// Which counters an attempt must pass (bits of enum guess_kind).
unsigned guess_needed(bool known_device, bool known_source);

// Count an attempt before the password is looked at, so that many at once cannot overtake the
// counter. False: too early, `wait` microseconds remain and nothing was counted.
bool guess_take(enum guess_kind kind, struct guess_counter *c, time_us now, time_us *wait);

// The attempt was good: what it was counted as is taken back.
void guess_give_back(enum guess_kind kind, struct guess_counter *c, time_us now);

// Delay after so many failures, in microseconds.
time_us guess_delay(enum guess_kind kind, int64_t failures);

// After this time without a failure a counter is as new and may be deleted.
#define GUESS_MEMORY US_PER_DAY

// The address as it is counted: IPv6 by /64, since one subscriber has that many addresses.
char *guess_source(struct arena *arena, const char *address);
