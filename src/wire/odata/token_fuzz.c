// SPDX-License-Identifier: Apache-2.0
// Whatever stands in $skiptoken: refused, or written again to the very same text.
#include "wire/odata/token.h"

#include "codec/base64.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct arena *arena, const char *text)
{
	struct odata_token token;
	struct error e = {0};
	const char *again;

	if (!odata_token_decode(arena, text, 0, &token, &e)) {
		if (e.code != ERR_INVALID)
			abort();
		// Of another query: then that one takes it.
		if (!strstr(e.message, "another query"))
			return;
		uint64_t query = token.query;
		if (!odata_token_decode(arena, text, query, &token, &e))
			abort();
	}
	if (!odata_token_encode(arena, &token, &again, &e) || strcmp(again, text) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);

	check(&arena, arena_strndup(&arena, (const char *)data, size));
	check(&arena, base64url_encode(&arena, slice_of(data, size)));
	return 0;
}
