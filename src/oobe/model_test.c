// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "oobe/model.h"
#include <cmocka.h>
#include <stdlib.h>

static bool
parse(struct arena *arena, const char *text, struct screen *out, struct error *e)
{
	return screen_parse(arena, slice_str(text), out, e);
}

static void
what_is_no_screen_is_refused(void **state)
{
	static const char *const bad[] = {"", "x", "[]", "{}", "\"screen\"", "{\"screen\":1}",
		"{\"screen\":\"\"}", "{\"screen\":\"esp\"} x",
		"{\"screen\":\"esp\",\"screen\":\"esp\"}",
		"{\"screen\":\"waiting\",\"text\":\"\xff\"}",
		"{\"screen\":\"a\",\"x\":[[[[[[[[[[1]]]]]]]]]]}"};
	(void)state;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct screen screen = {.elapsed = 42};
		assert_false(parse(&arena, bad[i], &screen, &e));
		assert_true(e.code == ERR_INVALID || e.code == ERR_LIMIT);
		assert_int_equal(screen.elapsed, 42);
	}
}

static void
a_line_longer_than_the_limit_is_refused(void **state)
{
	autoarena(arena, ARENA_REQUEST);
	struct error e = {0};
	struct screen screen;
	size_t size = SCREEN_LINE_MAX + 1;
	char *line = arena_alloc(&arena, size);
	(void)state;

	memset(line, ' ', size);
	memcpy(line, "{\"screen\":\"esp\"}", 16);
	assert_false(screen_parse(&arena, slice_of(line, size), &screen, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_true(screen_parse(&arena, slice_of(line, size - 1), &screen, &e));
}

static void
members_of_another_type_count_as_absent(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct screen screen;
	(void)state;

	assert_true(parse(&arena,
		"{\"screen\":\"failure\",\"organization\":{},\"user\":null,\"profile\":\"\","
		"\"actions\":7,"
		"\"code\":815,\"elapsedSeconds\":\"soon\",\"phases\":{},\"options\":[1,{},{\"id\":"
		"2}],"
		"\"interfaces\":[1],\"lines\":[1,null,{},\"\"]}",
		&screen, &e));
	assert_null(screen.organization);
	assert_null(screen.user);
	assert_null(screen.profile);
	assert_string_equal(screen.code, "815");
	assert_int_equal(screen.elapsed, -1);
	assert_int_equal(screen.actions.count, 0);
	assert_int_equal(screen.phase_count, 0);
	assert_int_equal(screen.choice_count, 0);
	assert_int_equal(screen.interface_count, 1);
	assert_null(screen.interfaces[0].label);
	assert_int_equal(screen.lines.count, 2);
}

static void
control_characters_and_direction_marks_never_arrive(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct screen screen;
	(void)state;

	assert_true(parse(&arena,
		"{\"screen\":\"welcome\",\"organization\":\"A\\u001b[2J\\nB\\u202eC\\u0085D\\tE\","
		"\"note\":\"one\\r\\ntwo\\u0007\"}",
		&screen, &e));
	assert_string_equal(screen.organization, "A[2J BCD E");
	assert_string_equal(screen.note, "one\ntwo");
}

static void
an_unknown_screen_keeps_its_name_and_text(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct screen screen;
	(void)state;

	assert_true(parse(&arena, "{\"screen\":\"party\",\"text\":\"Hello\"}", &screen, &e));
	assert_int_equal(screen.kind, SCREEN_UNKNOWN);
	assert_string_equal(screen.name, "party");
	assert_string_equal(screen.text, "Hello");
}

static void
the_selected_option_is_found(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct screen screen;
	(void)state;

	assert_true(parse(&arena,
		"{\"screen\":\"language\",\"options\":[{\"id\":\"de-DE\",\"label\":\"Deutsch\"},"
		"{\"id\":\"en-US\"}],\"selected\":\"en-US\"}",
		&screen, &e));
	assert_int_equal(screen.choice_count, 2);
	assert_int_equal(screen.selected, 1);
	assert_string_equal(screen.choices[0].label, "Deutsch");
	assert_string_equal(screen.choices[1].label, "en-US");
}

static void
the_menu_has_its_two_answers_by_itself(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct screen screen;
	(void)state;

	assert_true(parse(&arena, "{\"screen\":\"menu\"}", &screen, &e));
	assert_int_equal(screen.choice_count, 2);
	assert_string_equal(screen.choices[0].id, "provision");
	assert_string_equal(screen.choices[1].id, "back");
}

static void
phases_rows_and_counts_are_read(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct screen screen;
	(void)state;

	assert_true(parse(&arena,
		"{\"screen\":\"esp\",\"flow\":\"technician\",\"phases\":[{\"name\":\"Device "
		"setup\","
		"\"state\":\"working\",\"rows\":[{\"name\":\"Apps\",\"state\":\"working\",\"done\":"
		"2,"
		"\"total\":7},{\"name\":\"Certificates\",\"state\":\"error\",\"detail\":\"no CA\"},"
		"{\"name\":\"New\",\"state\":\"invented\"}]}],\"elapsedSeconds\":17}",
		&screen, &e));
	assert_int_equal(screen.phase_count, 1);
	const struct phase *phase = &screen.phases[0];
	assert_int_equal(phase->state, PHASE_WORKING);
	assert_int_equal(phase->row_count, 3);
	assert_int_equal(phase->rows[0].state, ROW_WORKING);
	assert_int_equal(phase->rows[0].done, 2);
	assert_int_equal(phase->rows[0].total, 7);
	assert_int_equal(phase->rows[1].state, ROW_ERROR);
	assert_string_equal(phase->rows[1].detail, "no CA");
	assert_int_equal(phase->rows[2].state, ROW_WAITING);
	assert_int_equal(screen.elapsed, 17);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_screen_is_refused),
		cmocka_unit_test(a_line_longer_than_the_limit_is_refused),
		cmocka_unit_test(members_of_another_type_count_as_absent),
		cmocka_unit_test(control_characters_and_direction_marks_never_arrive),
		cmocka_unit_test(an_unknown_screen_keeps_its_name_and_text),
		cmocka_unit_test(the_selected_option_is_found),
		cmocka_unit_test(the_menu_has_its_two_answers_by_itself),
		cmocka_unit_test(phases_rows_and_counts_are_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
