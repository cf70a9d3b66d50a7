// SPDX-License-Identifier: Apache-2.0
// What is read is written such that it is read again, and written the same again.
#include "wire/syncml/syncml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice
written(struct arena *arena, const struct syncml_message *message)
{
	struct buf out;

	buf_init(&out, arena, 4 << 20);
	syncml_write(&out, message);
	return buf_slice(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct syncml_message *message, *again;
	struct error e = {0};

	if (!syncml_parse(&arena, slice_of(data, size), &message, &e)) {
		if (!e.fault)
			abort();
		return 0;
	}
	struct slice once = written(&arena, message);
	// Namespace declarations count as no nodes, but escapes may lengthen the text beyond 1 MiB.
	if (once.len > 1 << 20)
		return 0;
	if (!syncml_parse(&arena, once, &again, &e) || !slice_eq(once, written(&arena, again)))
		abort();
	return 0;
}
