// SPDX-License-Identifier: Apache-2.0
// Guessing is slow whatever the attacker does, and never at the owner's expense.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/throttle.h"
#include <stdlib.h>

static const time_us start = 1700000000LL * US_PER_S;

struct world {
	struct throttle_counter device, account, pairs[512], sources[512];
	int64_t guesses;
};

// One attempt from address number `from`; true when its password was looked at.
static bool
attempt(struct world *w, unsigned needed, size_t from, time_us now, bool good)
{
	struct throttle_counter *all[THROTTLE_KINDS] = {
		&w->device, &w->pairs[from], &w->account, &w->sources[from]};
	struct throttle_counter before[THROTTLE_KINDS];
	time_us wait;

	for (int kind = 0; kind < THROTTLE_KINDS; kind++)
		before[kind] = *all[kind];
	for (int kind = 0; kind < THROTTLE_KINDS; kind++) {
		if (!(needed & THROTTLE_BIT(kind)) ||
			throttle_take((enum throttle_kind)kind, all[kind], now, &wait))
			continue;
		for (int k = 0; k < THROTTLE_KINDS; k++)
			*all[k] = before[k];
		return false;
	}
	for (int kind = 0; good && kind < THROTTLE_KINDS; kind++)
		if (needed & THROTTLE_BIT(kind))
			throttle_give_back((enum throttle_kind)kind, all[kind], now);
	return true;
}

// A day of guessing at `rate` a minute from `addresses` addresses, while the owner signs in every
// hour from a known browser, or from a known address, typing wrong twice each time.
static void
besiege(int64_t rate, size_t addresses, bool by_device)
{
	struct world *w = calloc(1, sizeof *w);
	unsigned owner = throttle_needed(by_device, true), enemy = throttle_needed(false, false);
	size_t at_home = 511;

	for (int64_t minute = 0; minute < 24 * 60; minute++) {
		time_us now = start + minute * US_PER_MIN;
		for (int64_t i = 0; i < rate; i++)
			w->guesses += attempt(w, enemy, (size_t)(minute * rate + i) % addresses,
				now + i * US_PER_MIN / rate, false);
		if (minute % 60)
			continue;
		for (int wrong = 0; wrong < 2; wrong++)
			if (!attempt(w, owner, at_home, now + wrong * US_PER_S, false))
				fail_msg("at %lld a minute the owner had to wait", (long long)rate);
		if (!attempt(w, owner, at_home, now + 5 * US_PER_S, true))
			fail_msg("at %lld a minute from %zu addresses the owner was locked out",
				(long long)rate, addresses);
	}
	if (w->guesses > 150)
		fail_msg("%lld guesses in a day at %lld a minute from %zu addresses",
			(long long)w->guesses, (long long)rate, addresses);
	free(w);
}

static void
an_attacker_at_any_rate_never_holds_up_the_owner(void **state)
{
	static const int64_t rates[] = {1, 2, 7, 60, 600};
	static const size_t addresses[] = {1, 2, 16, 500};

	(void)state;
	for (size_t r = 0; r < sizeof rates / sizeof *rates; r++)
		for (size_t a = 0; a < sizeof addresses / sizeof *addresses; a++) {
			besiege(rates[r], addresses[a], true);
			besiege(rates[r], addresses[a], false);
		}
}

static void
many_attempts_at_once_are_all_counted(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	int passed = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		passed += attempt(w, throttle_needed(false, false), 3, start, false);
	assert_in_range(passed, 1, 6);
	free(w);
}

static void
one_address_cannot_try_one_password_on_everybody(void **state)
{
	struct throttle_counter source = {0};
	time_us wait;
	int passed = 0;

	(void)state;
	for (int i = 0; i < 3600; i++)
		passed += throttle_take(THROTTLE_SOURCE, &source, start + i * US_PER_S, &wait);
	assert_in_range(passed, 1, 75);
}

static void
an_own_account_does_not_wash_an_attackers_address(void **state)
{
	struct throttle_counter source = {0};
	time_us wait, now = start;
	int failures = 0;

	(void)state;
	for (int i = 0; i < 3600; i++, now += US_PER_S) {
		if (!throttle_take(THROTTLE_SOURCE, &source, now, &wait))
			continue;
		if (i % 2)
			throttle_give_back(THROTTLE_SOURCE, &source, now);
		else
			failures++;
	}
	assert_in_range(failures, 1, 75);
}

static void
even_a_stolen_browser_guesses_slowly(void **state)
{
	struct throttle_counter device = {0};
	time_us wait;
	int passed = 0;

	(void)state;
	for (int i = 0; i < 86400; i++)
		passed += throttle_take(THROTTLE_DEVICE, &device, start + i * US_PER_S, &wait);
	assert_in_range(passed, 10, 130);
}

static void
delays_grow_and_have_an_end(void **state)
{
	(void)state;
	for (int kind = 0; kind < THROTTLE_KINDS; kind++) {
		assert_int_equal(throttle_delay((enum throttle_kind)kind, 1), 0);
		for (int64_t f = 1; f < 200; f++)
			assert_true(throttle_delay((enum throttle_kind)kind, f) <=
				throttle_delay((enum throttle_kind)kind, f + 1));
		assert_in_range(throttle_delay((enum throttle_kind)kind, INT64_MAX / 2), US_PER_MIN,
			3600 * US_PER_S);
	}
}

static void
a_clock_set_back_holds_nobody_up(void **state)
{
	struct throttle_counter c = {.failures = 50, .last_at = start, .until = start + US_PER_MIN};
	time_us wait;

	(void)state;
	assert_true(throttle_take(THROTTLE_PAIR, &c, start - 365 * US_PER_DAY, &wait));
}

static void
what_is_long_ago_is_forgotten(void **state)
{
	struct throttle_counter c = {
		.failures = 5000, .last_at = start, .until = start + US_PER_MIN};
	time_us wait;

	(void)state;
	assert_true(throttle_take(THROTTLE_PAIR, &c, start + THROTTLE_MEMORY + 1, &wait));
	assert_int_equal(c.failures, 1);
	assert_int_equal(c.until, start + THROTTLE_MEMORY + 1);
}

static void
a_subscriber_of_ipv6_is_one_source(void **state)
{
	autoarena(arena, ARENA_SMALL);

	(void)state;
	assert_string_equal(throttle_source(&arena, "2001:db8:1:2:3:4:5:6"),
		throttle_source(&arena, "2001:db8:1:2:ffff::1"));
	assert_string_not_equal(throttle_source(&arena, "2001:db8:1:2::1"),
		throttle_source(&arena, "2001:db8:1:3::1"));
	assert_string_equal(throttle_source(&arena, "::ffff:192.0.2.7"), "192.0.2.7");
	assert_string_equal(throttle_source(&arena, "192.0.2.7"), "192.0.2.7");
	assert_string_equal(throttle_source(&arena, NULL), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attacker_at_any_rate_never_holds_up_the_owner),
		cmocka_unit_test(many_attempts_at_once_are_all_counted),
		cmocka_unit_test(one_address_cannot_try_one_password_on_everybody),
		cmocka_unit_test(an_own_account_does_not_wash_an_attackers_address),
		cmocka_unit_test(even_a_stolen_browser_guesses_slowly),
		cmocka_unit_test(delays_grow_and_have_an_end),
		cmocka_unit_test(a_clock_set_back_holds_nobody_up),
		cmocka_unit_test(what_is_long_ago_is_forgotten),
		cmocka_unit_test(a_subscriber_of_ipv6_is_one_source),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
