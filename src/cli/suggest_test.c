// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/suggest.h"
#include <string.h>

static const char *
nearest(const char *word)
{
	static const char *const names[] = {
		"device", "group", "profile", "esp", "list", "show", "set", "delete", "import"};
	struct suggestion s = {.word = word};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		suggest_offer(&s, names[i], strlen(names[i]));
	return s.best ? s.best : "";
}

static void
what_is_far_from_everything_is_like_nothing(void **state)
{
	(void)state;
	assert_string_equal(nearest("aeroplane"), "");
	assert_string_equal(nearest(""), "");
	assert_string_equal(nearest("x"), "");
	assert_string_equal(nearest("tail"), "");
	char longest[4096];
	memset(longest, 'd', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_string_equal(nearest(longest), "");
}

static void
one_letter_more_less_other_or_swapped_is_the_same_word(void **state)
{
	(void)state;
	assert_string_equal(nearest("devices"), "device");
	assert_string_equal(nearest("devise"), "device");
	assert_string_equal(nearest("gorup"), "group");
	assert_string_equal(nearest("lst"), "list");
	assert_string_equal(nearest("delte"), "delete");
}

static void
a_beginning_is_enough(void **state)
{
	(void)state;
	assert_string_equal(nearest("prof"), "profile");
	assert_string_equal(nearest("imp"), "import");
}

static void
distances_are_damerau_s(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("", 0, "abc", 3), 3);
	assert_int_equal(suggest_distance("abc", 3, "abc", 3), 0);
	assert_int_equal(suggest_distance("abc", 3, "acb", 3), 1);
	assert_int_equal(suggest_distance("ca", 2, "abc", 3), 3);
	assert_int_equal(suggest_distance("kitten", 6, "sitting", 7), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_far_from_everything_is_like_nothing),
		cmocka_unit_test(one_letter_more_less_other_or_swapped_is_the_same_word),
		cmocka_unit_test(a_beginning_is_enough),
		cmocka_unit_test(distances_are_damerau_s),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
