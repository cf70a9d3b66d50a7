// SPDX-License-Identifier: Apache-2.0
// What ends for a person inside a transaction that somebody else began.
#pragma once

#include "store/db.h"
#include "store/work.h"

// All sessions but that one ("": none), all grants, and from where the person is known.
bool person_end_everything(struct db *db, const struct work *w, const char *user_id,
	const char *why, const char *except_session, struct error *e) MUST_CHECK;
