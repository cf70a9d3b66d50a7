// SPDX-License-Identifier: Apache-2.0
// Token keys in JSON (RFC 7517): how a public key is written for /discovery/keys and how it is
// named.
#pragma once

#include "codec/json.h"
#include <openssl/types.h>

struct jwk {
	const char *kid;
	EVP_PKEY *key; // P-256 (ES256) or RSA (RS256); borrowed
};

struct jwk_set {
	const struct jwk *keys;
	size_t count;
};

// Name of a key: base64url of the SHA-256 thumbprint (RFC 7638). ERR_UNSUPPORTED for kinds of keys
// that do not sign tokens.
bool jwk_thumbprint(
	struct arena *arena, const EVP_PKEY *key, const char **out, struct error *e) MUST_CHECK;

// {"keys":[{"kty","use":"sig","alg","kid",…}]} with public members only.
bool jwk_set_json(struct arena *arena, const struct jwk_set *set, const char **out,
	struct error *e) MUST_CHECK;

// Read such a document, ours or that of another issuer. Keys that cannot have signed a token for us
// (another use, kind, curve or algorithm, without a name, too weak) are left out; ERR_PROTOCOL when
// the document is malformed, a key is no key, two have one name or more than `max` remain. Names
// live in the arena; jwk_set_free releases the keys.
bool jwk_set_read(struct arena *arena, const struct json *document, size_t max, struct jwk_set *out,
	struct error *e) MUST_CHECK;
void jwk_set_free(struct jwk_set *set);

// "ES256" or "RS256", or NULL for a key that signs no tokens.
const char *jwk_alg(const EVP_PKEY *key);

// The key of that name, or NULL.
const struct jwk *jwk_find(const struct jwk_set *set, const char *kid);
