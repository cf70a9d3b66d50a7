// SPDX-License-Identifier: Apache-2.0
#include "pki/jwt.h"
#include "pki/key.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Nobody has ever signed with this key: whatever is accepted was forged.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static EVP_PKEY *key;
	autoarena(arena, ARENA_REQUEST);
	struct jwt_expect expect = {.issuer = "i", .audience = "a", .now = 1000100 * US_PER_S};
	const struct json *claims;
	struct error e;

	if (!key && !key_generate(KEY_P256, &key, &e))
		abort();
	struct jwk one = {.kid = "ec", .key = key};
	struct jwk_set set = {.keys = &one, .count = 1};
	if (jwt_verify(&arena, slice_of(data, size), &set, &expect, &claims, &e))
		abort();
	if (e.code != ERR_UNAUTHENTICATED || !e.fault)
		abort();
	expect.id_token = true;
	expect.nonce = "n";
	if (jwt_verify(&arena, slice_of(data, size), &set, &expect, &claims, &e))
		abort();
	return 0;
}
