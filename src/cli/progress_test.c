// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/progress.h"

static const char *
text_at(uint64_t done, uint64_t total, const char *unit, int64_t ms, int width)
{
	static char text[256];
	struct progress p = {.what = "upload", .unit = unit, .total = total, .done = done};

	progress_text(&p, ms, width, text, sizeof text);
	return text;
}

static void
nothing_is_promised_from_too_little(void **state)
{
	(void)state;
	assert_string_equal(text_at(0, 0, "rows", 0, 60), "upload 0 rows");
	assert_string_equal(text_at(10, 100, "rows", 400, 60), "upload 10 of 100 rows, 10 %");
	// Nothing is done yet: no time can be told.
	assert_string_equal(text_at(0, 100, "rows", 5000, 60), "upload 0 of 100 rows, 0 %, 0/s");
}

static void
rate_and_time_left_are_told(void **state)
{
	(void)state;
	assert_string_equal(text_at(250, 1000, "rows", 10000, 60),
		"upload 250 of 1000 rows, 25 %, 25/s, 0:30 left");
	assert_string_equal(text_at(1, 3601, "rows", 1000, 60),
		"upload 1 of 3601 rows, 0 %, 1/s, 1:00:00 left");
	assert_string_equal(
		text_at(1000, 1000, "rows", 10000, 60), "upload 1000 of 1000 rows, 100 %, 100/s");
}

static void
bytes_are_told_in_their_units(void **state)
{
	(void)state;
	assert_string_equal(
		text_at(1536, 3 << 20, "bytes", 100, 60), "upload 1.5 KiB of 3.0 MiB, 0 %");
}

static void
a_wide_terminal_has_a_bar(void **state)
{
	(void)state;
	assert_string_equal(text_at(50, 100, "rows", 100, 80),
		"upload [============>           ] 50 of 100 rows, 50 %");
	// More than all is all.
	assert_string_equal(text_at(200, 100, "rows", 100, 80),
		"upload [========================] 200 of 100 rows, 200 %");
}

static void
what_is_longer_than_its_place_is_cut(void **state)
{
	char text[12];
	struct progress p = {.what = "a long name of it", .unit = "rows", .total = 5, .done = 1};

	(void)state;
	progress_text(&p, 10000, 80, text, sizeof text);
	assert_string_equal(text, "a long name");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_promised_from_too_little),
		cmocka_unit_test(rate_and_time_left_are_told),
		cmocka_unit_test(bytes_are_told_in_their_units),
		cmocka_unit_test(a_wide_terminal_has_a_bar),
		cmocka_unit_test(what_is_longer_than_its_place_is_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
