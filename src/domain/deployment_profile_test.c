// SPDX-License-Identifier: Apache-2.0
#include "domain/policy_testing.h"

#include "base/str.h"
#include "domain/deployment_profile.h"

#define DIRECTORY "\"@odata.type\":\"#microsoft.graph.azureADWindowsAutopilotDeploymentProfile\","
#define HYBRID                                                                                     \
	"\"@odata.type\":\"#microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile\","

static const char *
checked(const char *document)
{
	struct findings out = {.arena = &arena};

	profile_settings_check(parse(document), false, &out);
	return said(&out);
}

static struct profile_settings
read_in(const char *document)
{
	struct profile_settings s;

	profile_settings_read(&arena, parse(document), &s);
	return s;
}

static void
settings_that_cannot_go_together_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *document, *says;
	} cases[] = {
		// P2
		{"{" DIRECTORY "\"displayName\":\"\"}", "blocking profile_name_missing"},
		{"{" DIRECTORY "\"displayName\":\"P\",\"deviceType\":\"surfaceHub2\"}",
			"blocking profile_device_type"},
		{"{" DIRECTORY "\"displayName\":\"P\",\"deviceType\":\"holoLens\"}",
			"blocking profile_device_type"},
		// G4
		{"{" DIRECTORY "\"displayName\":\"OfflineAutopilotprofile-1\"}",
			"warning profile_name_reserved"},
		// M4, P6
		{"{" HYBRID "\"displayName\":\"P\",\"outOfBoxExperienceSetting\":"
		 "{\"deviceUsageType\":\"shared\"}}",
			"blocking profile_self_deploying_hybrid"},
		{"{" HYBRID "\"displayName\":\"P\",\"outOfBoxExperienceSettings\":"
		 "{\"deviceUsageType\":\"shared\"}}",
			"blocking profile_self_deploying_hybrid"},
		// P7
		{"{" DIRECTORY "\"displayName\":\"P\","
		 "\"hybridAzureADJoinSkipConnectivityCheck\":true}",
			"note profile_value_forced"},
		// P10
		{"{" DIRECTORY "\"displayName\":\"P\",\"outOfBoxExperienceSetting\":"
		 "{\"escapeLinkHidden\":true}}",
			"warning profile_needs_branding"},
		{"{" DIRECTORY "\"displayName\":\"P\",\"outOfBoxExperienceSettings\":"
		 "{\"hideEscapeLink\":true}}",
			"warning profile_needs_branding"},
		// P13
		{"{" DIRECTORY "\"displayName\":\"P\",\"locale\":\"German please\"}",
			"blocking profile_language_invalid"},
		{"{" DIRECTORY "\"displayName\":\"P\",\"language\":\"x\"}",
			"blocking profile_language_invalid"},
		// P14
		{"{" DIRECTORY "\"displayName\":\"P\",\"locale\":\"\","
		 "\"outOfBoxExperienceSetting\":{\"keyboardSelectionPageSkipped\":true}}",
			"warning profile_keyboard_needs_language"},
		// P15, P23
		{"{" HYBRID "\"displayName\":\"P\",\"deviceNameTemplate\":\"PC-%SERIAL%\"}",
			"warning profile_name_ignored"},
		// P20
		{"{" DIRECTORY "\"displayName\":\"P\",\"deviceNameTemplate\":\"1234\"}",
			"blocking name_template_invalid"},
		{"{" DIRECTORY "\"displayName\":\"P\",\"deviceNameTemplate\":\"%serial%\"}",
			"blocking name_template_invalid"},
		// P16
		{"{" DIRECTORY "\"displayName\":\"P\",\"enableWhiteGlove\":true,"
		 "\"outOfBoxExperienceSettings\":{\"deviceUsageType\":\"shared\","
		 "\"hideEULA\":false,\"userType\":\"administrator\"}}",
			"warning profile_value_forced; warning profile_value_forced; "
			"note profile_value_forced"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!str_eq(checked(cases[i].document), cases[i].says))
			fail_msg("%s\nsays %s\nnot %s", cases[i].document,
				checked(cases[i].document), cases[i].says);
}

static void
what_is_in_order_has_no_findings(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"{" DIRECTORY "\"displayName\":\"P\"}",
		"{" HYBRID "\"displayName\":\"P\",\"deviceNameTemplate\":\"\","
		"\"hybridAzureADJoinSkipConnectivityCheck\":true,\"preprovisioningAllowed\":true}",
		"{" DIRECTORY "\"displayName\":\"P\",\"deviceNameTemplate\":\"K-%RAND:5%\","
		"\"locale\":\"sr-Latn-RS\",\"outOfBoxExperienceSetting\":"
		"{\"deviceUsageType\":\"shared\"}}",
		"{" DIRECTORY "\"displayName\":\"P\",\"deviceType\":\"holoLens\","
		"\"outOfBoxExperienceSetting\":{\"deviceUsageType\":\"shared\"}}",
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(checked(cases[i]), "");
	// Branding is there (P10).
	struct findings out = {.arena = &arena};
	profile_settings_check(
		parse("{" DIRECTORY "\"displayName\":\"P\",\"outOfBoxExperienceSetting\":"
		      "{\"escapeLinkHidden\":true}}"),
		true, &out);
	assert_int_equal(out.count, 0);
}

// P4-P17
static void
what_is_left_out_has_autopilots_default(void **state)
{
	(void)state;
	struct profile_settings s = read_in("{" DIRECTORY "\"displayName\":\"P\"}");

	assert_false(s.hybrid || s.mode != PROFILE_USER_DRIVEN || s.convert_targeted ||
		s.skip_dc_check || s.eula_hidden || s.privacy_hidden || s.change_account_hidden ||
		s.standard_user || s.preprovisioning || s.keyboard_skipped);
	assert_string_equal(s.locale, "os-default");
	assert_string_equal(s.name_template, "");
	assert_string_equal(s.device_type, "windowsPc");
	assert_string_equal(s.trust_store, "hardware");
	assert_int_equal(profile_oobe_config(&s), OOBE_SKIP_CORTANA | OOBE_SKIP_OEM);
}

static void
both_generations_of_names_mean_the_same(void **state)
{
	(void)state;
	struct profile_settings s[] = {
		read_in("{" HYBRID "\"displayName\":\"P\",\"preprovisioningAllowed\":true,"
			"\"hardwareHashExtractionEnabled\":true,\"locale\":\"de-DE\","
			"\"hybridAzureADJoinSkipConnectivityCheck\":true,"
			"\"outOfBoxExperienceSetting\":{\"privacySettingsHidden\":true,"
			"\"eulaHidden\":true,\"userType\":\"standard\","
			"\"keyboardSelectionPageSkipped\":true,\"escapeLinkHidden\":true}}"),
		read_in("{" HYBRID "\"displayName\":\"P\",\"enableWhiteGlove\":true,"
			"\"extractHardwareHash\":true,\"language\":\"de-DE\","
			"\"hybridAzureADJoinSkipConnectivityCheck\":true,"
			"\"outOfBoxExperienceSettings\":{\"hidePrivacySettings\":true,"
			"\"hideEULA\":true,\"userType\":\"standard\","
			"\"skipKeyboardSelectionPage\":true,\"hideEscapeLink\":true}}")};

	for (int i = 0; i < 2; i++) {
		assert_true(s[i].hybrid && s[i].convert_targeted && s[i].skip_dc_check &&
			s[i].eula_hidden && s[i].privacy_hidden && s[i].change_account_hidden &&
			s[i].standard_user && s[i].preprovisioning && s[i].keyboard_skipped);
		assert_string_equal(s[i].locale, "de-DE");
		assert_int_equal(profile_oobe_config(&s[i]), 1 + 2 + 4 + 8 + 16 + 128 + 1024);
	}
}

// P16
static void
a_self_deploying_profile_forces_its_values(void **state)
{
	(void)state;
	struct profile_settings s =
		read_in("{" DIRECTORY "\"displayName\":\"P\",\"preprovisioningAllowed\":true,"
			"\"outOfBoxExperienceSetting\":{\"deviceUsageType\":\"shared\","
			"\"userType\":\"administrator\",\"eulaHidden\":false}}");

	assert_int_equal(s.mode, PROFILE_SELF_DEPLOYING);
	assert_true(s.eula_hidden && s.privacy_hidden && s.change_account_hidden);
	assert_true(s.standard_user && !s.preprovisioning);
	assert_int_equal(profile_oobe_config(&s), 1 + 2 + 4 + 8 + 16 + 32 + 64);
}

static void
a_setting_of_the_other_join_has_no_effect(void **state)
{
	(void)state;
	assert_string_equal(read_in("{" HYBRID "\"displayName\":\"P\",\"deviceNameTemplate\":"
				    "\"PC-%SERIAL%\"}")
				    .name_template,
		"");
	assert_false(read_in("{" DIRECTORY "\"displayName\":\"P\","
			     "\"hybridAzureADJoinSkipConnectivityCheck\":true}")
			     .skip_dc_check);
	assert_false(read_in("{" DIRECTORY "\"displayName\":\"P\",\"locale\":\"\","
			     "\"outOfBoxExperienceSetting\":"
			     "{\"keyboardSelectionPageSkipped\":true}}")
			     .keyboard_skipped);
}

// C8: 177 sets the bit of TPM attestation without that of device authentication.
static void
odd_sets_of_bits_are_noticed(void **state)
{
	(void)state;
	static const struct {
		unsigned bits;
		bool odd;
	} cases[] = {{177, true}, {64, true}, {2048, true}, {32 + 64 + 128, true}, {0, false},
		{1 + 2 + 4 + 8 + 16 + 32 + 64, false}, {128 + 16 + 1, false}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct findings out = {.arena = &arena};
		oobe_config_check(cases[i].bits, &out);
		assert_int_equal(out.count > 0, cases[i].odd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_that_cannot_go_together_are_named),
		cmocka_unit_test(what_is_in_order_has_no_findings),
		cmocka_unit_test(what_is_left_out_has_autopilots_default),
		cmocka_unit_test(both_generations_of_names_mean_the_same),
		cmocka_unit_test(a_self_deploying_profile_forces_its_values),
		cmocka_unit_test(a_setting_of_the_other_join_has_no_effect),
		cmocka_unit_test(odd_sets_of_bits_are_noticed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
