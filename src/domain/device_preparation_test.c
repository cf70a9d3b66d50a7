// SPDX-License-Identifier: Apache-2.0
#include "domain/policy_testing.h"

#include "base/str.h"
#include "domain/device_preparation.h"

#define SETTING(name, value)                                                                       \
	"{\"settingInstance\":{\"settingDefinitionId\":\"enrollment_autopilot_dpp_" name           \
	"\"," value "}}"
#define CHOICE(name, n)                                                                            \
	SETTING(name,                                                                              \
		"\"choiceSettingValue\":{\"value\":\"enrollment_autopilot_dpp_" name "_" n "\"}")

static void
a_policy_without_a_group_that_takes_devices_is_named(void **state)
{
	(void)state;
	const struct {
		struct preparation policy;
		struct preparation_group group;
		const char *says;
	} cases[] = {
		{{.timeout_minutes = 60, .group_id = ""}, {0},
			"blocking preparation_group_missing"},
		{{.timeout_minutes = 60, .group_id = "g"}, {0},
			"blocking preparation_group_missing"},
		{{.timeout_minutes = 60, .group_id = "g"}, {.exists = true, .dynamic = true},
			"blocking preparation_group_dynamic"},
		{{.timeout_minutes = 60, .group_id = "g"}, {.exists = true, .synchronized = true},
			"blocking preparation_group_dynamic"},
		{{.timeout_minutes = 60, .group_id = "g", .joins_domain = true}, {.exists = true},
			"blocking preparation_hybrid"},
		{{.timeout_minutes = 14, .group_id = "g"}, {.exists = true},
			"blocking preparation_timeout"},
		{{.timeout_minutes = 721, .group_id = "g"}, {.exists = true},
			"blocking preparation_timeout"},
		{{.timeout_minutes = 720, .group_id = "g", .app_count = 26}, {.exists = true},
			"note preparation_many_items"},
		{{.timeout_minutes = 15, .group_id = "g", .app_count = 25, .script_count = 10},
			{.exists = true}, ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct findings out = {.arena = &arena};
		struct preparation policy = cases[i].policy;
		struct preparation_group group = cases[i].group;
		policy.name = group.name = "X";
		preparation_check(&policy, &group, &out);
		assert_string_equal(said(&out), cases[i].says);
	}
}

// Z3-Z6
static void
a_configuration_policy_is_read(void **state)
{
	(void)state;
	struct preparation p;

	assert_false(preparation_read(&arena, parse("{\"name\":\"other\",\"settings\":[]}"), &p));
	assert_true(preparation_read(&arena,
		parse("{\"id\":\"1\",\"name\":\"Prepare\",\"priority\":2,\"ferryDeviceGroupId\":"
		      "\"g\","
		      "\"settings\":[" CHOICE("deploymentmode", "0") "," CHOICE("deploymenttype",
			      "1") "," CHOICE("accountype", "1") "," CHOICE("allowskip",
			      "0") "," CHOICE("allowdiagnostics", "1") "," SETTING("timeout",
			      "\"simpleSettingValue\":{\"value\":90}") "," SETTING("allowedappids",
			      "\"simpleSettingCollectionValue\":[{\"value\":\"a\"}]") "]}"),
		&p));
	assert_true(p.automatic && p.administrator && p.show_diagnostics && !p.allow_skip);
	assert_int_equal(p.timeout_minutes, 90);
	assert_int_equal(p.app_count, 1);
	assert_int_equal(p.script_count, 0);
	assert_string_equal(p.group_id, "g");
}

// Z2, Z16: what a list of apps may look like, and what is not said.
static void
lists_choices_and_texts_are_read_in_every_form(void **state)
{
	(void)state;
	struct preparation p;

	assert_true(preparation_read(&arena,
		parse("{\"ferryTrustStore\":\"lab\",\"settings\":[" CHOICE(
			"deploymentmode", "0") "," CHOICE("jointype", "1") "," CHOICE("hideeula",
			"1") "," SETTING("devicenametemplate",
			"\"simpleSettingValue\":{\"value\":\"PC-%SERIAL%\"}") "," SETTING("alloweds"
											  "criptid"
											  "s",
			"\"simpleSettingCollectionValue\":[{\"value\":"
			"\"S1\"},{}]") "," SETTING("allowedappids",
			"\"simpleSettingCollectionValue\":[{\"value\":\"{\\\"id\\\":\\\"AB\\\","
			"\\\"type\\\":\\\"#t\\\"}\"},{\"value\":\"{broken\"},{\"value\":7}]") "]}"),
		&p));
	assert_true(p.joins_domain && p.hide_eula && !p.hide_privacy);
	assert_string_equal(p.name_template, "PC-%SERIAL%");
	assert_string_equal(p.trust_store, "lab");
	assert_int_equal(p.app_count, 3);
	assert_string_equal(p.apps[0].id, "ab");
	assert_string_equal(p.apps[0].type, "#t");
	assert_string_equal(p.apps[1].id, "{broken");
	assert_string_equal(p.apps[2].id, "");
	assert_int_equal(p.script_count, 2);
	assert_string_equal(p.scripts[0], "s1");
	assert_string_equal(p.scripts[1], "");
	assert_true(preparation_read(
		&arena, parse("{\"settings\":[" CHOICE("deploymentmode", "0") "]}"), &p));
	assert_true(!p.joins_domain && p.app_count == 0);
	assert_string_equal(p.trust_store, "hardware");
}

// Z10
static void
everything_is_set_up_in_the_order_of_its_kind_and_once(void **state)
{
	(void)state;
	const struct preparation_ref apps[] = {{"w", "#microsoft.graph.win32LobApp"}, {"l", ""},
		{"w", ""}, {"m", "#microsoft.graph.officeSuiteApp"}, {"x", "#a.winGetApp"}};
	const char *const scripts[] = {"s", "w"};
	const struct preparation_known known[] = {
		{"w", "app", "Win", "#microsoft.graph.win32LobApp", true},
		{"s", "script", "Script", "", true},
		{"l", "app", "Line", "#microsoft.graph.windowsMobileMSI", true},
		{"m", "app", "Office", "#microsoft.graph.officeSuiteApp", false},
	};
	struct preparation p = {
		.apps = apps, .app_count = 5, .scripts = scripts, .script_count = 2};
	struct preparation_step *steps;
	const char *all = "";

	size_t count = preparation_plan(&arena, &p, "G", known, 4, &steps);
	for (size_t i = 0; i < count; i++)
		all = arena_printf(&arena, "%s %s:%s%s", all,
			preparation_stage_name(steps[i].stage), steps[i].name,
			steps[i].skipped ? "!" : "");
	assert_string_equal(all, " lob:Line lob:Office! script:Script app:Win app:x!");
	assert_string_equal(steps[1].skipped, "not assigned to the device group \"G\"");
	assert_int_equal(preparation_stage_of("policy", ""), PREPARATION_POLICY);
	p = (struct preparation){0};
	assert_int_equal(preparation_plan(&arena, &p, "G", known, 4, &steps), 0);
}

// Z2, Z12
static void
a_registered_device_keeps_its_profile_unless_it_is_associated(void **state)
{
	(void)state;
	assert_non_null(preparation_refused(false, false, true));
	assert_non_null(preparation_refused(true, false, false));
	assert_null(preparation_refused(true, true, false));
	assert_null(preparation_refused(false, false, false));
}

// Z12
static void
devices_come_before_users_and_low_numbers_before_high_ones(void **state)
{
	(void)state;
	struct preparation one = {.id = "a", .priority = 1}, two = {.id = "b", .priority = 2};

	assert_true(preparation_order(&two, true, &one, false) < 0);
	assert_true(preparation_order(&one, false, &two, true) > 0);
	assert_true(preparation_order(&one, true, &two, true) < 0);
	two.priority = 1;
	assert_true(preparation_order(&two, false, &one, false) > 0);
	assert_true(preparation_order(&one, false, &one, false) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_without_a_group_that_takes_devices_is_named),
		cmocka_unit_test(a_configuration_policy_is_read),
		cmocka_unit_test(lists_choices_and_texts_are_read_in_every_form),
		cmocka_unit_test(everything_is_set_up_in_the_order_of_its_kind_and_once),
		cmocka_unit_test(a_registered_device_keeps_its_profile_unless_it_is_associated),
		cmocka_unit_test(devices_come_before_users_and_low_numbers_before_high_ones),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
