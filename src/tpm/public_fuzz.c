// SPDX-License-Identifier: Apache-2.0
#include "tpm/attest_verify.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tpm_public public;
	struct error e;
	autoak ak = {0};

	if (!tpm_public_parse(slice_of(data, size), &public, &e))
		return 0;
	// What was read lies inside the input, and the area is all of it.
	if (public.area.len + 2 != size)
		abort();
	if (!tpm_ak_accept(slice_of(data, size), &ak, &e) && !e.fault)
		abort();
	return 0;
}
