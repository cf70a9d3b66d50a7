// SPDX-License-Identifier: Apache-2.0
// Whether a token is one of ours: the signer's public keys, kept fresh, and what every token must
// say.
//
// The set is learnt anew every few seconds of use, and at once when a token names a key that is not
// in it (not more often than every two seconds, whoever sends such tokens). While the signer does
// not answer the last set is used for as long as the signer allowed, at most an hour.
#pragma once

#include "ferryd/service.h"

struct token_keys;

// Learn the keys for the first time. `signer_path` must outlive it.
bool token_keys_open(const char *signer_path, struct token_keys **out, struct error *e) MUST_CHECK;
void token_keys_close(struct token_keys *keys); // NULL is fine

enum { TOKEN_MAX_SECONDS = 24 * 3600 }; // the signer gives none that lives longer

// Verify a token of this service for `audience` (src/pki/jwt.h is the judge): issuer is our base
// address, tid one UUID in lower case, life at most `max_lifetime_s`. Claims live in the call's
// arena. ERR_UNAUTHENTICATED with fault token_invalid, token_expired or token_not_yet_valid;
// ERR_UNAVAILABLE with fault signer_unavailable. May be used from any thread.
bool token_verify_within(struct call *c, struct slice token, const char *audience,
	int64_t max_lifetime_s, const struct json **claims, struct error *e) MUST_CHECK;

// The same for a token that may live as long as any.
bool token_verify(struct call *c, const char *token, const char *audience,
	const struct json **claims, struct error *e) MUST_CHECK;

// The key set as published (RFC 7517), in the call's arena, and for how many seconds others may
// keep it.
bool token_keys_json(
	struct call *c, const char **jwks, int64_t *max_age_s, struct error *e) MUST_CHECK;

// The signer has just used this key: learn it now if it is not known yet.
void token_keys_expect(struct token_keys *keys, const char *kid);
