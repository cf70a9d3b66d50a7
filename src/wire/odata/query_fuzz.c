// SPDX-License-Identifier: Apache-2.0
// A whole query string: read, bound, evaluated over fixed documents, and printed back; what was
// printed reads the same and means the same.
#include "wire/odata/body.h"
#include "wire/odata/eval.h"
#include "wire/odata/test_types.h"
#include "wire/odata/token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document_text[] =
	"[{\"@odata.type\":\"#microsoft.graph.hybridDevice\",\"id\":\"d-1\",\"displayName\":\"PC\","
	"\"score\":60,\"ratio\":1.5,\"created\":\"2026-01-02T03:04:05Z\",\"state\":\"failed\","
	"\"physicalIds\":[\"[ZTDID]:1\"],\"screens\":[{\"minutes\":5}],\"note\":{\"minutes\":7},"
	"\"assignments\":[{\"id\":\"a\"},{\"id\":\"b\"}]},"
	"{\"id\":2,\"displayName\":{},\"score\":[],\"screens\":{},\"physicalIds\":[null,1],"
	"\"setting\":5,\"created\":\"x\"},null]";

static struct odata_node *
reread(struct arena *arena, const char *text)
{
	struct error e = {0};
	struct odata_node *again;

	if (!odata_filter_parse(arena, text, &again, &e) ||
		strcmp(odata_filter_print(arena, again), text) != 0)
		abort();
	return again;
}

// Canonical text may be longer than what a client may send ("1 or 2" has no blanks to spare).
static bool
printable(struct arena *arena, const struct odata_node *filter)
{
	return filter && strlen(odata_filter_print(arena, filter)) <= ODATA_MAX_FILTER;
}

static void
evaluate(struct arena *arena, const struct odata_query *q, const struct odata_query *same)
{
	struct error e = {0};
	const struct json *list = json_parse(arena, slice_str(document_text), NULL, &e);
	const struct json *objects[3];
	size_t count = 0;
	struct buf out;

	buf_init(&out, arena, 1 << 20);
	struct jsonw w = jsonw_on(&out);
	for (const struct json *object = list->first; object; object = object->next) {
		bool matches = odata_filter_matches(q->filter, &base_device, object);
		if (same && matches != odata_filter_matches(same->filter, &base_device, object))
			abort();
		(void)odata_query_matches(q, &base_device, object);
		objects[count++] = object;
		struct odata_view view = {.version = ODATA_BETA, .query = q};
		odata_write(&w, NULL, &base_device, object, &view);
	}
	odata_sort(arena, objects, count, q, &base_device);
	if (!json_parse(arena, slice_str(arena_printf(arena, "[%s]", buf_text(&out))), NULL, &e))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct odata_query *q, same = {.top = -1};
	struct error e = {0};

	if (!odata_query_parse(&arena, slice_of(data, size), &q, &e)) {
		if (e.code == ERR_NONE || e.code == ERR_INTERNAL || !*e.message)
			abort();
		return 0;
	}
	bool print = printable(&arena, q->filter);
	if (print)
		same.filter = reread(&arena, odata_filter_print(&arena, q->filter));
	(void)odata_query_hash(&arena, "x", q);
	if (!odata_bind(&arena, q, &base_device, ODATA_BETA, &e)) {
		if (e.code == ERR_NONE || e.code == ERR_INTERNAL || !*e.message)
			abort();
		return 0;
	}
	if (print && !odata_bind(&arena, &same, &base_device, ODATA_BETA, &e))
		abort();
	evaluate(&arena, q, print ? &same : NULL);
	if (printable(&arena, q->filter))
		reread(&arena, odata_filter_print(&arena, q->filter));
	return 0;
}
