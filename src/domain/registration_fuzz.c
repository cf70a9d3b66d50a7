// SPDX-License-Identifier: Apache-2.0
// Whatever a registration file holds: each line is a device that can be registered, or has a named
// cause, and no line harms another.
#include "domain/registration.h"

#include "base/str.h"
#include "domain/fault.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must_be(bool condition)
{
	if (!condition)
		abort();
}

static void
check_text(const char *text)
{
	must_be(text && strlen(text) <= REGISTRATION_CELL_MAX && utf8_valid(slice_str(text)));
}

static void
check_line(struct arena *arena, const struct registration_line *line)
{
	if (line->error.code) {
		must_be(line->error.fault && fault_find(line->error.fault) && *line->error.message);
		return;
	}
	const char *const texts[] = {line->serial, line->manufacturer, line->model,
		line->sku_number, line->system_family, line->product_key, line->group_tag,
		line->user, line->purchase_order};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check_text(texts[i]);
	must_be(*line->serial || line->ek_id);
	must_be(*registration_key(arena, line->serial, line->ek_id) != '\0');
	must_be(!line->ek_id || strlen(line->ek_id) == 64);
}

// The first line is the header, or already a device.
static void
read_file(struct arena *arena, struct slice file, bool strict)
{
	struct csv_options options = {.strict = strict, .max_field = 16 << 10};
	struct csv_reader *r = arena_new(arena, struct csv_reader);
	struct registration_form form;
	const struct csv_row *row;
	struct error e = {0};

	csv_init(r, arena, &options);
	csv_feed(r, file);
	csv_finish(r);
	if (csv_next(r, &row) != CSV_ROW)
		return;
	if (!registration_header(row, strict, &form, &e)) {
		must_be(e.code == ERR_INVALID && str_eq(e.fault, "import_header_unknown"));
		return;
	}
	for (int i = 0; i < REGISTRATION_COLUMNS; i++)
		must_be(form.columns[i] >= -1 && form.columns[i] < CSV_COLUMNS);
	bool more = form.first_is_data || csv_next(r, &row) == CSV_ROW;
	for (; more; more = csv_next(r, &row) == CSV_ROW) {
		struct registration_line line;
		registration_read(arena, &form, row, &line);
		check_line(arena, &line);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);

	read_file(&arena, slice_of(data, size), false);
	read_file(&arena, slice_of(data, size), true);
	return 0;
}
