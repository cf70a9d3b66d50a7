// SPDX-License-Identifier: Apache-2.0
// Whatever decodes must encode to the same bytes again, in each mode.
#include "codec/base64.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be(bool condition)
{
	if (!condition)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct error e;
	struct slice out, again;

	for (unsigned flags = 0; flags < 8; flags++) {
		if (!base64_decode(&arena, slice_of(data, size), flags, 4096, &out, &e))
			continue;
		char *text = base64_encode(&arena, out);
		must_be(flags != BASE64_STRICT || slice_is(slice_of(data, size), text));
		must_be(base64_decode(&arena, slice_str(text), 0, 4096, &again, &e));
		must_be(slice_eq(out, again));
	}
	if (base64url_decode(&arena, slice_of(data, size), 4096, &out, &e))
		must_be(slice_is(slice_of(data, size), base64url_encode(&arena, out)));
	char *text = arena_strndup(&arena, (const char *)data, size);
	if (hex_decode(&arena, text, &out, &e))
		must_be(strlen(hex_encode(&arena, out)) == strlen(text));
	return 0;
}
