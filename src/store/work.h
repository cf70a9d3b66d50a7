// SPDX-License-Identifier: Apache-2.0
// What every store function is given: whose data, at what time, on which session, with which memory
// for the answer.
#pragma once

#include "base/clock.h"
#include "store/store.h"

struct work {
	struct arena *arena; // results live here
	struct store_session *session;
	const char *tenant_id;
	time_us now; // one time for everything a request does
	bool *noted; // set when an entry of the audit log was written; may be NULL
};
