// SPDX-License-Identifier: Apache-2.0
#include "tpm/structs.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The same bytes as attestation, signature and PCR values.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_SMALL);
	struct slice in = slice_of(data, size);
	struct tpm_signature signature;
	struct tpm_attest attest;
	struct tpm_pcrs pcrs;
	struct error e;

	if (tpm_attest_parse(in, &attest, &e) && attest.extra_data.len > size)
		abort();
	if (tpm_signature_parse(in, &signature, &e) &&
		signature.r.len + signature.s.len + 8 != size)
		abort();
	if (tpm_pcrs_parse(in, &pcrs, &e) && !slice_eq(tpm_pcrs_encode(&arena, &pcrs), in))
		abort();
	return 0;
}
