// SPDX-License-Identifier: Apache-2.0
// Whatever objects a service answers: a table has a line for each and no line is wider than the
// terminal, the CSV reads back as it was, and JSON stays JSON.
#include "base/str.h"
#include "cli/output.h"
#include "cli/text.h"
#include "codec/csv.h"
#include <locale.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct column columns[] = {
	{"Id", "id"}, {"Name", "name"}, {"Deep", "a/b"}, {"Wide", "wide"}, {0}};
enum { COLUMNS = 4, TERMINAL = 60 };

static void
must_be(bool condition)
{
	if (!condition)
		abort();
}

static const char *
printed(struct cli *cli, enum output_format format, int terminal, const struct json_list *list)
{
	struct error e;
	struct printer p;
	struct buf out;

	cli->format = format;
	buf_init(&out, cli->arena, 64 << 20);
	must_be(printer_begin(&p, cli, columns, &e));
	p.terminal = terminal;
	p.colour = false;
	must_be(printer_put(&p, list, &out, &e) && p.rows == list->count);
	return buf_text(&out);
}

static void
check_table(const char *text, size_t rows)
{
	size_t lines = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		autoarena(arena, ARENA_REQUEST);
		must_be(text[len] == '\n');
		const char *line = arena_strndup(&arena, text, len);
		must_be(text_width(line) <= TERMINAL && str_eq(text_clean(&arena, line), line));
		text += len + 1;
		lines++;
	}
	must_be(lines == rows + 1);
}

static void
check_csv(struct arena *arena, const char *text, size_t rows)
{
	struct csv_reader *r = arena_new(arena, struct csv_reader);
	const struct csv_row *row;
	size_t n = 0;

	csv_init(r, arena, &(struct csv_options){.line_breaks = true, .max_field = 4 << 20});
	csv_feed(r, slice_str(text));
	csv_finish(r);
	while (csv_next(r, &row) == CSV_ROW) {
		must_be(!row->column && row->count == COLUMNS);
		for (size_t i = 0; i < row->count; i++)
			must_be(!strchr("=+-@", row->fields[i][0]) || !row->fields[i][0]);
		n++;
	}
	// Rows without any text are no rows to a reader.
	must_be(n <= rows + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct cli cli = {.arena = &arena};
	struct error e;

	if (size > 32 << 10)
		return 0;
	setlocale(LC_CTYPE, "C.UTF-8");
	const struct json *array = json_parse(&arena, slice_of(data, size), NULL, &e);
	if (!array || array->type != JSON_ARRAY)
		return 0;
	struct json_list list = {
		.items = arena_array(&arena, array->count + 1, sizeof *list.items)};
	for (const struct json *v = array->first; v; v = v->next)
		list.items[list.count++] = v;
	check_table(printed(&cli, OUTPUT_TABLE, TERMINAL, &list), list.count);
	check_csv(&arena, printed(&cli, OUTPUT_CSV, 0, &list), list.count);
	const char *json = printed(&cli, OUTPUT_JSON, 0, &list);
	const struct json *again =
		json_parse(&arena, slice_str(arena_printf(&arena, "%s]", json)), NULL, &e);
	must_be(again && again->count == list.count);
	return 0;
}
