// SPDX-License-Identifier: Apache-2.0
// What the connector tells the service of the directory: batches of bounded size
// (docs/wire-connector.md).
#pragma once

#include "base/buf.h"
#include "codec/json.h"
#include "connector/ad_pages.h"

enum {
	BATCH_OBJECTS = 200,
	BATCH_MEMBERS = 4000,
	BATCH_BYTES = 1 << 20,
	BATCH_RANGE = 1000, // members of a group asked for at once
};

struct sync_batch {
	struct arena arena;
	struct buf users, groups, gone; // each the inside of a JSON array
	struct jsonw w_users, w_groups, w_gone;
	size_t objects, members;
};

// Begin an empty batch; the first time with a zeroed struct. Release with arena_finish(&b->arena).
void batch_begin(struct sync_batch *b);

bool batch_full(const struct sync_batch *b);

// The attributes that batch_user and batch_group read.
extern const char *const SYNC_ATTRIBUTES[];

// Put an entry into the batch. False: it lacks what every object has (objectGUID, objectSid,
// sAMAccountName; a user's userAccountControl), so it is not ours to see.
bool batch_user(struct sync_batch *b, const struct ad_row *row, const char *domain);
// `part` 0 with the first members, then the further ones; *next as ad_row_range gives it.
bool batch_group(struct sync_batch *b, const struct ad_row *row, unsigned part, unsigned *next);
bool batch_gone(struct sync_batch *b, const struct ad_row *row, bool deleted);

// objectGUID as text; false when there is none.
bool batch_guid(const struct ad_row *row, char out[UUID_TEXT]);

// The body of POST /connector/v1/directory; `cursor` (NULL: more follows) ends the run.
const char *batch_json(struct sync_batch *b, const char *run_id, bool full, const char *cursor,
	struct error *e) MUST_CHECK;
