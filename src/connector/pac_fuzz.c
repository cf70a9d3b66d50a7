// SPDX-License-Identifier: Apache-2.0
// Whatever stands in a ticket, what is read as a SID is one.
#include "connector/pac.h"

#include "wire/odj/ad_id.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct sid parsed;
	char *sid = NULL;

	if (!pac_sid(&arena, slice_of(data, size), &sid, &e)) {
		if (e.code != ERR_PROTOCOL && e.code != ERR_UNSUPPORTED)
			abort();
		return 0;
	}
	if (!sid_parse(sid, &parsed, &e))
		abort();
	return 0;
}
