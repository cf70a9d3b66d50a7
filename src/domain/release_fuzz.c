// SPDX-License-Identifier: Apache-2.0
// A release token of nobody: whatever it says, it releases nothing and the reason is named.
#include "domain/release.h"

#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	const struct jwk_set none = {NULL, 0};
	const struct release_expect expect = {
		.issuer = "https://f", .key = "k", .enrollment = "e", .policy = "p"};
	struct release out;
	struct error e = {0};

	if (release_verify(&arena, slice_of(data, size), &none, &expect, &out, &e))
		abort();
	if (!str_eq(e.fault, "release_token_invalid"))
		abort();
	return 0;
}
