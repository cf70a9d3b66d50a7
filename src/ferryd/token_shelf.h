// SPDX-License-Identifier: Apache-2.0
// Tokens of programs that were signed minutes ago: which may be given to the same program again.
//
// A token lies under a label, the text of all that it says but its times, with what the program
// asked for and proved: whatever is changed about the program makes another label. A change of the
// token keys, in whatever process, empties the shelf before the next look (signer_watch()); so does
// the end of the signer. Where the signer cannot tell, the shelf stays empty.
#pragma once

#include "base/arena.h"
#include "base/slice.h"

struct token_shelf;

enum { SHELF_SECONDS = 300 }; // a token older than this is not given again

// `signer_path` must outlive it. NULL is a shelf too: one on which nothing ever lies.
struct token_shelf *token_shelf_new(const char *signer_path);
void token_shelf_free(struct token_shelf *shelf);

struct shelf_token {
	const char *token;
	int64_t signed_at; // seconds since 1970
};

// Look for a token, copied into the arena. `moment` is for token_shelf_put() of what is signed
// after this look. From any thread.
bool token_shelf_find(struct token_shelf *shelf, struct arena *arena, struct slice label,
	int64_t now_s, struct shelf_token *out, uint64_t *moment);

// Keep a token, if the keys have not changed since that moment.
void token_shelf_put(struct token_shelf *shelf, struct slice label, uint64_t moment,
	const struct shelf_token *token);
