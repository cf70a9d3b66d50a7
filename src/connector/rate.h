// SPDX-License-Identifier: Apache-2.0
// How many accounts were touched in the last hour, over a restart too: whoever can make the
// connector start again gets no new hour's worth (threats-and-faults.md row 5).
#pragma once

#include "connector/allow.h"

// Read rate.json of the state directory; a missing file is an hour without accounts. What is older
// than an hour, or of the future, is forgotten. The rings live in the arena. ERR_INVALID, ERR_IO.
bool rate_load(struct arena *arena, const char *dir, const struct allow_list *list, time_us now,
	struct allow_history *made, struct allow_history *ended, struct error *e) MUST_CHECK;

// Write it durably, before the directory is touched.
bool rate_save(const char *dir, const struct allow_list *list, const struct allow_history *made,
	const struct allow_history *ended, struct error *e) MUST_CHECK;
