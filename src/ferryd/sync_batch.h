// SPDX-License-Identifier: Apache-2.0
// A batch of the directory as a connector words it (docs/wire-connector.md), read within limits.
#pragma once

#include "codec/json.h"
#include "store/sync.h"

enum {
	SYNC_MAX_OBJECTS = 1000,  // of each kind in a batch
	SYNC_MAX_MEMBERS = 20000, // of all groups together
	SYNC_MAX_BYTES = 4 << 20,
};

// ERR_INVALID names what is wrong; ERR_LIMIT. Texts are cut to what a directory may hold; SIDs and
// GUIDs are checked, GUIDs in lower case.
bool sync_batch_read(
	struct arena *arena, struct slice text, struct sync_batch *out, struct error *e) MUST_CHECK;
