// SPDX-License-Identifier: Apache-2.0
#include "tpm/forge.h"
#include <openssl/x509.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The root issued nothing: whatever is accepted was forged.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tpm_trust_store *store;
	autoarena(arena, ARENA_REQUEST);
	struct error e;
	autoek ek = {0};

	if (!store)
		store = forge_store();
	if (tpm_ek_verify(&arena, store, slice_of(data, size), 0, &ek, &e) || !e.fault)
		abort();
	return 0;
}
