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

// "ES256" or "RS256", or NULL for a key that signs no tokens.
const char *jwk_alg(const EVP_PKEY *key);

// The key of that name, or NULL.
const struct jwk *jwk_find(const struct jwk_set *set, const char *kid);
