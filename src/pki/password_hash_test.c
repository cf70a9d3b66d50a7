// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "pki/password_hash.h"

static const struct password_cost cheap = {.memory_kib = 64, .passes = 1};

static void
only_the_password_itself_matches(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	const char *hash, *again;

	(void)state;
	assert_true(password_hash(&arena, &cheap, "Fährmann setzt über", &hash, &e));
	assert_true(password_hash(&arena, &cheap, "Fährmann setzt über", &again, &e));
	assert_string_not_equal(hash, again);
	assert_true(password_matches(&cheap, hash, "Fährmann setzt über"));
	assert_false(password_matches(&cheap, hash, "Fährmann setzt uber"));
	assert_false(password_matches(&cheap, hash, ""));
	assert_false(password_matches(&cheap, hash, "Fährmann setzt über "));
	assert_null(strstr(hash, "setzt"));
}

static void
what_is_no_hash_matches_nothing(void **state)
{
	static const char *const bad[] = {"", "x", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$$",
		"$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHRzYWx0$AAAA",
		"$argon2id$v=19$m=4294967295,t=1,p=1$c29t$AAAA", "password"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(password_matches(&cheap, bad[i], "password"));
		assert_false(password_matches(&cheap, bad[i], ""));
	}
	assert_false(password_matches(&cheap, NULL, "password"));
}

static void
a_hash_of_another_cost_is_outdated_but_still_matches(void **state)
{
	autoarena(arena, ARENA_SMALL);
	static const struct password_cost dear = {.memory_kib = 128, .passes = 2};
	struct error e = {0};
	const char *hash;

	(void)state;
	assert_true(password_hash(&arena, &cheap, "correct ferry", &hash, &e));
	assert_false(password_is_outdated(&cheap, hash));
	assert_true(password_is_outdated(&dear, hash));
	assert_true(password_is_outdated(&cheap, ""));
	assert_true(password_matches(&dear, hash, "correct ferry"));
}

// Whether there is a password at all must not be told by the time that the answer takes.
static void
no_hash_costs_about_as_much_as_a_wrong_one(void **state)
{
	autoarena(arena, ARENA_SMALL);
	static const struct password_cost cost = {.memory_kib = 4096, .passes = 2};
	struct error e = {0};
	const char *hash;
	int64_t with = 0, without = 0;

	(void)state;
	assert_true(password_hash(&arena, &cost, "correct ferry", &hash, &e));
	for (int i = 0; i < 20; i++) {
		time_us begin = clock_now();
		assert_false(password_matches(&cost, hash, "wrong"));
		time_us middle = clock_now();
		assert_false(password_matches(&cost, "", "wrong"));
		with += middle - begin;
		without += clock_now() - middle;
	}
	assert_in_range(without, with / 4, with * 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_password_itself_matches),
		cmocka_unit_test(what_is_no_hash_matches_nothing),
		cmocka_unit_test(a_hash_of_another_cost_is_outdated_but_still_matches),
		cmocka_unit_test(no_hash_costs_about_as_much_as_a_wrong_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
