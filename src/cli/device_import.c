// SPDX-License-Identifier: Apache-2.0
// Registration from a file: every good line is registered, every bad one is named.
#include "base/str.h"
#include "cli/import_file.h"
#include "cli/output.h"
#include "domain/fault.h"

enum { BATCH = 200, BATCH_MEMORY = 1 << 30, REPORT_MAX = 64 << 20 };

static const char import_path[] =
	"/beta/deviceManagement/importedWindowsAutopilotDeviceIdentities/import";

struct import {
	struct cli *cli;
	struct arena *batch_arena; // emptied after every batch
	struct import_file file;
	struct import_entry entries[BATCH];
	size_t count, lines; // of this batch: good ones, all
	size_t imported, existing, failed;
	bool dry_run, progress;
	struct buf report_text;
	struct jsonw report; // for -o json: one object a line
};

static void
report(struct import *in, const struct import_entry *entry, const char *status,
	const char *device_id, const struct error *why)
{
	struct jsonw *w = &in->report;

	jsonw_object(w, NULL);
	jsonw_int(w, "line", (int64_t)entry->line);
	jsonw_str(w, "serialNumber", entry->serial);
	jsonw_str(w, "status", status);
	jsonw_str(w, "deviceId", str_empty(device_id) ? NULL : device_id);
	jsonw_str(w, "fault", why ? why->fault : NULL);
	jsonw_str(w, "message", why ? why->message : NULL);
	jsonw_end_object(w);
}

static void
fail_line(struct import *in, const struct import_entry *entry, const struct error *why)
{
	in->failed++;
	report(in, entry, "failed", NULL, why);
	fprintf(stderr, "%s%s:%zu: %s%s%s\n", in->progress ? "\r\033[K" : "", in->file.path,
		entry->line, output_clean(in->batch_arena, entry->serial),
		str_empty(entry->serial) ? "" : ": ", output_error(in->batch_arena, why));
}

static const char *
batch_body(struct import *in, struct error *e)
{
	const char *tag = cli_option(in->cli, "group-tag"), *user = cli_option(in->cli, "user");
	struct buf body;

	buf_init(&body, in->batch_arena, 4 << 20);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "importedWindowsAutopilotDeviceIdentities");
	for (size_t i = 0; i < in->count; i++) {
		const struct import_entry *entry = &in->entries[i];
		jsonw_object(&w, NULL);
		jsonw_str(&w, "serialNumber", entry->serial);
		jsonw_str(&w, "productKey", entry->product_id);
		jsonw_str(&w, "hardwareIdentifier", entry->hash);
		jsonw_str(&w, "groupTag", tag ? tag : entry->tag);
		jsonw_str(&w, "assignedUserPrincipalName", user ? user : entry->user);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return buf_ok(&body, e) ? buf_text(&body) : NULL;
}

// 806 is no failure: what should be registered is (behaviour R23).
static void
take_result(struct import *in, const struct import_entry *entry, const struct json *result)
{
	const struct json *state = json_get(result, "state");
	const char *id = json_str(state, "deviceRegistrationId");
	const char *name = json_str(state, "deviceErrorName");
	const struct fault *fault = fault_find(name);
	struct error why;

	if (str_eq(json_str(state, "deviceImportStatus"), "complete")) {
		in->imported++;
		report(in, entry, "imported", id, NULL);
		return;
	}
	error_fault(&why, ERR_INVALID, fault ? fault->name : NULL, "%s: %s",
		fault && fault->code ? fault->code : "error", fault ? fault->title : name);
	if (!fault || !str_eq(fault->name, "ztd_already_assigned")) {
		fail_line(in, entry, &why);
		return;
	}
	in->existing++;
	report(in, entry, "existing", id, &why);
}

static bool
send_batch(struct import *in, struct error *e)
{
	struct arena *whole = in->cli->arena;
	const struct json *answer;
	const char *body;
	size_t i = 0;

	if (!in->count)
		return true;
	if (!(body = batch_body(in, e)))
		return false;
	// What is sent and received for a batch lives no longer than the batch.
	in->cli->arena = in->batch_arena;
	bool ok = api_send(in->cli, "POST", import_path, body, &answer, e);
	in->cli->arena = whole;
	if (!ok)
		return false;
	const struct json *value = json_get(answer, "value");
	if (!value || value->count != in->count)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service did not answer for every line");
	for (const struct json *result = value->first; result; result = result->next)
		take_result(in, &in->entries[i++], result);
	return true;
}

static bool
end_batch(struct import *in, struct error *e)
{
	if (!in->dry_run && !send_batch(in, e))
		return false;
	for (size_t i = 0; in->dry_run && i < in->count; i++) {
		in->imported++;
		report(in, &in->entries[i], "good", NULL, NULL);
	}
	in->count = in->lines = 0;
	arena_reset(in->batch_arena);
	if (in->progress)
		fprintf(stderr, "\r\033[K%zu lines", in->imported + in->existing + in->failed);
	return true;
}

static bool
read_all(struct import *in, struct error *e)
{
	struct import_entry entry;
	bool more = true;

	while (more) {
		if (!import_next(in->batch_arena, &in->file, &entry, &more, e))
			return false;
		if (more && entry.error.code)
			fail_line(in, &entry, &entry.error);
		else if (more)
			in->entries[in->count++] = entry;
		if ((++in->lines == BATCH || !more) && !end_batch(in, e))
			return false;
	}
	return true;
}

static bool
print_summary(struct import *in, struct error *e)
{
	const char *done = in->dry_run ? "good" : "imported";
	struct buf out;

	if (in->progress)
		fputs("\r\033[K", stderr);
	jsonw_end_array(&in->report);
	if (!buf_ok(&in->report_text, e))
		return false;
	buf_init(&out, in->cli->arena, REPORT_MAX + (1 << 10));
	if (in->cli->format == OUTPUT_TABLE) {
		buf_printf(&out, "%s %zu, existing %zu, failed %zu", done, in->imported,
			in->existing, in->failed);
		return output_json(&out, e);
	}
	const struct json *lines = json_parse(in->cli->arena, buf_slice(&in->report_text),
		&(struct json_limits){.max_bytes = REPORT_MAX, .max_nodes = 10000000}, e);
	if (!lines)
		return false;
	if (in->cli->format == OUTPUT_CSV) {
		static const struct column columns[] = {{"Line", "line"},
			{"Serial", "serialNumber"}, {"Status", "status"}, {"Id", "deviceId"},
			{"Fault", "fault"}, {"Message", "message"}, {0}};
		struct json_list list = {
			.items = arena_array(in->cli->arena, lines->count + 1, sizeof *list.items)};
		for (const struct json *line = lines->first; line; line = line->next)
			list.items[list.count++] = line;
		return output_list(in->cli, columns, &list, e);
	}
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_int(&w, done, (int64_t)in->imported);
	jsonw_int(&w, "existing", (int64_t)in->existing);
	jsonw_int(&w, "failed", (int64_t)in->failed);
	jsonw_value(&w, "lines", lines);
	jsonw_end_object(&w);
	return output_json(&out, e);
}

bool
device_import(struct cli *cli, struct error *e)
{
	autoarena(batch, BATCH_MEMORY);
	struct import *in = arena_new(cli->arena, struct import);
	struct error print_error = {0};

	in->cli = cli;
	in->batch_arena = &batch;
	in->dry_run = cli_switch(cli, "dry-run");
	in->progress = cli->format == OUTPUT_TABLE && isatty(STDERR_FILENO);
	buf_init(&in->report_text, cli->arena, REPORT_MAX);
	in->report = jsonw_on(&in->report_text);
	jsonw_array(&in->report, NULL);
	if (!import_open(cli->arena, cli->operands[0], cli_switch(cli, "strict"), &in->file, e))
		return false;
	bool ok = read_all(in, e);
	import_close(&in->file);
	// What was done before a failure is done: it is reported all the same.
	if ((ok || in->imported + in->existing + in->failed) && !print_summary(in, &print_error)) {
		*e = print_error;
		return false;
	}
	if (ok && in->failed)
		return error_set(e, ERR_INVALID, "%zu of %zu lines could not be %s", in->failed,
			in->imported + in->existing + in->failed,
			in->dry_run ? "read" : "imported");
	return ok;
}
