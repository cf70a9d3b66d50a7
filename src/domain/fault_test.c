// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/fault.h"

static void
no_name_stands_for_two_causes(void **state)
{
	(void)state;
	for (int i = 0; i < fault_count; i++) {
		for (int k = i + 1; k < fault_count; k++)
			assert_string_not_equal(fault_catalogue[i].name, fault_catalogue[k].name);
		assert_ptr_equal(fault_find(fault_catalogue[i].name), &fault_catalogue[i]);
	}
}

static void
every_cause_tells_people_what_to_do(void **state)
{
	(void)state;
	for (int i = 0; i < fault_count; i++) {
		const struct fault *f = &fault_catalogue[i];
		if (str_empty(f->title) || str_ends(f->title, "."))
			fail_msg("%s: the title is missing or a sentence", f->name);
		if (!str_ends(f->cause, ".") || !str_ends(f->fix, "."))
			fail_msg("%s: cause and fix must be sentences", f->name);
		assert_non_null(fault_who_name(f->who));
	}
}

// behaviour.md section 15: an HRESULT or one of the three-digit numbers.
static bool
is_autopilot_code(const char *code)
{
	size_t digits = strlen(code);

	if (str_starts(code, "0x"))
		return digits == 10 && strspn(code + 2, "0123456789ABCDEF") == 8;
	return digits == 3 && strspn(code, "0123456789") == 3;
}

static void
codes_have_the_form_that_autopilot_shows(void **state)
{
	(void)state;
	for (int i = 0; i < fault_count; i++)
		if (fault_catalogue[i].code && !is_autopilot_code(fault_catalogue[i].code))
			fail_msg("%s: %s", fault_catalogue[i].name, fault_catalogue[i].code);
}

// The codes that administrators search the web for.
static void
well_known_codes_keep_their_meaning(void **state)
{
	(void)state;
	static const struct {
		const char *name, *code;
	} known[] = {{"device_not_registered", "807"}, {"hardware_mismatch", "908"},
		{"profile_missing", "815"}, {"ztd_already_assigned", "806"},
		{"ztd_assigned_to_other_tenant", "808"}, {"ztd_hash_invalid", "802"},
		{"preprovisioning_not_allowed", "0x80180005"}, {"reuse_blocked", "0x80180014"}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		assert_non_null(fault_find(known[i].name));
		assert_string_equal(fault_find(known[i].name)->code, known[i].code);
	}
}

static void
an_error_without_a_named_cause_gets_the_general_one(void **state)
{
	(void)state;
	struct error e;

	assert_null(fault_find(NULL));
	assert_null(fault_find(""));
	assert_null(fault_find("Device_Not_Registered"));
	error_set(&e, ERR_IO, "something");
	assert_string_equal(fault_of(&e, "disk_error")->name, "disk_error");
	error_fault(&e, ERR_IO, "no_such_name", "something");
	assert_string_equal(fault_of(&e, "disk_error")->name, "disk_error");
	error_fault(&e, ERR_IO, "profile_missing", "something");
	assert_string_equal(fault_of(&e, "disk_error")->name, "profile_missing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_name_stands_for_two_causes),
		cmocka_unit_test(every_cause_tells_people_what_to_do),
		cmocka_unit_test(codes_have_the_form_that_autopilot_shows),
		cmocka_unit_test(well_known_codes_keep_their_meaning),
		cmocka_unit_test(an_error_without_a_named_cause_gets_the_general_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
