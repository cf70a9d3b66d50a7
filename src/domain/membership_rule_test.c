// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/membership_rule.h"

static const char *const ids[] = {
	"[ZTDId]:0f8f-1", "[OrderID]:Sales", "[PurchaseOrderId]:4711", "[HWID]:h:1", NULL};

static const struct rule_device device = {
	.display_name = "PC-0042",
	.device_id = "d-1",
	.manufacturer = "Contoso",
	.model = "LabPC 1",
	.os_type = "Windows",
	.ownership = "Company",
	.trust_type = "ServerAD",
	.profile_name = NULL,
	.physical_ids = ids,
};

static void
mistakes_are_named_with_their_column(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int column;
		const char *says;
	} cases[] = {
		{"", 1, "a condition is expected"},
		{"   ", 4, "a condition is expected"},
		{"device.displayName", 19, "a comparison such as -eq"},
		{"device.displayName -eq", 23, "a text in double quotes or null"},
		{"device.displayName -eq PC", 24, "a text in double quotes or null"},
		{"device.displayName -eq \"PC", 24, "no closing quote"},
		{"device.displayName -like \"x\"", 20, "a comparison such as -eq"},
		{"device.displayname -eq \"x\"", 1, "unknown device property"},
		{"device. -eq \"x\"", 1, "unknown device property"},
		{"user.department -eq \"x\"", 1, "a property such as device.displayName"},
		{"(device.deviceModel -eq \"x\"", 28, ") is expected"},
		{"device.deviceModel -eq \"x\")", 27, "-and, -or or the end"},
		{"device.deviceModel -eq \"x\" device.deviceModel", 28, "-and, -or or the end"},
		{"device.deviceModel -eq \"x\" -and", 32, "a condition is expected"},
		{"-and device.deviceModel -eq \"x\"", 1, "a condition is expected"},
		{"device.deviceModel -eq \"x\" -or -or", 32, "a condition is expected"},
		{"device.devicePhysicalIds -eq \"x\"", 26, "needs -any or -all"},
		{"device.devicePhysicalIds -any _ -eq \"x\"", 31, "( is expected"},
		{"device.devicePhysicalIds -any (device.deviceModel -eq \"x\")", 32,
			"_ is expected inside"},
		{"device.devicePhysicalIds -any (_ -eq \"x\"", 41, ") is expected"},
		{"_ -eq \"x\"", 1, "a property such as device.displayName"},
		{"device.deviceModel -eq 'x'", 24, "unexpected character"},
		{"device.deviceModel = \"x\"", 20, "unexpected character"},
		{"device.deviceModel -eq \xe2\x80\x9cx\xe2\x80\x9d", 24, "unexpected character"},
		{"not(device.deviceModel -eq \"x\")", 1, "a property such as device.displayName"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		if (rule_compile(&arena, cases[i].text, &e))
			fail_msg("%s: accepted", cases[i].text);
		char *where = arena_printf(&arena, "column %d: ", cases[i].column);
		if (e.code != ERR_INVALID || !strstr(e.message, where) ||
			!strstr(e.message, cases[i].says))
			fail_msg("%s: %s, expected %s%s", cases[i].text, e.message, where,
				cases[i].says);
	}
}

static void
rules_that_are_too_long_or_too_deep_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	char text[RULE_MAX_BYTES + 200];

	memset(text, ' ', sizeof text);
	text[RULE_MAX_BYTES + 1] = '\0';
	assert_null(rule_compile(&arena, text, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	memset(text, '(', RULE_MAX_BYTES);
	text[RULE_MAX_BYTES] = '\0';
	assert_null(rule_compile(&arena, text, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	size_t end = 0;
	for (; end < RULE_MAX_BYTES - 40; end += 5)
		memcpy(text + end, "-not ", 6);
	assert_null(rule_compile(&arena, text, &e));
	assert_int_equal(e.code, ERR_INVALID);
	memcpy(text + end, "device.deviceModel -eq null", 28);
	assert_non_null(rule_compile(&arena, text, &e));
}

static void
rules_select_devices(void **state)
{
	(void)state;
	static const struct {
		bool matches;
		const char *text;
	} cases[] = {
		// G1 to G4
		{true, "(device.devicePhysicalIDs -any (_ -startsWith \"[ZTDid]\"))"},
		{true, "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:Sales\"))"},
		{false, "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:Sale\"))"},
		{true, "device.devicePhysicalIds -any (_ -eq \"[PurchaseOrderId]:4711\")"},
		{true, "device.devicePhysicalIds -all (_ -startsWith \"[\")"},
		{false, "device.devicePhysicalIds -all (_ -contains \"ztd\")"},
		{true, "-not (device.devicePhysicalIds -all (_ -contains \"ztd\"))"},
		{true,
			"device.devicePhysicalIds -any (_ -contains \"sal\" -and _ -endsWith "
			"\"ES\")"},
		{false,
			"device.devicePhysicalIds -any (_ -contains \"ztd\" -and _ -endsWith "
			"\"es\")"},
		// G6 and G7
		{true, "device.displayName -EQ \"pc-0042\""},
		{false, "device.displayName -ne \"pc-0042\""},
		{false, "device.displayName -notStartsWith \"PC\""},
		{true, "device.displayName -endsWith \"42\""},
		{true, "device.displayName -notEndsWith \"PC-00422\""},
		{true, "device.deviceModel -contains \"pc 1\""},
		{false, "device.deviceModel -notContains \"\""},
		{true, "device.deviceModel -contains \"\""},
		{true, "device.deviceModel -eq \"LabPC` 1\""},
		// null, and what an absent attribute answers
		{true, "device.enrollmentProfileName -eq null"},
		{false, "device.enrollmentProfileName -ne NULL"},
		{false, "device.enrollmentProfileName -startsWith \"O\""},
		{true, "device.enrollmentProfileName -notStartsWith \"O\""},
		// -and binds tighter than -or; -not binds tightest
		{true,
			"device.deviceId -eq \"d-1\" -or device.deviceId -eq \"x\" -and "
			"device.deviceId -eq \"y\""},
		{false,
			"(device.deviceId -eq \"d-1\" -or device.deviceId -eq \"x\") -and "
			"device.deviceId -eq \"y\""},
		{true,
			"-not device.deviceId -eq \"x\" -and device.deviceOwnership -eq "
			"\"company\""},
		{false, "-not (-not (device.deviceId -eq \"x\"))"},
		{true,
			"device.deviceManufacturer -eq \"Contoso\" -AND device.deviceTrustType -eq "
			"\"ServerAD\" -and device.deviceOSType -eq \"Windows\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		const struct rule *rule = rule_compile(&arena, cases[i].text, &e);
		if (!rule)
			fail_msg("%s: %s", cases[i].text, e.message);
		if (rule_matches(rule, &device) != cases[i].matches)
			fail_msg("%s", cases[i].text);
	}
}

static void
a_device_without_identifiers_matches_no_any_and_every_all(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e;
	const struct rule_device bare = {0};

	assert_false(rule_matches(
		rule_compile(&arena, "device.devicePhysicalIds -any (_ -ne \"x\")", &e), &bare));
	assert_true(rule_matches(
		rule_compile(&arena, "device.devicePhysicalIds -all (_ -eq \"x\")", &e), &bare));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named_with_their_column),
		cmocka_unit_test(rules_that_are_too_long_or_too_deep_are_refused),
		cmocka_unit_test(rules_select_devices),
		cmocka_unit_test(a_device_without_identifiers_matches_no_any_and_every_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
