// SPDX-License-Identifier: Apache-2.0
// How guessing is slowed down without anybody being able to lock the owner of an account out.
//
// Nothing is ever locked: failures cost growing delays. Who is delayed depends on who asks: a
// browser that signed in to this account before (its cookie) has a counter of its own, and an
// address from which this account signed in before is not held up by the account's counter. So an
// attacker elsewhere, at whatever rate, delays only those who never signed in from anywhere known.
#pragma once

#include "base/clock.h"

enum throttle_kind {
	THROTTLE_DEVICE,  // one browser that signed in to this account before
	THROTTLE_PAIR,	  // one address and one account
	THROTTLE_ACCOUNT, // one account, from anywhere unknown
	THROTTLE_SOURCE,  // one address, whatever account
	THROTTLE_KINDS
};

struct throttle_counter {
	int64_t failures;
	time_us last_at, until;
};

#define THROTTLE_BIT(kind) (1u << (kind))

// Which counters an attempt must pass (bits of enum throttle_kind).
unsigned throttle_needed(bool known_device, bool known_source);

// Count an attempt before the password is looked at, so that many at once cannot overtake the
// counter. False: too early, `wait` microseconds remain and nothing was counted.
bool throttle_take(enum throttle_kind kind, struct throttle_counter *c, time_us now, time_us *wait);

// The attempt was good: what it was counted as is taken back.
void throttle_give_back(enum throttle_kind kind, struct throttle_counter *c, time_us now);

// The secret could not be looked at at all: as if it had not been tried.
void throttle_void(struct throttle_counter *c, time_us now);

// Delay after so many failures, in microseconds.
time_us throttle_delay(enum throttle_kind kind, int64_t failures);

// After this time without a failure a counter is as new and may be deleted.
#define THROTTLE_MEMORY US_PER_DAY

// The address as it is counted: IPv6 by /64, since one subscriber has that many addresses.
char *throttle_source(struct arena *arena, const char *address);
