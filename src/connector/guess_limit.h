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

// May this account be tried now? A pure decision of the history. The account's name in any case of
// letters. ERR_LIMIT with fault signin_throttled.
bool guess_limit_allow(
	struct guess_limit *t, const char *account, time_us now, struct error *e) MUST_CHECK;

// What came of it: a wrong password counts, a right one wipes the slate.
void guess_limit_result(struct guess_limit *t, const char *account, bool right, time_us now);
