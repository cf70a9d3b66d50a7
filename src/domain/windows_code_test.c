// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/windows_code.h"

static struct arena arena = {.cap = ARENA_REQUEST};

// A name that went would be passed over in silence.
static void
every_name_of_the_table_is_in_the_catalogue(void **state)
{
	(void)state;
	for (int i = 0; i < windows_code_count; i++) {
		const struct windows_code *code = &windows_codes[i];
		for (const char *at = code->also; *at; at += strspn(at, " ")) {
			size_t len = strcspn(at, " ");
			if (!fault_find(arena_strndup(&arena, at, len)))
				fail_msg("%s: there is no %.*s", code->code, (int)len, at);
			at += len;
		}
		assert_true(*code->meaning);
	}
}

static void
every_code_of_the_catalogue_is_in_the_table_and_every_entry_says_something(void **state)
{
	(void)state;
	const struct fault **faults;

	for (int i = 0; i < fault_count; i++)
		if (fault_catalogue[i].code && !windows_code_find(fault_catalogue[i].code))
			fail_msg("%s: %s is not in windows_code.def", fault_catalogue[i].name,
				fault_catalogue[i].code);
	for (int i = 0; i < windows_code_count; i++)
		if (windows_code_faults(&arena, &windows_codes[i], &faults) == 0 &&
			str_empty(windows_codes[i].note))
			fail_msg(
				"%s: neither a cause nor why there is none", windows_codes[i].code);
}

// behaviour.md section 15, the guide's known issues, section 16
static void
the_codes_of_the_reference_are_known(void **state)
{
	(void)state;
	static const char *const codes[] = {"0x800705B4", "0x801C03EA", "0x801C03F3", "0x801C0003",
		"0x80180005", "0x80180014", "0x80180018", "0x80180022", "0x80180026", "0x8018002B",
		"0x8018000A", "0x8007064C", "0xC1036501", "0x80070774", "0x80004005", "0x80070032",
		"0x80070490", "0x81039001", "0x81039023", "0x81039024", "0x800706FD", "0x8007202F",
		"806", "808", "807", "809", "815", "908", "NotComputed", "OOBEIDPS", "DNS",
		"Connector", "Pre-staged", "VPN", "Clock", "Q1", "Q5", "Q6", "Q7", "Q8", "Q10",
		"Q11", "Q12"};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (!windows_code_find(codes[i]))
			fail_msg("%s", codes[i]);
}

static void
a_code_is_found_as_people_type_it(void **state)
{
	(void)state;
	const struct fault **faults;

	assert_string_equal(windows_code_find("80180014")->code, "0x80180014");
	assert_string_equal(windows_code_find("0X80180014")->code, "0x80180014");
	assert_string_equal(windows_code_find("notcomputed")->code, "NotComputed");
	assert_null(windows_code_find("0x12345678"));
	assert_null(windows_code_find(""));
	assert_null(windows_code_find(NULL));
	// First those whose code it is.
	assert_true(windows_code_faults(&arena, windows_code_find("0x80180014"), &faults) >= 3);
	assert_string_equal(faults[0]->name, "reuse_blocked");
	assert_int_equal(windows_code_faults(&arena, windows_code_find("Clock"), &faults), 1);
	assert_string_equal(faults[0]->name, "clock_skew");
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_of_the_table_is_in_the_catalogue),
		cmocka_unit_test(
			every_code_of_the_catalogue_is_in_the_table_and_every_entry_says_something),
		cmocka_unit_test(the_codes_of_the_reference_are_known),
		cmocka_unit_test(a_code_is_found_as_people_type_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, finish);
}
