// SPDX-License-Identifier: Apache-2.0
// How often passwords may be tried through this connector, whoever asks: a compromised service must
// not guess passwords, and nobody may lock another person's account out of the domain.
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include <stdint.h>

enum { GUESS_ACCOUNTS = 4096, GUESS_WINDOW_S = 600 };

struct guess_limit {
	unsigned max_wrong;	 // of one account within GUESS_WINDOW_S
	unsigned max_per_minute; // of all together
	time_us minute;		 // when the current minute began
	unsigned count;		 // checks since
	struct guess_limit_account {
		uint64_t key; // of the name, 0: free
		time_us since;
		unsigned wrong;
	} accounts[GUESS_ACCOUNTS];
};

// May this account be tried now? The account's name in any case of letters. Some tries are kept for
// a browser that its owner signed in with before (`known`, as the service says), so that strangers
// who guess do not shut him out. Counted as wrong until its result is known: many at the same time
// do not get more tries. ERR_LIMIT with fault signin_throttled.
bool guess_limit_allow(struct guess_limit *t, const char *account, bool known, time_us now,
	struct error *e) MUST_CHECK;

// What came of it: a wrong password stays counted, a right one wipes the slate, and one that nobody
// looked at is taken back.
enum guess_result { GUESS_WRONG, GUESS_RIGHT, GUESS_UNCHECKED };
void guess_limit_result(
	struct guess_limit *t, const char *account, enum guess_result result, time_us now);
