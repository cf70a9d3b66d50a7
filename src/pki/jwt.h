// SPDX-License-Identifier: Apache-2.0
// Signed tokens (RFC 7515, 7519): the only place that decides whether one is genuine
// (threats-and-faults.md row 13).
#pragma once

#include "base/clock.h"
#include "pki/jwk.h"

enum { JWT_MAX = 16 * 1024, JWT_SKEW_S = 60 };

// Sign claims (the text of a JSON object) with ES256 or RS256, as the key says. `kid` names the key
// to the verifier.
bool jwt_sign(struct arena *arena, EVP_PKEY *key, const char *kid, const char *claims, char **out,
	struct error *e) MUST_CHECK;

// A key made ready to sign many tokens: a seventh of a signature with P-256 is finding the
// algorithm.
struct jwt_signer {
	const char *header; // as it stands in the token
	bool ec;
	EVP_MD_CTX *ready; // copied for each token
};

// The header lives in the arena. ERR_UNSUPPORTED for a key that signs no tokens.
bool jwt_signer_init(struct arena *arena, EVP_PKEY *key, const char *kid, struct jwt_signer *out,
	struct error *e) MUST_CHECK;
void jwt_signer_finish(struct jwt_signer *signer);

// As jwt_sign(). Several threads may use one signer.
bool jwt_signer_sign(struct arena *arena, const struct jwt_signer *signer, const char *claims,
	char **out, struct error *e) MUST_CHECK;

// What a token must say, compared byte by byte.
struct jwt_expect {
	const char *issuer;   // iss
	const char *audience; // aud, which must be one string
	const char *tenant;   // tid; NULL only where an issuer has no tenants
	time_us now;
	int64_t max_lifetime_s; // exp - nbf; 0: any
	// An id_token of another issuer (OpenID Connect Core 3.1.3.7): aud may be a list that holds
	// the audience, azp must then be it; nbf may be missing where iat is there; nonce as asked.
	bool id_token;
	const char *nonce; // of id_token: what was sent with the request
};

// Verify a compact token and give its claims (an object in the arena).
//
// Algorithm from the allow-list ES256, RS256 and as the pinned key of that `kid` has it; a header
// with jku, x5u, jwk, x5c, x5t, crit, b64, zip or enc is refused, as is a typ other than JWT or
// at+jwt. iss, aud, tid exact; exp, nbf and iat required, integers, 60 s of skew; iat not in the
// future. At most 16 KiB. In an id_token of another issuer x5t, a mere name of its key, is ignored.
//
// ERR_UNAUTHENTICATED with fault token_expired, token_not_yet_valid or token_invalid.
bool jwt_verify(struct arena *arena, struct slice token, const struct jwk_set *keys,
	const struct jwt_expect *expect, const struct json **claims, struct error *e) MUST_CHECK;

// Which key a token says it was signed with, or NULL. Nothing is verified: only good for deciding
// whether to look for newer keys.
const char *jwt_kid(struct arena *arena, struct slice token);

// ECDSA signatures: DER (OpenSSL) to the fixed 64 bytes of JOSE and back. Both refuse what is not
// P-256.
bool ecdsa_der_to_raw(struct slice der, uint8_t raw[64], struct error *e) MUST_CHECK;
bool ecdsa_raw_to_der(struct arena *arena, struct slice r, struct slice s, struct slice *out,
	struct error *e) MUST_CHECK;
