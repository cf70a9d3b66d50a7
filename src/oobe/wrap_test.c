// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "oobe/wrap.h"
#include <cmocka.h>
#include <locale.h>
#include <string.h>

// The lines of a text joined by '|'.
static const char *
lines_of(struct arena *arena, const char *text, size_t columns)
{
	char *out = arena_strdup(arena, "");

	for (const char *at = text; at;) {
		struct wrapped piece = text_wrap(at, columns);
		out = arena_printf(
			arena, "%s%s%.*s", out, at == text ? "" : "|", (int)piece.len, at);
		at = piece.rest;
	}
	return out;
}

static void
malformed_bytes_count_one_column_each_and_end(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_int_equal(text_width("\xff\xe2\x82"), 3);
	assert_string_equal(lines_of(&arena, "\xff\xff\xff", 2), "\xff\xff|\xff");
}

static void
a_width_of_nothing_still_makes_progress(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_string_equal(lines_of(&arena, "漢字", 1), "漢|字");
}

static void
punctuation_does_not_begin_a_line(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_string_equal(lines_of(&arena, "漢字です。次", 8), "漢字で|す。次");
	// Unless nothing else is on the line.
	assert_string_equal(lines_of(&arena, "。。。", 2), "。|。|。");
}

static void
lines_break_at_blanks(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_string_equal(lines_of(&arena, "one two three", 7), "one two|three");
	assert_string_equal(lines_of(&arena, "one   two", 3), "one|two");
	assert_string_equal(lines_of(&arena, "exactly", 7), "exactly");
	assert_string_equal(lines_of(&arena, "", 7), "");
}

static void
line_ends_are_kept(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_string_equal(lines_of(&arena, "a\n\nb\n", 0), "a||b");
	assert_string_equal(lines_of(&arena, "abcde\nf", 5), "abcde|f");
}

static void
a_word_that_is_too_long_is_cut(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_string_equal(lines_of(&arena, "abcdefgh", 3), "abc|def|gh");
	assert_string_equal(lines_of(&arena, "x abcdefgh", 4), "x|abcd|efgh");
}

static void
wide_characters_count_two_and_may_be_parted(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_int_equal(text_width("漢字かな"), 8);
	assert_string_equal(lines_of(&arena, "漢字かな", 5), "漢字|かな");
}

static void
combining_characters_stay_with_their_letter(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_int_equal(text_width("e\xcc\x81"), 1);
	assert_int_equal(text_fit("e\xcc\x81x", 1), 3);
	assert_string_equal(lines_of(&arena,
				    "e\xcc\x81"
				    "e\xcc\x81",
				    1),
		"e\xcc\x81|e\xcc\x81");
}

static void
the_tail_of_a_long_input_is_shown(void **state)
{
	(void)state;

	assert_int_equal(text_tail("abcdef", 3), 3);
	assert_int_equal(text_tail("abc", 3), 0);
	assert_int_equal(text_tail("漢字", 3), strlen("漢"));
}

static void
padding_counts_columns_not_bytes(void **state)
{
	autoarena(arena, ARENA_SMALL);
	(void)state;

	assert_string_equal(text_pad(&arena, "漢", strlen("漢"), 4), "漢  ");
	assert_string_equal(text_pad(&arena, "long", 4, 2), "long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_bytes_count_one_column_each_and_end),
		cmocka_unit_test(a_width_of_nothing_still_makes_progress),
		cmocka_unit_test(punctuation_does_not_begin_a_line),
		cmocka_unit_test(lines_break_at_blanks),
		cmocka_unit_test(line_ends_are_kept),
		cmocka_unit_test(a_word_that_is_too_long_is_cut),
		cmocka_unit_test(wide_characters_count_two_and_may_be_parted),
		cmocka_unit_test(combining_characters_stay_with_their_letter),
		cmocka_unit_test(the_tail_of_a_long_input_is_shown),
		cmocka_unit_test(padding_counts_columns_not_bytes),
	};

	setlocale(LC_ALL, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
