// SPDX-License-Identifier: Apache-2.0
// The chain of the audit log when several write to it at once, on both databases.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/audit.h"
#include "store/clients.h"
#include "store/contract/fixture.h"
#include "store/trust.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { WRITERS = 6, NOTES = 15 };

static struct fixture *f;
static struct work work;

static int
setup(void **state)
{
	(void)state;
	f = fixture_begin();
	work = f->work;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_end(f);
	return 0;
}

struct writer {
	pthread_t thread;
	struct error e;
	int done;
};

// Stops at the first note that is refused.
static void *
write_notes(void *arg)
{
	struct writer *w = arg;
	struct store_session *own = NULL;
	const struct audit_event event = {.name = "Patch", .operation = "Patch", .actor = "{}"};

	if (!store_session_open(f->store, &own, &w->e))
		return NULL;
	for (w->done = 0; w->done < NOTES; w->done++) {
		autoarena(memory, ARENA_REQUEST);
		struct work mine = {.arena = &memory,
			.session = own,
			.tenant_id = work.tenant_id,
			.now = clock_now()};
		if (!store_audit_note(&mine, &event, &w->e))
			break;
	}
	store_session_close(own);
	return NULL;
}

static void
whoever_writes_at_once_writes_one_chain(void **state)
{
	struct writer writers[WRITERS] = {0};
	struct audit_verdict verdict;
	struct error e;

	(void)state;
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&writers[i].thread, NULL, write_notes, &writers[i]);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	for (int i = 0; i < WRITERS; i++)
		if (writers[i].done != NOTES)
			fail_msg("%s", writers[i].e.message);
	assert_true(store_audit_verify(&work, &verdict, &e));
	assert_true(verdict.intact);
	assert_int_equal(verdict.events, WRITERS * NOTES);
}

static atomic_bool enough;

static void *
write_until_enough(void *arg)
{
	struct writer *w = arg;

	while (!atomic_load(&enough)) {
		write_notes(w);
		if (w->done != NOTES)
			return NULL;
	}
	return NULL;
}

// Much longer than what the others do.
static bool
note_slowly(void *ctx, struct error *e)
{
	const struct audit_event event = {.name = "Slow", .operation = "Patch", .actor = "{}"};
	int64_t head;
	const char *hash;

	(void)ctx;
	if (!store_audit_head(&work, &head, &hash, e))
		return false;
	nanosleep(&(struct timespec){.tv_nsec = 150000000}, NULL);
	return store_audit_note(&work, &event, e);
}

static void
a_long_change_comes_to_its_end_while_others_write(void **state)
{
	struct writer writers[WRITERS] = {0};
	struct audit_verdict verdict;
	struct error e = {0};

	(void)state;
	atomic_store(&enough, false);
	for (int i = 0; i < WRITERS; i++)
		pthread_create(&writers[i].thread, NULL, write_until_enough, &writers[i]);
	bool done = store_together(f->session, note_slowly, NULL, &e);
	atomic_store(&enough, true);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	if (!done)
		fail_msg("%s", e.message);
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(writers[i].done, NOTES);
	assert_true(store_audit_verify(&work, &verdict, &e));
	assert_true(verdict.intact);
}

static const struct audit_event change = {.name = "Create", .operation = "Create", .actor = "{}"};
static int lasts; // how often the last part ran

static bool
note_at_the_end(void *ctx, struct error *e)
{
	(void)ctx;
	lasts++;
	return store_audit_note(&work, &change, e);
}

static bool
refuse_at_the_end(void *ctx, struct error *e)
{
	(void)ctx;
	return error_set(e, ERR_IO, "the log cannot be written");
}

static int64_t
events(void)
{
	const char *sha256;
	struct error e;
	int64_t seq;

	assert_true(store_audit_head(&work, &seq, &sha256, &e));
	return seq;
}

static bool
make_client(const char *id, struct error *e)
{
	struct client client = {.client_id = id,
		.name = "another",
		.secret_sha256 = "00",
		.roles = "[]",
		.scopes = "",
		.created_at = work.now};

	return store_client_create(&work, &client, e);
}

static void
a_change_that_cannot_be_noted_is_not_made(void **state)
{
	bool noted = false;
	struct store_last last = {.fn = refuse_at_the_end, .unless = &noted};
	const char *id = uuid_new(&f->arena);
	struct client client;
	struct error e = {0};

	(void)state;
	store_session_last(f->session, &last);
	assert_false(make_client(id, &e));
	assert_int_equal(e.code, ERR_IO);
	assert_false(noted);
	store_session_last(f->session, NULL);
	assert_false(store_client_get(&work, id, &client, &e));
	assert_int_equal(e.code, ERR_UNAUTHENTICATED);
	assert_true(make_client(id, &e));
	assert_int_equal(events(), 0);
}

static void
the_first_write_carries_the_note_and_no_other(void **state)
{
	bool noted = false;
	struct store_last last = {.fn = note_at_the_end, .unless = &noted};
	struct error e = {0};

	(void)state;
	lasts = 0;
	work.noted = &noted;
	store_session_last(f->session, &last);
	assert_true(make_client(uuid_new(&f->arena), &e));
	assert_true(noted);
	assert_true(store_audit_note(&work, &change, &e));
	assert_int_equal(lasts, 1);
	assert_int_equal(events(), 2);
	// A change that notes itself needs no second note.
	noted = false;
	assert_true(store_audit_note(&work, &change, &e));
	assert_int_equal(lasts, 1);
	assert_int_equal(events(), 3);
	store_session_last(f->session, NULL);
	work.noted = NULL;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_change_that_cannot_be_noted_is_not_made, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_first_write_carries_the_note_and_no_other, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_long_change_comes_to_its_end_while_others_write, setup, teardown),
		cmocka_unit_test_setup_teardown(
			whoever_writes_at_once_writes_one_chain, setup, teardown),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
