// SPDX-License-Identifier: Apache-2.0
// How a named query is run on one database connection, the same on SQLite and on PostgreSQL.
//
// What a transaction function needs is here; who begins and ends transactions is store.h. After a
// statement failed, the transaction is lost on both databases: every further call gives the same
// error, and store_read() or store_write() fails with it even if the function returned true. Where
// a conflict is expected write ON CONFLICT DO NOTHING and look at the number of affected rows.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <stdint.h>

struct db;
struct db_rows;

enum db_type { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT, DB_TYPE_BLOB };

// A value to bind. Made by the macros below; borrowed memory, needed until the call returns.
struct db_param {
	enum db_type type;
	bool null;
	int64_t integer;
	struct slice bytes;
};

struct db_params {
	const struct db_param *items;
	size_t count;
};

// DB_TEXT(NULL) and a DB_BLOB whose data is NULL bind NULL. Text must be UTF-8 (ERR_INVALID). The
// type must be that of the column, on PostgreSQL a difference is ERR_INTERNAL.
#define DB_TEXT(text_) db_param_text(text_)
#define DB_INT(value_) ((struct db_param){.type = DB_TYPE_INT, .integer = (value_)})
#define DB_BOOL(value_) ((struct db_param){.type = DB_TYPE_INT, .integer = (value_) ? 1 : 0})
#define DB_BLOB(slice_) db_param_blob(slice_)
#define DB_NULL_INT ((struct db_param){.type = DB_TYPE_INT, .null = true})

// The parameters $1, $2 … of a query: PARAMS(DB_TEXT(tenant), DB_INT(now)).
#define PARAMS(...)                                                                                \
	((struct db_params){.items = (const struct db_param[]){__VA_ARGS__},                       \
		.count =                                                                           \
			sizeof((const struct db_param[]){__VA_ARGS__}) / sizeof(struct db_param)})
#define NO_PARAMS ((struct db_params){.items = NULL, .count = 0})

static inline struct db_param
db_param_text(const char *text)
{
	return (struct db_param){
		.type = DB_TYPE_TEXT, .null = text == NULL, .bytes = slice_str(text)};
}

static inline struct db_param
db_param_blob(struct slice bytes)
{
	return (struct db_param){.type = DB_TYPE_BLOB, .null = bytes.data == NULL, .bytes = bytes};
}

// Run `query` (an id of "store/queries.h") and hand out its rows; the cursor is before the first.
// Rows must be closed before the transaction function returns: declare them with `autorows`. On
// PostgreSQL, and of a writing query on SQLite, all rows are in memory: read big tables in pages.
//
// Errors of every function that runs a query: ERR_CONFLICT (a unique key exists already: no fault;
// a foreign key is violated: "store_reference"), ERR_INVALID (a text is not UTF-8), ERR_LIMIT (too
// big), ERR_UNAVAILABLE ("store_full", "store_busy", "store_unreachable"), ERR_IO ("store_io",
// "store_corrupt"), ERR_INTERNAL. Messages carry the name of the query, never SQL or values.
bool db_query(struct db *db, int query, struct db_params params, struct db_rows **rows,
	struct error *e) MUST_CHECK;

// A SELECT of the catalogue with text around it: head, its text, tail. Head and tail are made from
// tables of this program; whatever comes from outside is a parameter.
struct db_composed {
	int query;
	const char *head, *tail;
	bool by_values; // PostgreSQL: what is a good plan depends on the values, so make one each
			// time
};

// As db_query. The text stays prepared until many others were used since.
bool db_query_composed(struct db *db, const struct db_composed *composed, struct db_params params,
	struct db_rows **rows, struct error *e) MUST_CHECK;

// Run a query that gives one row; the cursor is on it, db_next() is not needed. ERR_NOT_FOUND when
// there is none (the transaction goes on), ERR_INTERNAL when there are several.
bool db_one(struct db *db, int query, struct db_params params, struct db_rows **rows,
	struct error *e) MUST_CHECK;

// Run a query for its effect. `affected` (may be NULL): how many rows were inserted, updated or
// deleted by the statement itself, not by cascades.
bool db_run(struct db *db, int query, struct db_params params, int64_t *affected,
	struct error *e) MUST_CHECK;

// Run a query for its effect once for each of `count` sets of parameters, in order, as db_run()
// would one after the other; PostgreSQL is not waited for in between. `affected` (may be NULL) has
// a place for each.
bool db_run_many(struct db *db, int query, const struct db_params *sets, size_t count,
	int64_t *affected, struct error *e) MUST_CHECK;

// How often this transaction has been tried before: others changed the same rows. One that has much
// to do should do less of it the next time.
unsigned db_attempt(const struct db *db);

// Step to the next row; false after the last one. An error while reading ends the loop too, and is
// returned by store_read() or store_write(), so that half a list is never taken for a whole one.
bool db_next(struct db_rows *rows);

// Values of the current row by the name of the column, quickest in the order of the SELECT list. A
// column that does not exist or has another type is our own mistake: the transaction fails with
// ERR_INTERNAL. NULL reads as NULL, 0, false and an empty slice with NULL data.
char *db_text(struct arena *arena, struct db_rows *rows, const char *column);
int64_t db_int(struct db_rows *rows, const char *column);
bool db_bool(struct db_rows *rows, const char *column);
struct slice db_blob(struct arena *arena, struct db_rows *rows, const char *column);
bool db_is_null(struct db_rows *rows, const char *column);

// Idempotent with autorows; accepts NULL.
void db_rows_close(struct db_rows *rows);

CLEANUP_FN(struct db_rows *, db_rows_close, db_rows_close_p)

// `autorows rows = NULL;`: closed at the end of the block.
#define autorows CLEANUP(db_rows_close_p) struct db_rows *
