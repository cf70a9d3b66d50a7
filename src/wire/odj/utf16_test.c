// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/utf16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct slice
bytes(const char *data, size_t len)
{
	return slice_of(data, len);
}

static void
malformed_utf16_is_no_text(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	char *text;

	assert_false(utf16_to_utf8(&arena, bytes("a", 1), &text));
	assert_false(utf16_to_utf8(&arena, bytes("a\0\0\0", 4), &text));
	assert_false(utf16_to_utf8(&arena, bytes("\x00\xd8", 2), &text));
	assert_false(utf16_to_utf8(&arena, bytes("\x00\xdc\x00\xd8", 4), &text));
	assert_false(utf16_to_utf8(&arena, bytes("\x00\xd8\x00\xd8", 4), &text));
}

static void
malformed_utf8_is_not_converted(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice units;

	assert_false(utf16_from_utf8(&arena, "\xff", &units));
	assert_false(utf16_from_utf8(&arena, "\xed\xa0\x80", &units));
}

static void
lone_surrogates_become_replacement_characters_when_asked(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	char *text;

	assert_true(
		utf16_to_utf8_replacing(&arena, bytes("a\0\x00\xd8\x00\xdc\x01\xdc", 8), &text));
	assert_string_equal(text, "a\xf0\x90\x80\x80\xef\xbf\xbd");
	assert_false(utf16_to_utf8_replacing(&arena, bytes("\0\0", 2), &text));
}

static void
text_survives_both_directions(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *text = "Zo\xc3\xab \xe2\x82\xac \xf0\x9f\x9b\xb3";
	struct slice units;
	char *back;

	assert_true(utf16_from_utf8(&arena, text, &units));
	assert_int_equal(units.len, 2 * 8);
	assert_true(utf16_to_utf8(&arena, units, &back));
	assert_string_equal(back, text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_utf16_is_no_text),
		cmocka_unit_test(malformed_utf8_is_not_converted),
		cmocka_unit_test(lone_surrogates_become_replacement_characters_when_asked),
		cmocka_unit_test(text_survives_both_directions),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
