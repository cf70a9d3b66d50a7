// SPDX-License-Identifier: Apache-2.0
// A registration file; a first byte of '!' asks for strict reading. A line without an error can be
// registered, and is of the same device as itself.
#include "domain/registration.h"

#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be(bool condition)
{
	if (!condition)
		abort();
}

static void
check_line(struct arena *arena, const struct registration_line *line)
{
	struct hwhash hash;
	struct error e;

	must_be(line->serial && line->manufacturer && line->model && line->group_tag);
	must_be(line->user && line->product_key && line->purchase_order);
	if (line->error.code) {
		must_be(line->error.fault && *line->error.message);
		return;
	}
	must_be(*line->serial && *line->manufacturer && line->hash.len);
	must_be(!line->placeholder || line->ek_id);
	must_be(*registration_key(arena, line->serial, line->ek_id));
	must_be(hwhash_decode(arena, line->hash, &hash, &e));
	must_be(str_eq(hash.serial, line->serial));
	struct registration_verdict v = registration_compare(arena, &hash, &hash);
	must_be(v.match == MATCH_SAME || (!hash.ek_id && !hash.uuid[0]));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	bool strict = size && *data == '!';
	struct csv_options options = {.strict = strict, .max_field = 16 << 10};
	struct csv_reader *reader = arena_new(&arena, struct csv_reader);
	struct registration_form form;
	const struct csv_row *row;
	struct error e;

	csv_init(reader, &arena, &options);
	csv_feed(reader, slice_of(data + strict, size - strict));
	csv_finish(reader);
	if (csv_next(reader, &row) != CSV_ROW || !registration_header(row, strict, &form, &e))
		return 0;
	do {
		struct registration_line line;
		registration_read(&arena, &form, row, &line);
		check_line(&arena, &line);
	} while (csv_next(reader, &row) == CSV_ROW);
	return 0;
}
