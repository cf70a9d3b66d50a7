// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

static void
rfc3339_round_trips(void **state)
{
	(void)state;
	static const char *const good[] = {"1970-01-01T00:00:00Z", "2026-11-21T09:30:59Z",
		"2000-02-29T23:59:59Z", "2038-01-19T03:14:08Z", "1969-12-31T23:59:59Z"};
	autoarena(arena, ARENA_SMALL);
	time_us t;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(clock_parse_rfc3339(good[i], &t));
		assert_string_equal(clock_rfc3339(&arena, t), good[i]);
	}
	assert_true(clock_parse_rfc3339("2026-11-21T10:30:00.25+01:00", &t));
	assert_string_equal(clock_rfc3339_us(&arena, t), "2026-11-21T09:30:00.250000Z");
}

static void
malformed_times_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "2026-11-21", "2026-13-21T00:00:00Z",
		"2026-11-21T24:00:00Z", "2026-11-21T00:00:00", "2026-11-21T00:00:00+25:00",
		"2026-11-21T00:00:00Zx", "2026-11-2T00:00:00Z"};
	time_us t;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(clock_parse_rfc3339(bad[i], &t));
}

static void
http_date_round_trips(void **state)
{
	(void)state;
	char text[30];
	time_us t;

	assert_true(clock_parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", &t));
	clock_http_date(t, text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_false(clock_parse_http_date("Sun, 06 Foo 1994 08:49:37 GMT", &t));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3339_round_trips),
		cmocka_unit_test(malformed_times_are_refused),
		cmocka_unit_test(http_date_round_trips),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
