// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/naming.h"

static const unsigned char digits[NAME_RANDOM_DIGITS] = {
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 252, 253, 255};

static void
templates_that_cannot_name_a_computer_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "empty"},
		{"%", "unknown macro"},
		{"%%", "unknown macro"},
		{"PC-%serial%", "unknown macro"},
		{"PC-%SERIAL", "unknown macro"},
		{"PC-%USERNAME%", "unknown macro"},
		{"%s%s%s%n", "unknown macro"},
		{"%RAND:%", "1 to 14"},
		{"%RAND:0%", "1 to 14"},
		{"%RAND:15%", "1 to 14"},
		{"%RAND:-1%", "1 to 14"},
		{"%RAND:4294967297%", "1 to 14"},
		{"%RAND:99999999999999999999999999%", "1 to 14"},
		{"%RAND:1", "1 to 14"},
		{"%RAND:1 %", "1 to 14"},
		{"PC 1", "may not occur"},
		{"PC_%RAND:3%", "may not occur"},
		{"PC.%SERIAL%", "may not occur"},
		{"PC\n%SERIAL%", "may not occur"},
		{"..\\%SERIAL%", "may not occur"},
		{"PC,OU=X%SERIAL%", "may not occur"},
		{"GER\xc3\x84T%SERIAL%", "may not occur"},
		{"ABCDEFGHIJ%RAND:6%", "16 characters"},
		{"%RAND:8%%RAND:8%", "16 characters"},
		{"ABCDEFGHIJKLMNOP", "16 characters"},
		{"12345", "all digits"},
		{"-PC", "hyphen"},
		{"PC-", "hyphen"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error e = {0};
		if (naming_check(cases[i].text, &e))
			fail_msg("\"%s\" was accepted", cases[i].text);
		assert_int_equal(e.code, ERR_INVALID);
		if (!strstr(e.message, cases[i].says))
			fail_msg("\"%s\": %s", cases[i].text, e.message);
	}
}

static void
a_result_that_is_no_computer_name_is_refused_and_gives_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *text, *serial;
	} cases[] = {
		{"%SERIAL%", ""},
		{"%SERIAL%", "+++ //"},
		{"%SERIAL%", "123456"},
		{"%RAND:5%", "x"},
		{"%SERIAL%%RAND:4%", "77"},
		{"-%SERIAL%", "A"},
		{"%SERIAL%-", "A"},
		{"PC-%SERIAL%", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		char untouched[] = "untouched", *out = untouched;
		if (naming_expand(&arena, cases[i].text, cases[i].serial, digits, &out, &e))
			fail_msg("\"%s\" became %s", cases[i].text, out);
		assert_int_equal(e.code, ERR_INVALID);
		assert_ptr_equal(out, untouched);
	}
}

static void
templates_expand_as_the_portal_says(void **state)
{
	(void)state;
	static const struct {
		const char *text, *serial, *name;
	} cases[] = {
		{"PC-%SERIAL%", "CN-0001", "PC-CN-0001"},
		{"%SERIAL%", "5CG1234ABC", "5CG1234ABC"},
		// P21: the whole serial number, cut so that 15 characters remain.
		{"LONGNAME-%SERIAL%", "ABCDEFGHIJ", "LONGNAME-ABCDEF"},
		{"%SERIAL%", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABCDEFGHIJKLMNO"},
		{"%SERIAL%-END", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ABCDEFGHIJK-END"},
		{"PC%SERIAL%%SERIAL%", "AB", "PCAB"},
		{"PC-%SERIAL%", "VMware-56 4d\t/1\n", "PC-VMware-564d1"},
		{"PC-%SERIAL%",
			"\xc3\xa4"
			"A1",
			"PC-A1"},
		// P22: digits only.
		{"PC-%RAND:4%", "x", "PC-0123"},
		{"P%RAND:14%", "x", "P01234567890123"},
		{"A%RAND:3%-%RAND:3%", "x", "A012-345"},
		{"FIXED-NAME", "x", "FIXED-NAME"},
		{"%RAND:2%%SERIAL%", "ABCDEFGHIJKLMNOPQ", "01ABCDEFGHIJKLM"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		char *out = NULL;
		if (!naming_expand(&arena, cases[i].text, cases[i].serial, digits, &out, &e))
			fail_msg("%s: %s", cases[i].text, e.message);
		assert_string_equal(out, cases[i].name);
		assert_true(naming_valid(out, &e));
	}
}

// Whatever a template and a serial number say: a name that is given is a valid one.
static void
every_name_that_is_given_is_valid(void **state)
{
	(void)state;
	static const char *const pieces[] = {"%SERIAL%", "%RAND:1%", "%RAND:7%", "-", "A", "9", "%",
		"%RAND:", "\xff", "AAAAAAA"};
	static const char *const serials[] = {
		"", "-", "1", "A-B-C-D-E-F-G-H-I", "\x80\xff%n", "   "};
	enum { N = sizeof pieces / sizeof *pieces };
	struct error e;

	for (size_t n = 0; n < N * N * N; n++)
		for (size_t s = 0; s < sizeof serials / sizeof *serials; s++) {
			autoarena(arena, ARENA_SMALL);
			char *out = NULL,
			     *text = arena_printf(&arena, "%s%s%s", pieces[n % N],
				     pieces[n / N % N], pieces[n / N / N]);
			if (naming_expand(&arena, text, serials[s], digits, &out, &e))
				assert_true(naming_valid(out, &e));
		}
}

static void
only_a_template_with_a_random_part_can_be_tried_again(void **state)
{
	(void)state;
	assert_true(naming_is_random("PC-%RAND:3%"));
	assert_false(naming_is_random("PC-%SERIAL%"));
	assert_false(naming_is_random("PC"));
}

static struct arena shared = {.cap = ARENA_REQUEST};

static const char *
found(const char *text, uint64_t devices, size_t serial_length)
{
	struct findings out = {.arena = &shared};

	naming_findings(text, devices, serial_length, &out);
	return out.count ? arena_printf(&shared, "%s %s", severity_name(out.items[0].severity),
				   out.items[0].fault)
			 : "";
}

// P20, P21
static void
a_template_that_does_not_suit_the_fleet_is_noticed(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t devices;
		size_t serial_length;
		const char *says;
	} cases[] = {
		{"12345", 1, 0, "blocking name_template_invalid"},
		{"PC", 2, 0, "blocking name_space_exhausted"},
		{"PC", 1, 0, ""},
		{"PC-%RAND:2%", 101, 0, "blocking name_space_exhausted"},
		{"PC-%RAND:2%", 50, 0, "warning name_space_exhausted"},
		{"PC-%RAND:2%", 49, 0, ""},
		{"PC-%ALNUM:2%", 512, 0, "warning name_space_exhausted"},
		{"PC-%ALNUM:2%", 511, 0, ""},
		{"ABCDEFGHIJKLMNO%SERIAL%", 1, 8, "blocking name_serial_cut"},
		{"PC-%SERIAL%", 1, 13, "warning name_serial_cut"},
		{"PC-%SERIAL%", 1000000, 12, ""},
		{"%SERIAL%-%RAND:1%", 1000000, 13, ""},
		{"%RAND:14%A", UINT64_MAX, 0, "blocking name_space_exhausted"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!str_eq(found(cases[i].text, cases[i].devices, cases[i].serial_length),
			    cases[i].says))
			fail_msg("%s for %llu: %s", cases[i].text,
				(unsigned long long)cases[i].devices,
				found(cases[i].text, cases[i].devices, cases[i].serial_length));
}

// C2
static void
letters_and_digits_are_an_option(void **state)
{
	(void)state;
	struct error e;
	char *out;

	assert_false(naming_check("PC-%ALNUM:0%", &e));
	assert_false(naming_check("PC-%ALNUM:5", &e));
	assert_true(naming_expand(&shared, "PC-%ALNUM:8%", "", digits, &out, &e));
	assert_string_equal(out, "PC-23456789");
	assert_true(naming_is_random("%ALNUM:8%"));
	struct naming_space space;
	naming_space("PC-%ALNUM:3%%SERIAL%", &space);
	assert_int_equal(space.names, 32768);
	assert_true(space.serial && space.random);
	assert_int_equal(space.serial_room, 9);
	assert_int_equal(naming_serial_length("5CG 123_45-X"), 10);
}

static int
teardown(void **state)
{
	(void)state;
	arena_finish(&shared);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_that_cannot_name_a_computer_are_refused),
		cmocka_unit_test(a_result_that_is_no_computer_name_is_refused_and_gives_nothing),
		cmocka_unit_test(templates_expand_as_the_portal_says),
		cmocka_unit_test(every_name_that_is_given_is_valid),
		cmocka_unit_test(only_a_template_with_a_random_part_can_be_tried_again),
		cmocka_unit_test(a_template_that_does_not_suit_the_fleet_is_noticed),
		cmocka_unit_test(letters_and_digits_are_an_option),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
