// SPDX-License-Identifier: Apache-2.0
// What a token says about a program or a person, and what an answer with tokens looks like
// (clients-and-conventions.md section 2.2, rules 8 to 10).
#pragma once

#include "ferryd/sign_in.h"
#include "store/clients.h"
#include "store/grants.h"

enum { TOKEN_SECONDS = 3600 };

// All that a person's grant gives now: what the person's roles are at this moment decides, not what
// they were.
struct token_answer {
	const char *access_token, *id_token, *refresh_token; // NULL: none
	const char *scope;				     // never NULL
	const char *client_info;			     // NULL for programs
	int64_t expires_s;				     // seconds from now
};

// An access token of a program of its own, which has given its secret. What was signed for the same
// program and the same `scope` at most SHELF_SECONDS ago is given again (token_shelf.h).
bool token_for_client(struct call *c, const struct client *client, const char *scope,
	struct token_answer *out, struct error *e) MUST_CHECK;

// `scope`: what is asked for this time, NULL: what the grant says. ERR_DENIED with fault
// oauth_scope_denied, account_disabled.
bool tokens_for_person(struct call *c, const struct client *client, const struct grant *grant,
	const char *scope, const char *nonce, struct token_answer *out, struct error *e) MUST_CHECK;

bool tokens_send(struct call *c, const struct token_answer *answer, struct error *e) MUST_CHECK;
