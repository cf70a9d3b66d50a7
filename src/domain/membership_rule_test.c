// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/membership_rule.h"

#define GUID_A "0b5e9f1c-7b4c-4a4e-9d6f-0c2b6d8d1a01"
#define GUID_B "ffffffff-7b4c-4a4e-9d6f-0c2b6d8d1a02"

struct mistake {
	const char *text;
	size_t column, length; // length 0: not looked at
	const char *says, *fix;
};

static void
check_mistakes(const struct mistake *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct mistake *m = &cases[i];
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct rule_place at;
		if (rule_compile_at(&arena, m->text, &at, &e))
			fail_msg("%s: accepted", m->text);
		char *where = arena_printf(&arena, "membership rule, column %zu: ", m->column);
		if (e.code != ERR_INVALID || !str_starts(e.message, where) ||
			!strstr(e.message, m->says) || !strstr(e.hint, m->fix))
			fail_msg("%s: %s (%s), expected %s%s (%s)", m->text, e.message, e.hint,
				where, m->says, m->fix);
		if (at.column != m->column || (m->length && at.length != m->length))
			fail_msg("%s: place %zu+%zu", m->text, at.column, at.length);
	}
}

#define CHECK_MISTAKES(cases) check_mistakes(cases, sizeof(cases) / sizeof *(cases))

static void
mistakes_of_form_are_named_with_their_column(void **state)
{
	(void)state;
	static const struct mistake cases[] = {
		{"", 1, 0, "a condition is expected", "Write for instance"},
		{"   ", 4, 0, "a condition is expected", ""},
		{"()", 2, 1, "a condition is expected", ""},
		{"device.displayName", 19, 0, "a comparison such as -eq", "-startsWith"},
		{"device.displayName -eq", 23, 0, "a text in double quotes or null", "\"value\""},
		{"device.displayName -eq PC", 24, 2, "a text in double quotes or null", ""},
		{"device.displayName -eq \"PC", 24, 3, "no closing quote", "with \""},
		{"device.displayName -eq 'PC", 24, 3, "no closing quote", "with '"},
		{"device.displayName -eq `\"PC\"", 24, 5, "no closing quote", ""},
		{"device.displayName -eq \"PC`\"", 24, 5, "no closing quote", ""},
		{"(device.deviceModel -eq \"x\"", 28, 0, ") is expected", "column 1 "},
		{"device.deviceModel -eq \"x\")", 27, 1, "-and, -or or the end", "no ( for this )"},
		{"device.deviceModel -eq \"x\" device.deviceModel", 28, 18, "-and, -or or the end",
			"between two conditions"},
		{"device.deviceModel -eq \"x\" -and", 32, 0, "a condition is expected", ""},
		{"-and device.deviceModel -eq \"x\"", 1, 4, "a condition is expected", ""},
		{"device.deviceModel -eq \"x\" -or -or", 32, 3, "a condition is expected", ""},
		{"\"x\" -eq device.deviceModel", 1, 3, "a condition is expected, not a text",
			"property stands first"},
		{"_ -eq \"x\"", 1, 1, "_ is only known inside", "-any (_ -eq"},
		{"device.deviceModel = \"x\"", 20, 1, "unexpected character", "write -eq"},
		{"!(device.deviceModel -eq \"x\")", 1, 1, "unexpected character", "write -not"},
		{"device.deviceModel -eq \xe2\x80\x9cx\xe2\x80\x9d", 24, 1, "unexpected character",
			"typographic quote"},
		{"device.deviceModel\xc2\xa0-eq \"x\"", 19, 1, "unexpected character", "no-break"},
		{"device.deviceModel \xe2\x80\x94"
		 "eq \"x\"",
			20, 1, "unexpected character", "long dash"},
		// Columns count characters.
		{"device.deviceModel -eq \"\xc3\xa4\xe2\x82\xac\" x", 29, 1, "-and, -or or the end",
			""},
		{"device.deviceModel -eq \"\xff\"", 25, 1, "not UTF-8", ""},
		{"device.deviceModel -eq \"\xc0\x80\"", 25, 1, "not UTF-8", ""},
	};

	CHECK_MISTAKES(cases);
}

static void
unknown_names_are_answered_with_what_was_probably_meant(void **state)
{
	(void)state;
	static const struct mistake cases[] = {
		// G7: property names are case-sensitive
		{"device.displayname -eq \"x\"", 1, 18, "is no property of a device",
			"Did you mean device.displayName?"},
		{"Device.displayName -eq \"x\"", 1, 18, "is no property of a device",
			"Did you mean device.displayName?"},
		{"device.deviceModl -eq \"x\"", 1, 17, "is no property of a device",
			"Did you mean device.deviceModel?"},
		{"deviceModel -eq \"x\"", 1, 11, "a property such as", "device.deviceModel?"},
		{"department -eq \"x\"", 1, 10, "a property such as", "user.department?"},
		{"device.department -eq \"x\"", 1, 17, "is no property of a device",
			"Did you mean user.department?"},
		{"device. -eq \"x\"", 1, 7, "is no property of a device",
			"docs/membership-rules.md"},
		{"device.extensionAttribute16 -eq \"x\"", 1, 27, "is no property",
			"extensionAttribute1"},
		{"device.qqqqqqqqqqqqqq -eq \"x\"", 1, 21, "is no property of a device", "lists"},
		{"group.objectId -eq \"x\"", 1, 14, "a property such as", ""},
		{"device.displayName -like \"x\"", 20, 5, "a comparison such as -eq", "-eq -ne"},
		{"device.displayName -startWith \"x\"", 20, 10, "a comparison such as -eq",
			"Did you mean -startsWith?"},
		{"device.displayName -equals \"x\"", 20, 7, "a comparison such as -eq", ""},
		{"device.displayName -eqq \"x\"", 20, 4, "a comparison such as -eq",
			"Did you mean -eq?"},
		{"user.assignedPlans -any (assignedPlan.service -eq \"SCO\")", 1, 18,
			"service plans are not known", "user.memberOf"},
		{"user.employeeHireDate -ge system.now", 1, 21, "clock", ""},
		{"user.extension_c272a57b722d4eb29bfe327874ae79cb_OfficeNumber -eq \"1\"", 1, 60,
			"custom extension", "extensionAttribute"},
		{"device.organizationalUnit -eq \"x\"", 1, 25, "withdrawn", "OrderID"},
		{"Direct Reports for \"x\"", 1, 6, "direct reports", "user.memberOf"},
	};

	CHECK_MISTAKES(cases);
}

static void
types_that_do_not_fit_are_refused_with_the_fix(void **state)
{
	(void)state;
	static const struct mistake cases[] = {
		{"device.accountEnabled -eq \"true\"", 27, 6,
			"device.accountEnabled is true or false",
			"-eq true or -eq false, without quotes"},
		{"device.accountEnabled -startsWith \"t\"", 23, 11, "-startsWith cannot compare it",
			"-eq true"},
		{"device.isRooted -in [true]", 17, 3, "-in cannot compare it", "-eq true"},
		{"device.isRooted -any (_ -eq true)", 17, 4, "several values", "directly"},
		{"device.displayName -eq true", 24, 4, "device.displayName is a text",
			"Write it in quotes: \"true\""},
		{"device.deviceOSVersion -eq 10.0.1", 28, 6, "is a text", "\"10.0.1\""},
		{"user.employeeId -eq -5", 21, 2, "is a text", "\"-5\""},
		{"device.displayName -eq [\"a\"]", 24, 1, "one text is expected", "-in"},
		{"device.displayName -startsWith null", 32, 4, "only be compared with -eq and -ne",
			"-ne null"},
		{"device.displayName -in null", 24, 4, "only be compared with -eq and -ne", ""},
		{"user.mail -ne $null", 15, 5, "null is expected", "Write null"},
		{"user.mail -not null", 11, 4, "a comparison such as", ""},
		{"device.displayName -in \"a\"", 24, 3, "a list is expected", "[\"a\", \"b\"]"},
		{"device.displayName -in []", 25, 1, "a text in quotes is expected", ""},
		{"device.displayName -in [1, 2]", 25, 1, "a text in quotes is expected", ""},
		{"device.displayName -in [\"a\" \"b\"]", 29, 3, ", or ] is expected", "commas"},
		{"device.displayName -in [\"a\",]", 29, 1, "a text in quotes is expected", ""},
		{"device.displayName -any (_ -eq \"x\")", 20, 4, "several values", "directly"},
		{"device.devicePhysicalIds -eq \"x\"", 26, 3, "needs -any or -all",
			"Write device.devicePhysicalIds -any (_ -eq ...)"},
		{"device.devicePhysicalIds -any \"x\"", 31, 3, "( is expected", "-any (_"},
		{"device.devicePhysicalIds -any (device.deviceModel -eq \"x\")", 32, 18,
			"_ is expected inside", "element"},
		{"device.devicePhysicalIds -any (_ -eq \"x\"", 41, 0, ") is expected", ""},
		{"device.devicePhysicalIds -any (_ -any (_ -eq \"x\"))", 34, 4, "several values",
			""},
		{"device.devicePhysicalIds -any _ -eq \"x\" -and _ -eq \"y\"", 46, 1,
			"_ is only known inside", "-any ("},
		{"device.memberOf -eq \"x\"", 17, 3, "memberOf needs -any", "group.objectId"},
		{"device.memberOf -eq null", 17, 3, "memberOf needs -any", ""},
		{"device.memberOf -all (group.objectId -in ['" GUID_A "'])", 17, 4, "-any only",
			""},
		{"device.memberOf -any (_ -in ['" GUID_A "'])", 23, 1, "group.objectId is expected",
			""},
		{"device.memberOf -any (group.objectId -notIn ['" GUID_A "'])", 38, 6,
			"-in is expected", "-not ("},
		{"device.memberOf -any (group.objectId -in ['Sales'])", 43, 7,
			"not the identifier of a group", "8-4-4-4-12"},
		{"device.memberOf -any (group.objectId -eq null)", 23, 23, "identifier null", ""},
		// G9
		{"device.deviceModel -eq \"x\" -and user.department -eq \"y\"", 33, 15,
			"a rule about devices: a group holds devices or users, not both",
			"two groups"},
		{"user.displayName -eq \"x\" -or device.displayName -eq \"y\"", 30, 18,
			"a rule about users", ""},
	};

	CHECK_MISTAKES(cases);
}

static void
bad_patterns_are_refused_at_their_place(void **state)
{
	(void)state;
	static const struct mistake cases[] = {
		{"device.deviceModel -match \"a(b\"", 31, 1, "the regular expression is wrong",
			"-contains"},
		{"device.deviceModel -match \"[z-a]\"", 31, 1, "range out of order", ""},
		{"device.deviceModel -match \"*a\"", 28, 1, "quantifier does not follow", ""},
		// The place in the rule, though escapes stand before it.
		{"device.deviceModel -match \"`\"`\"*+[z-a]\"", 37, 1, "range out of order", ""},
		{"device.deviceModel -match \"a\\C\"", 31, 1, "\\C is disabled", ""},
		{"device.deviceModel -match [\"a\"]", 27, 1, "one text is expected", ""},
		{"device.deviceModel -match \"(a{9999}){9999}\"", 43, 1, "too large", ""},
	};

	CHECK_MISTAKES(cases);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_of_form_are_named_with_their_column),
		cmocka_unit_test(unknown_names_are_answered_with_what_was_probably_meant),
		cmocka_unit_test(types_that_do_not_fit_are_refused_with_the_fix),
		cmocka_unit_test(bad_patterns_are_refused_at_their_place),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
