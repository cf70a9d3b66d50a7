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

static void
refused(struct guess_limit *t, const char *account, time_us now)
{
	struct error e = {0};

	assert_false(guess_limit_allow(t, account, now, &e));
	assert_string_equal(e.fault, "signin_throttled");
}

static void
allowed(struct guess_limit *t, const char *account, time_us now)
{
	struct error e = {0};

	assert_true(guess_limit_allow(t, account, now, &e));
}

static void
wrong_passwords_use_up_the_tries_in_any_case_of_letters(void **state)
{
	(void)state;
	struct guess_limit *t = make(2, 100);

	allowed(t, "alice", NOW);
	guess_limit_result(t, "alice", false, NOW);
	allowed(t, "ALICE", NOW);
	guess_limit_result(t, "Alice", false, NOW);
	refused(t, "alice", NOW);
	refused(t, "aLiCe", NOW + GUESS_WINDOW_S * US_PER_S - 1);
	free(t);
}

static void
others_are_not_concerned_and_time_heals(void **state)
{
	(void)state;
	struct guess_limit *t = make(1, 100);

	guess_limit_result(t, "alice", false, NOW);
	refused(t, "alice", NOW);
	allowed(t, "bob", NOW);
	allowed(t, "alice", NOW + GUESS_WINDOW_S * US_PER_S);
	free(t);
}

static void
a_right_password_wipes_the_slate(void **state)
{
	(void)state;
	struct guess_limit *t = make(2, 100);

	guess_limit_result(t, "alice", false, NOW);
	guess_limit_result(t, "alice", true, NOW);
	guess_limit_result(t, "alice", false, NOW);
	allowed(t, "alice", NOW);
	free(t);
}

static void
all_accounts_together_have_a_limit_each_minute(void **state)
{
	(void)state;
	struct guess_limit *t = make(5, 3);

	allowed(t, "a", NOW);
	allowed(t, "b", NOW);
	allowed(t, "c", NOW);
	refused(t, "d", NOW + US_PER_MIN - 1);
	allowed(t, "d", NOW + US_PER_MIN);
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
	struct error e;

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "target%d", i);
		guess_limit_result(t, name, false, NOW);
	}
	for (int i = 0; i < GUESS_ACCOUNTS / 2; i++) {
		snprintf(name, sizeof name, "flood%d", i);
		guess_limit_result(t, name, false, NOW + 1);
	}
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "target%d", i);
		free_again += guess_limit_allow(t, name, NOW + 2, &e);
	}
	assert_in_range(free_again, 0, 5);
	free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_passwords_use_up_the_tries_in_any_case_of_letters),
		cmocka_unit_test(others_are_not_concerned_and_time_heals),
		cmocka_unit_test(a_right_password_wipes_the_slate),
		cmocka_unit_test(all_accounts_together_have_a_limit_each_minute),
		cmocka_unit_test(a_flood_of_names_frees_few),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
