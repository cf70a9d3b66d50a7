// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "connector/guess_limit.h"
#include <stdio.h>
#include <stdlib.h>

#define NOW (1000 * US_PER_DAY)

static struct guess_limit *
make(unsigned max_wrong, unsigned max_per_minute)
{
	struct guess_limit *t = calloc(1, sizeof *t);

	assert_non_null(t);
	t->max_wrong = max_wrong;
	t->max_per_minute = max_per_minute;
	return t;
}

static bool
asked(struct guess_limit *t, const char *account, bool known, time_us now)
{
	struct error e = {0};
	bool may = guess_limit_allow(t, account, known, now, &e);

	if (!may)
		assert_string_equal(e.fault, "signin_throttled");
	return may;
}

static void
refused(struct guess_limit *t, const char *account, time_us now)
{
	assert_false(asked(t, account, true, now));
}

// A try of the owner's browser, and what came of it.
static void
tried(struct guess_limit *t, const char *account, enum guess_result result, time_us now)
{
	assert_true(asked(t, account, true, now));
	guess_limit_result(t, account, result, now);
}

static void
wrong_passwords_use_up_the_tries_in_any_case_of_letters(void **state)
{
	(void)state;
	struct guess_limit *t = make(2, 100);

	tried(t, "alice", GUESS_WRONG, NOW);
	tried(t, "ALICE", GUESS_WRONG, NOW);
	refused(t, "alice", NOW);
	refused(t, "aLiCe", NOW + GUESS_WINDOW_S * US_PER_S - 1);
	free(t);
}

static void
tries_at_the_same_time_are_not_more(void **state)
{
	(void)state;
	struct guess_limit *t = make(3, 100);

	for (int i = 0; i < 3; i++)
		assert_true(asked(t, "alice", true, NOW));
	refused(t, "alice", NOW);
	guess_limit_result(t, "alice", GUESS_WRONG, NOW);
	refused(t, "alice", NOW);
	guess_limit_result(t, "alice", GUESS_UNCHECKED, NOW);
	assert_true(asked(t, "alice", true, NOW));
	refused(t, "alice", NOW);
	free(t);
}

static void
strangers_leave_the_owner_a_try(void **state)
{
	(void)state;
	static const struct {
		unsigned most, strangers;
	} rows[] = {{1, 1}, {2, 1}, {3, 2}, {4, 3}, {5, 3}, {100, 75}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct guess_limit *t = make(rows[i].most, 1000);
		for (unsigned n = 0; n < rows[i].strangers; n++)
			assert_true(asked(t, "alice", false, NOW));
		assert_false(asked(t, "alice", false, NOW));
		for (unsigned n = rows[i].strangers; n < rows[i].most; n++)
			assert_true(asked(t, "alice", true, NOW));
		refused(t, "alice", NOW);
		free(t);
	}
}

static void
others_are_not_concerned_and_time_heals(void **state)
{
	(void)state;
	struct guess_limit *t = make(1, 100);

	tried(t, "alice", GUESS_WRONG, NOW);
	refused(t, "alice", NOW);
	assert_true(asked(t, "bob", true, NOW));
	assert_true(asked(t, "alice", true, NOW + GUESS_WINDOW_S * US_PER_S));
	free(t);
}

static void
a_right_password_wipes_the_slate(void **state)
{
	(void)state;
	struct guess_limit *t = make(2, 100);

	tried(t, "alice", GUESS_WRONG, NOW);
	tried(t, "alice", GUESS_RIGHT, NOW);
	tried(t, "alice", GUESS_WRONG, NOW);
	assert_true(asked(t, "alice", true, NOW));
	free(t);
}

static void
all_accounts_together_have_a_limit_each_minute(void **state)
{
	(void)state;
	struct guess_limit *t = make(5, 3);

	tried(t, "a", GUESS_RIGHT, NOW);
	tried(t, "b", GUESS_RIGHT, NOW);
	tried(t, "c", GUESS_RIGHT, NOW);
	refused(t, "d", NOW + US_PER_MIN - 1);
	assert_true(asked(t, "d", true, NOW + US_PER_MIN));
	free(t);
}

// A table full of other names must not give an account its tries back at will.
static void
a_flood_of_names_frees_few(void **state)
{
	(void)state;
	struct guess_limit *t = make(1, UINT32_MAX);
	unsigned free_again = 0;
	char name[20];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "target%d", i);
		tried(t, name, GUESS_WRONG, NOW);
	}
	for (int i = 0; i < GUESS_ACCOUNTS / 2; i++) {
		snprintf(name, sizeof name, "flood%d", i);
		tried(t, name, GUESS_WRONG, NOW + 1);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "target%d", i);
		free_again += asked(t, name, true, NOW + 2);
	}
	assert_in_range(free_again, 0, 5);
	free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_passwords_use_up_the_tries_in_any_case_of_letters),
		cmocka_unit_test(tries_at_the_same_time_are_not_more),
		cmocka_unit_test(strangers_leave_the_owner_a_try),
		cmocka_unit_test(others_are_not_concerned_and_time_heals),
		cmocka_unit_test(a_right_password_wipes_the_slate),
		cmocka_unit_test(all_accounts_together_have_a_limit_each_minute),
		cmocka_unit_test(a_flood_of_names_frees_few),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
