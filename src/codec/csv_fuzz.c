// SPDX-License-Identifier: Apache-2.0
// The rows are the same however the file is cut into chunks, and good rows survive writing.
#include "codec/csv.h"

#include "base/str.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be(bool condition)
{
	if (!condition)
		abort();
}

// All rows as one text; good rows also as CSV.
static void
read_all(struct arena *arena, struct slice file, size_t chunk, const struct csv_options *options,
	struct buf *seen, struct csvw *w)
{
	struct csv_reader *r = arena_new(arena, struct csv_reader);
	const struct csv_row *row;
	enum csv_result result;
	size_t at = 0;

	csv_init(r, arena, options);
	while ((result = csv_next(r, &row)) != CSV_END) {
		if (result == CSV_MORE) {
			size_t len = file.len - at < chunk ? file.len - at : chunk;
			csv_feed(r, slice_of(file.data + at, len));
			at += len;
			if (len == 0)
				csv_finish(r);
			continue;
		}
		must_be(row->line > 0 && row->count <= CSV_COLUMNS);
		must_be((row->column != 0) == (row->error.code != ERR_NONE));
		buf_printf(seen, "%zu/%zu/%s:", row->line, row->column, row->error.message);
		for (size_t i = 0; i < row->count; i++) {
			must_be(utf8_valid(slice_str(row->fields[i])));
			buf_printf(seen, "[%s]", row->fields[i]);
			if (w && !row->column)
				csvw_field(w, row->fields[i]);
		}
		if (w && !row->column)
			csvw_end_row(w);
	}
}

static size_t
rows_in(struct arena *arena, struct slice file, const struct csv_options *options)
{
	struct csv_reader *r = arena_new(arena, struct csv_reader);
	const struct csv_row *row;
	size_t good = 0;

	csv_init(r, arena, options);
	csv_feed(r, file);
	csv_finish(r);
	while (csv_next(r, &row) == CSV_ROW)
		good += row->column == 0;
	return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	if (size < 1)
		return 0;
	struct csv_options options = {.strict = data[0] & 1,
		.line_breaks = data[0] & 2,
		.max_field = data[0] & 4 ? 8 : 0};
	struct slice file = slice_of(data + 1, size - 1);
	struct buf whole, pieces, again;

	buf_init(&whole, &arena, 16 << 20);
	buf_init(&pieces, &arena, 16 << 20);
	buf_init(&again, &arena, 16 << 20);
	struct csvw w = {.out = &again};
	// A first row of our own, lest a field that begins with U+FEFF be taken for the file's BOM.
	csvw_field(&w, "first");
	csvw_end_row(&w);
	read_all(&arena, file, SIZE_MAX, &options, &whole, &w);
	read_all(&arena, file, 1, &options, &pieces, NULL);
	must_be(slice_eq(buf_slice(&whole), buf_slice(&pieces)));
	struct csv_options wide = {.line_breaks = true};
	must_be(rows_in(&arena, file, &options) + 1 == rows_in(&arena, buf_slice(&again), &wide));
	return 0;
}
