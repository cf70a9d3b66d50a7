// SPDX-License-Identifier: Apache-2.0
// Whatever path a client asks for: refused, or brought into a form that stays as it is.
#include "wire/odata/path.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct slice path = slice_of(data, size);
	struct error e = {0};
	struct odata_url url, again;
	const char *plain;

	for (int encoded = 0; encoded < 2; encoded++) {
		bool ok = odata_url_parse(&arena, path, encoded, &url, &e);
		if (!ok && (e.code == ERR_NONE || e.code == ERR_INTERNAL))
			abort();
		for (size_t i = 0; ok && i < url.count; i++)
			if (url.segments[i].has_key && !url.segments[i].key)
				abort();
		if (!odata_url_plain(&arena, path, encoded, &plain, &e))
			continue;
		if (!ok || plain[0] != '/')
			abort();
		// A key may look like a key itself, so that only the encoded form is safe to read.
		size_t expected = 0;
		for (size_t i = 0; i < url.count; i++)
			expected += 1 + (url.segments[i].has_key && !url.segments[i].key_property);
		if (encoded && odata_url_parse(&arena, slice_str(plain), true, &again, &e) &&
			again.count != expected)
			abort();
	}
	return 0;
}
