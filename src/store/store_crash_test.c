// SPDX-License-Identifier: Apache-2.0
// What both databases must keep when many write at once, when the program dies in the middle, and
// when the schema changes. Arguments as for store_contract_test; `write URL FIRST` is the part that
// dies.
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
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

// A child writes until it dies: IDS is only a limit to what is looked at.
enum { THREADS = 16, INCREMENTS = 20, WRITERS = 4, IDS = 2000, ID_SIZE = 48 };

static const char *server; // NULL: SQLite
static const char *program;

static const struct store_options contract_options = {.catalog = &sql_contract};

static void
check(bool done, const struct error *e)
{
	if (done)
		return;
	fprintf(stderr, "# %s: %s (%s)\n", error_code_name(e->code), e->message,
		e->fault ? e->fault : "-");
	abort();
}

static int
make_place(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	place_make(place, server);
	*state = place;
	return 0;
}

static int
remove_place(void **state)
{
	place_remove(*state);
	free(*state);
	return 0;
}

static bool
insert(struct db *db, void *ctx, struct error *e)
{
	return db_run(db, T_SAMPLE_INSERT,
		PARAMS(DB_TEXT(ctx), DB_INT(0), DB_TEXT("words"), DB_BLOB(slice_str(ctx))), NULL,
		e);
}

static bool
exists(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	return db_one(db, T_SAMPLE_BY_ID, PARAMS(DB_TEXT(ctx)), &rows, e);
}

static bool
set_zero(struct db *db, void *ctx, struct error *e)
{
	(void)ctx;
	return db_run(db, T_COUNTER_SET, PARAMS(DB_TEXT("c"), DB_INT(0)), NULL, e);
}

static bool
get(struct db *db, void *ctx, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, T_COUNTER_GET, PARAMS(DB_TEXT("c")), &rows, e))
		return false;
	*(int64_t *)ctx = db_int(rows, "value");
	return true;
}

// Read, then write what was read plus one: the pattern that loses updates where isolation is weak.
static bool
increment(struct db *db, void *ctx, struct error *e)
{
	int64_t value;

	(void)ctx;
	return get(db, &value, e) &&
		db_run(db, T_COUNTER_SET, PARAMS(DB_TEXT("c"), DB_INT(value + 1)), NULL, e);
}

static bool
increment_and_fail(struct db *db, void *ctx, struct error *e)
{
	return increment(db, ctx, e) && error_set(e, ERR_DENIED, "on purpose");
}

static bool
insert_twice(struct db *db, void *ctx, struct error *e)
{
	return increment(db, ctx, e) && insert(db, "twice", e) && insert(db, "twice", e);
}

static void *
increment_many(void *context)
{
	struct store *store = context;
	autosession session = NULL;
	struct error e;

	check(store_session_open(store, &session, &e), &e);
	for (int i = 0; i < INCREMENTS; i++) {
		check(store_write(session, increment, NULL, &e), &e);
		if (i % 4 == 0 &&
			(store_write(session, increment_and_fail, NULL, &e) ||
				e.code != ERR_DENIED))
			abort();
		if (i % 4 == 2 &&
			(store_write(session, insert_twice, NULL, &e) || e.code != ERR_CONFLICT))
			abort();
	}
	return NULL;
}

static void
increments_of_many_threads_are_not_lost_and_failures_leave_nothing(void **state)
{
	const struct place *place = *state;
	autostore store = NULL;
	autosession session = NULL;
	pthread_t threads[THREADS];
	int64_t value = -1;
	struct error e;

	check(store_open(place->url, &contract_options, &store, &e), &e);
	check(store_session_open(store, &session, &e), &e);
	check(store_write(session, set_zero, NULL, &e), &e);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, increment_many, store);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	check(store_read(session, get, &value, &e), &e);
	assert_int_equal(value, THREADS * INCREMENTS);
	assert_false(store_read(session, exists, "twice", &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

// The child: several threads write rows and print the id of each that was acknowledged.
struct child_writer {
	struct store *store;
	int first, thread;
};

static void *
write_and_print(void *context)
{
	const struct child_writer *w = context;
	struct store_session *session = NULL;
	struct error e;

	check(store_session_open(w->store, &session, &e), &e);
	for (int i = 0;; i++) {
		char id[ID_SIZE];
		snprintf(id, sizeof id, "%d-%d-%d", w->first, w->thread, i);
		if (!store_write(session, insert, id, &e))
			abort();
		dprintf(STDOUT_FILENO, "%s\n", id);
	}
	return NULL;
}

static int
child(const char *url, int first)
{
	struct store *store = NULL;
	struct child_writer writers[WRITERS];
	pthread_t threads[WRITERS];
	struct error e;

	check(store_open(url, &contract_options, &store, &e), &e);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct child_writer){.store = store, .first = first, .thread = i};
		pthread_create(&threads[i], NULL, write_and_print, &writers[i]);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	store_close(store);
	return 0;
}

// Start the child with a failpoint armed (or NULL), and hand out where its standard output is read.
static pid_t
start_child(const struct place *place, int first, const char *failpoint, FILE **out)
{
	char number[16];
	int ends[2];

	snprintf(number, sizeof number, "%d", first);
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		if (failpoint)
			setenv("FERRY_FP", failpoint, 1);
		execl(program, program, "write", place->url, number, NULL);
		_exit(127);
	}
	close(ends[1]);
	*out = fdopen(ends[0], "r");
	return pid;
}

// Every id that a child printed is there after it died; returns how many it printed.
static int
die_and_look(const struct place *place, int first, const char *failpoint, int kill_after)
{
	static char ids[IDS][ID_SIZE];
	char line[ID_SIZE];
	int count = 0, status = 0;
	FILE *out;
	pid_t pid = start_child(place, first, failpoint, &out);

	while (fgets(line, sizeof line, out)) {
		char *end = strchr(line, '\n');
		if (!end)
			break; // cut off by its death: not acknowledged
		*end = '\0';
		if (count == IDS)
			continue;
		memcpy(ids[count], line, sizeof line);
		if (++count == kill_after)
			kill(pid, SIGKILL);
	}
	fclose(out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(place_is_intact(place));

	struct store *store = NULL;
	struct store_session *session = NULL;
	struct error e;
	check(store_open(place->url, &contract_options, &store, &e), &e);
	check(store_session_open(store, &session, &e), &e);
	for (int i = 0; i < count; i++)
		check(store_read(session, exists, ids[i], &e), &e);
	store_session_close(session);
	store_close(store);
	assert_true(place_is_intact(place));
	return count;
}

static void
what_was_acknowledged_survives_kill_9(void **state)
{
	const struct place *place = *state;
	static const char *const failpoints[] = {"store.before_commit:kill@1",
		"store.after_commit:kill@1", "store.before_commit:kill@3",
		"store.after_commit:kill@3", "store.before_commit:kill@9",
		"store.after_commit:kill@12"};
	int round = 0, count = 0;

	for (size_t i = 0; i < sizeof failpoints / sizeof *failpoints; i++)
		count += die_and_look(place, round++, failpoints[i], -1);
	for (int after = 1; after < 400; after += 57)
		count += die_and_look(place, round++, NULL, after);
	assert_true(count > 30);
}

static bool
insert_tenant(struct db *db, void *ctx, struct error *e)
{
	(void)ctx;
	return db_run(db, Q_TENANT_INSERT,
		PARAMS(DB_TEXT("t"), DB_TEXT("T"), DB_TEXT("t.example"), DB_INT(1)), NULL, e);
}

static void
every_query_of_ferry_prepares(void **state)
{
	const struct place *place = *state;
	autostore store = NULL;
	autosession session = NULL;
	struct error e;

	check(store_open(place->url, NULL, &store, &e), &e);
	assert_int_equal(store_kind(store), server ? DB_POSTGRESQL : DB_SQLITE);
	check(store_session_open(store, &session, &e), &e);
	check(store_check_queries(session, &e), &e);
	check(store_write(session, insert_tenant, NULL, &e), &e);
}

static struct sql_catalog
first_migrations(size_t count)
{
	struct sql_catalog catalog = sql_contract;

	catalog.migration_count = count;
	return catalog;
}

static void
open_and_close(const struct place *place, const struct sql_catalog *catalog)
{
	struct store_options options = {.catalog = catalog};
	autostore store = NULL;
	struct error e;

	check(store_open(place->url, &options, &store, &e), &e);
}

static void
migrations_run_once_and_only_forward(void **state)
{
	const struct place *place = *state;
	struct sql_catalog one = first_migrations(1), two = first_migrations(2);
	struct store_options options = {.catalog = &one};
	autostore store = NULL;
	struct error e;

	open_and_close(place, &one);
	open_and_close(place, &one);
	open_and_close(place, &two);
	open_and_close(place, &two);
	assert_false(store_open(place->url, &options, &store, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_string_equal(e.fault, "store_schema_newer");
	assert_true(*e.hint != '\0');
}

static void
a_migration_that_fails_leaves_nothing(void **state)
{
	const struct place *place = *state;
	const char *broken = "CREATE TABLE half (x TEXT); CREATE TABLE counter (x TEXT);";
	struct sql_migration migrations[2] = {sql_contract.migrations[0],
		{.version = 2, .name = "0002_broken", .text = {broken, broken}}};
	struct sql_catalog catalog = first_migrations(2);
	struct store_options options = {.catalog = &catalog};
	struct store *store = NULL;
	struct error e;

	catalog.migrations = migrations;
	assert_false(store_open(place->url, &options, &store, &e));
	assert_int_equal(e.code, ERR_INTERNAL);
	assert_non_null(strstr(e.message, "0002_broken"));
	migrations[1].text[DB_SQLITE] = migrations[1].text[DB_POSTGRESQL] =
		"CREATE TABLE half (x TEXT);";
	open_and_close(place, &catalog);
}

static void *
open_one(void *context)
{
	open_and_close(context, &sql_contract);
	return NULL;
}

static void
several_programs_may_migrate_at_once(void **state)
{
	pthread_t threads[6];

	for (int i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, open_one, *state);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
}

int
main(int argc, char **argv)
{
#define WITH(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)
	const struct CMUnitTest tests[] = {
		WITH(every_query_of_ferry_prepares),
		WITH(migrations_run_once_and_only_forward),
		WITH(a_migration_that_fails_leaves_nothing),
		WITH(several_programs_may_migrate_at_once),
		WITH(increments_of_many_threads_are_not_lost_and_failures_leave_nothing),
		WITH(what_was_acknowledged_survives_kill_9),
	};

	program = argv[0];
	if (argc == 4 && str_eq(argv[1], "write"))
		return child(argv[2], (int)strtol(argv[3], NULL, 10));
	server = argc > 1 && str_eq(argv[1], "postgresql") ? getenv("FERRY_STORE_URL") : NULL;
	if (argc != 2 || (!server && !str_eq(argv[1], "sqlite")))
		return 2;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
