// SPDX-License-Identifier: Apache-2.0
// What takes things away from this device at the organization's word or its person's: wipe, fresh
// start, retire, Autopilot Reset (behaviour A1 to A11). An act that was accepted stands in the
// journal and is done however often the power is cut.
#pragma once

#include "agent/agent.h"

enum act {
	ACT_WIPE,	 // everything; the device begins at its first page (A8)
	ACT_FRESH_START, // the same (A9)
	ACT_RENEW,	 // apps and settings; people's data, join and enrolment stay (A8, A9)
	ACT_RETIRE,	 // what the organization put there, and its enrolment (A10)
	ACT_RESET,	 // users, apps, settings; for the next user, at a command (A1, A2, A6)
	ACT_RESET_LOCAL, // the same from the device's own page (A5)
	ACT_COUNT
};

// Note that it is to be done. One that takes more away takes the place of one that was accepted
// before. ERR_IO.
bool act_accept(struct agent *agent, enum act act, struct error *e) MUST_CHECK;

// Do what the journal says, from its beginning: each step finds done what was done before the power
// cut. At the end the journal has the flow that follows.
bool act_run(struct agent *agent, struct error *e) MUST_CHECK;

// Restart the machine, or switch it off; the flow ends.
bool act_power(struct agent *agent, bool off, struct error *e) MUST_CHECK;
