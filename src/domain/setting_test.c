// SPDX-License-Identifier: Apache-2.0
#include "domain/setting.h"

#include "base/str.h"
#include "domain/fault.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LOCK "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"

static const struct setting five = {"1", "Five", LOCK, "int", "5"};
static const struct setting ten = {"2", "Ten", LOCK, "int", "10"};
static const struct setting five_again = {"3", "Five again", LOCK, "int", "5"};
static const struct setting short_name = {"4", "Short",
	"./Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock", "int", "7"};
static const struct setting text = {"5", "Text", LOCK, "chr", "5"};
static const struct setting of_user = {"6", "User",
	"./User/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock", "int", "9"};

static const char *
loses_to(struct setting older, struct setting newer)
{
	struct setting list[] = {older, newer};
	const struct setting *winner = setting_winner(list, 2, 1);

	assert_null(setting_winner(list, 2, 0));
	return winner ? winner->name : NULL;
}

static void
the_oldest_of_two_values_for_a_node_counts(void **state)
{
	(void)state;
	assert_string_equal(loses_to(five, ten), "Five");
	assert_string_equal(loses_to(ten, five), "Ten");
}

static void
both_spellings_of_a_device_node_are_one(void **state)
{
	(void)state;
	assert_string_equal(loses_to(five, short_name), "Five");
	assert_string_equal(loses_to(short_name, five), "Short");
}

static void
the_same_text_in_another_format_is_another_value(void **state)
{
	(void)state;
	assert_string_equal(loses_to(five, text), "Five");
}

static void
the_same_value_twice_or_another_node_is_no_conflict(void **state)
{
	(void)state;
	assert_null(loses_to(five, five_again));
	assert_null(loses_to(five, of_user));
}

static void
of_three_the_oldest_counts_for_both_others(void **state)
{
	const struct setting list[] = {five, ten, five_again, short_name};

	(void)state;
	assert_null(setting_winner(list, 4, 0));
	assert_string_equal(setting_winner(list, 4, 1)->name, "Five");
	assert_null(setting_winner(list, 4, 2));
	assert_string_equal(setting_winner(list, 4, 3)->name, "Five");
}

static void
the_sentence_names_both_the_node_and_who_counts(void **state)
{
	autoarena(arena, ARENA_SMALL);

	(void)state;
	assert_string_equal(setting_conflict(&arena, &five, &ten),
		"\"Five\" and \"Ten\" set " LOCK
		" to different values; \"Five\" is older and counts");
	assert_non_null(fault_find("policy_conflict"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_of_two_values_for_a_node_counts),
		cmocka_unit_test(both_spellings_of_a_device_node_are_one),
		cmocka_unit_test(the_same_text_in_another_format_is_another_value),
		cmocka_unit_test(the_same_value_twice_or_another_node_is_no_conflict),
		cmocka_unit_test(of_three_the_oldest_counts_for_both_others),
		cmocka_unit_test(the_sentence_names_both_the_node_and_who_counts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
