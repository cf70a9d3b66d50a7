// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include "base/failpoint.h"
#include "base/uuid.h"
#include "store/driver.h"
#include "store/queries.h"
#include "store/writer.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	DEFAULT_BUSY_MS = 10000,
	DEFAULT_BATCH = 512,
	DEFAULT_RETRIES = 30,
	MAX_LOST = 2,
	MAX_PAUSE_MS = 64,
	ALONE_AFTER = 4,
};

struct store {
	char *url;
	enum db_kind kind;
	struct db_config config; // of a session's connection
	unsigned max_retries;
	void (*before_wait)(void);
	struct writer *writer; // SQLite
	pthread_mutex_t bulk;  // PostgreSQL: one bulk write at a time
	// PostgreSQL: a transaction that others keep overtaking (the shorter one commits first) is
	// the only one of this process in the end.
	pthread_rwlock_t alone;
	atomic_uint sessions;
};

struct store_session {
	struct store *store;
	struct db *db;
	bool busy;
	struct db *joined; // inside store_together(): the transaction that all functions run in
	const struct store_last *last;
};

static unsigned
or_default(unsigned value, unsigned fallback)
{
	return value ? value : fallback;
}

static bool
open_writing(struct store *store, unsigned max_batch, struct error *e)
{
	struct db_config config = store->config;
	struct db *db;

	config.read_only = false;
	if (!db_open(&config, &db, e))
		return false;
	store->kind = db->driver->kind;
	bool done = db_migrate(db, e);
	if (done && store->kind == DB_SQLITE && writer_start(db, max_batch, &store->writer, e))
		return true;
	db_close(db);
	return done && store->kind != DB_SQLITE;
}

// Who wants to be alone is not kept waiting by those who come later.
static void
init_alone(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attributes;

	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
}

bool
store_open(
	const char *url, const struct store_options *options, struct store **out, struct error *e)
{
	struct store_options o = options ? *options : (struct store_options){0};
	struct store *store = calloc(1, sizeof *store);

	if (!store || !(store->url = strdup(url)))
		abort();
	pthread_mutex_init(&store->bulk, NULL);
	init_alone(&store->alone);
	store->before_wait = o.before_wait;
	store->max_retries = or_default(o.max_retries, DEFAULT_RETRIES);
	store->config = (struct db_config){
		.url = store->url,
		.catalog = o.catalog ? o.catalog : &sql_ferry,
		.busy_ms = or_default(o.busy_ms, DEFAULT_BUSY_MS),
		.read_only = true,
	};
	if (!open_writing(store, or_default(o.max_batch, DEFAULT_BATCH), e)) {
		store_close(store);
		return false;
	}
	*out = store;
	return true;
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	assert(atomic_load(&store->sessions) == 0);
	writer_stop(store->writer);
	pthread_mutex_destroy(&store->bulk);
	pthread_rwlock_destroy(&store->alone);
	free(store->url);
	free(store);
}

enum db_kind
store_kind(const struct store *store)
{
	return store->kind;
}

bool
store_session_open(struct store *store, struct store_session **out, struct error *e)
{
	struct db *db;

	if (!db_open(&store->config, &db, e))
		return false;
	struct store_session *session = calloc(1, sizeof *session);
	if (!session)
		abort();
	session->store = store;
	session->db = db;
	atomic_fetch_add(&store->sessions, 1);
	*out = session;
	return true;
}

void
store_session_close(struct store_session *session)
{
	if (!session)
		return;
	db_close(session->db);
	atomic_fetch_sub(&session->store->sessions, 1);
	free(session);
}

static bool
try_once(struct db *db, enum db_mode mode, store_fn *fn, void *ctx, struct error *e)
{
	if (!db_begin(db, mode, e) || !db_call(db, fn, ctx, e)) {
		db_rollback(db);
		return false;
	}
	if (mode == DB_WRITE)
		failpoint("store.before_commit");
	bool done = db_commit(db, e);
	if (mode == DB_WRITE)
		failpoint("store.after_commit");
	return done;
}

// Wait a random time that grows with the attempts, so that two who collided do not collide again.
static void
pause_before(unsigned attempt)
{
	unsigned longest = attempt < 6 ? 1U << attempt : MAX_PAUSE_MS;
	uint32_t random;

	random_bytes(&random, sizeof random);
	struct timespec pause = {.tv_nsec = (long)(random % (longest * 1000)) * 1000};
	nanosleep(&pause, NULL);
}

static bool
try_among_others(
	struct store_session *session, enum db_mode mode, store_fn *fn, void *ctx, struct error *e)
{
	pthread_rwlock_t *alone = &session->store->alone;

	if (mode != DB_WRITE)
		return try_once(session->db, mode, fn, ctx, e);
	if (session->db->attempt < ALONE_AFTER)
		pthread_rwlock_rdlock(alone);
	else
		pthread_rwlock_wrlock(alone);
	bool done = try_once(session->db, mode, fn, ctx, e);
	pthread_rwlock_unlock(alone);
	return done;
}

// Repeat what failed for a reason outside the function, and before COMMIT could have happened.
static bool
run_transaction(
	struct store_session *session, enum db_mode mode, store_fn *fn, void *ctx, struct error *e)
{
	struct db *db = session->db;
	unsigned lost = 0;

	for (unsigned attempt = 0;; attempt++) {
		db->attempt = attempt;
		if (try_among_others(session, mode, fn, ctx, e))
			return true;
		bool again = db->state == DB_RETRY || (db->state == DB_LOST && ++lost <= MAX_LOST);
		if (!again || attempt >= session->store->max_retries)
			return false;
		pause_before(attempt);
	}
}

static bool
enter(struct store_session *session, bool writes, struct error *e)
{
	if (session->busy)
		return error_set(e, ERR_INTERNAL, "a transaction inside a transaction");
	session->busy = true;
	if (session->store->before_wait && (writes || session->store->kind != DB_SQLITE))
		session->store->before_wait();
	return true;
}

bool
store_read(struct store_session *session, store_fn *fn, void *ctx, struct error *e)
{
	if (session->joined)
		return db_call(session->joined, fn, ctx, e);
	if (!enter(session, false, e))
		return false;
	bool done = run_transaction(session, DB_READ, fn, ctx, e);
	session->busy = false;
	return done;
}

void
store_session_last(struct store_session *session, const struct store_last *last)
{
	session->last = last;
}

// A write and what it must not be without.
struct written {
	struct store_session *session;
	store_fn *fn;
	void *ctx;
	bool was; // the mark before the first attempt
};

static bool
written_tx(struct db *db, void *ctx, struct error *e)
{
	struct written *w = ctx;
	const struct store_last *last = w->session->last;

	*last->unless = w->was; // what an earlier attempt did is undone
	if (!db_call(db, w->fn, w->ctx, e))
		return false;
	if (*last->unless)
		return true;
	w->session->joined = db;
	bool done = last->fn(last->ctx, e);
	w->session->joined = NULL;
	return done;
}

static bool
write_plainly(struct store_session *session, bool bulk, store_fn *fn, void *ctx, struct error *e)
{
	struct store *store = session->store;

	if (store->writer)
		return writer_run(store->writer, bulk, fn, ctx, e);
	if (!bulk)
		return run_transaction(session, DB_WRITE, fn, ctx, e);
	pthread_mutex_lock(&store->bulk);
	bool done = run_transaction(session, DB_WRITE, fn, ctx, e);
	pthread_mutex_unlock(&store->bulk);
	return done;
}

static bool
write_in(struct store_session *session, bool bulk, store_fn *fn, void *ctx, struct error *e)
{
	const struct store_last *last = session->last;

	if (session->joined)
		return db_call(session->joined, fn, ctx, e);
	if (!enter(session, true, e))
		return false;
	struct written w = {.session = session, .fn = fn, .ctx = ctx, .was = last && *last->unless};
	bool done = last ? write_plainly(session, bulk, written_tx, &w, e)
			 : write_plainly(session, bulk, fn, ctx, e);
	if (last && !done)
		*last->unless = w.was;
	session->busy = false;
	return done;
}

bool
store_write(struct store_session *session, store_fn *fn, void *ctx, struct error *e)
{
	return write_in(session, false, fn, ctx, e);
}

bool
store_write_bulk(struct store_session *session, store_fn *fn, void *ctx, struct error *e)
{
	return write_in(session, true, fn, ctx, e);
}

static bool
prepare_all(struct db *db, void *ctx, struct error *e)
{
	(void)ctx;
	return db_prepare_all(db, e);
}

struct together {
	struct store_session *session;
	bool (*fn)(void *ctx, struct error *e);
	void *ctx;
};

static bool
together_tx(struct db *db, void *ctx, struct error *e)
{
	struct together *t = ctx;

	t->session->joined = db;
	bool done = t->fn(t->ctx, e);
	t->session->joined = NULL;
	return done;
}

bool
store_together(struct store_session *session, bool (*fn)(void *ctx, struct error *e), void *ctx,
	struct error *e)
{
	struct together together = {.session = session, .fn = fn, .ctx = ctx};

	if (session->joined)
		return error_set(e, ERR_INTERNAL, "a transaction inside a transaction");
	return store_write(session, together_tx, &together, e);
}

bool
store_see_together(struct store_session *session, bool (*fn)(void *ctx, struct error *e), void *ctx,
	struct error *e)
{
	struct together together = {.session = session, .fn = fn, .ctx = ctx};

	if (session->joined)
		return fn(ctx, e);
	return store_read(session, together_tx, &together, e);
}

bool
store_check_queries(struct store_session *session, struct error *e)
{
	return store_read(session, prepare_all, NULL, e);
}
