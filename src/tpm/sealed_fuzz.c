// SPDX-License-Identifier: Apache-2.0
#include "tpm/sealed.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A container takes apart into exactly its bytes, and never opens with a secret nobody used.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t secret[TPM_SECRET_LEN] = {0x5a};
	autoarena(arena, ARENA_REQUEST);
	struct tpm_sealed sealed;
	struct slice plain;
	struct error e;

	if (!tpm_sealed_parse(slice_of(data, size), &sealed, &e))
		return 0;
	if (sealed.header.len + sealed.ciphertext.len != size)
		abort();
	if (tpm_sealed_open(
		    &arena, &sealed, slice_of(secret, sizeof secret), slice_str("aad"), &plain, &e))
		abort();
	return 0;
}
