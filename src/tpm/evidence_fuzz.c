// SPDX-License-Identifier: Apache-2.0
#include "tpm/forge.h"
#include <openssl/x509.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Nine fields, each with two bytes of length. Signatures by any key are possible, because the
// attestation key is one of the fields; the seed is a genuine proof for these nonces.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tpm_trust_store *store;
	autoarena(arena, ARENA_REQUEST);
	struct tpm_reader r = {.at = data, .left = size};
	uint8_t nonces[2][32], secret[32];
	struct tpm_proof_result result;
	struct slice fields[9];
	struct error e;

	if (!store)
		store = forge_store();
	memset(nonces[0], 1, 32);
	memset(nonces[1], 2, 32);
	memset(secret, 3, 32);
	for (int i = 0; i < 9; i++)
		fields[i] = tpm_read_sized(&r);
	struct tpm_proof_expect expect = {.store = store,
		.manufacturer = 0x1014,
		.ak_public = fields[0],
		.secret = slice_of(secret, 32),
		.quote_nonce = slice_of(nonces[0], 32),
		.certify_nonce = slice_of(nonces[1], 32),
		.pcr_mask = 0xff};
	struct tpm_proof proof = {fields[1], fields[2], fields[3], fields[4], fields[5], fields[6],
		fields[7], fields[8]};
	if (tpm_proof_verify(&arena, &expect, &proof, &result, &e))
		csr_finish(&result.csr);
	else if (!e.fault)
		abort();
	return 0;
}
