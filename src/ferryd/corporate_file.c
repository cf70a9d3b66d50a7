// SPDX-License-Identifier: Apache-2.0
// Corporate identifiers from a file without a header (behaviour E13): a serial number or IMEI with
// details, or maker, model and serial number. Good lines are kept, each bad one is named.
#include "base/str.h"
#include "codec/csv.h"
#include "domain/fault.h"
#include "ferryd/handlers.h"
#include "store/corporate.h"

enum { DETAILS_MAX = 128, ANSWER_MAX = 32 << 20, TRIPLE = 3 };

struct file_line {
	size_t line;
	const char *identifier;
	struct error error;
};

struct file_reader {
	struct call *c;
	const char *type; // of the first good line: a file has one
	struct corporate_identifier *list;
	struct file_line *lines; // all; those without error are the rows of `list`, in order
	size_t count, room, line_count, line_room;
};

static bool
check(struct file_reader *r, const struct csv_row *row, struct corporate_identifier *out,
	struct error *e)
{
	struct arena *arena = r->c->arena;
	bool triple = row->count >= TRIPLE && *csv_field(row, 2);
	const char *first = csv_field(row, 0);

	out->identifier = arena_strdup(arena, first);
	out->description = triple ? "" : arena_strdup(arena, csv_field(row, 1));
	if (row->error.code)
		return error_fault(
			e, row->error.code, "import_line_malformed", "%s", row->error.message);
	if (triple)
		out->identifier = arena_printf(
			arena, "%s,%s,%s", first, csv_field(row, 1), csv_field(row, 2));
	out->type = triple					? "manufacturerModelSerial"
		: corporate_key(arena, "imei", out->identifier) ? "imei"
								: "serialNumber";
	if (strlen(out->description) > DETAILS_MAX)
		return error_fault(e, ERR_LIMIT, "import_cell_invalid",
			"the details have more than %d bytes", DETAILS_MAX);
	if (!corporate_key(arena, out->type, out->identifier))
		return error_fault(
			e, ERR_INVALID, "import_cell_invalid", "this identifies no device");
	if (r->type && !str_eq(r->type, out->type))
		return error_fault(e, ERR_INVALID, "import_cell_invalid",
			"the file has identifiers of the type %s, this line one of %s", r->type,
			out->type);
	r->type = out->type;
	return true;
}

static void
take_row(struct file_reader *r, const struct csv_row *row)
{
	struct arena *arena = r->c->arena;
	struct corporate_identifier one = {0};
	struct file_line line = {.line = row->line};

	if (!check(r, row, &one, &line.error) && !line.error.code)
		line.error.code = ERR_INTERNAL;
	line.identifier = one.identifier;
	r->lines = arena_more(arena, r->lines, r->line_count, &r->line_room, sizeof *r->lines);
	r->lines[r->line_count++] = line;
	if (line.error.code)
		return;
	r->list = arena_more(arena, r->list, r->count, &r->room, sizeof *r->list);
	r->list[r->count++] = one;
}

static bool
send_lines(const struct file_reader *r, struct error *e)
{
	size_t next = 0, stored = 0;
	struct buf body;

	for (size_t i = 0; i < r->count; i++)
		stored += r->list[i].stored;
	buf_init(&body, r->c->arena, ANSWER_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "imported", (int64_t)stored);
	jsonw_int(&w, "existing", (int64_t)(r->count - stored));
	jsonw_int(&w, "failed", (int64_t)(r->line_count - r->count));
	jsonw_array(&w, "results");
	for (size_t i = 0; i < r->line_count; i++) {
		const struct file_line *line = &r->lines[i];
		const struct corporate_identifier *one = line->error.code ? NULL : &r->list[next++];
		if (one && one->stored)
			continue;
		jsonw_object(&w, NULL);
		jsonw_int(&w, "line", (int64_t)line->line);
		jsonw_str(&w, "identifier", line->identifier);
		jsonw_str(&w, "status", one ? "existing" : "failed");
		jsonw_str(&w, "fault", line->error.fault);
		jsonw_str(&w, "message", one ? "it is there already" : line->error.message);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(r->c, 200, &w, &body, e);
}

// PUT /ferry/v1/corporateIdentifiers?overwrite=true with the file.
bool
corporate_file_put(struct call *c, struct error *e)
{
	struct file_reader r = {.c = c};
	struct csv_reader *reader = arena_new(c->arena, struct csv_reader);
	const struct csv_row *row;

	csv_init(reader, c->arena, NULL);
	csv_feed(reader, c->req->body);
	csv_finish(reader);
	while (csv_next(reader, &row) == CSV_ROW)
		take_row(&r, row);
	return store_corporate_import(&c->work, r.list, r.count,
		       str_eq(http_query(c->req, "overwrite"), "true"), c->actor ? c->actor : "",
		       e) &&
		send_lines(&r, e);
}
