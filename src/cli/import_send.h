// SPDX-License-Identifier: Apache-2.0
// How parts of an import are on their way at once, each sent again when the network fails, and
// their answers come back in the order of the file.
#pragma once

#include "cli/import_file.h"

enum { IMPORT_SENDERS = 8 };

struct import_sender;

// Threads that sign in and send as `cli` would, to the import of this id.
bool import_sender_open(struct cli *cli, const char *import_id, bool all_results,
	struct import_sender **out, struct error *e) MUST_CHECK;
void import_sender_close(struct import_sender *s); // NULL is fine; cancels what is not sent

// A place for the next part's bytes; NULL while all are on their way: take an answer first.
struct import_cut *import_sender_room(struct import_sender *s);

// Send what was put there.
void import_sender_put(struct import_sender *s, size_t part);

// Wait for the answer to the oldest part that was put; the answer lives until the next call. *out
// is NULL when there is none left.
bool import_sender_take(struct import_sender *s, const struct json **out, uint64_t *end,
	struct error *e) MUST_CHECK;
