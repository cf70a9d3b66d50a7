// SPDX-License-Identifier: Apache-2.0
// What a transaction is: who may write when, when a write is durable, and which schema the database
// has.
//
// SQLite: readers have a connection each; all writes go through one writer thread that puts what
// waits into one transaction, each function in a savepoint of its own, and commits once.
// PostgreSQL: each session works on its own connection at SERIALIZABLE and repeats the function
// when the database asks for it. The functions see no difference if they keep to these rules:
//  - they can be run again: outputs are set, not appended to, and nothing outside the database and
//    the caller's arena is touched;
//  - they are short and do not wait for a network, a file or a lock: on SQLite everybody waits;
//  - they may run in another thread than the caller, who waits meanwhile;
//  - they call neither store_read() nor store_write().
#pragma once

#include "base/error.h"
#include "store/catalog.h"
#include "store/db.h"

struct store;
struct store_session;

struct store_options {
	const struct sql_catalog *catalog; // NULL: Ferry's own (store/queries.h)
	unsigned busy_ms;		   // how long to wait for another process's lock; 0: 10,000
	unsigned max_batch;		   // functions in one SQLite transaction; 0: 512
	unsigned max_retries;		   // of a PostgreSQL transaction; 0: 30
	// Called by a thread before it waits for the writer or for PostgreSQL; NULL: nothing is.
	void (*before_wait)(void);
};

// Open the database and bring its schema up to date: "sqlite:/path/file.db" (created with mode
// 0600) or "postgresql://…" as libpq reads it. Several programs may start at once. ERR_INVALID for
// another URL or "store_schema_newer" when the database was written by a newer Ferry;
// ERR_UNAVAILABLE, ERR_IO, ERR_INTERNAL as in db.h.
bool store_open(const char *url, const struct store_options *options, struct store **out,
	struct error *e) MUST_CHECK;

// Every session must be closed before. Accepts NULL.
void store_close(struct store *store);

enum db_kind store_kind(const struct store *store);

// One per worker thread; a session is used by one thread at a time. A connection that was lost is
// opened again at the next use.
bool store_session_open(
	struct store *store, struct store_session **out, struct error *e) MUST_CHECK;
void store_session_close(struct store_session *session);

typedef bool store_fn(struct db *db, void *ctx, struct error *e);

// Run fn in a read-only transaction: it sees one committed state of the database throughout.
bool store_read(struct store_session *session, store_fn *fn, void *ctx, struct error *e) MUST_CHECK;

// Run fn in a transaction that may write. True only when fn returned true and everything it wrote
// is durable; false: nothing of it was written, except with the fault "store_commit_unknown" (the
// connection broke during COMMIT: look before repeating).
bool store_write(
	struct store_session *session, store_fn *fn, void *ctx, struct error *e) MUST_CHECK;

// The same for many rows at once (some milliseconds of work): such functions of several callers
// share a transaction for longer than others do; on PostgreSQL they take turns instead of getting
// into each other's way.
bool store_write_bulk(
	struct store_session *session, store_fn *fn, void *ctx, struct error *e) MUST_CHECK;

// Run fn so that everything it reads and writes through this session is one transaction: the
// store's functions may be called inside, store_together() may not. The rules above hold for fn;
// what fails inside is undone only when fn returns false. One commit instead of several, and on
// SQLite the writer's warm cache.
bool store_together(struct store_session *session, bool (*fn)(void *ctx, struct error *e),
	void *ctx, struct error *e) MUST_CHECK;

// The same for reading alone: one state of the database for all of them, and one beginning and end
// of a transaction instead of several. Nothing may be written inside. Inside another of these, or
// of store_together(), it is a part of that.
bool store_see_together(struct store_session *session, bool (*fn)(void *ctx, struct error *e),
	void *ctx, struct error *e) MUST_CHECK;

// What every transaction of a session that writes ends with, unless the mark was set in it or
// before it: a change and the note about it are there together, or neither is. The rules for fn
// hold; the store's functions may be called inside. The mark is reset when the transaction fails.
// NULL: no more.
struct store_last {
	bool (*fn)(void *ctx, struct error *e);
	void *ctx;
	bool *unless;
};
void store_session_last(struct store_session *session, const struct store_last *last);

// Prepare every query of the catalogue, so that a mismatch of program and schema shows at the
// start.
bool store_check_queries(struct store_session *session, struct error *e) MUST_CHECK;

CLEANUP_FN(struct store *, store_close, store_close_p)
CLEANUP_FN(struct store_session *, store_session_close, store_session_close_p)

#define autostore CLEANUP(store_close_p) struct store *
#define autosession CLEANUP(store_session_close_p) struct store_session *
