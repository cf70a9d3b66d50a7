// SPDX-License-Identifier: Apache-2.0
// What rules select: every operator, values known in part, and rules built to be slow.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "domain/membership_rule.h"

#define GUID_A "0b5e9f1c-7b4c-4a4e-9d6f-0c2b6d8d1a01"
#define GUID_B "ffffffff-7b4c-4a4e-9d6f-0c2b6d8d1a02"

static const char *const verdicts[] = {"false", "true", "unknown"};

struct expectation {
	enum rule_truth truth;
	const char *text;
};

static void
check(const struct rule_values *values, const struct expectation *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		enum rule_truth truth = RULE_UNKNOWN;
		const struct rule *rule = rule_compile(&arena, cases[i].text, &e);
		if (!rule || !rule_evaluate(rule, values, &truth, &e))
			fail_msg("%s: %s", cases[i].text, e.message);
		if (truth != cases[i].truth)
			fail_msg("%s is %s", cases[i].text, verdicts[truth]);
	}
}

#define CHECK(values, cases) check(values, cases, sizeof(cases) / sizeof *(cases))
#define NO RULE_FALSE
#define YES RULE_TRUE
#define MAYBE RULE_UNKNOWN

static const struct rule_text ids[] = {
	{"[ZTDId]:0f8f-1", 14, false},
	{"[OrderID]:Sales", 15, false},
	{"[PurchaseOrderId]:4711", 22, false},
	{"[HWID]:h:1", 10, false},
};
static const struct rule_text labels[] = {{"M365Managed", 11, false}};
static const struct rule_text member[] = {{GUID_B, 36, false}};

static struct rule_values
a_device(void)
{
	return (struct rule_values){
		.of =
			{
				[RULE_ACCOUNT_ENABLED] = rule_bool_value(true),
				[RULE_DISPLAY_NAME] = rule_text_value("PC-0042"),
				[RULE_DEVICE_ID] = rule_text_value("d-1"),
				[RULE_DEVICE_MANUFACTURER] = rule_text_value("Contoso"),
				[RULE_DEVICE_MODEL] = rule_text_value("LabPC 1"),
				[RULE_DEVICE_CATEGORY] =
					rule_text_value("\xc3\x84rzte \xd0\x9c\xd0\x98\xd0\xa0"),
				[RULE_DEVICE_OS_TYPE] = rule_text_value("Windows"),
				[RULE_DEVICE_OWNERSHIP] = rule_text_value("Company"),
				[RULE_DEVICE_TRUST_TYPE] = rule_text_value("ServerAD"),
				[RULE_DEVICE_PHYSICAL_IDS] = rule_list_value(ids, 4, false),
				[RULE_SYSTEM_LABELS] = rule_list_value(labels, 1, false),
				[RULE_MEMBER_OF] = rule_list_value(member, 1, false),
				[RULE_EXTENSION_ATTRIBUTE_1] = rule_text_value("O'Brien"),
				[RULE_EXTENSION_ATTRIBUTE_2] = rule_text_value("say \"hello\""),
				[RULE_EXTENSION_ATTRIBUTE_3] = rule_text_value(""),
				[RULE_EXTENSION_ATTRIBUTE_15] = rule_text_value("null"),
			},
	};
}

static void
the_rules_of_autopilot_select_devices(void **state)
{
	(void)state;
	const struct rule_values device = a_device();
	static const struct expectation cases[] = {
		// G1 to G4
		{YES, "(device.devicePhysicalIDs -any (_ -startsWith \"[ZTDid]\"))"},
		{YES, "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:Sales\"))"},
		{NO, "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:Sale\"))"},
		{YES, "device.devicePhysicalIds -any (_ -eq \"[PurchaseOrderId]:4711\")"},
		{YES, "device.enrollmentProfileName -eq null"},
		{YES, "device.devicePhysicalIds -any _ -startsWith \"[ZTDId]\""},
		{YES,
			"device.devicePhysicalIds -any _ -contains \"[ztdid]\" -and "
			"device.deviceModel -eq \"LabPC 1\""},
		{YES, "device.devicePhysicalIds -all (_ -startsWith \"[\")"},
		{NO, "device.devicePhysicalIds -all (_ -contains \"ztd\")"},
		{YES, "-not (device.devicePhysicalIds -all (_ -contains \"ztd\"))"},
		{YES,
			"device.devicePhysicalIds -any (_ -contains \"sal\" -and _ -endsWith "
			"\"ES\")"},
		{NO,
			"device.devicePhysicalIds -any (_ -contains \"ztd\" -and _ -endsWith "
			"\"es\")"},
		{YES, "device.devicePhysicalIds -any (_ -in [\"x\", \"[HWID]:H:1\"])"},
		{YES, "device.devicePhysicalIds -any (-not (_ -match \"^\\[(ztdid|orderid)\\]\"))"},
		{NO, "device.devicePhysicalIds -any (_ -eq null)"},
		{NO, "device.devicePhysicalIds -eq null"},
		{YES, "device.devicePhysicalIds -ne null"},
		{YES, "device.systemLabels -startsWith \"M365Managed\""},
		{NO, "device.systemLabels -notContains \"365\""},
		{YES, "device.systemLabels -any (_ -in ['m365managed'])"},
		{YES, "device.memberOf -any (group.objectId -in ['" GUID_A "', '" GUID_B "'])"},
		{NO, "device.memberof -any (group.objectId -in ['" GUID_A "'])"},
		{YES, "device.memberOf -any (group.objectId -eq \"" GUID_B "\")"},
		{YES, "-not (device.memberOf -any (group.objectId -eq \"" GUID_A "\"))"},
	};

	CHECK(&device, cases);
}

static void
every_operator_answers_with_and_without_a_value(void **state)
{
	(void)state;
	const struct rule_values device = a_device();
	static const struct expectation cases[] = {
		{YES, "device.displayName -EQ \"pc-0042\""},
		{NO, "device.displayName -eq \"pc-004\""},
		{NO, "device.displayName -eq \"pc-00422\""},
		{NO, "device.displayName -ne \"pc-0042\""},
		{YES, "device.displayName -startsWith \"pC-\""},
		{NO, "device.displayName -startsWith \"PC-00422\""},
		{NO, "device.displayName -notStartsWith \"PC\""},
		{YES, "device.displayName -endsWith \"42\""},
		{NO, "device.displayName -endsWith \"1-PC-0042\""},
		{YES, "device.displayName -notEndsWith \"PC-00422\""},
		{YES, "device.deviceModel -contains \"pc 1\""},
		{NO, "device.deviceModel -contains \"pc 11\""},
		{NO, "device.deviceModel -notContains \"\""},
		{YES, "device.deviceModel -match \"^lab.*1$\""},
		{YES, "device.deviceModel -match \"bpc\""},
		{NO, "device.deviceModel -match \"^pc\""},
		{NO, "device.deviceModel -notMatch \"pc\\s\\d\""},
		{YES, "device.deviceModel -match \"\""},
		{YES, "device.deviceModel -in [\"x\",\"labpc 1\" , 'y']"},
		{NO, "device.deviceModel -in [\"labpc\"]"},
		{NO, "device.deviceModel -notIn [\"x\", \"LABPC 1\"]"},
		{YES, "device.accountEnabled -eq true"},
		{NO, "device.accountEnabled -eq FALSE"},
		{YES, "device.accountEnabled -ne false"},
		{NO, "device.accountEnabled -eq null"},
		// What an absent value answers: only the negative operators are true.
		{NO, "device.enrollmentProfileName -ne NULL"},
		{NO, "device.enrollmentProfileName -eq \"\""},
		{YES, "device.enrollmentProfileName -ne \"x\""},
		{NO, "device.enrollmentProfileName -startsWith \"\""},
		{YES, "device.enrollmentProfileName -notStartsWith \"O\""},
		{NO, "device.enrollmentProfileName -endsWith \"O\""},
		{YES, "device.enrollmentProfileName -notEndsWith \"O\""},
		{NO, "device.enrollmentProfileName -contains \"O\""},
		{YES, "device.enrollmentProfileName -notContains \"O\""},
		{NO, "device.enrollmentProfileName -match \"\""},
		{YES, "device.enrollmentProfileName -notMatch \"\""},
		{NO, "device.enrollmentProfileName -in [\"O\"]"},
		{YES, "device.enrollmentProfileName -notIn [\"O\"]"},
		{NO, "device.isRooted -eq true"},
		{NO, "device.isRooted -eq false"},
		{YES, "device.isRooted -ne true"},
		{YES, "device.isRooted -eq null"},
		// "" and "null" are texts
		{YES, "device.extensionAttribute3 -ne null"},
		{YES, "device.extensionAttribute3 -eq \"\""},
		{YES, "device.extensionAttribute15 -eq \"null\""},
		{NO, "device.extensionAttribute15 -eq null"},
	};

	CHECK(&device, cases);
}

static void
texts_are_written_in_several_ways_and_compared_without_case(void **state)
{
	(void)state;
	const struct rule_values device = a_device();
	static const struct expectation cases[] = {
		{YES, "device.displayName eq 'PC-0042' and not device.displayName ne \"PC-0042\""},
		{YES, "device.displayName\t-In\n[\"pc-0042\"] OR device.deviceId eq null"},
		{YES,
			"device.displayName \xe2\x80\x93"
			"eq \"PC-0042\" \xe2\x80\x93"
			"and device.deviceId \xe2\x80\x93ne null"},
		{YES, "device.extensionAttribute1 -eq 'O''Brien'"},
		{YES, "device.extensionAttribute1 -eq \"O''Brien\""},
		{YES, "device.extensionAttribute1 -eq \"O'Brien\""},
		{YES, "device.extensionAttribute1 -eq 'O`'Brien'"},
		{YES, "device.extensionAttribute2 -eq \"say `\"hello`\"\""},
		{YES, "device.extensionAttribute2 -eq 'say \"hello\"'"},
		{YES, "device.extensionAttribute2 -endsWith `\"hello`\""},
		{YES, "device.extensionAttribute3 -eq ''"},
		{YES, "device.deviceModel -eq \"LabPC` 1\""},
		{YES, "device.deviceCategory -eq \"\xc3\xa4RZTE \xd0\xbc\xd0\xb8\xd1\x80\""},
		{YES, "device.deviceCategory -startsWith \"\xc3\xa4\""},
		{YES, "device.deviceCategory -endsWith \"\xd1\x80\""},
		{YES, "device.deviceCategory -contains \" \xd0\xbc\""},
		{NO, "device.deviceCategory -contains \"arzte\""},
		{YES, "device.deviceCategory -match \"^\xc3\xa4rzte \\w{3}$\""},
	};

	CHECK(&device, cases);
}

static void
and_binds_tighter_than_or_and_not_tightest(void **state)
{
	(void)state;
	const struct rule_values device = a_device();
	// t and f: conditions of one value
#define T "device.deviceId -eq \"d-1\""
#define F "device.deviceId -eq \"x\""
	static const struct expectation cases[] = {
		{YES, T " -or " F " -and " F},
		{NO, "(" T " -or " F ") -and " F},
		{YES, F " -and " F " -or " T},
		{NO, F " -and (" F " -or " T ")"},
		{YES, "-not " F " -and " T},
		{YES, "-not " T " -or " T},
		{NO, "-not (" T " -or " T ")"},
		{NO, "-not " T " -and " F},
		{YES, "-not -not " T},
		{NO, "-not (-not (" F "))"},
		{YES, T " -and -not " F " -and not " F},
		{NO, F " -or " F " -or " T " -and " F},
	};
#undef T
#undef F

	CHECK(&device, cases);
}

static void
a_device_without_identifiers_matches_no_any_and_every_all(void **state)
{
	(void)state;
	static const struct rule_values bare;
	struct rule_values empty = {
		.of = {[RULE_DEVICE_PHYSICAL_IDS] = rule_list_value(ids, 0, false)}};
	static const struct expectation cases[] = {
		{NO, "device.devicePhysicalIds -any (_ -ne \"x\")"},
		{YES, "device.devicePhysicalIds -all (_ -eq \"x\")"},
		{YES, "device.devicePhysicalIds -eq null"},
		{NO, "device.systemLabels -eq \"x\""},
		{YES, "device.systemLabels -ne \"x\""},
		{NO, "device.memberOf -any (group.objectId -in ['" GUID_A "'])"},
	};

	CHECK(&bare, cases);
	CHECK(&empty, cases);
}

static void
users_have_rules_of_their_own(void **state)
{
	(void)state;
	static const struct rule_text mails[] = {
		{"SMTP:a@contoso.com", 18, false}, {"smtp:b@example.com", 18, false}};
	const struct rule_values user = {
		.of = {
			[RULE_OBJECT_ID] = rule_text_value("u-1"),
			[RULE_USER_TYPE] = rule_text_value("Member"),
			[RULE_DIR_SYNC_ENABLED] = rule_bool_value(true),
			[RULE_MAIL_NICKNAME] = rule_text_value("al-vendor"),
			[RULE_DEPARTMENT] = rule_text_value("Marketing"),
			[RULE_PROXY_ADDRESSES] = rule_list_value(mails, 2, false),
		}};
	static const struct expectation cases[] = {
		{YES, "(user.objectId -ne null) -and (user.userType -eq \"Member\")"},
		{YES, "user.dirSyncEnabled -eq true"},
		{YES, "user.mailNickName -endsWith \"-vendor\" -and user.mailNickname -ne null"},
		{YES, "(user.department -eq \"Sales\") -or (user.department -eq \"Marketing\")"},
		{YES, "(user.proxyAddresses -any (_ -startsWith \"smtp:A@\"))"},
		{NO, "user.proxyAddresses -notEndsWith \"@example.com\""},
		{YES, "user.otherMails -eq null -and user.extensionAttribute15 -ne \"x\""},
	};

	CHECK(&user, cases);
}

static void
what_is_not_known_decides_only_where_it_must(void **state)
{
	(void)state;
	static const struct rule_text known[] = {
		{"[ZTDID]:", 8, true}, {"[OrderID]:sales", 15, false}};
	const struct rule_values cohort = {
		.of = {
			[RULE_DEVICE_PHYSICAL_IDS] = rule_list_value(known, 2, false),
			[RULE_DISPLAY_NAME] = rule_open_value(""),
			[RULE_DEVICE_ID] = rule_unknown_value(),
			[RULE_IS_ROOTED] = rule_unknown_value(),
			[RULE_DEVICE_MODEL] = rule_text_value("M"),
			// cut within a capital A with diaeresis
			[RULE_DEVICE_CATEGORY] = rule_open_value("x\xc3"),
			[RULE_SYSTEM_LABELS] = rule_list_value(labels, 1, true),
			[RULE_MEMBER_OF] = rule_unknown_value(),
		}};
#define ANY "device.devicePhysicalIds -any "
#define ALL "device.devicePhysicalIds -all "
	static const struct expectation cases[] = {
		{YES, ANY "(_ -startsWith \"[ZTDid]\")"},
		{YES, ANY "(_ -startsWith \"[ZTDid]:\")"},
		{MAYBE, ANY "(_ -startsWith \"[ZTDid]:a\")"},
		{NO, ANY "(_ -startsWith \"[ZTDix]:a\")"},
		{NO, ANY "(_ -eq \"x\")"},
		{NO, ANY "(_ -eq \"[ZTDID]\")"},
		{MAYBE, ANY "(_ -eq \"[ZTDID]:\")"},
		{MAYBE, ANY "(_ -eq \"[ZTDID]:abc\")"},
		{YES, ANY "(_ -eq \"[orderid]:sales\")"},
		{MAYBE, ANY "(_ -in [\"x\", \"[ztdid]:1\"])"},
		{NO, ANY "(_ -in [\"x\", \"y\"])"},
		{YES, ANY "(_ -contains \"tdi\")"},
		{MAYBE, ANY "(_ -contains \"tdx\")"},
		{MAYBE, ANY "(_ -match \"^x\")"},
		{YES, ANY "(_ -match \"^.o\")"},
		{MAYBE, ANY "(_ -endsWith \"]:\")"},
		{YES, ANY "(_ -endsWith \"\")"},
		{MAYBE, ALL "(_ -ne \"[ztdid]:1\")"},
		{YES, ALL "(_ -ne \"[ztdid]\")"},
		{NO, ALL "(_ -startsWith \"[z\")"},
		{YES, "device.displayName -ne null"},
		{NO, "device.displayName -eq null"},
		{MAYBE, "device.displayName -eq \"x\""},
		{YES, "device.displayName -startsWith \"\""},
		{MAYBE, "device.deviceId -eq null"},
		{MAYBE, "device.deviceId -ne \"x\""},
		{MAYBE, "device.isRooted -eq true"},
		{MAYBE, "device.memberOf -any (group.objectId -in ['" GUID_A "'])"},
		{MAYBE, "device.deviceCategory -startsWith \"x\xc3\xa4\""},
		{MAYBE, "device.deviceCategory -eq \"x\xd0\xbc\""},
		{NO, "device.deviceCategory -eq \"x\""},
		{YES, "device.systemLabels -eq \"m365managed\""},
		{MAYBE, "device.systemLabels -eq \"x\""},
		{MAYBE, "device.systemLabels -notContains \"x\""},
		{NO, "device.systemLabels -eq null"},
		{MAYBE, "device.systemLabels -any (_ -eq \"x\")"},
		{MAYBE, "device.systemLabels -all (_ -eq \"m365managed\")"},
	};
#undef ANY
#undef ALL

	CHECK(&cohort, cases);
}

static void
truth_tables_are_those_of_kleene(void **state)
{
	(void)state;
	const struct rule_values values = {.of = {[RULE_DEVICE_ID] = rule_unknown_value(),
						   [RULE_DEVICE_MODEL] = rule_text_value("M")}};
	static const char *const terms[] = {"device.deviceModel -eq \"x\"",
		"device.deviceModel -eq \"M\"", "device.deviceId -eq \"x\""};
	static const enum rule_truth and[3][3] = {
		{NO, NO, NO}, {NO, YES, MAYBE}, {NO, MAYBE, MAYBE}};
	static const enum rule_truth or [3][3] = {
		{NO, YES, MAYBE}, {YES, YES, YES}, {MAYBE, YES, MAYBE}};
	static const enum rule_truth not [3] = {YES, NO, MAYBE};

	for (int a = 0; a < 3; a++) {
		autoarena(arena, ARENA_SMALL);
		struct expectation e = {not [a], arena_printf(&arena, "-not %s", terms[a])};
		check(&values, &e, 1);
		for (int b = 0; b < 3; b++) {
			struct expectation both[] = {
				{and[a][b], arena_printf(&arena, "%s -and %s", terms[a], terms[b])},
				{ or [a][b], arena_printf(&arena, "%s -or %s", terms[a], terms[b])},
			};
			CHECK(&values, both);
		}
	}
}

static void
a_rule_says_what_it_reads(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e;
	size_t count;
	const struct rule *rule = rule_compile(&arena,
		"device.deviceModel -eq \"x\" -or -not (device.devicePhysicalIDs -any (_ -eq "
		"\"y\"))"
		" -or device.memberOf -any (group.objectId -in ['" GUID_B "', "
		"'0B5E9F1C-7B4C-4A4E-9D6F-0C2B6D8D1A01', '" GUID_A "'])"
		" -or device.memberOf -any (group.objectId -in ['" GUID_B "'])",
		&e);
	assert_non_null(rule);
	assert_int_equal(rule_subject(rule), RULE_DEVICE);
	assert_true(rule_properties(rule) ==
		(UINT64_C(1) << RULE_DEVICE_MODEL | UINT64_C(1) << RULE_DEVICE_PHYSICAL_IDS |
			UINT64_C(1) << RULE_MEMBER_OF));
	const char *const *groups = rule_groups(rule, &count);
	assert_int_equal(count, 2);
	assert_string_equal(groups[0], GUID_A);
	assert_string_equal(groups[1], GUID_B);

	rule = rule_compile(&arena, "user.city -eq \"Lagos\"", &e);
	assert_non_null(rule);
	assert_int_equal(rule_subject(rule), RULE_USER);
	rule_groups(rule, &count);
	assert_int_equal(count, 0);
}

// Behaviour G8: all of them, by name.
static void
every_attribute_of_a_device_can_be_asked_for(void **state)
{
	(void)state;
	static const char *const names[] = {"accountEnabled", "deviceCategory", "deviceId",
		"deviceManagementAppId", "deviceManufacturer", "deviceModel", "displayName",
		"deviceOSType", "deviceOSVersion", "deviceOwnership", "devicePhysicalIds",
		"deviceTrustType", "enrollmentProfileName", "isRooted", "managementType",
		"memberOf", "objectId", "profileType", "systemLabels", "extensionAttribute1",
		"extensionAttribute9", "extensionAttribute10", "extensionAttribute15"};
	enum rule_property property;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!rule_property_find(RULE_DEVICE, names[i], &property))
			fail_msg("%s", names[i]);
		assert_string_equal(rule_property_name(property), names[i]);
	}
	assert_false(rule_property_find(RULE_DEVICE, "department", &property));
	assert_false(rule_property_find(RULE_USER, "deviceModel", &property));
	assert_null(rule_property_name(RULE_PROPERTY_COUNT));
}

static void
values_of_the_wrong_type_are_an_error_of_the_caller(void **state)
{
	(void)state;
	static const char *const rules[] = {"device.deviceModel -eq \"x\"",
		"device.accountEnabled -eq true", "device.devicePhysicalIds -any (_ -eq \"x\")",
		"device.memberOf -any (group.objectId -in ['" GUID_A "'])"};
	struct rule_values values = {.of = {[RULE_DEVICE_MODEL] = rule_bool_value(true),
					     [RULE_ACCOUNT_ENABLED] = rule_text_value("true"),
					     [RULE_DEVICE_PHYSICAL_IDS] = rule_text_value("x"),
					     [RULE_MEMBER_OF] = rule_text_value(GUID_A)}};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e;
		enum rule_truth truth;
		const struct rule *rule = rule_compile(&arena, rules[i], &e);
		assert_non_null(rule);
		assert_false(rule_evaluate(rule, &values, &truth, &e));
		assert_int_equal(e.code, ERR_INTERNAL);
	}
}

static void
the_old_way_to_ask_for_a_device_still_answers(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e;
	const char *many[200] = {0};
	struct rule_device device = {.model = "LabPC 1", .physical_ids = many};

	for (size_t i = 0; i < 199; i++)
		many[i] = i == 198 ? "[ZTDId]:1" : "[OrderID]:x";
	assert_true(rule_matches(
		rule_compile(&arena,
			"device.devicePhysicalIds -any (_ -startsWith \"[ztdid]\") -and "
			"device.deviceModel -eq \"labpc 1\" -and device.deviceCategory -eq null",
			&e),
		&device));
	device.physical_ids = NULL;
	assert_false(rule_matches(
		rule_compile(&arena, "device.devicePhysicalIds -any (_ -ne \"x\")", &e), &device));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rules_of_autopilot_select_devices),
		cmocka_unit_test(every_operator_answers_with_and_without_a_value),
		cmocka_unit_test(texts_are_written_in_several_ways_and_compared_without_case),
		cmocka_unit_test(and_binds_tighter_than_or_and_not_tightest),
		cmocka_unit_test(a_device_without_identifiers_matches_no_any_and_every_all),
		cmocka_unit_test(users_have_rules_of_their_own),
		cmocka_unit_test(what_is_not_known_decides_only_where_it_must),
		cmocka_unit_test(truth_tables_are_those_of_kleene),
		cmocka_unit_test(a_rule_says_what_it_reads),
		cmocka_unit_test(every_attribute_of_a_device_can_be_asked_for),
		cmocka_unit_test(values_of_the_wrong_type_are_an_error_of_the_caller),
		cmocka_unit_test(the_old_way_to_ask_for_a_device_still_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
