// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "oobe/qr.h"
#include "oobe/wrap.h"
#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static void
a_payload_of_no_or_too_many_bytes_is_refused(void **state)
{
	autoarena(arena, ARENA_SMALL);
	char text[QR_PAYLOAD_MAX + 2];
	struct error e = {0};
	struct qr qr;
	(void)state;

	memset(text, 'a', sizeof text);
	text[QR_PAYLOAD_MAX + 1] = '\0';
	assert_false(qr_make(&arena, text, QR_QUIET, &qr, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(qr_make(&arena, "", QR_QUIET, &qr, &e));
	text[QR_PAYLOAD_MAX] = '\0';
	assert_true(qr_make(&arena, text, QR_QUIET, &qr, &e));
	// Version 4 has 33 modules.
	assert_int_equal(qr.columns, 33 + 2 * QR_QUIET);
	assert_int_equal(qr.rows, (33 + 2 * QR_QUIET + 1) / 2);
}

static void
every_line_is_as_wide_as_the_code_and_the_quiet_zone_is_light(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct qr qr;
	(void)state;

	assert_true(qr_make(&arena, "https://ferry.example/c/1", QR_QUIET_MIN, &qr, &e));
	for (size_t i = 0; i < qr.rows; i++) {
		assert_int_equal(text_width(qr.lines[i]), qr.columns);
		assert_memory_equal(qr.lines[i], "██", strlen("██"));
	}
	for (size_t i = 0; i < qr.columns; i++)
		assert_memory_equal(qr.lines[0] + 3 * i, "█", 3);
}

static void
only_a_companion_link_has_another_form(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_null(qr_as_json(&arena, "http://ferry.example/c/12"));
	assert_null(qr_as_json(&arena, "https://ferry.example/c/"));
	assert_null(qr_as_json(&arena, "https://ferry.example/c/1\"2"));
	assert_null(qr_as_json(&arena, "{\"ZtdId\":\"1\"}"));
	assert_string_equal(
		qr_as_json(&arena, "https://ferry.example/c/12-ab"), "{\"ZtdId\":\"12-ab\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_payload_of_no_or_too_many_bytes_is_refused),
		cmocka_unit_test(every_line_is_as_wide_as_the_code_and_the_quiet_zone_is_light),
		cmocka_unit_test(only_a_companion_link_has_another_form),
	};

	setlocale(LC_ALL, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
