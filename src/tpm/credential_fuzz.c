// SPDX-License-Identifier: Apache-2.0
// A credential from a service that cannot be trusted: "credential length (1 byte), credential,
// wrapped".
#include "pki/key.h"
#include "pki/ossl.h"
#include "tpm/soft.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static EVP_PKEY *ek;
	static const uint8_t name[TPM_NAME_LEN];
	autoarena(arena, ARENA_SMALL);
	struct slice secret;
	struct error e;

	if (!ek && !key_generate(KEY_RSA2048, &ek, &e))
		abort();
	if (size == 0 || data[0] > size - 1)
		return 0;
	size_t len = data[0];
	if (tpm_activate_credential(&arena, ek, name, slice_of(data + 1, len),
		    slice_of(data + 1 + len, size - 1 - len), &secret, &e))
		abort(); // a new key: nothing was ever wrapped for it
	return 0;
}
