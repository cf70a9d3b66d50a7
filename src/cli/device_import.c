// SPDX-License-Identifier: Apache-2.0
// Registration from a file of any size: every good line is registered, every bad one is named, and
// what was interrupted goes on where it stopped.
#include "base/clock.h"
#include "base/str.h"
#include "cli/import_send.h"
#include "cli/import_state.h"
#include "cli/output.h"
#include "codec/csv.h"
#include "domain/fault.h"
#include <inttypes.h>

enum {
	PARTS_MAX = 1 << 20,
	LINE_MAX_BYTES = 64 << 10,
	NAMED_LINES = 1000, // on standard error; --report has all
	PROGRESS_MS = 200,
	PROGRESS_LINE_MS = 10000,
	BAR = 30,
};

struct import {
	struct cli *cli;
	const char *path, *import_id;
	struct import_file *file;
	struct import_sender *sender;
	struct import_state state;
	uint8_t done[PARTS_MAX / 8]; // parts that an interrupted run has done
	bool dry_run, strict, bar, resumed;
	int64_t imported, existing, failed;
	size_t named;
	FILE *report;		 // --report
	size_t listed;		 // lines printed to standard output
	uint64_t end;		 // how far in the file
	int64_t begun, shown;	 // monotonic milliseconds
	struct arena line_arena; // emptied after every line
};

// --- what is printed ---

static void
clear_bar(struct import *in)
{
	if (in->bar)
		fputs("\r\033[K", stderr);
}

static void
show_progress(struct import *in)
{
	int64_t now = clock_monotonic_ms(), lines = in->imported + in->existing + in->failed;
	uint64_t size = import_file_size(in->file);
	unsigned percent = size ? (unsigned)(in->end * 100 / size) : 0;

	if (now - in->shown < (in->bar ? PROGRESS_MS : PROGRESS_LINE_MS))
		return;
	in->shown = now;
	int64_t rate = now > in->begun ? lines * 1000 / (now - in->begun) : 0;
	if (in->bar) {
		char bar[BAR + 1] = {0};
		for (unsigned i = 0; i < BAR; i++)
			bar[i] = i < percent * BAR / 100 ? '#' : '.';
		fprintf(stderr, "\r\033[K[%s] %3u %%  %" PRId64 " lines, %" PRId64 "/s", bar,
			percent, lines, rate);
	} else {
		fprintf(stderr, "%u %%, %" PRId64 " lines\n", percent, lines);
	}
}

static void
write_csv_line(struct import *in, FILE *to, const struct json *line)
{
	static const char *const names[] = {
		"line", "serialNumber", "status", "deviceId", "fault", "message"};
	struct buf text;

	buf_init(&text, &in->line_arena, LINE_MAX_BYTES);
	struct csvw w = {.out = &text, .guard_formulas = true};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		csvw_field(&w, output_text(&in->line_arena, json_get(line, names[i])));
	csvw_end_row(&w);
	fwrite(text.data, 1, text.len, to);
}

static void
list_line(struct import *in, const struct json *line)
{
	struct buf text;

	if (in->report)
		write_csv_line(in, in->report, line);
	if (in->cli->format == OUTPUT_CSV)
		write_csv_line(in, stdout, line);
	if (in->cli->format != OUTPUT_JSON)
		return;
	buf_init(&text, &in->line_arena, LINE_MAX_BYTES);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, line);
	printf("%s\n  %s", in->listed++ ? "," : "", buf_text(&text));
}

static void
name_line(struct import *in, const struct json *line)
{
	const char *serial = output_text(&in->line_arena, json_get(line, "serialNumber"));
	const struct fault *fault = fault_find(json_str(line, "fault"));
	struct error why;

	if (++in->named > NAMED_LINES)
		return;
	error_fault(&why, ERR_INVALID, fault ? fault->name : NULL, "%s",
		output_text(&in->line_arena, json_get(line, "message")));
	clear_bar(in);
	fprintf(stderr, "%s:%" PRId64 ": %s%s%s\n", in->path, json_int(line, "line", 0), serial,
		str_empty(serial) ? "" : ": ", output_error(&in->line_arena, &why));
	if (in->named == NAMED_LINES)
		fputs("further lines are not named here; --report FILE has all\n", stderr);
}

// --- one part ---

static bool
take_answer(struct import *in, const struct json *answer, struct error *e)
{
	const struct json *results = json_get(answer, "results");

	if (!results || results->type != JSON_ARRAY)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service did not answer for the lines of a part");
	in->imported += json_int(answer, "imported", 0);
	in->existing += json_int(answer, "existing", 0);
	in->failed += json_int(answer, "failed", 0);
	for (const struct json *line = results->first; line; line = line->next) {
		list_line(in, line);
		if (str_eq(json_str(line, "status"), "failed") ||
			str_eq(json_str(line, "status"), "warning"))
			name_line(in, line);
		arena_reset(&in->line_arena);
	}
	show_progress(in);
	return true;
}

static bool
take_oldest(struct import *in, bool *some, struct error *e)
{
	const struct json *answer;

	if (!import_sender_take(in->sender, &answer, &in->end, e))
		return false;
	*some = answer != NULL;
	return !answer || take_answer(in, answer, e);
}

static bool
send_all(struct import *in, struct error *e)
{
	bool more = true, some = true;

	for (size_t part = 0; more && part < PARTS_MAX; part++) {
		struct import_cut *cut;
		while (!(cut = import_sender_room(in->sender)))
			if (!take_oldest(in, &some, e))
				return false;
		if (!import_file_next(in->file, cut, &more, e))
			return false;
		bool known = in->done[part / 8] >> part % 8 & 1;
		// A part that is done is asked for again when its lines are to be listed.
		if (more && (!known || in->report || in->cli->format != OUTPUT_TABLE))
			import_sender_put(in->sender, part);
	}
	while (some)
		if (!take_oldest(in, &some, e))
			return false;
	return true;
}

// --- the whole import ---

static bool
begin_new(struct import *in, const char *header, struct error *e)
{
	const char *tag = cli_option(in->cli, "group-tag"), *user = cli_option(in->cli, "user");
	const char *name = strrchr(in->path, '/');
	const struct json *answer;
	struct buf body;

	buf_init(&body, in->cli->arena, LINE_MAX_BYTES);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "name", name ? name + 1 : in->path);
	jsonw_str(&w, "header", header);
	jsonw_bool(&w, "strict", in->strict);
	jsonw_bool(&w, "dryRun", in->dry_run);
	jsonw_str(&w, "groupTag", tag ? tag : "");
	jsonw_str(&w, "user", user ? user : "");
	jsonw_end_object(&w);
	if (!buf_ok(&body, e) || !utf8_valid(buf_slice(&body)))
		return error_fault(e, ERR_INVALID, "import_header_unknown",
			"%s: the first line is not text", in->path);
	if (!api_send(in->cli, "POST", "/ferry/v1/imports", buf_text(&body), &answer, e))
		return error_wrap(e, "%s", in->path);
	in->import_id = arena_strdup(in->cli->arena, json_str(answer, "id"));
	if (json_bool(answer, "firstLineIsData", false))
		import_file_keep_header(in->file);
	return true;
}

static void
note_done_parts(struct import *in, const struct json *job)
{
	const struct json *parts = json_get(job, "partsDone");

	for (const struct json *p = parts ? parts->first : NULL; p; p = p->next) {
		uint64_t part;
		if (p->type == JSON_NUMBER && str_to_u64(p->text, PARTS_MAX - 1, &part))
			in->done[part / 8] |= (uint8_t)(1u << part % 8);
	}
	if (in->report || in->cli->format != OUTPUT_TABLE)
		return; // counted with the answers
	in->imported = json_int(job, "imported", 0);
	in->existing = json_int(job, "existing", 0);
	in->failed = json_int(job, "failed", 0);
}

static bool
begin(struct import *in, struct error *e)
{
	const char *header;
	const struct json *job;
	struct error gone;

	if (!import_file_header(in->file, &header, e))
		return false;
	if (in->state.import_id && !cli_switch(in->cli, "restart") &&
		api_send(in->cli, "GET",
			arena_printf(in->cli->arena, "/ferry/v1/imports/%s", in->state.import_id),
			NULL, &job, &gone) &&
		str_eq(json_str(job, "state"), "open")) {
		in->import_id = in->state.import_id;
		in->resumed = true;
		note_done_parts(in, job);
		if (json_bool(job, "firstLineIsData", false))
			import_file_keep_header(in->file);
		fprintf(stderr, "%s: going on with import %s, %" PRId64 " parts are done\n",
			in->path, in->import_id, json_int(job, "parts", 0));
		return true;
	}
	if (!begin_new(in, header, e))
		return false;
	import_state_keep(in->cli->arena, &in->state, in->import_id);
	return true;
}

static bool
finish(struct import *in, struct error *e)
{
	const char *path =
		arena_printf(in->cli->arena, "/ferry/v1/imports/%s/finish", in->import_id);

	if (!api_send(in->cli, "POST", path, "{}", NULL, e))
		return false;
	import_state_forget(&in->state);
	return true;
}

static void
print_summary(struct import *in)
{
	const char *done = in->dry_run ? "good" : "imported";

	clear_bar(in);
	if (in->cli->format == OUTPUT_TABLE)
		printf("%s %" PRId64 ", existing %" PRId64 ", failed %" PRId64 "\n", done,
			in->imported, in->existing, in->failed);
	if (in->cli->format == OUTPUT_JSON)
		printf("\n],\"%s\":%" PRId64 ",\"existing\":%" PRId64 ",\"failed\":%" PRId64
		       ",\"import\":\"%s\"}\n",
			done, in->imported, in->existing, in->failed, in->import_id);
}

static const char *
options_of(struct cli *cli)
{
	const char *tag = cli_option(cli, "group-tag"), *user = cli_option(cli, "user");

	return arena_printf(cli->arena, "%d%d %s %s", cli_switch(cli, "strict"),
		cli_switch(cli, "dry-run"), tag ? tag : "-", user ? user : "-");
}

static bool
open_report(struct import *in, struct error *e)
{
	const char *path = cli_option(in->cli, "report");
	static const char titles[] = "Line,Serial,Status,Id,Fault,Message\r\n";

	if (path && !(in->report = fopen(path, "we")))
		return error_errno(e, "%s", path);
	if (in->report)
		fputs(titles, in->report);
	return true;
}

static bool
run(struct import *in, struct error *e)
{
	bool all = in->report || in->cli->format != OUTPUT_TABLE;

	if (!begin(in, e) || !import_sender_open(in->cli, in->import_id, all, &in->sender, e))
		return false;
	if (in->cli->format == OUTPUT_JSON)
		printf("{\"lines\":[");
	if (in->cli->format == OUTPUT_CSV)
		printf("Line,Serial,Status,Id,Fault,Message\r\n");
	bool ok = send_all(in, e) && finish(in, e);
	// What was done before a failure is done: it is reported all the same.
	print_summary(in);
	return ok;
}

static bool
close_report(struct import *in, bool ok, struct error *e)
{
	if (!in->report)
		return ok;
	bool bad = ferror(in->report) != 0;
	bad = fclose(in->report) != 0 || bad;
	return ok && bad ? error_set(e, ERR_IO, "the report could not be written") : ok;
}

bool
device_import(struct cli *cli, struct error *e)
{
	struct import *in = arena_new(cli->arena, struct import);

	in->cli = cli;
	in->path = cli->operands[0];
	in->dry_run = cli_switch(cli, "dry-run");
	in->strict = cli_switch(cli, "strict");
	in->bar = cli->format == OUTPUT_TABLE && isatty(STDERR_FILENO);
	in->begun = in->shown = clock_monotonic_ms();
	arena_init(&in->line_arena, ARENA_SMALL);
	if (!import_file_open(cli->arena, in->path, &in->file, e))
		return false;
	import_state_find(cli->arena, in->path, options_of(cli), &in->state);
	bool ok = open_report(in, e) && run(in, e);
	import_sender_close(in->sender);
	import_file_close(in->file);
	arena_finish(&in->line_arena);
	ok = close_report(in, ok, e);
	if (!ok && in->import_id && in->state.path)
		error_hint(e, "the same command goes on where this one stopped");
	if (ok && in->failed)
		return error_set(e, ERR_INVALID, "%lld of %lld lines could not be %s",
			(long long)in->failed,
			(long long)(in->imported + in->existing + in->failed),
			in->dry_run ? "read" : "imported");
	return ok;
}
