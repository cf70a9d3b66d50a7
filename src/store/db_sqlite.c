// SPDX-License-Identifier: Apache-2.0
#include "store/db_sqlite.h"

#include "base/fs.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum control {
	BEGIN_READ,
	BEGIN_WRITE,
	COMMIT,
	ROLLBACK,
	SAVEPOINT,
	RELEASE,
	ROLLBACK_TO,
	CONTROLS
};

static const char *const control_text[CONTROLS] = {
	[BEGIN_READ] = "BEGIN",
	[BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[SAVEPOINT] = "SAVEPOINT one",
	[RELEASE] = "RELEASE one",
	[ROLLBACK_TO] = "ROLLBACK TO one",
};

// Pages of the write-ahead log after which it is copied, and after which that waits for readers.
enum {
	CHECKPOINT_PAGES = 500,
	CHECKPOINT_MUST_PAGES = 32 * CHECKPOINT_PAGES,
	CHECKPOINT_WAIT_MS = 200,
};

struct statement {
	sqlite3_stmt *stmt;
	bool busy;		 // rows of it are open: a second use needs a statement of its own
	struct db_column *known; // db_rows.known
	int *order;		 // at which index SQLite has $1, $2 …
};

// A composed statement; the least recently used one makes room.
struct composed {
	struct statement statement;
	char *text;
	uint64_t used;
};

struct sqlite_db {
	struct db db;
	sqlite3 *handle;
	sqlite3_stmt *control[CONTROLS];
	struct statement *statements;
	struct composed composed[DB_COMPOSED_KEPT];
	uint64_t uses;
	int wal_pages;
};

struct sqlite_rows {
	struct db_rows rows;
	sqlite3_stmt *stmt;
	struct statement *cached; // NULL: stmt is ours
	// All rows when they are kept, else empty.
	bool kept;
	struct arena memory;
	struct db_value *values;
	size_t count, room, next;
};

static struct sqlite_db *
sqlite_of(struct db *db)
{
	return (struct sqlite_db *)db;
}

static struct db *
sqlite_make(void)
{
	struct sqlite_db *s = calloc(1, sizeof *s);

	if (!s)
		abort();
	// Statistics that nobody reads cost a lock of the process at every allocation. No effect
	// later on.
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	return &s->db;
}

static bool
sqlite_failed(struct db *db, const char *what, struct error *e)
{
	return db_sqlite_failed(db, sqlite_of(db)->handle, what, e);
}

static bool
control(struct db *db, enum control which, struct error *e)
{
	struct sqlite_db *s = sqlite_of(db);

	if (!s->control[which] &&
		sqlite3_prepare_v3(s->handle, control_text[which], -1, SQLITE_PREPARE_PERSISTENT,
			&s->control[which], NULL) != SQLITE_OK)
		return sqlite_failed(db, control_text[which], e);
	errno = 0; // db_sqlite_failed() looks at it
	int rc = sqlite3_step(s->control[which]);
	if (rc != SQLITE_DONE)
		sqlite_failed(db, control_text[which], e);
	sqlite3_reset(s->control[which]);
	return rc == SQLITE_DONE;
}

static void
forget_composed(struct composed *composed)
{
	sqlite3_finalize(composed->statement.stmt);
	free(composed->statement.known);
	free(composed->statement.order);
	free(composed->text);
	*composed = (struct composed){0};
}

static void
sqlite_disconnect(struct db *db)
{
	struct sqlite_db *s = sqlite_of(db);

	for (int i = 0; i < CONTROLS; i++) {
		sqlite3_finalize(s->control[i]);
		s->control[i] = NULL;
	}
	for (size_t i = 0; s->statements && i < db->catalog->query_count; i++) {
		sqlite3_finalize(s->statements[i].stmt);
		free(s->statements[i].known);
		free(s->statements[i].order);
	}
	free(s->statements);
	s->statements = NULL;
	for (size_t i = 0; i < DB_COMPOSED_KEPT; i++)
		forget_composed(&s->composed[i]);
	sqlite3_close_v2(s->handle);
	s->handle = NULL;
}

static bool
sqlite_connected(struct db *db)
{
	return sqlite_of(db)->handle != NULL;
}

static void
sqlite_destroy(struct db *db)
{
	free(db);
}

// The database holds hashes of secrets: make it readable for the owner only. SQLite gives the -wal
// and -shm files the same mode.
static bool
create_file(const char *path, struct error *e)
{
	autoclose fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0 || errno == EEXIST)
		return true;
	error_errno(e, "database %s", path);
	e->code = ERR_IO;
	e->fault = "store_io";
	return false;
}

// Several programs may open a new database at once, and the switch to WAL does not wait for a busy
// handler in every case:
// https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode
static int
run_pragmas(sqlite3 *handle, const char *text, unsigned busy_ms)
{
	int rc = sqlite3_exec(handle, text, NULL, NULL, NULL);

	for (unsigned waited = 0; (rc & 0xff) == SQLITE_BUSY && waited < busy_ms; waited += 10) {
		sqlite3_sleep(10);
		rc = sqlite3_exec(handle, text, NULL, NULL, NULL);
	}
	return rc;
}

static int
remember_wal_pages(void *context, sqlite3 *handle, const char *schema, int pages)
{
	(void)handle;
	(void)schema;
	((struct sqlite_db *)context)->wal_pages = pages;
	return SQLITE_OK;
}

static bool
configure(struct db *db, struct error *e)
{
	struct sqlite_db *s = sqlite_of(db);
	// What a transaction writes is whole pages: with large ones an import writes a third less,
	// although keys come in no order; readers copy more. Before WAL mode.
	const char *shared = "PRAGMA page_size=16384; PRAGMA journal_mode=WAL;"
			     "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
			     "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
			     "PRAGMA journal_size_limit=67108864;";
	const char *own = db->read_only ? "PRAGMA cache_size=-4096; PRAGMA query_only=ON;"
					: "PRAGMA cache_size=-131072;";

	sqlite3_extended_result_codes(s->handle, 1);
	sqlite3_busy_timeout(s->handle, (int)db->busy_ms);
	sqlite3_db_config(s->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_wal_hook(s->handle, remember_wal_pages, s); // instead of the automatic checkpoint
	if (run_pragmas(s->handle, shared, db->busy_ms) != SQLITE_OK ||
		run_pragmas(s->handle, own, db->busy_ms) != SQLITE_OK)
		return sqlite_failed(db, "open", e);
	return true;
}

static bool
sqlite_connect(struct db *db, struct error *e)
{
	struct sqlite_db *s = sqlite_of(db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	if (!create_file(db->where, e))
		return false;
	bool opened = sqlite3_open_v2(db->where, &s->handle, flags, NULL) == SQLITE_OK ||
		sqlite_failed(db, "open", e);
	if (opened && configure(db, e)) {
		s->statements = calloc(db->catalog->query_count + 1, sizeof *s->statements);
		if (!s->statements)
			abort();
		return true;
	}
	sqlite_disconnect(db);
	return false;
}

static bool
sqlite_begin(struct db *db, enum db_mode mode, struct error *e)
{
	return control(db, mode == DB_READ ? BEGIN_READ : BEGIN_WRITE, e);
}

static void
sqlite_rollback(struct db *db)
{
	struct error ignored;

	// SQLite ends the transaction itself on some errors, a full disk among them.
	if (sqlite_of(db)->handle && !sqlite3_get_autocommit(sqlite_of(db)->handle))
		(void)!control(db, ROLLBACK, &ignored);
}

// Whatever the reason, after a failed COMMIT of a writer the connection is not trusted any more.
static bool
sqlite_commit(struct db *db, struct error *e)
{
	if (control(db, COMMIT, e))
		return true;
	sqlite_rollback(db);
	sqlite_disconnect(db);
	return false;
}

bool
db_savepoint(struct db *db, struct error *e)
{
	return control(db, SAVEPOINT, e);
}

bool
db_savepoint_release(struct db *db, struct error *e)
{
	return control(db, RELEASE, e);
}

bool
db_savepoint_undo(struct db *db)
{
	struct error ignored;

	return !sqlite3_get_autocommit(sqlite_of(db)->handle) &&
		control(db, ROLLBACK_TO, &ignored) && control(db, RELEASE, &ignored);
}

void
db_checkpoint(struct db *db, bool later)
{
	struct sqlite_db *s = sqlite_of(db);

	if (!s->handle || s->wal_pages < (later ? CHECKPOINT_MUST_PAGES : CHECKPOINT_PAGES))
		return;
	// A failure leaves the log as it is: nothing is lost, and the next commit tries again.
	bool must = s->wal_pages >= CHECKPOINT_MUST_PAGES;
	sqlite3_busy_timeout(s->handle, CHECKPOINT_WAIT_MS);
	sqlite3_wal_checkpoint_v2(s->handle, NULL,
		must ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sqlite3_busy_timeout(s->handle, (int)db->busy_ms);
	s->wal_pages = 0;
}

static bool
sqlite_script(struct db *db, const char *name, const char *sql, struct error *e)
{
	return sqlite3_exec(sqlite_of(db)->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
		sqlite_failed(db, name, e);
}

static bool
compile(struct db *db, int query, const char *text, sqlite3_stmt **out, struct error *e)
{
	const struct sql_query *sql = db_sql(db, query);

	return sqlite3_prepare_v3(sqlite_of(db)->handle, text ? text : sql->text[DB_SQLITE], -1,
		       SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK ||
		sqlite_failed(db, sql->name, e);
}

static bool
sqlite_prepare(struct db *db, int query, struct error *e)
{
	sqlite3_stmt **stmt = &sqlite_of(db)->statements[query].stmt;

	return *stmt || compile(db, query, NULL, stmt, e);
}

static void
column_value(sqlite3_stmt *stmt, int column, struct db_value *out)
{
	*out = (struct db_value){.type = DB_TYPE_NULL};
	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_INTEGER:
		*out = (struct db_value){
			.type = DB_TYPE_INT, .integer = sqlite3_column_int64(stmt, column)};
		return;
	case SQLITE_TEXT:
		out->type = DB_TYPE_TEXT;
		break;
	case SQLITE_BLOB:
	case SQLITE_FLOAT: // our schemas have none: a type that no reader asks for
		out->type = DB_TYPE_BLOB;
		break;
	default:
		return;
	}
	const void *data = sqlite3_column_blob(stmt, column);
	out->bytes = slice_of(data ? data : "", (size_t)sqlite3_column_bytes(stmt, column));
}

static void
keep_row(struct sqlite_rows *r)
{
	size_t width = (size_t)sqlite3_column_count(r->stmt);

	if (r->count == r->room) {
		struct db_value *old = r->values;
		r->room = r->room ? r->room * 2 : 1;
		r->values = arena_array(&r->memory, r->room * width, sizeof *r->values);
		if (old)
			memcpy(r->values, old, r->count * width * sizeof *old);
	}
	struct db_value *row = &r->values[r->count * width];
	size_t total = 0;
	for (size_t i = 0; i < width; i++) {
		column_value(r->stmt, (int)i, &row[i]);
		total += row[i].bytes.len;
	}
	uint8_t *bytes = arena_alloc(&r->memory, total);
	for (size_t i = 0; i < width; i++) {
		if (row[i].bytes.len)
			row[i].bytes.data = memcpy(bytes, row[i].bytes.data, row[i].bytes.len);
		bytes += row[i].bytes.len;
	}
	r->count++;
}

static void
release_statement(sqlite3_stmt *stmt, struct statement *cached)
{
	if (!cached) {
		sqlite3_finalize(stmt);
		return;
	}
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	cached->busy = false;
}

static bool
run_to_end(struct db *db, struct sqlite_rows *r, const char *name, bool keep, struct error *e)
{
	int rc;

	while ((rc = sqlite3_step(r->stmt)) == SQLITE_ROW)
		if (keep)
			keep_row(r);
	return rc == SQLITE_DONE || sqlite_failed(db, name, e);
}

static void
sqlite_close_rows(struct db_rows *rows)
{
	struct sqlite_rows *r = (struct sqlite_rows *)rows;

	release_statement(r->stmt, r->cached);
	arena_finish(&r->memory);
	free(r);
}

// The place of a composed text: where it is, else the one whose use is longest ago.
static struct composed *
composed_place(struct sqlite_db *s, const char *text)
{
	struct composed *oldest = NULL;

	for (size_t i = 0; i < DB_COMPOSED_KEPT; i++) {
		struct composed *c = &s->composed[i];
		if (c->text && strcmp(c->text, text) == 0)
			return c;
		if (!c->statement.busy && (!oldest || c->used < oldest->used))
			oldest = c;
	}
	return oldest;
}

static bool
prepare_composed(
	struct db *db, const struct db_request *request, struct statement **out, struct error *e)
{
	struct sqlite_db *s = sqlite_of(db);
	struct composed *c = composed_place(s, request->text);

	*out = NULL;
	if (!c)
		return true; // all are being read from
	if (!c->text || strcmp(c->text, request->text) != 0) {
		forget_composed(c);
		if (!compile(db, request->query, request->text, &c->statement.stmt, e))
			return false;
		c->text = strdup(request->text);
		if (!c->text)
			abort();
	}
	c->used = ++s->uses;
	*out = &c->statement;
	return true;
}

static bool
acquire_statement(
	struct db *db, const struct db_request *request, struct sqlite_rows *r, struct error *e)
{
	struct statement *cached = &sqlite_of(db)->statements[request->query];

	if (request->text && !prepare_composed(db, request, &cached, e))
		return false;
	if (!cached || cached->busy)
		return compile(db, request->query, request->text, &r->stmt, e);
	if (!request->text && !sqlite_prepare(db, request->query, e))
		return false;
	cached->busy = true;
	r->cached = cached;
	r->stmt = cached->stmt;
	return true;
}

static bool
bind(struct db *db, const struct sqlite_rows *r, const struct db_request *request, struct error *e)
{
	return db_sqlite_bind(db, r->stmt, r->cached ? &r->cached->order : NULL, request, e);
}

static bool
sqlite_execute(struct db *db, const struct db_request *request, struct db_rows **rows,
	int64_t *affected, struct error *e)
{
	const char *name = db_sql(db, request->query)->name;
	struct sqlite_rows here = {0};

	if (!acquire_statement(db, request, &here, e))
		return false;
	bool writes = !sqlite3_stmt_readonly(here.stmt);
	// A writing statement with RETURNING runs to its end, so that its constraints are checked
	// now.
	here.kept = rows && (writes || request->want == DB_WANT_ALL);
	arena_init(&here.memory, ARENA_REQUEST);
	bool done = bind(db, &here, request, e) &&
		((rows && !here.kept) || run_to_end(db, &here, name, here.kept, e));
	if (done && affected)
		*affected = writes ? sqlite3_changes64(sqlite_of(db)->handle) : 0;
	if (!done || !rows) {
		release_statement(here.stmt, here.cached);
		arena_finish(&here.memory);
		return done;
	}
	struct sqlite_rows *r = malloc(sizeof *r);
	if (!r)
		abort();
	*r = here;
	r->rows.count = r->count;
	if (r->cached && !r->cached->known)
		r->cached->known =
			calloc((size_t)sqlite3_column_count(r->stmt) + 1, sizeof *r->cached->known);
	r->rows.known = r->cached ? r->cached->known : NULL;
	*rows = &r->rows;
	return true;
}

static bool
sqlite_execute_many(struct db *db, int query, const struct db_params *sets, size_t count,
	int64_t *affected, struct error *e)
{
	const char *name = db_sql(db, query)->name;
	struct db_request any = {.query = query};
	struct sqlite_rows here = {0};
	bool done = true;

	if (!acquire_statement(db, &any, &here, e))
		return false;
	for (size_t i = 0; done && i < count; i++) {
		struct db_request request = {.query = query, .params = sets[i]};
		done = bind(db, &here, &request, e) && run_to_end(db, &here, name, false, e);
		if (done && affected)
			affected[i] = sqlite3_changes64(sqlite_of(db)->handle);
		sqlite3_reset(here.stmt);
	}
	release_statement(here.stmt, here.cached);
	return done;
}

static bool
sqlite_next(struct db_rows *rows, bool *found, struct error *e)
{
	struct sqlite_rows *r = (struct sqlite_rows *)rows;

	if (r->kept) {
		*found = r->next < r->count;
		r->next += *found;
		return true;
	}
	int rc = sqlite3_step(r->stmt);
	*found = rc == SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE || sqlite_failed(rows->db, rows->query, e);
}

static int
sqlite_width(const struct db_rows *rows)
{
	return sqlite3_column_count(((const struct sqlite_rows *)rows)->stmt);
}

static const char *
sqlite_column_name(const struct db_rows *rows, int column)
{
	return sqlite3_column_name(((const struct sqlite_rows *)rows)->stmt, column);
}

static bool
sqlite_value(struct db_rows *rows, int column, struct db_value *out, struct error *e)
{
	struct sqlite_rows *r = (struct sqlite_rows *)rows;

	(void)e;
	if (r->kept)
		*out = r->values[(r->next - 1) * (size_t)sqlite_width(rows) + (size_t)column];
	else
		column_value(r->stmt, column, out);
	return true;
}

const struct db_driver db_driver_sqlite = {
	.kind = DB_SQLITE,
	.make = sqlite_make,
	.connect = sqlite_connect,
	.disconnect = sqlite_disconnect,
	.connected = sqlite_connected,
	.destroy = sqlite_destroy,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.script = sqlite_script,
	.prepare = sqlite_prepare,
	.execute = sqlite_execute,
	.execute_many = sqlite_execute_many,
	.next = sqlite_next,
	.width = sqlite_width,
	.column_name = sqlite_column_name,
	.value = sqlite_value,
	.close_rows = sqlite_close_rows,
};
