// SPDX-License-Identifier: Apache-2.0
// What may be done to which device, and what it is sent for it (behaviour A1 to A13).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/device_action.h"
#include "domain/fault.h"

static void
what_a_linux_device_cannot_do_is_refused_by_name(void **state)
{
	(void)state;
	static const char *const names[] = {"resetPasscode", "locateDevice", "windowsDefenderScan",
		"windowsDefenderUpdateSignatures", "rotateBitLockerKeys",
		"rotateLocalAdminPassword"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		enum device_action action;
		struct error e = {0};
		assert_true(device_action_find(names[i], &action));
		assert_false(device_action_check(action, "directory", NULL, &e));
		assert_int_equal(e.code, ERR_UNSUPPORTED);
		assert_non_null(fault_find(e.fault));
		assert_true(*e.hint);
	}
}

static void
a_hybrid_device_is_neither_reset_nor_renamed(void **state)
{
	(void)state;
	struct error e = {0};

	assert_false(device_action_check(DEVICE_ACTION_AUTOPILOT_RESET, "hybrid", NULL, &e));
	assert_string_equal(e.fault, "reset_hybrid");
	assert_non_null(strstr(e.hint, "wipe"));
	assert_false(device_action_check(DEVICE_ACTION_RENAME, "hybrid", "PC-1", &e));
	assert_string_equal(e.fault, "rename_hybrid");
	assert_true(device_action_check(DEVICE_ACTION_AUTOPILOT_RESET, "directory", NULL, &e));
	assert_true(device_action_check(DEVICE_ACTION_WIPE, "hybrid", NULL, &e));
}

static void
a_new_name_must_be_one(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "12345", "has space", "a-name-of-16-chr", "x_y"};
	struct error e = {0};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(device_action_check(DEVICE_ACTION_RENAME, "directory", bad[i], &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_string_equal(e.fault, "device_name_invalid");
	}
	assert_false(device_action_check(DEVICE_ACTION_RENAME, "directory", NULL, &e));
	assert_true(device_action_check(DEVICE_ACTION_RENAME, "directory", "DESK-7", &e));
}

static void
the_options_of_a_wipe_say_which_one_it_is(void **state)
{
	(void)state;
	static const struct {
		struct wipe_options options;
		enum device_action action;
	} cases[] = {
		{{0}, DEVICE_ACTION_WIPE},
		{{.protect = true}, DEVICE_ACTION_WIPE_PROTECTED},
		{{.keep_enrollment = true}, DEVICE_ACTION_AUTOPILOT_RESET},
		{{.keep_user_data = true}, DEVICE_ACTION_WIPE_KEEP_USER_DATA},
		{{.keep_enrollment = true, .keep_user_data = true},
			DEVICE_ACTION_WIPE_KEEP_USER_DATA},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(device_action_wipe(&cases[i].options), cases[i].action);
}

static void
every_action_has_a_name_of_its_own_and_a_node_or_a_reason(void **state)
{
	(void)state;
	for (enum device_action a = 0; a < DEVICE_ACTION_COUNT; a++) {
		const struct device_action_row *row = device_action_row(a);
		enum device_action found;
		assert_true(device_action_find(row->name, &found));
		assert_int_equal(found, a);
		assert_true(row->node || row->fault || a == DEVICE_ACTION_SYNC);
		assert_true(!row->fault || fault_find(row->fault));
		assert_true(!row->hybrid_fault || fault_find(row->hybrid_fault));
		if (row->node)
			assert_true(str_starts(row->node, "./Device/Vendor/"));
	}
	enum device_action none;
	assert_false(device_action_find("explode", &none));
	assert_false(device_action_find(NULL, &none));
}

static void
what_loses_something_counts_for_the_second_person(void **state)
{
	(void)state;
	assert_true(device_action_destroys(DEVICE_ACTION_WIPE));
	assert_true(device_action_destroys(DEVICE_ACTION_RETIRE));
	assert_true(device_action_destroys(DEVICE_ACTION_DELETE));
	assert_true(device_action_destroys(DEVICE_ACTION_AUTOPILOT_RESET));
	assert_true(device_action_destroys(DEVICE_ACTION_FRESH_START_KEEP_USER_DATA));
	assert_false(device_action_destroys(DEVICE_ACTION_SYNC));
	assert_false(device_action_destroys(DEVICE_ACTION_RENAME));
	assert_false(device_action_destroys(DEVICE_ACTION_RESTART));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_linux_device_cannot_do_is_refused_by_name),
		cmocka_unit_test(a_hybrid_device_is_neither_reset_nor_renamed),
		cmocka_unit_test(a_new_name_must_be_one),
		cmocka_unit_test(the_options_of_a_wipe_say_which_one_it_is),
		cmocka_unit_test(every_action_has_a_name_of_its_own_and_a_node_or_a_reason),
		cmocka_unit_test(what_loses_something_counts_for_the_second_person),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
