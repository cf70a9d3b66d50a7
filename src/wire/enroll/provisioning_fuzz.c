// SPDX-License-Identifier: Apache-2.0
// What is read is written such that it is read again, and written the same again.
#include "wire/enroll/provisioning.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
provisioning(struct slice text)
{
	autoarena(arena, ARENA_REQUEST);
	struct provisioning message, again;
	struct error e = {0};
	struct buf once, twice;

	if (!provisioning_parse(&arena, text, &message, &e)) {
		if (!e.fault)
			abort();
		return;
	}
	buf_init(&once, &arena, 16 << 20);
	provisioning_write(&once, &message);
	if (once.len > 1 << 20)
		return; // references may lengthen a text beyond what is read
	buf_init(&twice, &arena, 16 << 20);
	if (!provisioning_parse(&arena, buf_slice(&once), &again, &e))
		abort();
	provisioning_write(&twice, &again);
	if (!slice_eq(buf_slice(&once), buf_slice(&twice)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	provisioning(slice_of(data, size));
	return 0;
}
