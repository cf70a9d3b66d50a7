// SPDX-License-Identifier: Apache-2.0
#include "store/db_pq.h"

#include "base/str.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

struct pq_statement {
	bool prepared;
	int count;
	enum db_type types[DB_MAX_PARAMS];
};

// A composed statement; the least recently used one makes room.
struct composed {
	struct pq_statement statement;
	char name[24];
	char *text;
	uint64_t used;
};

struct pq_db {
	struct db db;
	PGconn *conn;
	struct pq_statement *statements;
	struct composed composed[DB_COMPOSED_KEPT];
	uint64_t uses;
};

CLEANUP_FN(PGresult *, PQclear, clear_result)
#define autoresult CLEANUP(clear_result) PGresult *

static struct pq_db *
pq_of(struct db *db)
{
	return (struct pq_db *)db;
}

static struct db *
pq_make(void)
{
	struct pq_db *p = calloc(1, sizeof *p);

	if (!p)
		abort();
	return &p->db;
}

static bool
lost(struct db *db, const char *what, struct error *e)
{
	error_fault(e, ERR_UNAVAILABLE, "store_unreachable", "%s: the database cannot be reached",
		what);
	return db_driver_failed(db, DB_LOST, e);
}

// What each SQLSTATE (PostgreSQL manual, appendix A) asks for. The longer prefix stands first.
static const struct {
	const char *prefix;
	enum db_state state;
	enum error_code code;
	const char *fault, *text;
} states[] = {
	{"23505", DB_FAILED, ERR_CONFLICT, NULL, "exists already"},
	{"23503", DB_FAILED, ERR_CONFLICT, "store_reference",
		"refers to a row that is missing, or is referred to"},
	{"40001", DB_RETRY, ERR_UNAVAILABLE, "store_busy", "others change the same rows"},
	{"40P01", DB_RETRY, ERR_UNAVAILABLE, "store_busy", "others change the same rows"},
	{"55P03", DB_RETRY, ERR_UNAVAILABLE, "store_busy", "another program holds a lock"},
	// A statement that was prepared before a migration: "cached plan must not change result
	// type".
	{"0A000", DB_LOST, ERR_INTERNAL, NULL, "not supported by the database"},
	{"53100", DB_FAILED, ERR_UNAVAILABLE, "store_full", "the disk of the database is full"},
	{"53", DB_LOST, ERR_UNAVAILABLE, "store_unreachable", "the database has no room for us"},
	{"57014", DB_FAILED, ERR_TIMEOUT, NULL, "the database cancelled it"},
	{"57P", DB_LOST, ERR_UNAVAILABLE, "store_unreachable", "the database is stopping"},
	{"08", DB_LOST, ERR_UNAVAILABLE, "store_unreachable", "the connection broke"},
	{"58", DB_FAILED, ERR_IO, "store_io", "the files of the database failed"},
	{"XX001", DB_FAILED, ERR_IO, "store_corrupt", "the database is damaged"},
	{"XX002", DB_FAILED, ERR_IO, "store_corrupt", "the database is damaged"},
	{"54", DB_FAILED, ERR_LIMIT, NULL, "too big"},
	{"22021", DB_FAILED, ERR_INVALID, NULL, "a parameter is not UTF-8 text"},
};

// The text of PostgreSQL's message may quote SQL and values, so only the SQLSTATE is passed on.
static bool
pq_failed(struct db *db, const PGresult *result, const char *what, struct error *e)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	for (size_t i = 0; state && i < sizeof states / sizeof *states; i++) {
		if (!str_starts(state, states[i].prefix))
			continue;
		error_fault(e, states[i].code, states[i].fault, "%s: %s", what, states[i].text);
		return db_driver_failed(db, states[i].state, e);
	}
	// The server gives every error a state: one without is libpq's own, about a connection that
	// broke while it was written to, which PQstatus() does not say before the next reading.
	if (!state || PQstatus(pq_of(db)->conn) != CONNECTION_OK)
		return lost(db, what, e);
	error_set(e, ERR_INTERNAL, "%s: PostgreSQL refused (%s)", what, state);
	return db_driver_failed(db, DB_FAILED, e);
}

static bool
succeeded(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool
pq_script(struct db *db, const char *name, const char *sql, struct error *e)
{
	autoresult result = PQexec(pq_of(db)->conn, sql);

	return succeeded(result) || pq_failed(db, result, name, e);
}

static void
pq_disconnect(struct db *db)
{
	struct pq_db *p = pq_of(db);

	PQfinish(p->conn);
	p->conn = NULL;
	free(p->statements);
	p->statements = NULL;
	for (size_t i = 0; i < DB_COMPOSED_KEPT; i++) {
		free(p->composed[i].text);
		p->composed[i] = (struct composed){0};
	}
}

static bool
pq_connected(struct db *db)
{
	return pq_of(db)->conn != NULL && PQstatus(pq_of(db)->conn) == CONNECTION_OK;
}

static void
pq_destroy(struct db *db)
{
	free(db);
}

static void
ignore_notice(void *context, const char *message)
{
	(void)context;
	(void)message;
}

static bool
configure(struct db *db, struct error *e)
{
	struct pq_db *p = pq_of(db);
	const char *encoding = PQparameterStatus(p->conn, "server_encoding");
	char settings[300];

	if (!str_eq(encoding, "UTF8")) {
		error_set(e, ERR_INVALID, "the database does not store text as UTF-8");
		return error_hint(e, "create it with ENCODING 'UTF8'");
	}
	// What is stricter than "on" (remote_apply) stays.
	snprintf(settings, sizeof settings,
		"SELECT set_config('synchronous_commit', 'on', false)"
		" WHERE current_setting('synchronous_commit') IN ('off', 'local');"
		"SELECT set_config('lock_timeout', '%u', false)",
		db->busy_ms);
	return pq_script(db, "connect", settings, e);
}

static bool
pq_connect(struct db *db, struct error *e)
{
	struct pq_db *p = pq_of(db);
	// What stands before dbname is a default that the URL may override.
	const char *const keys[] = {"connect_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", "application_name", "dbname",
		"client_encoding", NULL};
	const char *const values[] = {
		"10", "10", "5", "3", "20000", "ferry", db->where, "UTF8", NULL};

	pq_disconnect(db);
	p->conn = PQconnectdbParams(keys, values, 1);
	if (!p->conn)
		abort();
	PQsetNoticeProcessor(p->conn, ignore_notice, NULL);
	p->statements = calloc(db->catalog->query_count + 1, sizeof *p->statements);
	if (!p->statements)
		abort();
	if (PQstatus(p->conn) == CONNECTION_OK ? configure(db, e) : lost(db, "connect", e))
		return true;
	pq_disconnect(db);
	return false;
}

static bool
pq_begin(struct db *db, enum db_mode mode, struct error *e)
{
	static const char *const texts[] = {
		[DB_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		[DB_WRITE] = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE",
		[DB_MIGRATE] = "BEGIN ISOLATION LEVEL READ COMMITTED",
	};
	// The number is only ours: it keeps two programs from migrating at once.
	static const char wait_for_turn[] = "SET LOCAL lock_timeout = 0;"
					    "SELECT pg_advisory_xact_lock(4652525259)";

	if (!pq_script(db, "BEGIN", texts[mode], e))
		return false;
	return mode != DB_MIGRATE || pq_script(db, "migration", wait_for_turn, e);
}

static bool
pq_commit(struct db *db, struct error *e)
{
	struct pq_db *p = pq_of(db);
	autoresult result = PQexec(p->conn, "COMMIT");

	bool answered = succeeded(result) || PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (!answered || PQstatus(p->conn) != CONNECTION_OK) {
		error_fault(e, ERR_UNAVAILABLE, "store_commit_unknown",
			"the connection broke during COMMIT");
		error_hint(e, "look whether the change was made before repeating it");
		db_driver_failed(db, DB_FAILED, e);
		pq_disconnect(db);
		return false;
	}
	if (!succeeded(result)) {
		pq_failed(db, result, "COMMIT", e);
		db_rollback(db);
		return false;
	}
	// A transaction that had failed is rolled back without an error.
	if (!str_eq(PQcmdStatus(result), "COMMIT"))
		return error_set(e, ERR_INTERNAL, "COMMIT: the transaction was rolled back");
	return true;
}

static void
pq_rollback(struct db *db)
{
	struct pq_db *p = pq_of(db);

	if (!pq_connected(db) || PQtransactionStatus(p->conn) == PQTRANS_IDLE)
		return;
	autoresult result = PQexec(p->conn, "ROLLBACK");
	if (!succeeded(result))
		pq_disconnect(db);
}

// Only the types that mean the same on SQLite may be parameters.
static bool
param_type(unsigned oid, enum db_type *out)
{
	switch (oid) {
	case OID_INT8:
		*out = DB_TYPE_INT;
		return true;
	case OID_TEXT:
	case OID_VARCHAR:
		*out = DB_TYPE_TEXT;
		return true;
	case OID_BYTEA:
		*out = DB_TYPE_BLOB;
		return true;
	default:
		return false;
	}
}

static bool
read_description(struct pq_statement *statement, const PGresult *description, const char *name,
	struct error *e)
{
	statement->count = PQnparams(description);
	if (statement->count > DB_MAX_PARAMS)
		return error_set(
			e, ERR_INTERNAL, "%s: more than %d parameters", name, DB_MAX_PARAMS);
	for (int i = 0; i < statement->count; i++) {
		unsigned oid = PQparamtype(description, i);
		if (!param_type(oid, &statement->types[i]))
			return error_set(e, ERR_INTERNAL,
				"%s: the type of parameter %d is %u: CAST it to BIGINT, TEXT or "
				"BYTEA",
				name, i + 1, oid);
	}
	return true;
}

// The types of the parameters are left to the server and then compared with what is bound: SQLite
// would take an integer bound as text without a word, and find nothing.
static bool
prepare_as(struct db *db, const char *name, const char *text, struct pq_statement *statement,
	struct error *e)
{
	struct pq_db *p = pq_of(db);

	autoresult result = PQprepare(p->conn, name, text, 0, NULL);
	if (!succeeded(result))
		return pq_failed(db, result, name, e);
	autoresult description = PQdescribePrepared(p->conn, name);
	if (!succeeded(description))
		return pq_failed(db, description, name, e);
	if (!read_description(statement, description, name, e))
		return false;
	statement->prepared = true;
	return true;
}

static bool
pq_prepare(struct db *db, int query, struct error *e)
{
	const struct sql_query *sql = db_sql(db, query);
	struct pq_statement *statement = &pq_of(db)->statements[query];

	return statement->prepared ||
		prepare_as(db, sql->name, sql->text[DB_POSTGRESQL], statement, e);
}

// The place of a composed text: where it is, else the one whose use is longest ago.
static struct composed *
composed_place(struct pq_db *p, const char *text)
{
	struct composed *oldest = &p->composed[0];

	for (size_t i = 0; i < DB_COMPOSED_KEPT; i++) {
		struct composed *c = &p->composed[i];
		if (c->text && str_eq(c->text, text))
			return c;
		if (c->used < oldest->used)
			oldest = c;
	}
	return oldest;
}

static bool
forget_composed(struct db *db, struct composed *c, struct error *e)
{
	char text[40];

	if (!c->text)
		return true;
	snprintf(text, sizeof text, "DEALLOCATE %s", c->name);
	free(c->text);
	*c = (struct composed){0};
	return pq_script(db, "deallocate", text, e);
}

static bool
prepare_composed(struct db *db, const char *text, struct composed **out, struct error *e)
{
	struct pq_db *p = pq_of(db);
	struct composed *c = composed_place(p, text);

	if (!c->text || !str_eq(c->text, text)) {
		if (!forget_composed(db, c, e))
			return false;
		snprintf(c->name, sizeof c->name, "composed_%llu",
			(unsigned long long)(p->uses + 1));
		if (!prepare_as(db, c->name, text, &c->statement, e))
			return false;
		c->text = strdup(text);
		if (!c->text)
			abort();
	}
	c->used = ++p->uses;
	*out = c;
	return true;
}

struct binding {
	const char *values[DB_MAX_PARAMS];
	int lengths[DB_MAX_PARAMS], formats[DB_MAX_PARAMS];
	uint64_t integers[DB_MAX_PARAMS];
};

static bool
bind_all(const struct pq_statement *statement, const struct db_params *params, const char *name,
	struct binding *b, struct error *e)
{
	if ((int)params->count != statement->count)
		return error_set(e, ERR_INTERNAL, "%s: takes %d parameters, not %zu", name,
			statement->count, params->count);
	for (size_t i = 0; i < params->count; i++) {
		const struct db_param *param = &params->items[i];
		if (param->type != statement->types[i])
			return error_set(e, ERR_INTERNAL, "%s: parameter %zu has the wrong type",
				name, i + 1);
		if (param->bytes.len > INT32_MAX)
			return error_set(e, ERR_LIMIT, "%s: a value is too big", name);
		b->formats[i] = 1;
		b->integers[i] = htobe64((uint64_t)param->integer);
		bool integer = param->type == DB_TYPE_INT;
		b->lengths[i] = integer ? 8 : (int)param->bytes.len;
		b->values[i] = integer	   ? (const char *)&b->integers[i]
			: param->bytes.len ? (const char *)param->bytes.data
					   : "";
		if (param->null)
			b->values[i] = NULL;
	}
	return true;
}

// How many rows an INSERT, UPDATE or DELETE touched; 0 for anything else, as on SQLite.
static int64_t
affected_rows(PGresult *result)
{
	uint64_t count = 0;

	if (!str_starts(PQcmdStatus(result), "SELECT"))
		str_to_u64(PQcmdTuples(result), INT64_MAX, &count);
	return (int64_t)count;
}

static bool
pq_execute(struct db *db, const struct db_request *request, struct db_rows **rows,
	int64_t *affected, struct error *e)
{
	struct pq_db *p = pq_of(db);
	const char *name = db_sql(db, request->query)->name;
	struct pq_statement *statement = &p->statements[request->query];
	struct composed *composed;
	struct binding b;

	if (request->text) {
		if (!prepare_composed(db, request->text, &composed, e))
			return false;
		statement = &composed->statement;
		name = composed->name;
	} else if (!pq_prepare(db, request->query, e)) {
		return false;
	}
	if (!bind_all(statement, &request->params, name, &b, e))
		return false;
	int count = (int)request->params.count;
	autoresult result = request->text && request->by_values
		? PQexecParams(
			  p->conn, request->text, count, NULL, b.values, b.lengths, b.formats, 1)
		: PQexecPrepared(p->conn, name, count, b.values, b.lengths, b.formats, 1);
	if (!succeeded(result))
		return pq_failed(db, result, name, e);
	if (affected)
		*affected = affected_rows(result);
	if (!rows)
		return true;
	struct pq_rows *r = calloc(1, sizeof *r + (size_t)PQnfields(result) * sizeof *r->known);
	if (!r)
		abort();
	r->result = result;
	r->rows.count = (size_t)PQntuples(result);
	r->rows.known = r->known;
	result = NULL;
	*rows = &r->rows;
	return true;
}

// How many statements are on their way at once: their answers must fit into the socket's buffer,
// because nobody reads them meanwhile.
enum { PIPELINE = 256 };

static bool
send_all(struct db *db, int query, const struct db_params *sets, size_t count, struct error *e)
{
	struct pq_db *p = pq_of(db);
	const char *name = db_sql(db, query)->name;
	struct binding b;

	for (size_t i = 0; i < count; i++) {
		if (!bind_all(&p->statements[query], &sets[i], name, &b, e))
			return false;
		if (!PQsendQueryPrepared(
			    p->conn, name, (int)sets[i].count, b.values, b.lengths, b.formats, 1))
			return lost(db, name, e);
	}
	return true;
}

// Read the answers up to the end of the pipeline; the first error counts, those after it follow
// from it.
static bool
collect_all(struct db *db, const char *name, size_t count, int64_t *affected, struct error *e)
{
	struct pq_db *p = pq_of(db);
	bool good = true;

	for (size_t i = 0; i < count;) {
		autoresult result = PQgetResult(p->conn);
		if (!result && PQstatus(p->conn) != CONNECTION_OK)
			return good ? lost(db, name, e) : false;
		if (!result)
			continue; // between two statements
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC)
			return good;
		if (good && !succeeded(result))
			good = pq_failed(db, result, name, e);
		else if (good && affected)
			affected[i] = affected_rows(result);
		i++;
	}
	for (;;) {
		autoresult result = PQgetResult(p->conn);
		if (result && PQresultStatus(result) == PGRES_PIPELINE_SYNC)
			return good;
		if (!result && PQstatus(p->conn) != CONNECTION_OK)
			return good ? lost(db, name, e) : false;
	}
}

static bool
pq_execute_many(struct db *db, int query, const struct db_params *sets, size_t count,
	int64_t *affected, struct error *e)
{
	struct pq_db *p = pq_of(db);
	const char *name = db_sql(db, query)->name;

	if (!pq_prepare(db, query, e))
		return false;
	for (size_t at = 0; at < count; at += PIPELINE) {
		size_t portion = count - at < PIPELINE ? count - at : PIPELINE;
		if (!PQenterPipelineMode(p->conn))
			return lost(db, name, e);
		// A mistake in a parameter leaves half a pipeline: the connection is given up.
		if (!send_all(db, query, sets + at, portion, e) || !PQpipelineSync(p->conn)) {
			if (PQstatus(p->conn) != CONNECTION_OK)
				return lost(db, name, e);
			return db_driver_failed(db, DB_LOST, e);
		}
		if (!collect_all(db, name, portion, affected ? affected + at : NULL, e))
			return PQexitPipelineMode(p->conn) ? false
							   : db_driver_failed(db, DB_LOST, e);
		if (!PQexitPipelineMode(p->conn))
			return lost(db, name, e);
	}
	return true;
}

const struct db_driver db_driver_pq = {
	.kind = DB_POSTGRESQL,
	.make = pq_make,
	.connect = pq_connect,
	.disconnect = pq_disconnect,
	.connected = pq_connected,
	.destroy = pq_destroy,
	.begin = pq_begin,
	.commit = pq_commit,
	.rollback = pq_rollback,
	.script = pq_script,
	.prepare = pq_prepare,
	.execute = pq_execute,
	.execute_many = pq_execute_many,
	.next = db_pq_next,
	.width = db_pq_width,
	.column_name = db_pq_column_name,
	.value = db_pq_value,
	.close_rows = db_pq_close_rows,
};
