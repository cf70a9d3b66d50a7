// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/rule_explain.h"

static const struct rule_text ids[] = {
	{"[ZTDId]:0f8f-1", 14, false}, {"[OrderID]:Sales", 15, false}};

static struct rule_values
a_device(void)
{
	return (struct rule_values){
		.of = {
			[RULE_DEVICE_MODEL] = rule_text_value("Latitude 5440"),
			[RULE_DEVICE_MANUFACTURER] = rule_open_value("De"),
			[RULE_ACCOUNT_ENABLED] = rule_bool_value(true),
			[RULE_DEVICE_ID] = rule_unknown_value(),
			[RULE_DEVICE_PHYSICAL_IDS] = rule_list_value(ids, 2, false),
		}};
}

static const struct rule_trace *
explained(struct arena *arena, const char *text, const struct rule_values *values)
{
	struct error e;
	const struct rule *rule = rule_compile(arena, text, &e);

	if (!rule)
		fail_msg("%s: %s", text, e.message);
	return rule_explain(arena, rule, values);
}

static void
assert_text(const char *rule, const struct rule_values *values, const char *expected)
{
	autoarena(arena, ARENA_REQUEST);
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	rule_explain_text(&out, explained(&arena, rule, values));
	assert_string_equal(buf_text(&out), expected);
}

static void
the_tree_shows_each_condition_with_the_value_it_saw(void **state)
{
	(void)state;
	const struct rule_values device = a_device();

	assert_text("device.deviceModel -eq \"latitude 5440\" -and\n"
		    "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:sales\"))",
		&device,
		"true     device.deviceModel -eq \"latitude 5440\" -and "
		"(device.devicePhysicalIds -any (_ -eq \"[OrderID]:sales\"))\n"
		"  true     device.deviceModel -eq \"latitude 5440\""
		"  # device.deviceModel is \"Latitude 5440\"\n"
		"  true     device.devicePhysicalIds -any (_ -eq \"[OrderID]:sales\")"
		"  # device.devicePhysicalIds is [\"[ZTDId]:0f8f-1\", \"[OrderID]:Sales\"]\n"
		"    false    _ -eq \"[OrderID]:sales\"  # _ is \"[ZTDId]:0f8f-1\"\n"
		"    true     _ -eq \"[OrderID]:sales\"  # _ is \"[OrderID]:Sales\"\n");
}

static void
what_is_not_known_and_what_was_decided_before_is_said(void **state)
{
	(void)state;
	const struct rule_values device = a_device();

	assert_text("-not (device.deviceManufacturer -eq \"Dell\" -or device.deviceId -ne null "
		    "-or device.accountEnabled -eq true or device.isRooted -eq true)",
		&device,
		"false    -not (device.deviceManufacturer -eq \"Dell\" -or device.deviceId -ne "
		"null -or device.accountEnabled -eq true or device.isRooted -eq true)\n"
		"  true     device.deviceManufacturer -eq \"Dell\" -or device.deviceId -ne null "
		"-or device.accountEnabled -eq true or device.isRooted -eq true\n"
		"    unknown  device.deviceManufacturer -eq \"Dell\""
		"  # device.deviceManufacturer begins with \"De...\"\n"
		"    unknown  device.deviceId -ne null  # device.deviceId is not known\n"
		"    true     device.accountEnabled -eq true  # device.accountEnabled is true\n"
		"    false    device.isRooted -eq true  # device.isRooted is null"
		"  # decided before\n");
}

static void
compound_conditions_of_elements_name_the_element(void **state)
{
	(void)state;
	const struct rule_values device = a_device();

	assert_text("device.devicePhysicalIds -all (_ -startsWith \"[\" -and _ -contains \"z\")",
		&device,
		"false    device.devicePhysicalIds -all (_ -startsWith \"[\" -and _ -contains "
		"\"z\")  # device.devicePhysicalIds is [\"[ZTDId]:0f8f-1\", "
		"\"[OrderID]:Sales\"]\n"
		"  true     _ -startsWith \"[\" -and _ -contains \"z\"  # _ is \"[ZTDId]:0f8f-1\"\n"
		"    true     _ -startsWith \"[\"  # _ is \"[ZTDId]:0f8f-1\"\n"
		"    true     _ -contains \"z\"  # _ is \"[ZTDId]:0f8f-1\"\n"
		"  false    _ -startsWith \"[\" -and _ -contains \"z\"  # _ is "
		"\"[OrderID]:Sales\"\n"
		"    true     _ -startsWith \"[\"  # _ is \"[OrderID]:Sales\"\n"
		"    false    _ -contains \"z\"  # _ is \"[OrderID]:Sales\"\n");
}

static void
a_condition_that_failed_says_so_and_the_whole_has_no_verdict(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	const char *victim =
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
	struct rule_values values = {.of = {[RULE_DISPLAY_NAME] = rule_text_value(victim)}};
	const char *slow = "device.displayName -match \"(a+)+$\"";
	const char *text = arena_printf(&arena, "%s -or device.deviceId -eq null", slow);
	const char *late = arena_printf(&arena, "device.deviceId -eq null -or %s", slow);

	const struct rule_trace *t = explained(&arena, text, &values);
	assert_non_null(t->failure);
	assert_int_equal(t->truth, RULE_UNKNOWN);
	assert_non_null(t->first->failure);
	assert_null(t->first->next->failure);
	assert_true(t->first->next->needless);
	assert_int_equal(t->first->next->truth, RULE_TRUE);
	// After the decision it harms nobody.
	t = explained(&arena, late, &values);
	assert_null(t->failure);
	assert_int_equal(t->truth, RULE_TRUE);
	assert_non_null(t->first->next->failure);

	struct buf out;
	buf_init(&out, &arena, 1 << 20);
	rule_explain_text(&out, explained(&arena, slow, &values));
	assert_true(str_starts(buf_text(&out), "error    device.displayName -match"));
	assert_non_null(strstr(buf_text(&out), "# the rule needs too much work for this value\n"));
}

static void
the_tree_is_written_as_json(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	const struct rule_values device = a_device();
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	struct jsonw w = jsonw_on(&out);
	rule_explain_json(&w, NULL,
		explained(&arena,
			"device.deviceModel -eq null or device.accountEnabled -eq true or "
			"device.devicePhysicalIds -any (_ -eq 'x')",
			&device));
	assert_string_equal(buf_text(&out),
		"{\"expression\":\"device.deviceModel -eq null or device.accountEnabled -eq true "
		"or device.devicePhysicalIds -any (_ -eq 'x')\",\"column\":1,\"result\":\"true\","
		"\"children\":["
		"{\"expression\":\"device.deviceModel -eq null\",\"column\":1,\"result\":\"false\","
		"\"saw\":\"device.deviceModel is \\\"Latitude 5440\\\"\"},"
		"{\"expression\":\"device.accountEnabled -eq true\",\"column\":32,"
		"\"result\":\"true\",\"saw\":\"device.accountEnabled is true\"},"
		"{\"expression\":\"device.devicePhysicalIds -any (_ -eq 'x')\",\"column\":66,"
		"\"result\":\"false\",\"saw\":\"device.devicePhysicalIds is "
		"[\\\"[ZTDId]:0f8f-1\\\", \\\"[OrderID]:Sales\\\"]\",\"needless\":true,"
		"\"children\":["
		"{\"expression\":\"_ -eq 'x'\",\"column\":97,\"result\":\"false\","
		"\"saw\":\"_ is \\\"[ZTDId]:0f8f-1\\\"\",\"needless\":true},"
		"{\"expression\":\"_ -eq 'x'\",\"column\":97,\"result\":\"false\","
		"\"saw\":\"_ is \\\"[OrderID]:Sales\\\"\",\"needless\":true}]}]}");
}

static void
long_lists_are_cut_but_judged_whole(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	struct rule_text *many = arena_array(&arena, 5000, sizeof *many);
	struct rule_values values = {
		.of = {[RULE_SYSTEM_LABELS] = rule_list_value(many, 5000, false)}};
	struct buf out;

	for (size_t i = 0; i < 5000; i++)
		many[i] = rule_element(i == 4999 ? "last" : "other");
	const struct rule_trace *t =
		explained(&arena, "device.systemLabels -any (_ -eq \"last\")", &values);
	assert_int_equal(t->truth, RULE_TRUE);
	assert_int_equal(t->omitted, 5000 - (RULE_TRACE_MAX - 1));
	buf_init(&out, &arena, 1 << 20);
	rule_explain_text(&out, t);
	assert_non_null(strstr(buf_text(&out), "\n  ... 3001 more values\n"));
	assert_non_null(strstr(buf_text(&out), "\"other\", 4992 more]"));
}

// What a device calls itself must not command the terminal of an administrator.
static void
values_do_not_reach_the_terminal_as_commands(void **state)
{
	(void)state;
	char longest[301];
	memset(longest, 'x', sizeof longest - 1);
	longest[300] = '\0';
	longest[199] = (char)0xc3;
	longest[200] = (char)0xa4;
	struct rule_values values = {
		.of = {[RULE_DISPLAY_NAME] = rule_text_value("\x1b[2J\xc2\x9b"
							     "1m\x7f\r\n\xc3\xa4"),
			[RULE_DEVICE_MODEL] = rule_text_value(longest)}};

	assert_text("device.displayName -eq null", &values,
		"false    device.displayName -eq null  # device.displayName is "
		"\"?[2J?1m?  \xc3\xa4\"\n");
	autoarena(arena, ARENA_SMALL);
	// Cut between characters.
	const char *saw = explained(&arena, "device.deviceModel -eq null", &values)->saw;
	assert_true(str_ends(saw, "xxx...\""));
	assert_int_equal(strlen(saw), strlen("device.deviceModel is \"...\"") + 199);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_shows_each_condition_with_the_value_it_saw),
		cmocka_unit_test(what_is_not_known_and_what_was_decided_before_is_said),
		cmocka_unit_test(compound_conditions_of_elements_name_the_element),
		cmocka_unit_test(a_condition_that_failed_says_so_and_the_whole_has_no_verdict),
		cmocka_unit_test(the_tree_is_written_as_json),
		cmocka_unit_test(long_lists_are_cut_but_judged_whole),
		cmocka_unit_test(values_do_not_reach_the_terminal_as_commands),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
