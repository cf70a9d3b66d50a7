// SPDX-License-Identifier: Apache-2.0
// What the reader accepts, the writer writes such that the strict reader accepts it and it is
// written the same again.
#include "codec/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice
written(struct arena *arena, const struct json *value)
{
	struct buf out;

	buf_init(&out, arena, 8 << 20);
	struct jsonw w = jsonw_on(&out);
	jsonw_value(&w, NULL, value);
	return buf_slice(&out);
}

static void
round_trip(struct slice text, bool lenient)
{
	autoarena(arena, ARENA_REQUEST);
	struct json_limits limits = {.lenient = lenient, .max_nodes = 10000};
	struct error e = {0};
	const struct json *value = json_parse(&arena, text, &limits, &e);

	if (!value) {
		if (e.code != ERR_INVALID && e.code != ERR_LIMIT)
			abort();
		return;
	}
	struct json_limits wide = {.max_bytes = 8 << 20};
	struct slice once = written(&arena, value);
	const struct json *again = json_parse(&arena, once, &wide, &e);
	if (!again || !slice_eq(once, written(&arena, again)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	round_trip(slice_of(data, size), false);
	round_trip(slice_of(data, size), true);
	return 0;
}
