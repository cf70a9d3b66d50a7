// SPDX-License-Identifier: Apache-2.0
// Corporate identifiers: devices that are the organization's own, wherever they enrol from
// (behaviour E12, E13).
#include "base/str.h"
#include "cli/identifier_file.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/resource.h"

enum { FILE_MAX = 256 << 20, BODY_MAX = 16 << 20, PER_REQUEST = 1000, NAMED_LINES = 1000 };

#define KINDS "serial|imei|model"
#define GRAPH_KINDS "serialNumber|imei|manufacturerModelSerial"

const struct option_spec corporate_id_fields[] = {
	{"kind", KINDS, "What identifies it; model: manufacturer,model,serial (default serial)"},
	{"description", "TEXT", "What it is", OPTION_OWN}, {0}};
const struct option_spec corporate_id_import_options[] = {
	{"kind", KINDS, "What a line has; model: manufacturer,model,serial (default serial)"},
	{"overwrite", NULL, "Give those that are there already the description of the file"}, {0}};

static enum identifier_kind
kind_of(const struct cli *cli)
{
	const char *kind = cli_option(cli, "kind");

	return kind ? (enum identifier_kind)cli_choice_find(KINDS, kind) : IDENTIFIER_SERIAL;
}

static void
put_one(struct cli *cli, struct jsonw *w, const char *identifier, const char *description)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "importedDeviceIdentifier", identifier);
	jsonw_str(w, "importedDeviceIdentityType",
		cli_choice_at(cli->arena, GRAPH_KINDS, (int)kind_of(cli)));
	jsonw_str(w, "description", description);
	jsonw_end_object(w);
}

bool
corporate_id_add(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Id", "id"}, {"Identifier", "importedDeviceIdentifier"}, {0}};
	const char *identifier = cli->operands[0], *description = cli_option(cli, "description");
	const char *problem = identifier_problem(kind_of(cli), identifier);
	const struct json *made;
	struct buf body;

	if (problem)
		return error_set(e, ERR_INVALID, "\"%s\": %s", identifier, problem);
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	put_one(cli, &w, identifier, description ? description : "");
	return buf_ok(&body, e) &&
		api_send(cli, "POST", resource_corporate_id.path, buf_text(&body), &made, e) &&
		output_object(cli, columns, made, e);
}

struct import {
	struct cli *cli;
	const struct identifier_list *list;
	size_t at; // of the next line
	int64_t stored, existing;
};

// The next lines that are good, in one request.
static bool
send_part(struct import *in, struct error *e)
{
	struct arena *whole = in->cli->arena;
	autoarena(part, ARENA_REQUEST);
	const struct json *answer;
	struct buf body;
	size_t n = 0;

	buf_init(&body, &part, BODY_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "importedDeviceIdentities");
	for (; in->at < in->list->count && n < PER_REQUEST; in->at++)
		if (!in->list->lines[in->at].problem) {
			put_one(in->cli, &w, in->list->lines[in->at].identifier,
				in->list->lines[in->at].description);
			n++;
		}
	jsonw_end_array(&w);
	jsonw_bool(&w, "overwriteImportedDeviceIdentities", cli_switch(in->cli, "overwrite"));
	jsonw_end_object(&w);
	// A plan outlives the part.
	if (!in->cli->plan)
		in->cli->arena = &part;
	bool ok = !n ||
		(buf_ok(&body, e) &&
			api_send(in->cli, "POST",
				arena_printf(in->cli->arena, "%s/importDeviceIdentityList",
					resource_corporate_id.path),
				buf_text(&body), &answer, e));
	in->cli->arena = whole;
	if (!ok || !n || in->cli->plan)
		return ok;
	const struct json *value = json_get(answer, "value");
	for (const struct json *v = value ? value->first : NULL; v; v = v->next)
		*(json_bool(v, "status", false) ? &in->stored : &in->existing) += 1;
	return true;
}

static void
name_bad_lines(const struct cli *cli, const struct identifier_list *list)
{
	size_t named = 0;

	for (size_t i = 0; i < list->count && named < NAMED_LINES; i++)
		if (list->lines[i].problem) {
			fprintf(stderr, "%s:%zu: %s\n", cli->operands[0], list->lines[i].line,
				list->lines[i].problem);
			named++;
		}
	if (list->bad > named)
		fprintf(stderr, "and %zu more\n", list->bad - named);
}

static bool
print_summary(const struct import *in, struct error *e)
{
	static const struct column columns[] = {
		{"Stored", "stored"}, {"Existing", "existing"}, {"Failed", "failed"}, {0}};
	struct buf out;

	buf_init(&out, in->cli->arena, 4096);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_int(&w, "stored", in->stored);
	jsonw_int(&w, "existing", in->existing);
	jsonw_int(&w, "failed", (int64_t)in->list->bad);
	jsonw_end_object(&w);
	const struct json *summary = json_parse(in->cli->arena, buf_slice(&out), NULL, e);
	return summary && output_object(in->cli, columns, summary, e);
}

bool
corporate_id_import(struct cli *cli, struct error *e)
{
	const char *file = cli->operands[0];
	struct import in = {.cli = cli};
	struct identifier_list list;
	struct progress progress;
	struct slice bytes;

	if (!input_read(cli->arena, file, FILE_MAX, &bytes, e) ||
		!identifier_file_read(cli->arena, bytes, kind_of(cli), &list, e))
		return error_wrap(e, "%s", file);
	in.list = &list;
	name_bad_lines(cli, &list);
	progress_begin(&progress, "import", "lines", list.count, cli->format != OUTPUT_TABLE);
	while (in.at < list.count) {
		if (!send_part(&in, e)) {
			progress_end(&progress);
			return error_wrap(e, "%s: %lld lines were done", file,
				(long long)(in.stored + in.existing));
		}
		progress_set(&progress, in.at);
	}
	progress_end(&progress);
	if (!print_summary(&in, e))
		return false;
	return !list.bad ||
		error_set(
			e, ERR_INVALID, "%zu of %zu lines could not be read", list.bad, list.count);
}
