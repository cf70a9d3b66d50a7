// SPDX-License-Identifier: Apache-2.0
// What a session does when its PostgreSQL connection breaks: while idle, inside a transaction, and
// during COMMIT. The URL of a server is in FERRY_STORE_URL.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/contract/place.h"
#include "store/contract_queries.h"
#include "store/store.h"
#include <libpq-fe.h>
#include <stdlib.h>

struct fixture {
	struct place place;
	struct store *store;
	struct store_session *session;
	int calls;
};

static int
open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct store_options options = {.catalog = &sql_contract};
	struct error e;

	place_make(&f->place, getenv("FERRY_STORE_URL"));
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

	store_session_close(f->session);
	store_close(f->store);
	place_remove(&f->place);
	free(f);
	return 0;
}

static void
break_connections(void)
{
	PGconn *conn = PQconnectdb(getenv("FERRY_STORE_URL"));
	PGresult *result = PQexec(conn,
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
		" WHERE application_name = 'ferry'");

	if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) == 0)
		abort();
	PQclear(result);
	PQfinish(conn);
}

static bool
insert(struct db *db, void *ctx, struct error *e)
{
	struct fixture *f = ctx;

	f->calls++;
	return db_run(db, T_SAMPLE_INSERT,
		PARAMS(DB_TEXT("a"), DB_INT(0), DB_TEXT(NULL), DB_BLOB(slice_of(NULL, 0))), NULL,
		e);
}

static bool
insert_after_break(struct db *db, void *ctx, struct error *e)
{
	struct fixture *f = ctx;

	if (f->calls == 0)
		break_connections();
	return insert(db, ctx, e);
}

static bool
insert_before_break(struct db *db, void *ctx, struct error *e)
{
	bool done = insert(db, ctx, e);

	break_connections();
	return done;
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

static void
expect_total(struct fixture *f, int64_t expected)
{
	int64_t total = -1;
	struct error e;

	assert_true(store_read(f->session, count, &total, &e));
	assert_int_equal(total, expected);
}

static void
an_idle_connection_that_broke_is_opened_again(void **state)
{
	struct fixture *f = *state;
	struct error e;

	expect_total(f, 0);
	break_connections();
	assert_true(store_write(f->session, insert, f, &e));
	break_connections();
	expect_total(f, 1);
}

static void
a_transaction_whose_connection_broke_is_run_again(void **state)
{
	struct fixture *f = *state;
	struct error e;

	assert_true(store_write(f->session, insert_after_break, f, &e));
	assert_int_equal(f->calls, 2);
	expect_total(f, 1);
}

static void
a_broken_commit_is_neither_success_nor_repeated(void **state)
{
	struct fixture *f = *state;
	struct error e;

	assert_false(store_write(f->session, insert_before_break, f, &e));
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_string_equal(e.fault, "store_commit_unknown");
	assert_int_equal(f->calls, 1);
	expect_total(f, 0);
}

int
main(void)
{
#define WITH(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		WITH(an_idle_connection_that_broke_is_opened_again),
		WITH(a_transaction_whose_connection_broke_is_run_again),
		WITH(a_broken_commit_is_neither_success_nor_repeated),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
