// SPDX-License-Identifier: Apache-2.0
#include "tpm/trust_store.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Manifest, roots and intermediates, separated by NUL.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice parts[3] = {{0}};
	struct tpm_trust_store *store;
	struct error e;

	for (int i = 0; i < 3 && size; i++) {
		const uint8_t *end = memchr(data, 0, size);
		parts[i] = slice_of(data, end ? (size_t)(end - data) : size);
		size -= parts[i].len + (end ? 1 : 0);
		data += parts[i].len + (end ? 1 : 0);
	}
	if (!tpm_trust_store_parse("hardware", parts[0], parts[1], parts[2], &store, &e))
		return 0;
	if (tpm_trust_store_roots(store) == 0)
		abort();
	tpm_trust_store_free(store);
	return 0;
}
