// SPDX-License-Identifier: Apache-2.0
// Imports of files in parts: any number of lines, in any order of the parts, repeated at will
// (behaviour R1-R9, R23-R25; pains 16).
#include "store/imports.h"
#include "base/failpoint.h"
#include "base/str.h"
#include "domain/registration.h"
#include "ferryd/handlers.h"
#include "pki/hash.h"

enum {
	HEADER_MAX = 8 << 10,
	NAME_MAX_BYTES = 256,
	LINES_PAGE = 1000,
	LIST_ANSWER_MAX = 64 << 20,
	MAX_PART = 10000000,
	HASH_CELL_MAX = 16 << 10,
};

static struct csv_options
reader_options(bool strict)
{
	return (struct csv_options){.strict = strict, .max_field = HASH_CELL_MAX};
}

// The columns, from the first line of the file.
static bool
read_form(struct call *c, const char *header, bool strict, struct registration_form *out,
	struct error *e)
{
	struct csv_options options = reader_options(strict);
	struct csv_reader *reader = arena_new(c->arena, struct csv_reader);
	const struct csv_row *row;

	csv_init(reader, c->arena, &options);
	csv_feed(reader, slice_str(header));
	csv_finish(reader);
	if (csv_next(reader, &row) != CSV_ROW)
		return error_fault(e, ERR_INVALID, "import_header_unknown", "the file is empty");
	return registration_header(row, strict, out, e);
}

static void
write_job(struct call *c, struct jsonw *w, const struct import_job *j)
{
	jsonw_str(w, "id", j->import_id);
	jsonw_str(w, "name", j->name);
	jsonw_str(w, "state", j->state);
	jsonw_bool(w, "strict", j->strict);
	jsonw_bool(w, "dryRun", j->check_only);
	jsonw_str(w, "groupTag", j->group_tag);
	jsonw_str(w, "user", j->assigned_upn);
	jsonw_str(w, "actor", j->actor);
	jsonw_str(w, "createdDateTime", clock_rfc3339(c->arena, j->created_at));
	jsonw_str(w, "finishedDateTime",
		j->finished_at ? clock_rfc3339(c->arena, j->finished_at) : NULL);
	jsonw_int(w, "parts", j->parts);
	jsonw_int(w, "lines", j->lines);
	jsonw_int(w, "imported", j->imported);
	jsonw_int(w, "existing", j->existing);
	jsonw_int(w, "failed", j->failed);
}

static bool
optional_text(
	const struct json *body, const char *name, size_t max, const char **out, struct error *e)
{
	*out = json_str(body, name);
	if (!*out)
		*out = "";
	return strlen(*out) <= max ||
		error_set(e, ERR_LIMIT, "%s has more than %zu bytes", name, max);
}

// POST /ferry/v1/imports {name, header, strict, dryRun, groupTag, user}
bool
import_begin(struct call *c, struct error *e)
{
	struct import_job job = {.actor = c->actor ? c->actor : ""};
	struct registration_form form;
	const struct json *body;
	struct buf reply;

	if (!call_json(c, &body, e) || !json_need_str(body, "header", HEADER_MAX, &job.header, e) ||
		!optional_text(body, "name", NAME_MAX_BYTES, &job.name, e) ||
		!optional_text(body, "groupTag", REGISTRATION_CELL_MAX, &job.group_tag, e) ||
		!optional_text(body, "user", REGISTRATION_CELL_MAX, &job.assigned_upn, e))
		return false;
	job.strict = json_bool(body, "strict", false);
	job.check_only = json_bool(body, "dryRun", false);
	if (!read_form(c, job.header, job.strict, &form, e) ||
		!store_import_begin(&c->work, &job, e))
		return false;
	struct jsonw w = call_object(c, &reply);
	write_job(c, &w, &job);
	// Then the first line belongs to the first part.
	jsonw_bool(&w, "firstLineIsData", form.first_is_data);
	return call_send(c, 201, &w, &reply, e);
}

// --- a part ---

struct part_reader {
	struct call *c;
	const struct import_job *job;
	struct registration_form form;
	int64_t first_line, last_line;
	struct registration *rows;
	int64_t *row_lines;
	bool *placeholder;
	size_t row_count, row_room, line_room, placeholder_room;
	struct import_line *bad;
	size_t bad_count, bad_room;
	struct arena *scratch;	  // of one line: what is kept is copied
	struct registration last; // most lines are of the same maker and model as the one before
};

static void
add_bad(struct part_reader *p, const struct registration_line *line)
{
	struct arena *arena = p->c->arena;
	bool shown = utf8_valid(slice_str(line->serial)) &&
		strlen(line->serial) <= REGISTRATION_CELL_MAX;

	p->bad = arena_more(arena, p->bad, p->bad_count, &p->bad_room, sizeof *p->bad);
	p->bad[p->bad_count++] = (struct import_line){.line = (int64_t)line->line,
		.serial = shown ? arena_strdup(arena, line->serial) : "",
		.status = "failed",
		.device_id = "",
		.fault = line->error.fault,
		.message = arena_strdup(arena, line->error.message)};
}

// A copy that is kept, or the one of the line before.
static const char *
keep(struct arena *arena, const char **last, const char *text)
{
	if (!*text)
		return "";
	if (!str_eq(*last, text))
		*last = arena_strdup(arena, text);
	return *last;
}

static const char *
instead(struct arena *arena, const char *given, const char **last, const char *own)
{
	return !str_empty(given) ? given : keep(arena, last, own);
}

static void
add_good(struct part_reader *p, const struct registration_line *line)
{
	struct arena *arena = p->c->arena;

	p->rows = arena_more(arena, p->rows, p->row_count, &p->row_room, sizeof *p->rows);
	p->row_lines =
		arena_more(arena, p->row_lines, p->row_count, &p->line_room, sizeof *p->row_lines);
	p->placeholder = arena_more(
		arena, p->placeholder, p->row_count, &p->placeholder_room, sizeof *p->placeholder);
	p->row_lines[p->row_count] = (int64_t)line->line;
	p->placeholder[p->row_count] = line->placeholder;
	struct registration *last = &p->last;
	p->rows[p->row_count++] = (struct registration){
		.serial = arena_strdup(arena, line->serial),
		.serial_key = registration_key(arena, line->serial, line->ek_id),
		.manufacturer = keep(arena, &last->manufacturer, line->manufacturer),
		.model = keep(arena, &last->model, line->model),
		.sku_number = keep(arena, &last->sku_number, line->sku_number),
		.system_family = keep(arena, &last->system_family, line->system_family),
		.product_key = keep(arena, &last->product_key, line->product_key),
		.ek_id = line->ek_id ? arena_strdup(arena, line->ek_id) : NULL,
		.hardware_hash = slice_of(
			arena_memdup(arena, line->hash.data, line->hash.len), line->hash.len),
		.group_tag = instead(arena, p->job->group_tag, &last->group_tag, line->group_tag),
		.assigned_upn =
			instead(arena, p->job->assigned_upn, &last->assigned_upn, line->user),
		.purchase_order = keep(arena, &last->purchase_order, line->purchase_order),
	};
}

static void
take_row(struct part_reader *p, const struct csv_row *row)
{
	struct registration_line line;

	arena_reset(p->scratch);
	registration_read(p->scratch, &p->form, row, &line);
	line.line = row->line + (size_t)p->first_line - 1;
	if (!line.error.code && p->form.strict && line.line > REGISTRATION_STRICT_ROWS + 1)
		error_fault(&line.error, ERR_LIMIT, "import_too_many_rows",
			"Intune takes %d lines in a file (behaviour R4)", REGISTRATION_STRICT_ROWS);
	if ((int64_t)line.line >= p->last_line)
		p->last_line = (int64_t)line.line;
	if (line.error.code)
		add_bad(p, &line);
	else
		add_good(p, &line);
}

static bool
read_part(struct part_reader *p, struct error *e)
{
	struct csv_options options = reader_options(p->job->strict);
	struct csv_reader *reader = arena_new(p->c->arena, struct csv_reader);
	const struct csv_row *row;
	autoarena(scratch, ARENA_SMALL);

	p->scratch = &scratch;
	csv_init(reader, p->c->arena, &options);
	csv_feed(reader, p->c->req->body);
	csv_finish(reader);
	while (csv_next(reader, &row) == CSV_ROW) {
		if (p->row_count + p->bad_count == REGISTRATION_PART_ROWS)
			return error_fault(e, ERR_LIMIT, "import_part_too_long",
				"a part may have %d lines", REGISTRATION_PART_ROWS);
		take_row(p, row);
	}
	return true;
}

static void
write_line(struct jsonw *w, const struct import_line *line)
{
	jsonw_object(w, NULL);
	jsonw_int(w, "line", line->line);
	jsonw_str(w, "serialNumber", line->serial);
	jsonw_str(w, "status", line->status);
	jsonw_str(w, "deviceId", str_empty(line->device_id) ? NULL : line->device_id);
	jsonw_str(w, "fault", line->fault);
	jsonw_str(w, "message", line->message);
	jsonw_end_object(w);
}

// With ?results=all the new registrations too; a part that was done before has only the others.
static bool
send_result(
	struct call *c, const struct part_reader *p, const struct import_result *r, struct error *e)
{
	bool all = str_eq(http_query(c->req, "results"), "all") && r->rows;
	struct buf body;
	size_t n = 0;

	buf_init(&body, c->arena, LIST_ANSWER_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "lines", r->lines);
	jsonw_int(&w, "imported", r->imported);
	jsonw_int(&w, "existing", r->existing);
	jsonw_int(&w, "failed", r->failed);
	jsonw_bool(&w, "repeated", r->repeated);
	jsonw_array(&w, "results");
	for (size_t i = 0; all && i < p->row_count; i++) {
		while (n < r->list_count && r->list[n].line < p->row_lines[i])
			write_line(&w, &r->list[n++]);
		if (n < r->list_count && r->list[n].line == p->row_lines[i])
			continue;
		struct import_line line = {.line = p->row_lines[i],
			.serial = p->rows[i].serial,
			.status = "imported",
			.device_id = r->rows[i].device_id};
		write_line(&w, &line);
	}
	while (n < r->list_count)
		write_line(&w, &r->list[n++]);
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

// PUT /ferry/v1/imports/{id}/parts/{part}?firstLine=N with lines of the file, as they are.
bool
import_part_put(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id"), *line = http_query(c->req, "firstLine");
	struct part_reader p = {.c = c};
	struct import_result result;
	struct import_job job;
	uint64_t part, first;

	if (!str_to_u64(http_param(c->req, "part"), MAX_PART, &part))
		return error_set(e, ERR_INVALID, "the part must be a number up to %d", MAX_PART);
	if (!str_to_u64(line, INT32_MAX, &first) || first == 0)
		return error_set(e, ERR_INVALID, "firstLine must be a number from 1");
	if (!store_import_get(&c->work, id, &job, e) ||
		!read_form(c, job.header, job.strict, &p.form, e))
		return false;
	p.job = &job;
	p.first_line = p.last_line = (int64_t)first;
	if (!read_part(&p, e))
		return false;
	failpoint("ferryd.import_part_read");
	struct import_part in = {.import_id = id,
		.sha256 = sha256_hex(c->arena, c->req->body),
		.part = (int64_t)part,
		.first_line = p.first_line,
		.line_count = p.last_line - p.first_line + 1,
		.rows = p.rows,
		.row_lines = p.row_lines,
		.placeholder = p.placeholder,
		.row_count = p.row_count,
		.bad = p.bad,
		.bad_count = p.bad_count};
	if (!store_import_part(&c->work, &job, &in, &result, e))
		return false;
	failpoint("ferryd.import_part_stored");
	return send_result(c, &p, &result, e);
}

// --- looking ---

bool
import_list(struct call *c, struct error *e)
{
	struct import_job *jobs;
	struct buf body;
	size_t count;

	if (!store_import_list(&c->work, &jobs, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++) {
		jsonw_object(&w, NULL);
		write_job(c, &w, &jobs[i]);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

static bool
send_job(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id");
	struct registration_form form;
	struct import_job job;
	int64_t *parts;
	struct buf body;
	size_t count;

	if (!store_import_get(&c->work, id, &job, e) ||
		!read_form(c, job.header, job.strict, &form, e) ||
		!store_import_parts(&c->work, id, &parts, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	write_job(c, &w, &job);
	jsonw_bool(&w, "firstLineIsData", form.first_is_data);
	jsonw_array(&w, "partsDone");
	for (size_t i = 0; i < count; i++)
		jsonw_int(&w, NULL, parts[i]);
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

// GET /ferry/v1/imports/{id}: counts, and which parts are done.
bool
import_get(struct call *c, struct error *e)
{
	return send_job(c, e);
}

// GET /ferry/v1/imports/{id}/lines?$skiptoken=LINE: what did not become a new registration.
bool
import_lines(struct call *c, struct error *e)
{
	const char *id = http_param(c->req, "id"), *token = http_query(c->req, "$skiptoken");
	struct import_job job;
	struct import_line *lines;
	uint64_t after = 0;
	struct buf body;
	size_t count;

	if (token && !str_to_u64(token, INT64_MAX, &after))
		return error_set(e, ERR_INVALID, "$skiptoken is not ours");
	if (!store_import_get(&c->work, id, &job, e) ||
		!store_import_lines(&c->work, id, (int64_t)after, LINES_PAGE, &lines, &count, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_array(&w, "value");
	for (size_t i = 0; i < count; i++)
		write_line(&w, &lines[i]);
	jsonw_end_array(&w);
	if (count == LINES_PAGE)
		jsonw_str(&w, "@odata.nextLink",
			arena_printf(c->arena, "%s%s?$skiptoken=%lld", c->service->base_url,
				c->req->path, (long long)lines[count - 1].line));
	return call_send(c, 200, &w, &body, e);
}

// POST /ferry/v1/imports/{id}/finish
bool
import_finish(struct call *c, struct error *e)
{
	return store_import_finish(&c->work, http_param(c->req, "id"), e) && send_job(c, e);
}
