// SPDX-License-Identifier: Apache-2.0
#include "domain/policy_testing.h"

#include "base/str.h"
#include "domain/esp_profile.h"

static const char *
checked(const char *document)
{
	struct findings out = {.arena = &arena};

	esp_settings_check(parse(document), &out);
	return said(&out);
}

static struct esp_settings
read_in(const char *document)
{
	struct esp_settings s;

	esp_settings_read(&arena, parse(document), &s);
	return s;
}

static void
impossible_pages_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *document, *says;
	} cases[] = {
		{"{\"installProgressTimeoutInMinutes\":0}", "blocking esp_timeout_invalid"},
		{"{\"installProgressTimeoutInMinutes\":1441}", "blocking esp_timeout_invalid"},
		{"{\"ferryHybridExtraMinutes\":-1}", "blocking esp_timeout_invalid"},
		{"{\"allowDeviceResetOnInstallFailure\":true}", "warning esp_not_shown"},
		{"{\"selectedMobileAppIds\":[\"a\"]}", "warning esp_not_shown"},
		{"{\"showInstallationProgress\":true,\"allowNonBlockingAppInstallation\":true}",
			"note esp_selection_missing"},
		{"{\"showInstallationProgress\":true,\"allowDeviceUseOnInstallFailure\":true}",
			"note esp_use_on_error"},
		{"{\"showInstallationProgress\":true,\"installProgressTimeoutInMinutes\":1440}",
			""},
		{"{}", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!str_eq(checked(cases[i].document), cases[i].says))
			fail_msg("%s: %s", cases[i].document, checked(cases[i].document));
}

// X5
static void
a_message_may_have_ten_thousand_bytes(void **state)
{
	(void)state;
	char *text = arena_alloc(&arena, 10002);

	memset(text, 'x', 10001);
	text[10001] = '\0';
	assert_string_equal(checked(arena_printf(&arena, "{\"customErrorMessage\":\"%s\"}", text)),
		"blocking esp_message_too_long");
	assert_string_equal(
		checked(arena_printf(&arena, "{\"customErrorMessage\":\"%s\"}", text + 1)), "");
}

// X2-X6, C7
static void
what_is_left_out_has_autopilots_default(void **state)
{
	(void)state;
	struct esp_settings s[] = {read_in("{}"), esp_settings_default()};

	for (int i = 0; i < 2; i++) {
		assert_false(s[i].show || s[i].logs || s[i].reset_on_error || s[i].use_on_error ||
			s[i].first_user_only || s[i].quality_updates || s[i].try_all);
		assert_int_equal(s[i].timeout_minutes, 60);
		assert_int_equal(s[i].hybrid_extra_minutes, 40);
		assert_true(str_starts(s[i].message, "Setup could not be completed."));
		assert_int_equal(s[i].selected_count, 0);
	}
}

// X4, pains row 18
static void
the_domain_join_adds_its_minutes_in_the_open(void **state)
{
	(void)state;
	struct esp_settings s =
		read_in("{\"installProgressTimeoutInMinutes\":45,\"ferryHybridExtraMinutes\":30}");

	assert_int_equal(esp_timeout(&s, false).total, 45);
	assert_int_equal(esp_timeout(&s, true).minutes, 45);
	assert_int_equal(esp_timeout(&s, true).extra, 30);
	assert_int_equal(esp_timeout(&s, true).total, 75);
	s = read_in("{}");
	assert_int_equal(esp_timeout(&s, true).total, 100);
}

// X51
static void
what_people_may_do_is_a_bit_and_never_nothing(void **state)
{
	(void)state;
	struct esp_settings s = read_in("{\"showInstallationProgress\":true}");

	assert_int_equal(esp_block_bits(&s), 2);
	s.retry_blocked = true;
	assert_int_equal(esp_block_bits(&s), 2);
	s.reset_on_error = s.use_on_error = true;
	assert_int_equal(esp_block_bits(&s), 1 + 4);
	s.retry_blocked = false;
	assert_int_equal(esp_block_bits(&s), 1 + 2 + 4);
}

// X12, X13, X14, X17
static void
an_app_blocks_is_tried_or_waits_by_flow_and_selection(void **state)
{
	(void)state;
	static const struct {
		bool show, select, try_all;
		const char *app;
		enum esp_flow flow;
		bool for_user;
		bool attempt, wait, fatal;
	} cases[] = {
		{true, true, true, "a", ESP_FLOW_TECHNICIAN, true, false, false, false},
		{true, false, false, "a", ESP_FLOW_USER_DRIVEN, true, false, false, false},
		{true, true, false, "b", ESP_FLOW_TECHNICIAN, false, false, false, false},
		{true, true, false, "b", ESP_FLOW_USER_DRIVEN, false, false, false, false},
		{true, true, true, "b", ESP_FLOW_SELF_DEPLOYING, false, false, false, false},
		{false, true, false, "a", ESP_FLOW_TECHNICIAN, false, true, false, false},
		{true, true, true, "b", ESP_FLOW_TECHNICIAN, false, true, true, false},
		{true, true, true, "a", ESP_FLOW_TECHNICIAN, false, true, true, true},
		{true, true, false, "A", ESP_FLOW_USER_DRIVEN, false, true, true, true},
		{true, false, false, "b", ESP_FLOW_SELF_DEPLOYING, false, true, true, true},
	};
	static const char *const selected[] = {"a"};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct esp_settings s = {.show = cases[i].show,
			.try_all = cases[i].try_all,
			.selected = selected,
			.selected_count = cases[i].select};
		struct esp_app app =
			esp_app_decide(&s, cases[i].app, cases[i].flow, cases[i].for_user);
		assert_non_null(app.reason);
		if (app.attempt != cases[i].attempt || app.wait != cases[i].wait ||
			app.fatal != cases[i].fatal)
			fail_msg("case %zu: %d %d %d: %s", i, app.attempt, app.wait, app.fatal,
				app.reason);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impossible_pages_are_refused),
		cmocka_unit_test(a_message_may_have_ten_thousand_bytes),
		cmocka_unit_test(what_is_left_out_has_autopilots_default),
		cmocka_unit_test(the_domain_join_adds_its_minutes_in_the_open),
		cmocka_unit_test(what_people_may_do_is_a_bit_and_never_nothing),
		cmocka_unit_test(an_app_blocks_is_tried_or_waits_by_flow_and_selection),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
