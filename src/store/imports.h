// SPDX-License-Identifier: Apache-2.0
// What is remembered of an import: which parts are done, so that none is done twice, and which
// lines did not become registrations.
#pragma once

#include "store/registration.h"

struct import_job {
	const char *import_id, *name, *header, *actor, *state;
	const char *group_tag, *assigned_upn; // instead of the lines' own, "" when none
	bool strict, check_only;
	time_us created_at, finished_at;
	int64_t parts, lines, imported, existing, failed; // so far
};

// A line that is no new registration, or one that is (status "imported") in the answer to its part.
struct import_line {
	int64_t line;
	const char *serial, *status, *device_id, *fault, *message;
};

// One part: what could be read (`rows`, with the line of each) and what could not (`bad`).
struct import_part {
	const char *import_id, *sha256;
	int64_t part, first_line, line_count;
	const struct registration *rows;
	const int64_t *row_lines;
	const bool *placeholder; // of each row: its serial number identifies nothing
	size_t row_count;
	const struct import_line *bad;
	size_t bad_count;
};

struct import_result {
	int64_t lines, imported, existing, failed;
	const struct import_line *list; // of what is not imported
	size_t list_count;
	const struct registration_result *rows; // NULL when the part had been done before
	bool repeated;
};

// Names of the options come from the caller; import_id and created_at are set.
bool store_import_begin(const struct work *w, struct import_job *job, struct error *e) MUST_CHECK;

// ERR_NOT_FOUND.
bool store_import_get(const struct work *w, const char *import_id, struct import_job *out,
	struct error *e) MUST_CHECK;
bool store_import_list(
	const struct work *w, struct import_job **out, size_t *count, struct error *e) MUST_CHECK;

// Do a part in one transaction; done before, give the answer that it got then. ERR_CONFLICT with
// fault "import_part_differs" when the bytes are not those of the first time, "import_finished"
// when the import is.
bool store_import_part(const struct work *w, const struct import_job *job,
	const struct import_part *part, struct import_result *out, struct error *e) MUST_CHECK;

// The numbers of the parts that are done.
bool store_import_parts(const struct work *w, const char *import_id, int64_t **out, size_t *count,
	struct error *e) MUST_CHECK;

// Lines after `after`, at most `limit`.
bool store_import_lines(const struct work *w, const char *import_id, int64_t after, int64_t limit,
	struct import_line **out, size_t *count, struct error *e) MUST_CHECK;

bool store_import_finish(const struct work *w, const char *import_id, struct error *e) MUST_CHECK;

// Graph's import entities (graph-api.md section 3).
struct imported_device {
	const char *imported_id, *batch_id, *serial, *product_key, *group_tag, *assigned_upn;
	const char *status, *device_id, *error_name;
	const char *upload_id; // NULL: none
	int64_t error_code;
	time_us created_at;
};

// Register and remember each request with its outcome, in one transaction. `rows` belong to those
// of `requests` whose status is NULL, in order; the others have failed before.
bool store_imported_insert(const struct work *w, const struct registration *rows,
	struct imported_device *requests, size_t count, struct error *e) MUST_CHECK;
bool store_imported_delete(
	const struct work *w, const char *imported_id, struct error *e) MUST_CHECK;

// Several of them under one name, as the oldest clients send them; what was imported stays.
bool store_upload_insert(const struct work *w, const char *upload_id, struct error *e) MUST_CHECK;
bool store_upload_delete(const struct work *w, const char *upload_id, struct error *e) MUST_CHECK;
