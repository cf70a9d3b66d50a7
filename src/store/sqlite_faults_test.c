// SPDX-License-Identifier: Apache-2.0
// What SQLite's writer does when the disk fails, fills up, or is held by another program. The disk
// fails on demand, through a VFS that passes everything else on.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/contract/place.h"
#include "store/contract_queries.h"
#include "store/store.h"
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { THREADS = 12 };
enum fault { WORKING, SYNC_FAILS, DISK_IS_FULL, QUOTA_IS_USED_UP };

static atomic_int fault;
static sqlite3_vfs *real_vfs, failing_vfs;
// The main file and its journals have different methods, which differ in how they lock and close.
static struct {
	const sqlite3_io_methods *real;
	sqlite3_io_methods failing;
} methods[4];
static int (*real_write)(sqlite3_file *, const void *, int, sqlite3_int64);
static int (*real_sync)(sqlite3_file *, int);

static int
failing_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
	if (atomic_load(&fault) == DISK_IS_FULL)
		return SQLITE_FULL;
	if (atomic_load(&fault) == QUOTA_IS_USED_UP) {
		errno = EDQUOT; // what SQLite's own VFS makes of it
		return SQLITE_IOERR_WRITE;
	}
	return real_write(file, data, len, offset);
}

static int
failing_sync(sqlite3_file *file, int flags)
{
	if (atomic_load(&fault) == SYNC_FAILS)
		return SQLITE_IOERR_FSYNC;
	return real_sync(file, flags);
}

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;

static const sqlite3_io_methods *
failing_methods(const sqlite3_io_methods *real)
{
	size_t i = 0;

	pthread_mutex_lock(&open_lock);
	while (methods[i].real && methods[i].real != real)
		i++;
	if (!methods[i].real) {
		methods[i].real = real;
		methods[i].failing = *real;
		methods[i].failing.xWrite = failing_write;
		methods[i].failing.xSync = failing_sync;
		real_write = real->xWrite;
		real_sync = real->xSync;
	}
	pthread_mutex_unlock(&open_lock);
	return &methods[i].failing;
}

static int
failing_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	(void)vfs;
	int rc = real_vfs->xOpen(real_vfs, name, file, flags, out);

	if (rc != SQLITE_OK || !file->pMethods)
		return rc;
	file->pMethods = failing_methods(file->pMethods);
	return rc;
}

static void
install_vfs(void)
{
	real_vfs = sqlite3_vfs_find(NULL);
	failing_vfs = *real_vfs;
	failing_vfs.zName = "failing";
	failing_vfs.xOpen = failing_open;
	sqlite3_vfs_register(&failing_vfs, 1);
}

struct fixture {
	struct place place;
	struct store *store;
	struct store_session *session;
};

static int
open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct store_options options = {.catalog = &sql_contract, .busy_ms = 100};
	struct error e;

	place_make(&f->place, NULL);
	if (!store_open(f->place.url, &options, &f->store, &e) ||
		!store_session_open(f->store, &f->session, &e))
		abort();
	*state = f;
	return 0;
}

static int
close_fixture(void **state)
{
	struct fixture *f = *state;

	atomic_store(&fault, WORKING);
	store_session_close(f->session);
	store_close(f->store);
	assert_true(place_is_intact(&f->place));
	place_remove(&f->place);
	free(f);
	return 0;
}

static bool
insert(struct db *db, void *ctx, struct error *e)
{
	return db_run(db, T_SAMPLE_INSERT,
		PARAMS(DB_TEXT(ctx), DB_INT(0), DB_TEXT(NULL), DB_BLOB(slice_of(NULL, 0))), NULL,
		e);
}

static bool
count(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, T_SAMPLE_COUNT, NO_PARAMS, &rows, e))
		return false;
	*(int64_t *)ctx = db_int(rows, "total");
	return true;
}

static int64_t
total(struct fixture *f)
{
	int64_t found = -1;
	struct error e;

	assert_true(store_read(f->session, count, &found, &e));
	return found;
}

struct attempt {
	struct fixture *f;
	store_fn *fn;
	char id[16];
	bool done;
	struct error e;
};

static void *
attempt(void *context)
{
	struct attempt *a = context;
	struct store_session *session = NULL;

	if (!store_session_open(a->f->store, &session, &a->e))
		abort();
	a->done = store_write(session, a->fn, a->id, &a->e);
	store_session_close(session);
	return NULL;
}

// THREADS writers at once; one of them runs `odd`.
static void
write_at_once(struct fixture *f, store_fn *odd, struct attempt attempts[THREADS])
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		attempts[i] = (struct attempt){.f = f, .fn = i == THREADS / 2 ? odd : insert};
		snprintf(attempts[i].id, sizeof attempts[i].id, "%d", i);
		pthread_create(&threads[i], NULL, attempt, &attempts[i]);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void
expect_all_to_fail(struct fixture *f, enum fault which, enum error_code code, const char *name)
{
	struct attempt attempts[THREADS];
	struct error e;

	atomic_store(&fault, which);
	write_at_once(f, insert, attempts);
	for (int i = 0; i < THREADS; i++) {
		assert_false(attempts[i].done);
		assert_int_equal(attempts[i].e.code, code);
		assert_string_equal(attempts[i].e.fault, name);
	}
	assert_int_equal(total(f), 0);
	atomic_store(&fault, WORKING);
	assert_true(store_write(f->session, insert, "after", &e));
	assert_int_equal(total(f), 1);
}

static void
a_failed_sync_is_an_error_to_all_who_were_in_it(void **state)
{
	expect_all_to_fail(*state, SYNC_FAILS, ERR_IO, "store_io");
}

static void
a_full_disk_has_a_name_and_passes(void **state)
{
	expect_all_to_fail(*state, DISK_IS_FULL, ERR_UNAVAILABLE, "store_full");
}

static void
a_used_up_quota_is_a_full_disk(void **state)
{
	expect_all_to_fail(*state, QUOTA_IS_USED_UP, ERR_UNAVAILABLE, "store_full");
}

// More than the cache holds, so that SQLite writes, fails and ends the transaction inside the
// function.
static bool
fill_the_disk(struct db *db, void *ctx, struct error *e)
{
	size_t len = (size_t)160 << 20;
	uint8_t *data = calloc(1, len);

	atomic_store(&fault, DISK_IS_FULL);
	bool done = db_run(db, T_SAMPLE_INSERT,
		PARAMS(DB_TEXT(ctx), DB_INT(0), DB_TEXT(NULL), DB_BLOB(slice_of(data, len))), NULL,
		e);
	atomic_store(&fault, WORKING);
	free(data);
	return done;
}

static void
a_function_that_fills_the_disk_fails_alone(void **state)
{
	struct fixture *f = *state;
	struct attempt attempts[THREADS];

	write_at_once(f, fill_the_disk, attempts);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(attempts[i].done, i != THREADS / 2);
	assert_int_equal(attempts[THREADS / 2].e.code, ERR_UNAVAILABLE);
	assert_string_equal(attempts[THREADS / 2].e.fault, "store_full");
	assert_int_equal(total(f), THREADS - 1);
}

static bool
hide_a_conflict(struct db *db, void *ctx, struct error *e)
{
	return insert(db, ctx, e) && (insert(db, ctx, e) || true);
}

static void
a_function_that_hides_its_failure_fails_alone(void **state)
{
	struct fixture *f = *state;
	struct attempt attempts[THREADS];

	write_at_once(f, hide_a_conflict, attempts);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(attempts[i].done, i != THREADS / 2);
	assert_int_equal(attempts[THREADS / 2].e.code, ERR_CONFLICT);
	assert_int_equal(total(f), THREADS - 1);
}

static void
a_database_that_another_program_holds_is_busy(void **state)
{
	struct fixture *f = *state;
	struct attempt attempts[THREADS];
	int64_t began = clock_monotonic_ms();
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->place.file, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	write_at_once(f, insert, attempts);
	for (int i = 0; i < THREADS; i++) {
		assert_false(attempts[i].done);
		assert_int_equal(attempts[i].e.code, ERR_UNAVAILABLE);
		assert_string_equal(attempts[i].e.fault, "store_busy");
	}
	// Those who wait are refused together, not one after another.
	assert_true(clock_monotonic_ms() - began < 100 * THREADS);
	assert_int_equal(total(f), 0);
	sqlite3_close(other);
	assert_true(store_write(f->session, insert, "after", &attempts[0].e));
}

static void
the_files_are_for_the_owner_only(void **state)
{
	const struct fixture *f = *state;
	char path[128];
	struct stat st;

	assert_int_equal(stat(f->place.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(path, sizeof path, "%s-wal", f->place.file);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

int
main(void)
{
#define WITH(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		WITH(a_failed_sync_is_an_error_to_all_who_were_in_it),
		WITH(a_full_disk_has_a_name_and_passes),
		WITH(a_used_up_quota_is_a_full_disk),
		WITH(a_function_that_fills_the_disk_fails_alone),
		WITH(a_function_that_hides_its_failure_fails_alone),
		WITH(a_database_that_another_program_holds_is_busy),
		WITH(the_files_are_for_the_owner_only),
	};

	install_vfs();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
