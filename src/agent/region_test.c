// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/region.h"
#include "base/str.h"

static void
a_tag_that_names_no_country_gives_none(void **state)
{
	(void)state;
	assert_null(region_of_language(NULL));
	assert_null(region_of_language(""));
	assert_null(region_of_language("sr-Latn"));
	assert_null(region_of_language("de-de"));
	assert_null(region_of_language("de-"));
	assert_null(region_of_language("tlh"));
}

static void
a_language_has_a_country_and_a_layout(void **state) // P13, P14
{
	(void)state;
	assert_string_equal(region_of_language("de-AT"), "AT");
	assert_string_equal(region_of_language("sr-Latn-RS"), "RS");
	assert_string_equal(region_of_language("ja"), "JP");
	assert_string_equal(region_keyboard_of_language("de-AT"), "de");
	assert_string_equal(region_keyboard_of_language("de-CH"), "ch");
	assert_string_equal(region_keyboard_of_language("ja-JP"), "jp");
	assert_string_equal(region_keyboard_of_language("sv-SE"), "us");
	assert_string_equal(region_keyboard_of_language(NULL), "us");
}

static void
only_what_is_offered_can_be_chosen(void **state)
{
	(void)state;
	assert_true(region_offers(region_countries, "JP"));
	assert_false(region_offers(region_countries, "jp"));
	assert_false(region_offers(region_keyboards, "de\"; x"));
	assert_false(region_offers(region_keyboards, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tag_that_names_no_country_gives_none),
		cmocka_unit_test(a_language_has_a_country_and_a_layout),
		cmocka_unit_test(only_what_is_offered_can_be_chosen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
