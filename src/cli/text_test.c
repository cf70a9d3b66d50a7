// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/text.h"
#include <locale.h>

static struct arena arena;

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_SMALL);
	return 0;
}

// --- refusals ---

static void
what_a_terminal_obeys_is_taken_away(void **state)
{
	(void)state;
	assert_string_equal(text_clean(&arena, "a\033[31mb"), "a [31mb");
	assert_string_equal(text_clean(&arena, "a\nb\tc\rd\x7f"), "a b c d ");
	// C1: U+009B is CSI in eight bits.
	assert_string_equal(text_clean(&arena,
				    "a\xc2\x9b"
				    "31mb"),
		"a 31mb");
	// The order of writing: RLO and its like (Unicode TR 36).
	assert_string_equal(text_clean(&arena,
				    "gnp\xe2\x80\xae"
				    "exe"),
		"gnp exe");
	assert_string_equal(text_clean(&arena, "\xe2\x81\xa6x\xe2\x80\xa8y"), " x y");
	assert_string_equal(text_clean(&arena, NULL), "");
}

static void
bytes_that_are_no_utf8_become_question_marks(void **state)
{
	(void)state;
	assert_string_equal(text_clean(&arena, "a\xff\xc3"), "a??");
	assert_int_equal(text_width("a\xff\xc3"), 3);
}

static void
what_is_no_time_is_not_told_as_one(void **state)
{
	(void)state;
	assert_null(text_relative(&arena, "", 0));
	assert_null(text_relative(&arena, "2026", 0));
	assert_null(text_relative(&arena, "2026-11-21 a group's name", 0));
	assert_null(text_relative(&arena, "2026-13-41T00:00:00Z and more", 0));
}

// --- what it does ---

static void
letters_of_the_world_are_kept(void **state)
{
	(void)state;
	assert_string_equal(
		text_clean(&arena, "Zürich 東京 \xf0\x9f\x9a\xa2"), "Zürich 東京 \xf0\x9f\x9a\xa2");
}

static void
wide_characters_take_two_columns_and_combining_ones_none(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("Zürich"), 6);
	assert_int_equal(text_width("東京"), 4);
	assert_int_equal(text_width("e\xcc\x81"), 1);
}

static void
what_does_not_fit_ends_with_an_ellipsis(void **state)
{
	(void)state;
	assert_string_equal(text_fit(&arena, "short", 5), "short");
	assert_string_equal(text_fit(&arena, "longer", 5), "long…");
	assert_string_equal(text_fit(&arena, "東京都", 5), "東京…");
	// Half a wide character is none.
	assert_string_equal(text_fit(&arena, "東京都", 4), "東…");
	assert_string_equal(text_fit(&arena, "東京", 1), "…");
}

static void
times_are_told_from_now(void **state)
{
	const int64_t now = 1795257000LL * US_PER_S; // 2026-11-21T10:30:00Z

	(void)state;
	assert_string_equal(text_relative(&arena, "2026-11-21T10:29:30Z", now), "30 s ago");
	assert_string_equal(text_relative(&arena, "2026-11-21T10:00:00.5Z", now), "29 min ago");
	assert_string_equal(text_relative(&arena, "2026-11-20T10:30:00Z", now), "24 h ago");
	assert_string_equal(text_relative(&arena, "2026-11-11T10:30:00Z", now), "10 d ago");
	assert_string_equal(text_relative(&arena, "2026-01-02T10:30:00Z", now), "2026-01-02");
	assert_string_equal(text_relative(&arena, "2026-11-21T12:30:00Z", now), "in 2 h");
}

// The lines with | between them.
static const char *
wrapped(const char *text, int width)
{
	const char *out = "";

	while (*text) {
		struct slice line = text_line(&text, width);
		out = arena_printf(&arena, "%s%s%.*s", out, *out ? "|" : "", (int)line.len,
			(const char *)line.data);
	}
	return out;
}

static void
lines_end_at_blanks_and_no_word_is_lost(void **state)
{
	(void)state;
	assert_string_equal(wrapped("one two three", 20), "one two three");
	assert_string_equal(wrapped("one two three", 7), "one two|three");
	assert_string_equal(wrapped("one two three", 6), "one|two|three");
	assert_string_equal(wrapped("one  two", 3), "one|two");
	assert_string_equal(wrapped("abcdefgh ij", 3), "abc|def|gh|ij");
	assert_string_equal(wrapped("漢字漢字", 5), "漢字|漢字");
	assert_string_equal(wrapped("漢", 1), "漢");
	assert_string_equal(wrapped("", 5), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_a_terminal_obeys_is_taken_away, reset),
		cmocka_unit_test_setup(bytes_that_are_no_utf8_become_question_marks, reset),
		cmocka_unit_test_setup(what_is_no_time_is_not_told_as_one, reset),
		cmocka_unit_test_setup(letters_of_the_world_are_kept, reset),
		cmocka_unit_test_setup(
			wide_characters_take_two_columns_and_combining_ones_none, reset),
		cmocka_unit_test_setup(what_does_not_fit_ends_with_an_ellipsis, reset),
		cmocka_unit_test_setup(times_are_told_from_now, reset),
		cmocka_unit_test_setup(lines_end_at_blanks_and_no_word_is_lost, reset),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
