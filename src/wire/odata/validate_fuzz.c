// SPDX-License-Identifier: Apache-2.0
// Whatever body a client sends: refused, or normal: the normal form is accepted as it is, can be
// merged with itself and is written as JSON.
#include "wire/odata/body.h"
#include "wire/odata/test_types.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice
text_of(struct arena *arena, const struct json *value)
{
	struct buf out;

	buf_init(&out, arena, 8 << 20);
	struct jsonw w = jsonw_on(&out);
	jsonw_value(&w, NULL, value);
	return buf_slice(&out);
}

static void
check(struct arena *arena, const struct json *in, enum odata_mode mode)
{
	struct odata_body body, again;
	struct error e = {0};
	struct buf out;

	if (!odata_validate(arena, &base_device, in, mode, &body, &e)) {
		if (e.code == ERR_NONE || e.code == ERR_INTERNAL || !*e.message)
			abort();
		return;
	}
	if (!odata_validate(arena, body.type, body.document, mode, &again, &e) ||
		!slice_eq(text_of(arena, body.document), text_of(arena, again.document)))
		abort();
	const struct json *merged = odata_merge(arena, body.type, body.document, again.document);
	if (!slice_eq(text_of(arena, body.document), text_of(arena, merged)))
		abort();
	buf_init(&out, arena, 16 << 20);
	struct jsonw w = jsonw_on(&out);
	struct odata_view view = {.version = ODATA_BETA};
	odata_write(&w, NULL, &base_device, merged, &view);
	struct json_limits wide = {.max_bytes = 16 << 20, .max_nodes = 1 << 20, .max_depth = 64};
	if (!json_parse(arena, buf_slice(&out), &wide, &e))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct json_limits limits = {.lenient = true, .max_nodes = 10000};
	struct error e;
	const struct json *in = json_parse(&arena, slice_of(data, size), &limits, &e);

	if (!in)
		return 0;
	check(&arena, in, ODATA_CREATE);
	check(&arena, in, ODATA_PATCH);
	return 0;
}
