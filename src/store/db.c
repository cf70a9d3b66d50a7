// SPDX-License-Identifier: Apache-2.0
#include "store/driver.h"

#include "base/str.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool
db_parse_url(const char *url, const struct db_driver **driver, const char **rest, struct error *e)
{
	if (str_starts(url, "sqlite:") && url[7]) {
		*driver = &db_driver_sqlite;
		*rest = url + 7;
		return true;
	}
	if (str_starts(url, "postgresql://") || str_starts(url, "postgres://")) {
		*driver = &db_driver_pq;
		*rest = url;
		return true;
	}
	if (str_starts(url, "postgres:") || str_starts(url, "postgresql:")) {
		*driver = &db_driver_pq;
		*rest = strchr(url, ':') + 1;
		return true;
	}
	error_set(e, ERR_INVALID, "the database URL has an unknown form");
	return error_hint(e, "write sqlite:/path/to/file.db or postgresql://user@host/database");
}

bool
db_open(const struct db_config *config, struct db **out, struct error *e)
{
	const struct db_driver *driver;
	const char *where;

	if (!db_parse_url(config->url, &driver, &where, e))
		return false;
	struct db *db = driver->make();
	db->driver = driver;
	db->catalog = config->catalog;
	db->busy_ms = config->busy_ms;
	db->read_only = config->read_only;
	db->where = strdup(where);
	if (!db->where)
		abort();
	if (!driver->connect(db, e)) {
		db_close(db);
		return false;
	}
	*out = db;
	return true;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	assert(db->open_rows == 0);
	db->driver->disconnect(db);
	free(db->where);
	db->driver->destroy(db);
}

bool
db_driver_failed(struct db *db, enum db_state state, const struct error *e)
{
	if (db->state == DB_GOOD) {
		db->state = state;
		db->failure = *e;
	}
	return false;
}

bool
db_begin(struct db *db, enum db_mode mode, struct error *e)
{
	db->state = DB_GOOD;
	if (!db->driver->connected(db) && !db->driver->connect(db, e))
		return db_driver_failed(db, DB_LOST, e);
	return db->driver->begin(db, mode, e) || db_driver_failed(db, DB_FAILED, e);
}

bool
db_commit(struct db *db, struct error *e)
{
	if (db->state != DB_GOOD) {
		*e = db->failure;
		db_rollback(db);
		return false;
	}
	return db->driver->commit(db, e) || db_driver_failed(db, DB_FAILED, e);
}

void
db_rollback(struct db *db)
{
	db->driver->rollback(db);
	if (db->state == DB_LOST)
		db->driver->disconnect(db);
}

bool
db_call(struct db *db, bool (*fn)(struct db *, void *, struct error *), void *ctx, struct error *e)
{
	bool done = fn(db, ctx, e);

	if (db->open_rows) {
		error_set(e, ERR_INTERNAL, "a transaction function left rows open");
		return db_driver_failed(db, DB_FAILED, e);
	}
	if (done && db->state != DB_GOOD)
		*e = db->failure;
	return done && db->state == DB_GOOD;
}

bool
db_prepare_all(struct db *db, struct error *e)
{
	for (size_t i = 0; i < db->catalog->query_count; i++)
		if (!db->driver->prepare(db, (int)i, e))
			return db_driver_failed(db, DB_FAILED, e);
	return true;
}

int
db_query_id(const struct db *db, const char *name)
{
	for (size_t i = 0; i < db->catalog->query_count; i++)
		if (str_eq(db->catalog->queries[i].name, name))
			return (int)i;
	abort();
}

// PostgreSQL refuses text that is not UTF-8 and SQLite stores anything: refuse on both.
static bool
check_params(const struct db *db, const struct db_request *request, struct error *e)
{
	for (size_t i = 0; i < request->params.count; i++) {
		const struct db_param *param = &request->params.items[i];
		if (param->type == DB_TYPE_TEXT && !param->null && !utf8_valid(param->bytes))
			return error_set(e, ERR_INVALID, "%s: parameter %zu is not UTF-8 text",
				db_sql(db, request->query)->name, i + 1);
	}
	return true;
}

static bool
execute(struct db *db, const struct db_request *request, struct db_rows **rows, int64_t *affected,
	struct error *e)
{
	if (db->state != DB_GOOD) {
		*e = db->failure;
		return false;
	}
	assert(request->query >= 0 && (size_t)request->query < db->catalog->query_count);
	if (request->params.count > DB_MAX_PARAMS)
		return error_set(e, ERR_LIMIT, "%s: more than %d values",
			db_sql(db, request->query)->name, DB_MAX_PARAMS);
	if (!check_params(db, request, e) || !db->driver->execute(db, request, rows, affected, e))
		return db_driver_failed(db, DB_FAILED, e);
	if (rows) {
		(*rows)->db = db;
		(*rows)->query = db_sql(db, request->query)->name;
		db->open_rows++;
	}
	return true;
}

bool
db_query(struct db *db, int query, struct db_params params, struct db_rows **rows, struct error *e)
{
	struct db_request request = {.query = query, .params = params, .want = DB_WANT_STREAM};

	assert(!*rows); // rows of an earlier query would leak
	return execute(db, &request, rows, NULL, e);
}

bool
db_query_composed(struct db *db, const struct db_composed *composed, struct db_params params,
	struct db_rows **rows, struct error *e)
{
	const char *text = db_sql(db, composed->query)->text[db->driver->kind];
	size_t head = strlen(composed->head), middle = strlen(text), tail = strlen(composed->tail);
	char *whole = malloc(head + middle + tail + 1);

	assert(!*rows);
	if (!whole)
		abort();
	memcpy(whole, composed->head, head);
	memcpy(whole + head, text, middle);
	memcpy(whole + head + middle, composed->tail, tail + 1);
	struct db_request request = {.query = composed->query,
		.text = whole,
		.by_values = composed->by_values,
		.params = params,
		.want = DB_WANT_STREAM};
	bool done = execute(db, &request, rows, NULL, e);
	free(whole);
	return done;
}

bool
db_one(struct db *db, int query, struct db_params params, struct db_rows **out, struct error *e)
{
	struct db_request request = {.query = query, .params = params, .want = DB_WANT_ALL};
	autorows rows = NULL;

	assert(!*out);
	if (!execute(db, &request, &rows, NULL, e))
		return false;
	if (rows->count == 0)
		return error_set(e, ERR_NOT_FOUND, "there is nothing of that name");
	if (rows->count > 1) {
		error_set(e, ERR_INTERNAL, "%s: %zu rows instead of one", rows->query, rows->count);
		return db_driver_failed(db, DB_FAILED, e);
	}
	if (!db_next(rows)) {
		*e = db->failure;
		return false;
	}
	*out = rows;
	rows = NULL;
	return true;
}

bool
db_run_many(struct db *db, int query, const struct db_params *sets, size_t count, int64_t *affected,
	struct error *e)
{
	if (db->state != DB_GOOD) {
		*e = db->failure;
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		struct db_request request = {.query = query, .params = sets[i]};
		if (!check_params(db, &request, e))
			return db_driver_failed(db, DB_FAILED, e);
	}
	return db->driver->execute_many(db, query, sets, count, affected, e) ||
		db_driver_failed(db, DB_FAILED, e);
}

bool
db_run(struct db *db, int query, struct db_params params, int64_t *affected, struct error *e)
{
	struct db_request request = {.query = query, .params = params, .want = DB_WANT_NONE};

	return execute(db, &request, NULL, affected, e);
}

unsigned
db_attempt(const struct db *db)
{
	return db->attempt;
}

bool
db_next(struct db_rows *rows)
{
	struct db *db = rows->db;
	struct error e;
	bool found = false;

	rows->on_row = false;
	if (rows->ended || db->state != DB_GOOD)
		return false;
	if (!db->driver->next(rows, &found, &e))
		return db_driver_failed(db, DB_FAILED, &e);
	rows->column = 0;
	rows->on_row = found;
	rows->ended = !found;
	return found;
}

void
db_rows_close(struct db_rows *rows)
{
	if (!rows)
		return;
	rows->db->open_rows--;
	rows->db->driver->close_rows(rows);
}

static const char *const type_names[] = {
	[DB_TYPE_NULL] = "NULL",
	[DB_TYPE_INT] = "an integer",
	[DB_TYPE_TEXT] = "text",
	[DB_TYPE_BLOB] = "a blob",
};

// Where a name was found before. Names are literals: the same reader comes with the same addresses,
// row after row in the same order.
static int
known_column(struct db_rows *rows, const char *name, int width)
{
	const struct db_column *known = rows->known;

	if (!known)
		return -1;
	if (known[rows->column].name == name)
		return rows->column;
	if (known[known[rows->column].follows].name == name)
		return known[rows->column].follows;
	for (int i = 0; i < width; i++)
		if (known[i].name == name)
			return i;
	return -1;
}

// Columns are mostly read in the order of the SELECT list, some twice: begin where the last lookup
// ended.
static int
find_column(struct db_rows *rows, const char *name)
{
	const struct db_driver *driver = rows->db->driver;
	int width = driver->width(rows), found = known_column(rows, name, width);

	for (int i = 0; i < width && found < 0; i++) {
		int column = (rows->column + i) % width;
		if (strcmp(driver->column_name(rows, column), name) == 0)
			found = column;
	}
	if (found < 0)
		return -1;
	if (rows->known) {
		rows->known[found].name = name;
		if (found != rows->column)
			rows->known[rows->column].follows = found;
	}
	rows->column = found;
	return found;
}

// The value, or NULL when the transaction failed here; DB_TYPE_NULL as `type` accepts every type.
static struct db_value
value(struct db_rows *rows, const char *name, enum db_type type)
{
	struct db_value null = {.type = DB_TYPE_NULL}, found = null;
	struct error e;
	int column = rows->on_row ? find_column(rows, name) : -1;

	if (column < 0) {
		error_set(&e, ERR_INTERNAL, "%s: no %s %s", rows->query,
			rows->on_row ? "column" : "row to read", name);
		db_driver_failed(rows->db, DB_FAILED, &e);
		return null;
	}
	if (!rows->db->driver->value(rows, column, &found, &e)) {
		db_driver_failed(rows->db, DB_FAILED, &e);
		return null;
	}
	if (found.type != DB_TYPE_NULL && type != DB_TYPE_NULL && found.type != type) {
		error_set(&e, ERR_INTERNAL, "%s: column %s is %s, not %s", rows->query, name,
			type_names[found.type], type_names[type]);
		db_driver_failed(rows->db, DB_FAILED, &e);
		return null;
	}
	return found;
}

char *
db_text(struct arena *arena, struct db_rows *rows, const char *column)
{
	struct db_value v = value(rows, column, DB_TYPE_TEXT);

	if (v.type == DB_TYPE_NULL)
		return NULL;
	return arena_strndup(arena, (const char *)v.bytes.data, v.bytes.len);
}

int64_t
db_int(struct db_rows *rows, const char *column)
{
	return value(rows, column, DB_TYPE_INT).integer;
}

bool
db_bool(struct db_rows *rows, const char *column)
{
	return db_int(rows, column) != 0;
}

struct slice
db_blob(struct arena *arena, struct db_rows *rows, const char *column)
{
	struct db_value v = value(rows, column, DB_TYPE_BLOB);

	if (v.type == DB_TYPE_NULL)
		return (struct slice){0};
	if (v.bytes.len == 0)
		return slice_of("", 0);
	return slice_of(arena_memdup(arena, v.bytes.data, v.bytes.len), v.bytes.len);
}

bool
db_is_null(struct db_rows *rows, const char *column)
{
	return value(rows, column, DB_TYPE_NULL).type == DB_TYPE_NULL;
}
