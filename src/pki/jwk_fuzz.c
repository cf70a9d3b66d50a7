// SPDX-License-Identifier: Apache-2.0
#include "pki/jwk.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Whatever is read of a key set can be published, and read again as the same keys.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct json_limits limits = {.max_bytes = 16 << 10};
	struct jwk_set set, again;
	const char *text;
	struct error e;
	const struct json *json = json_parse(&arena, slice_of(data, size), &limits, &e);

	if (!json || !jwk_set_read(&arena, json, 8, &set, &e))
		return 0;
	if (!jwk_set_json(&arena, &set, &text, &e))
		abort();
	json = json_parse(&arena, slice_str(text), NULL, &e);
	if (!json || !jwk_set_read(&arena, json, 8, &again, &e) || again.count != set.count)
		abort();
	for (size_t i = 0; i < set.count; i++)
		if (strcmp(set.keys[i].kid, again.keys[i].kid) != 0)
			abort();
	jwk_set_free(&set);
	jwk_set_free(&again);
	return 0;
}
