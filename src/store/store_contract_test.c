// SPDX-License-Identifier: Apache-2.0
// What both databases must do alike. `store_contract_test sqlite`, or `store_contract_test
// postgresql` with the URL of a server in FERRY_STORE_URL.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "store/contract/place.h"
#include "store/contract_queries.h"
#include "store/queries.h"
#include "store/store.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static const char *server; // NULL: SQLite

struct fixture {
	struct place place;
	struct store *store;
	struct store_session *session;
	struct arena arena;
};

static const struct store_options contract_options = {.catalog = &sql_contract, .busy_ms = 5000};

static void
check(bool done, const struct error *e)
{
	if (!done)
		fail_msg("%s: %s (%s)", error_code_name(e->code), e->message,
			e->fault ? e->fault : "-");
}

static int
open_fixture(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct error e;

	place_make(&f->place, server);
	arena_init(&f->arena, ARENA_REQUEST);
	check(store_open(f->place.url, &contract_options, &f->store, &e), &e);
	check(store_session_open(f->store, &f->session, &e), &e);
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
	arena_finish(&f->arena);
	free(f);
	return 0;
}

struct sample {
	struct arena *arena; // for reading
	const char *id, *words;
	int64_t number;
	bool number_is_null;
	struct slice bytes;
};

static bool
insert_sample(struct db *db, void *ctx, struct error *e)
{
	const struct sample *s = ctx;

	return db_run(db, T_SAMPLE_INSERT,
		PARAMS(DB_TEXT(s->id), s->number_is_null ? DB_NULL_INT : DB_INT(s->number),
			DB_TEXT(s->words), DB_BLOB(s->bytes)),
		NULL, e);
}

static bool
load_sample(struct db *db, void *ctx, struct error *e)
{
	struct sample *s = ctx;
	autorows rows = NULL;

	if (!db_one(db, T_SAMPLE_BY_ID, PARAMS(DB_TEXT(s->id)), &rows, e))
		return false;
	s->words = db_text(s->arena, rows, "words");
	s->number = db_int(rows, "number");
	s->number_is_null = db_is_null(rows, "number");
	s->bytes = db_blob(s->arena, rows, "bytes");
	return true;
}

static bool
count_samples(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, T_SAMPLE_COUNT, NO_PARAMS, &rows, e))
		return false;
	*(int64_t *)ctx = db_int(rows, "total");
	return true;
}

static int64_t
sample_count(struct fixture *f)
{
	int64_t count = -1;
	struct error e;

	check(store_read(f->session, count_samples, &count, &e), &e);
	return count;
}

static void
add_sample(struct fixture *f, const char *id, int64_t number)
{
	struct sample s = {.id = id, .number = number};
	struct error e;

	check(store_write(f->session, insert_sample, &s, &e), &e);
}

static void
unknown_urls_are_refused(void **state)
{
	(void)state;
	static const char *const urls[] = {"", "sqlite:", "mysql://x", "/var/lib/ferry.db"};
	struct store *store = NULL;
	struct error e;

	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		assert_false(store_open(urls[i], NULL, &store, &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_null(store);
	}
}

static void
a_database_that_is_not_there_is_unavailable_or_io(void **state)
{
	(void)state;
	struct store *store = NULL;
	struct error e;
	bool sqlite = server == NULL;

	assert_false(store_open(sqlite ? "sqlite:/nonexistent/x.db"
				       : "postgresql:///x?host=/nonexistent&connect_timeout=2",
		NULL, &store, &e));
	assert_int_equal(e.code, sqlite ? ERR_IO : ERR_UNAVAILABLE);
	assert_string_equal(e.fault, sqlite ? "store_io" : "store_unreachable");
}

static void
a_duplicate_is_a_conflict_and_names_the_query_only(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "secret-id", .number = 2};
	struct error e;

	add_sample(f, "secret-id", 1);
	assert_false(store_write(f->session, insert_sample, &s, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_null(e.fault);
	assert_non_null(strstr(e.message, "sample_insert"));
	assert_null(strstr(e.message, "secret-id"));
	assert_null(strstr(e.message, "INSERT"));
	assert_int_equal(sample_count(f), 1);
}

static bool
insert_label(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, T_LABEL_INSERT, PARAMS(DB_TEXT("a"), DB_TEXT("lab")), &rows, e))
		return false;
	*(int64_t *)ctx = db_int(rows, "label_id");
	return true;
}

static void
a_missing_parent_is_a_reference_fault(void **state)
{
	struct fixture *f = *state;
	struct error e;
	int64_t id = 0;

	assert_false(store_write(f->session, insert_label, &id, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_string_equal(e.fault, "store_reference");
	add_sample(f, "a", 1);
	check(store_write(f->session, insert_label, &id, &e), &e);
	assert_true(id > 0);
}

static bool
hide_a_failed_statement(struct db *db, void *ctx, struct error *e)
{
	struct sample first = {.id = "first"}, again = {.id = "there"};

	(void)ctx;
	if (!insert_sample(db, &first, e))
		return false;
	if (insert_sample(db, &again, e))
		return error_set(e, ERR_INTERNAL, "a conflict was expected");
	// The transaction is lost now, on both databases.
	struct sample other = {.id = "other"};
	if (insert_sample(db, &other, e))
		return error_set(e, ERR_INTERNAL, "the transaction went on");
	*e = (struct error){0};
	return true;
}

static void
a_function_cannot_hide_a_failed_statement(void **state)
{
	struct fixture *f = *state;
	struct error e;

	add_sample(f, "there", 1);
	assert_false(store_write(f->session, hide_a_failed_statement, NULL, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_int_equal(sample_count(f), 1);
}

static bool
insert_quietly(struct db *db, void *ctx, struct error *e)
{
	return db_run(db, T_SAMPLE_INSERT_QUIETLY, PARAMS(DB_TEXT("a")), ctx, e);
}

static void
an_expected_conflict_affects_no_row(void **state)
{
	struct fixture *f = *state;
	int64_t affected = -1;
	struct error e;

	check(store_write(f->session, insert_quietly, &affected, &e), &e);
	assert_int_equal(affected, 1);
	check(store_write(f->session, insert_quietly, &affected, &e), &e);
	assert_int_equal(affected, 0);
}

static void
text_that_is_not_utf8_is_invalid(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "\xff\xfe"};
	struct error e;

	assert_false(store_write(f->session, insert_sample, &s, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
reading_transactions_cannot_write(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a"};
	struct error e;

	assert_false(store_read(f->session, insert_sample, &s, &e));
	assert_int_equal(e.code, ERR_INTERNAL);
	assert_int_equal(sample_count(f), 0);
}

static bool
write_inside(struct db *db, void *ctx, struct error *e)
{
	struct fixture *f = ctx;
	struct sample s = {.id = "inner"};

	(void)db;
	return store_write(f->session, insert_sample, &s, e);
}

static void
a_transaction_inside_a_transaction_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error e;

	assert_false(store_write(f->session, write_inside, f, &e));
	assert_int_equal(e.code, ERR_INTERNAL);
	assert_false(store_read(f->session, write_inside, f, &e));
	assert_int_equal(e.code, ERR_INTERNAL);
	assert_int_equal(sample_count(f), 0);
}

static bool
too_few_parameters(struct db *db, void *ctx, struct error *e)
{
	(void)ctx;
	return db_run(db, T_COUNTER_SET, PARAMS(DB_TEXT("a")), NULL, e);
}

static bool
no_such_column(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, T_SAMPLE_COUNT, NO_PARAMS, &rows, e))
		return false;
	*(int64_t *)ctx = db_int(rows, "totals");
	return true;
}

static bool
wrong_type_of_column(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, T_DIALECT, NO_PARAMS, &rows, e))
		return false;
	*(int64_t *)ctx = db_int(rows, "words");
	return true;
}

static bool
several_rows(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	(void)ctx;
	return db_one(db, T_SAMPLE_LIST, NO_PARAMS, &rows, e);
}

static void
mistakes_of_the_program_are_internal_errors(void **state)
{
	struct fixture *f = *state;
	bool (*const mistakes[])(struct db *, void *, struct error *) = {
		too_few_parameters, no_such_column, wrong_type_of_column, several_rows};
	int64_t number;

	add_sample(f, "a", 1);
	add_sample(f, "b", 1);
	for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
		struct error e;
		number = 0;
		assert_false(store_read(f->session, mistakes[i], &number, &e));
		assert_int_equal(e.code, ERR_INTERNAL);
		assert_int_equal(number, 0);
	}
}

static void
what_does_not_exist_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.arena = &f->arena, .id = "nobody"};
	struct error e;

	assert_false(store_read(f->session, load_sample, &s, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
values_come_back_as_they_went_in(void **state)
{
	struct fixture *f = *state;
	static const uint8_t bytes[] = {0, 1, 0, 255, '\'', '\\', 0};
	const struct sample samples[] = {
		{.id = "min", .number = INT64_MIN, .words = "", .bytes = slice_of("", 0)},
		{.id = "max",
			.number = INT64_MAX,
			.words = "Gerät 😀 \\'\"$1?",
			.bytes = {bytes, 7}},
		{.id = "neg", .number = -1, .words = "line\nbreak\ttab", .bytes = {bytes, 1}},
		{.id = "null", .number_is_null = true},
	};
	struct error e;

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct sample in = samples[i], out = {.arena = &f->arena, .id = in.id};
		check(store_write(f->session, insert_sample, &in, &e), &e);
		check(store_read(f->session, load_sample, &out, &e), &e);
		assert_int_equal(out.number_is_null, in.number_is_null);
		assert_true(out.number == in.number);
		assert_int_equal(out.words != NULL, in.words != NULL);
		if (in.words)
			assert_string_equal(out.words, in.words);
		assert_int_equal(out.bytes.data != NULL, in.bytes.data != NULL);
		assert_true(slice_eq(out.bytes, in.bytes));
	}
}

static void
a_large_blob_comes_back_whole(void **state)
{
	struct fixture *f = *state;
	size_t len = (size_t)5 << 20;
	uint8_t *data = arena_alloc(&f->arena, len);
	struct error e;

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	struct sample in = {.id = "big", .bytes = {data, len}};
	struct sample out = {.arena = &f->arena, .id = "big"};
	check(store_write(f->session, insert_sample, &in, &e), &e);
	check(store_read(f->session, load_sample, &out, &e), &e);
	assert_true(slice_eq(out.bytes, in.bytes));
}

static bool
returning(struct db *db, void *ctx, struct error *e)
{
	struct fixture *f = ctx;
	autorows upserted = NULL;
	autorows doubled = NULL;
	int64_t sum = 0, affected = -1;

	if (!db_one(db, T_SAMPLE_UPSERT, PARAMS(DB_TEXT("a"), DB_INT(10)), &upserted, e) ||
		!db_query(db, T_SAMPLE_DOUBLE, PARAMS(DB_INT(10)), &doubled, e))
		return false;
	assert_string_equal(db_text(&f->arena, upserted, "sample_id"), "a");
	assert_int_equal(db_int(upserted, "number"), 10);
	while (db_next(doubled))
		sum += db_int(doubled, "number");
	assert_int_equal(sum, 20 + 40);
	assert_false(db_next(doubled));
	return db_run(db, T_SAMPLE_DOUBLE, PARAMS(DB_INT(40)), &affected, e) && affected == 1;
}

static void
writing_statements_return_rows_and_counts(void **state)
{
	struct fixture *f = *state;
	struct error e;

	add_sample(f, "a", 1);
	add_sample(f, "b", 20);
	check(store_write(f->session, returning, f, &e), &e);
}

// The same query is read by two cursors at once, and one is left before its end.
static bool
nested_rows(struct db *db, void *ctx, struct error *e)
{
	autorows outer = NULL;

	if (!db_query(db, T_SAMPLE_LIST, NO_PARAMS, &outer, e))
		return false;
	while (db_next(outer)) {
		autorows inner = NULL;
		if (!db_query(db, T_SAMPLE_LIST, NO_PARAMS, &inner, e))
			return false;
		if (db_next(inner))
			*(int64_t *)ctx += db_int(outer, "number") * db_int(inner, "number");
	}
	return true;
}

static void
one_query_can_be_read_by_two_cursors(void **state)
{
	struct fixture *f = *state;
	int64_t sum = 0;
	struct error e;

	add_sample(f, "a", 3);
	add_sample(f, "b", 4);
	check(store_read(f->session, nested_rows, &sum, &e), &e);
	assert_int_equal(sum, 3 * 3 + 4 * 3);
}

static bool
find_by_number(struct db *db, void *ctx, struct error *e)
{
	struct fixture *f = ctx;
	autorows rows = NULL;

	if (!db_one(db, T_SAMPLE_BY_NUMBER_OR_ID, PARAMS(DB_TEXT("?"), DB_INT(7)), &rows, e))
		return false;
	assert_string_equal(db_text(&f->arena, rows, "sample_id"), "a");
	autorows dialect = NULL;
	if (!db_one(db, T_DIALECT, NO_PARAMS, &dialect, e))
		return false;
	assert_string_equal(db_text(&f->arena, dialect, "words"), server ? "postgresql" : "sqlite");
	return true;
}

static void
parameters_are_found_by_their_number(void **state)
{
	struct fixture *f = *state;
	struct error e;

	add_sample(f, "a", 7);
	check(store_read(f->session, find_by_number, f, &e), &e);
}

struct glance {
	struct fixture *f;
	int64_t before, after;
};

static void *
write_meanwhile(void *context)
{
	struct fixture *f = context;
	struct store_session *session = NULL;
	struct sample s = {.id = "meanwhile"};
	struct error e;

	check(store_session_open(f->store, &session, &e), &e);
	check(store_write(session, insert_sample, &s, &e), &e);
	store_session_close(session);
	return NULL;
}

static bool
look_twice(struct db *db, void *ctx, struct error *e)
{
	struct glance *g = ctx;
	pthread_t thread;

	if (!count_samples(db, &g->before, e))
		return false;
	pthread_create(&thread, NULL, write_meanwhile, g->f);
	pthread_join(thread, NULL);
	return count_samples(db, &g->after, e);
}

static void
a_read_sees_one_committed_state(void **state)
{
	struct fixture *f = *state;
	struct glance g = {.f = f};
	struct error e;

	check(store_read(f->session, look_twice, &g, &e), &e);
	assert_int_equal(g.before, 0);
	assert_int_equal(g.after, 0);
	assert_int_equal(sample_count(f), 1);
}

int
main(int argc, char **argv)
{
#define WITH(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_urls_are_refused),
		cmocka_unit_test(a_database_that_is_not_there_is_unavailable_or_io),
		WITH(a_duplicate_is_a_conflict_and_names_the_query_only),
		WITH(a_missing_parent_is_a_reference_fault),
		WITH(a_function_cannot_hide_a_failed_statement),
		WITH(an_expected_conflict_affects_no_row),
		WITH(text_that_is_not_utf8_is_invalid),
		WITH(reading_transactions_cannot_write),
		WITH(a_transaction_inside_a_transaction_is_refused),
		WITH(mistakes_of_the_program_are_internal_errors),
		WITH(what_does_not_exist_is_not_found),
		WITH(values_come_back_as_they_went_in),
		WITH(a_large_blob_comes_back_whole),
		WITH(writing_statements_return_rows_and_counts),
		WITH(one_query_can_be_read_by_two_cursors),
		WITH(parameters_are_found_by_their_number),
		WITH(a_read_sees_one_committed_state),
	};

	server = argc > 1 && str_eq(argv[1], "postgresql") ? getenv("FERRY_STORE_URL") : NULL;
	if (argc != 2 || (!server && !str_eq(argv[1], "sqlite")))
		return 2;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
