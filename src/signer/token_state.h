// SPDX-License-Identifier: Apache-2.0
// Which token keys there are, in which state each is, and what is due next; no files, no clock.
#pragma once

#include "base/buf.h"
#include "pki/jwk.h"

enum {
	TOKEN_KEYS_MAX = 16,
	TOKEN_KID_LEN = 43, // RFC 7638: base64url of SHA-256
	// A key is published this long before it signs: caches of the key set live shorter.
	TOKEN_PUBLISH_SECONDS = 24 * 3600,
	// The longest life of a token (SIGNER_MAX_TOKEN_SECONDS), twice the skew of verifiers, and
	// some minutes for clocks that were set in between.
	TOKEN_RETAIN_SECONDS = 24 * 3600 + 600,
};

enum token_key_state {
	TOKEN_NEXT,    // published, does not sign yet
	TOKEN_CURRENT, // signs
	TOKEN_RETIRED, // verifies what it signed; its private half is gone
	TOKEN_STATE_COUNT
};

struct token_key {
	char kid[TOKEN_KID_LEN + 1];
	enum token_key_state state;
	int64_t since; // when it entered this state, seconds since 1970
	EVP_PKEY *key; // public half
};

// Always one current key and at most one next, once read or made.
struct token_state {
	struct token_key keys[TOKEN_KEYS_MAX];
	size_t count;
};

struct token_policy {
	const char *alg;     // "ES256" or "RS256" for new keys; NULL: as the current one's
	int64_t rotate_days; // a current key older than this is replaced; 0: only by hand
	int64_t publish_s;   // 0: TOKEN_PUBLISH_SECONDS
};

const char *token_state_name(enum token_key_state state);

// Read tokens.json: {"version":1,"keys":[{"kid","state","since","spki"}]}. ERR_INVALID for
// everything that token_state_text does not write: other states, names that are not the key's
// thumbprint, none or several current keys. Free with token_state_free.
bool token_state_read(struct arena *arena, struct slice text, struct token_state *out,
	struct error *e) MUST_CHECK;
bool token_state_text(struct arena *arena, const struct token_state *state, struct slice *out,
	struct error *e) MUST_CHECK;
void token_state_free(struct token_state *state);

// The key set to publish (RFC 7517), the current key first.
bool token_state_jwks(struct arena *arena, const struct token_state *state, const char **out,
	struct error *e) MUST_CHECK;

struct token_key *token_state_find(struct token_state *state, enum token_key_state which);

// Add a key in that state; takes over `key`'s public half. ERR_LIMIT, ERR_CONFLICT.
bool token_state_add(struct token_state *state, enum token_key_state which, const EVP_PKEY *key,
	int64_t now, struct error *e) MUST_CHECK;

// The next key signs from now on and the current one retires. Nothing without a next key.
void token_state_promote(struct token_state *state, int64_t now);

// Take a key away, at once. False when there is none of that name.
bool token_state_remove(struct token_state *state, const char *kid) MUST_CHECK;

// Let go what nobody needs any more, promote what was published long enough. True when something
// changed.
bool token_state_tend(struct token_state *state, const struct token_policy *policy, int64_t now);

// Whether another key should be published now.
bool token_state_wants_next(
	struct token_state *state, const struct token_policy *policy, int64_t now);
