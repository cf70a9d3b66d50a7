// SPDX-License-Identifier: Apache-2.0
// What a database driver must do, and the part of a connection that is the same for each. Internal
// to this room: functions that get `struct db *` from store.h use db.h.
#pragma once

#include "store/catalog.h"
#include "store/db.h"

enum db_mode {
	DB_READ,    // one snapshot; writing is refused
	DB_WRITE,   // serializable
	DB_MIGRATE, // alone: other programs that migrate wait
};

// What became of the running transaction.
enum db_state {
	DB_GOOD,
	DB_FAILED, // it must be rolled back
	DB_RETRY,  // as failed, but the same function may succeed when run again
	DB_LOST,   // as retry, after a new connection
};

struct db_config {
	const char *url; // "sqlite:/path", "postgresql://…"
	const struct sql_catalog *catalog;
	unsigned busy_ms;
	bool read_only; // SQLite: a reader's connection
};

struct db {
	const struct db_driver *driver;
	const struct sql_catalog *catalog;
	char *where; // path or connection string
	unsigned busy_ms;
	bool read_only;
	unsigned open_rows;
	enum db_state state;
	unsigned attempt;     // of the transaction, from 0
	struct error failure; // the error that made the state not good
};

// A column: the name that it was asked for by last, and the column that was asked for after it.
struct db_column {
	const char *name;
	int follows;
};

struct db_rows {
	struct db *db;
	const char *query; // name
	int column;	   // where the next lookup by name begins
	bool on_row, ended;
	size_t count;		 // how many, where the driver keeps all rows
	struct db_column *known; // of each column, or NULL
};

struct db_value {
	enum db_type type;
	int64_t integer;
	struct slice bytes; // valid until the cursor moves
};

enum db_want {
	DB_WANT_NONE, // run it, drop the rows
	DB_WANT_ALL,  // keep all rows, so that every error shows now
	DB_WANT_STREAM,
};

// How many composed statements a connection keeps prepared, and how many values one may have.
enum { DB_COMPOSED_KEPT = 64, DB_MAX_PARAMS = 128 };

struct db_request {
	int query;
	const char *text; // composed around the query; NULL: its own
	bool by_values;	  // db_composed.by_values
	struct db_params params;
	enum db_want want;
};

// Functions that return bool set the error; db_driver_failed() notes what it means for the
// transaction.
struct db_driver {
	enum db_kind kind;
	struct db *(*make)(void);
	bool (*connect)(struct db *db, struct error *e);
	void (*disconnect)(struct db *db); // keeps the struct
	bool (*connected)(struct db *db);
	void (*destroy)(struct db *db);
	bool (*begin)(struct db *db, enum db_mode mode, struct error *e);
	bool (*commit)(struct db *db, struct error *e);
	void (*rollback)(struct db *db);
	bool (*script)(struct db *db, const char *name, const char *sql, struct error *e);
	bool (*prepare)(struct db *db, int query, struct error *e);
	// rows and affected may be NULL.
	bool (*execute)(struct db *db, const struct db_request *request, struct db_rows **rows,
		int64_t *affected, struct error *e);
	bool (*execute_many)(struct db *db, int query, const struct db_params *sets, size_t count,
		int64_t *affected, struct error *e);
	bool (*next)(struct db_rows *rows, bool *found, struct error *e);
	int (*width)(const struct db_rows *rows);
	const char *(*column_name)(const struct db_rows *rows, int column);
	bool (*value)(struct db_rows *rows, int column, struct db_value *out, struct error *e);
	void (*close_rows)(struct db_rows *rows);
};

extern const struct db_driver db_driver_sqlite, db_driver_pq;

// The driver and the rest of the URL; ERR_INVALID for an unknown scheme.
bool db_parse_url(const char *url, const struct db_driver **driver, const char **rest,
	struct error *e) MUST_CHECK;

// A connection. ERR_INVALID, ERR_UNAVAILABLE, ERR_IO.
bool db_open(const struct db_config *config, struct db **out, struct error *e) MUST_CHECK;
void db_close(struct db *db);

// Begin a transaction, connecting again when the connection was lost.
bool db_begin(struct db *db, enum db_mode mode, struct error *e) MUST_CHECK;

// Commit what is good; otherwise roll back and give the error that made it so.
bool db_commit(struct db *db, struct error *e) MUST_CHECK;
void db_rollback(struct db *db);

// Run fn inside the transaction that was begun; false too when a statement failed and fn hid it.
bool db_call(struct db *db, bool (*fn)(struct db *, void *, struct error *), void *ctx,
	struct error *e) MUST_CHECK;

bool db_prepare_all(struct db *db, struct error *e) MUST_CHECK;

// The id of a query by its name; aborts when there is none.
int db_query_id(const struct db *db, const char *name);

// For drivers: remember *e as what happened to the transaction. Returns false.
bool db_driver_failed(struct db *db, enum db_state state, const struct error *e);

static inline const struct sql_query *
db_sql(const struct db *db, int query)
{
	return &db->catalog->queries[query];
}

// SQLite only: the part of a group commit that one function gets.
bool db_savepoint(struct db *db, struct error *e) MUST_CHECK;
bool db_savepoint_release(struct db *db, struct error *e) MUST_CHECK;
bool db_savepoint_undo(struct db *db) MUST_CHECK; // false: the whole transaction is gone
// Copy the write-ahead log into the database file when it has grown; waits for nobody's reading,
// except when it has become very long. `later`: more is coming that would be copied twice.
void db_checkpoint(struct db *db, bool later);

// Bring the schema up to date; see store_open().
bool db_migrate(struct db *db, struct error *e) MUST_CHECK;
