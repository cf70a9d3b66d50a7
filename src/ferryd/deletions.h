// SPDX-License-Identifier: Apache-2.0
// Who deletes a fleet one device after the other, where a second person would be asked for the
// whole (threats row 20).
//
// Graph's clients delete one by one and Autopilot lets them, so nothing is refused: it is told.
#pragma once

#include "ferryd/service.h"

// The caller has deleted, wiped, retired or reset `count` devices alone. More than DEREGISTER_ALONE
// within an hour: a line in the log and an event in the audit log, once an hour for each caller,
// however many services share the database.
void deletions_done(struct call *c, size_t count);
