// SPDX-License-Identifier: Apache-2.0
#include "store/imports.h"

#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/registration.h"
#include "store/queries.h"

enum { LINE_PARAMS = 9 };

struct import_ctx {
	const struct work *w;
	const char *id, *batch_id, *upload_id, *after_id;
	int64_t after, limit;
	const struct import_job *job;
	const struct import_part *part;
	struct import_job *out_job;
	struct import_result *result;
	struct import_line *lines;
	int64_t *parts;
	struct imported_device *requests, *after_insert;
	const struct registration *rows;
	size_t count, room;
};

static bool
begin_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	const struct import_job *j = c->out_job;

	return db_run(db, Q_IMPORT_INSERT,
		PARAMS(DB_TEXT(j->import_id), DB_TEXT(c->w->tenant_id), DB_TEXT(j->name),
			DB_TEXT(j->header), DB_BOOL(j->strict), DB_BOOL(j->check_only),
			DB_TEXT(j->group_tag), DB_TEXT(j->assigned_upn), DB_TEXT(j->actor),
			DB_INT(j->created_at)),
		NULL, e);
}

bool
store_import_begin(const struct work *w, struct import_job *job, struct error *e)
{
	struct import_ctx c = {.w = w, .out_job = job};

	job->import_id = uuid_ordered(w->arena);
	job->created_at = w->now;
	job->state = "open";
	return store_write(w->session, begin_tx, &c, e);
}

static void
read_job(struct arena *arena, struct db_rows *r, struct import_job *out)
{
	*out = (struct import_job){
		.import_id = db_text(arena, r, "import_id"),
		.name = db_text(arena, r, "name"),
		.header = db_text(arena, r, "header"),
		.strict = db_bool(r, "strict"),
		.check_only = db_bool(r, "check_only"),
		.group_tag = db_text(arena, r, "group_tag"),
		.assigned_upn = db_text(arena, r, "assigned_upn"),
		.actor = db_text(arena, r, "actor"),
		.state = db_text(arena, r, "state"),
		.created_at = db_int(r, "created_at"),
		.finished_at = db_int(r, "finished_at"),
	};
}

static bool
load_job(struct db *db, const struct work *w, const char *id, struct import_job *out,
	struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, Q_IMPORT_GET, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(id)), &r, e))
		return e->code == ERR_NOT_FOUND
			? error_fault(e, ERR_NOT_FOUND, "import_unknown", "no such import")
			: false;
	read_job(w->arena, r, out);
	return true;
}

static bool
load_counts(struct db *db, const struct work *w, struct import_job *job, struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, Q_IMPORT_COUNTS, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(job->import_id)), &r,
		    e))
		return false;
	job->parts = db_int(r, "parts");
	job->lines = db_int(r, "lines");
	job->imported = db_int(r, "imported");
	job->existing = db_int(r, "existing");
	job->failed = db_int(r, "failed");
	return true;
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;

	return load_job(db, c->w, c->id, c->out_job, e) && load_counts(db, c->w, c->out_job, e);
}

bool
store_import_get(
	const struct work *w, const char *import_id, struct import_job *out, struct error *e)
{
	struct import_ctx c = {.w = w, .id = import_id, .out_job = out};

	return store_read(w->session, get_tx, &c, e);
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;

	c->count = c->room = 0;
	c->out_job = NULL;
	{
		autorows rows = NULL;
		if (!db_query(db, Q_IMPORT_LIST, PARAMS(DB_TEXT(c->w->tenant_id)), &rows, e))
			return false;
		while (db_next(rows)) {
			c->out_job = arena_more(
				c->w->arena, c->out_job, c->count, &c->room, sizeof *c->out_job);
			read_job(c->w->arena, rows, &c->out_job[c->count++]);
		}
	}
	for (size_t i = 0; i < c->count; i++)
		if (!load_counts(db, c->w, &c->out_job[i], e))
			return false;
	return true;
}

bool
store_import_list(const struct work *w, struct import_job **out, size_t *count, struct error *e)
{
	struct import_ctx c = {.w = w};

	if (!store_read(w->session, list_tx, &c, e))
		return false;
	*out = c.out_job;
	*count = c.count;
	return true;
}

// --- lines ---

static void
read_line(struct import_ctx *c, struct db_rows *r)
{
	struct arena *arena = c->w->arena;

	c->lines = arena_more(arena, c->lines, c->count, &c->room, sizeof *c->lines);
	c->lines[c->count++] = (struct import_line){
		.line = db_int(r, "line"),
		.serial = db_text(arena, r, "serial"),
		.status = db_text(arena, r, "status"),
		.device_id = db_text(arena, r, "device_id"),
		.fault = db_text(arena, r, "fault"),
		.message = db_text(arena, r, "message"),
	};
}

static bool
lines_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	autorows rows = NULL;

	c->count = c->room = 0;
	c->lines = NULL;
	if (!db_query(db, Q_IMPORT_LINE_LIST,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_INT(c->after),
			    DB_INT(c->limit)),
		    &rows, e))
		return false;
	while (db_next(rows))
		read_line(c, rows);
	return true;
}

bool
store_import_lines(const struct work *w, const char *import_id, int64_t after, int64_t limit,
	struct import_line **out, size_t *count, struct error *e)
{
	struct import_ctx c = {.w = w, .id = import_id, .after = after, .limit = limit};

	if (!store_read(w->session, lines_tx, &c, e))
		return false;
	*out = c.lines;
	*count = c.count;
	return true;
}

static bool
parts_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	autorows rows = NULL;

	c->count = c->room = 0;
	c->parts = NULL;
	if (!db_query(db, Q_IMPORT_PART_LIST, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)),
		    &rows, e))
		return false;
	while (db_next(rows)) {
		c->parts = arena_more(c->w->arena, c->parts, c->count, &c->room, sizeof *c->parts);
		c->parts[c->count++] = db_int(rows, "part");
	}
	return true;
}

bool
store_import_parts(
	const struct work *w, const char *import_id, int64_t **out, size_t *count, struct error *e)
{
	struct import_ctx c = {.w = w, .id = import_id};

	if (!store_read(w->session, parts_tx, &c, e))
		return false;
	*out = c.parts;
	*count = c.count;
	return true;
}

static bool
finish_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_IMPORT_FINISH,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_INT(c->w->now)), &n, e))
		return false;
	return n == 1 || error_fault(e, ERR_NOT_FOUND, "import_unknown", "no such import");
}

bool
store_import_finish(const struct work *w, const char *import_id, struct error *e)
{
	struct import_ctx c = {.w = w, .id = import_id};

	return store_write(w->session, finish_tx, &c, e);
}

// --- parts ---

// The answer that a part got when it was done.
static bool
earlier_answer(struct db *db, struct import_ctx *c, struct error *e)
{
	const struct import_part *p = c->part;
	struct import_result *out = c->result;

	{
		autorows r = NULL;
		if (!db_one(db, Q_IMPORT_PART_GET,
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(p->import_id),
				    DB_INT(p->part)),
			    &r, e))
			return false;
		if (!str_eq(db_text(c->w->arena, r, "sha256"), p->sha256))
			return error_fault(e, ERR_CONFLICT, "import_part_differs",
				"part %lld was other bytes the first time", (long long)p->part);
		*out = (struct import_result){.lines = db_int(r, "lines"),
			.imported = db_int(r, "imported"),
			.existing = db_int(r, "existing"),
			.failed = db_int(r, "failed"),
			.repeated = true};
	}
	autorows rows = NULL;
	if (!db_query(db, Q_IMPORT_LINE_OF_PART,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(p->import_id), DB_INT(p->first_line),
			    DB_INT(p->first_line + p->line_count), DB_INT(p->part)),
		    &rows, e))
		return false;
	c->count = c->room = 0;
	c->lines = NULL;
	while (db_next(rows))
		read_line(c, rows);
	out->list = c->lines;
	out->list_count = c->count;
	return true;
}

static const char *
why(const char *fault)
{
	return str_eq(fault, "ztd_duplicated")		? "an earlier line is the same device"
		: str_eq(fault, "ztd_already_assigned") ? "806: registered before"
		: str_eq(fault, "hardware_mismatch")
		? "registered with other hardware: delete the registration and import again"
		: "808: registered by another organization";
}

// What the lines became, in the order of the lines.
static void
take_results(struct import_ctx *c, const struct registration_result *done)
{
	const struct import_part *p = c->part;
	struct import_result *out = c->result;
	struct import_line *list =
		arena_array(c->w->arena, p->row_count + p->bad_count + 1, sizeof *list);
	size_t n = 0, bad = 0;

	*out = (struct import_result){.lines = (int64_t)(p->row_count + p->bad_count),
		.failed = (int64_t)p->bad_count,
		.list = list,
		.rows = done};
	for (size_t i = 0; i < p->row_count; i++) {
		while (bad < p->bad_count && p->bad[bad].line < p->row_lines[i])
			list[n++] = p->bad[bad++];
		bool existing = str_eq(done[i].fault, "ztd_already_assigned");
		out->imported += done[i].created;
		out->existing += existing;
		out->failed += !done[i].created && !existing;
		if (done[i].created && !p->placeholder[i])
			continue;
		list[n++] = (struct import_line){.line = p->row_lines[i],
			.serial = p->rows[i].serial,
			.status = done[i].created ? "warning"
				: existing	  ? "existing"
						  : "failed",
			.device_id = done[i].device_id,
			.fault = done[i].created ? "import_serial_placeholder" : done[i].fault,
			.message = done[i].created ? "the serial number identifies nothing; the "
						     "TPM does"
						   : why(done[i].fault)};
	}
	while (bad < p->bad_count)
		list[n++] = p->bad[bad++];
	out->list_count = n;
}

static bool
write_lines(struct db *db, struct import_ctx *c, struct error *e)
{
	const struct import_result *out = c->result;
	struct arena *arena = c->w->arena;
	struct db_params *sets = arena_array(arena, out->list_count + 1, sizeof *sets);

	for (size_t i = 0; i < out->list_count; i++) {
		const struct import_line *l = &out->list[i];
		const struct db_param params[LINE_PARAMS] = {DB_TEXT(c->part->import_id),
			DB_TEXT(c->w->tenant_id), DB_INT(c->part->part), DB_INT(l->line),
			DB_TEXT(l->serial), DB_TEXT(l->status), DB_TEXT(l->device_id),
			DB_TEXT(l->fault), DB_TEXT(l->message)};
		sets[i] =
			(struct db_params){arena_memdup(arena, params, sizeof params), LINE_PARAMS};
	}
	return db_run_many(db, Q_IMPORT_LINE_INSERT, sets, out->list_count, NULL, e) &&
		db_run(db, Q_IMPORT_PART_RESULT,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->part->import_id),
				DB_INT(c->part->part), DB_INT(out->imported), DB_INT(out->existing),
				DB_INT(out->failed)),
			NULL, e);
}

static bool
part_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	const struct import_part *p = c->part;
	struct register_options options = {.check_only = c->job->check_only,
		.update = true,
		.at = c->job->created_at,
		.actor = c->job->actor};
	int64_t added;

	if (!db_run(db, Q_IMPORT_PART_INSERT,
		    PARAMS(DB_TEXT(p->import_id), DB_TEXT(c->w->tenant_id), DB_INT(p->part),
			    DB_TEXT(p->sha256), DB_INT(p->first_line),
			    DB_INT((int64_t)(p->row_count + p->bad_count)), DB_INT(c->w->now)),
		    &added, e))
		return false;
	if (!added)
		return earlier_answer(db, c, e);
	struct registration_result *done = arena_array(c->w->arena, p->row_count + 1, sizeof *done);
	if (!registration_insert(db, c->w, p->rows, p->row_count, &options, done, e))
		return false;
	failpoint("store.import_rows");
	take_results(c, done);
	return write_lines(db, c, e) &&
		(c->job->check_only ||
			registration_audit(db, c->w, c->job->actor, "Create",
				"Import WindowsAutopilotDeviceIdentity", c->job->import_id,
				arena_printf(c->w->arena, "part %lld: %lld devices",
					(long long)p->part, (long long)c->result->imported),
				e));
}

bool
store_import_part(const struct work *w, const struct import_job *job,
	const struct import_part *part, struct import_result *out, struct error *e)
{
	struct import_ctx c = {.w = w, .job = job, .part = part, .result = out};

	if (!str_eq(job->state, "open"))
		return error_fault(e, ERR_CONFLICT, "import_finished", "the import is finished");
	return store_write_bulk(w->session, part_tx, &c, e);
}

// --- Graph's entities ---

static bool
imported_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	const struct work *w = c->w;
	struct registration_result *done = arena_array(w->arena, c->count + 1, sizeof *done);
	struct register_options options = {.update = true, .at = w->now};
	size_t good = 0, taken = 0;

	for (size_t i = 0; i < c->count; i++)
		good += !c->requests[i].status;
	if (!registration_insert(db, w, c->rows, good, &options, done, e))
		return false;
	for (size_t i = 0; i < c->count; i++) {
		struct imported_device r = c->requests[i];
		if (!r.status) {
			const struct registration_result *d = &done[taken++];
			r.status = d->fault ? "error" : "complete";
			r.device_id = d->device_id;
			r.error_name = registration_graph_error(d->fault, &r.error_code);
		}
		if (!db_run(db, Q_IMPORTED_INSERT,
			    PARAMS(DB_TEXT(r.imported_id), DB_TEXT(w->tenant_id),
				    DB_TEXT(r.batch_id), DB_TEXT(r.upload_id), DB_TEXT(r.serial),
				    DB_TEXT(r.product_key), DB_TEXT(r.group_tag),
				    DB_TEXT(r.assigned_upn), DB_TEXT(r.status),
				    DB_TEXT(r.device_id), DB_INT(r.error_code),
				    DB_TEXT(r.error_name), DB_INT(w->now)),
			    NULL, e))
			return false;
		c->after_insert[i] = r;
	}
	return true;
}

bool
store_imported_insert(const struct work *w, const struct registration *rows,
	struct imported_device *requests, size_t count, struct error *e)
{
	// The function may run twice, so it reads `requests` and writes beside it.
	struct imported_device *after = arena_array(w->arena, count + 1, sizeof *after);
	struct import_ctx c = {
		.w = w, .rows = rows, .requests = requests, .count = count, .after_insert = after};

	for (size_t i = 0; i < count; i++) {
		requests[i].imported_id = uuid_ordered(w->arena);
		requests[i].created_at = w->now;
	}
	if (!store_write_bulk(w->session, imported_tx, &c, e))
		return false;
	memcpy(requests, after, count * sizeof *requests);
	return true;
}

static bool
imported_delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_IMPORTED_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e))
		return false;
	return n == 1 || error_set(e, ERR_NOT_FOUND, "no such imported identity");
}

bool
store_imported_delete(const struct work *w, const char *imported_id, struct error *e)
{
	struct import_ctx c = {.w = w, .id = imported_id};

	return store_write(w->session, imported_delete_tx, &c, e);
}

static bool
upload_insert_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;

	return db_run(db, Q_UPLOAD_INSERT,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_INT(c->w->now)), NULL, e);
}

bool
store_upload_insert(const struct work *w, const char *upload_id, struct error *e)
{
	struct import_ctx c = {.w = w, .id = upload_id};

	return store_write(w->session, upload_insert_tx, &c, e);
}

static bool
upload_delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct import_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_UPLOAD_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e))
		return false;
	return n == 1 || error_set(e, ERR_NOT_FOUND, "no such upload");
}

bool
store_upload_delete(const struct work *w, const char *upload_id, struct error *e)
{
	struct import_ctx c = {.w = w, .id = upload_id};

	return store_write(w->session, upload_delete_tx, &c, e);
}
