// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/deployment_mode.h"
#include "domain/fault.h"

// A device with everything that a mode may need; each case takes something away.
static struct mode_facts
complete(enum deployment_mode mode)
{
	return (struct mode_facts){
		.device = "CN-1",
		.profile = "P",
		.profile_mode =
			mode == MODE_SELF_DEPLOYING ? PROFILE_SELF_DEPLOYING : PROFILE_USER_DRIVEN,
		.preprovisioning = true,
		.page = true,
		.domain_join = true,
		.signed_in = true,
	};
}

static const char *
fault_in(enum deployment_mode mode, const struct mode_facts *facts)
{
	static struct error e;

	if (mode_check(mode, facts, &e))
		return "";
	assert_non_null(fault_find(e.fault));
	assert_null(strchr(e.message, '$'));
	assert_null(strchr(e.message, '?'));
	return e.fault;
}

static void
what_no_settings_make_possible_is_refused(void **state)
{
	(void)state;
	static const struct {
		enum deployment_mode mode;
		const char *fault;
	} hybrid[] = {
		{MODE_SELF_DEPLOYING, "profile_self_deploying_hybrid"}, // M4
		{MODE_DEVICE_PREPARATION, "preparation_hybrid"},	// M7
		{MODE_AUTOPILOT_RESET, "reset_hybrid"},			// M6
	};
	static const struct {
		unsigned bits;
		const char *fault;
	} files[] = {
		{OOBE_TPM_ATTEST | OOBE_DEVICE_AUTH, "offline_self_deploying"}, // M5
		{OOBE_TPM_ATTEST, "offline_self_deploying"},			// C8
		{OOBE_WHITE_GLOVE, "offline_preprovisioned"},
	};

	for (size_t i = 0; i < sizeof hybrid / sizeof *hybrid; i++) {
		struct mode_facts facts = complete(hybrid[i].mode);
		facts.hybrid = true;
		assert_string_equal(fault_in(hybrid[i].mode, &facts), hybrid[i].fault);
	}
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct mode_facts facts = complete(MODE_EXISTING_DEVICE);
		facts.oobe = files[i].bits;
		assert_string_equal(fault_in(MODE_EXISTING_DEVICE, &facts), files[i].fault);
	}
}

static void
what_an_administrator_can_mend_is_named(void **state)
{
	(void)state;
	struct mode_facts f;

	for (enum deployment_mode mode = 0; mode < MODE_COUNT; mode++) {
		const struct mode_traits *m = mode_traits(mode);
		f = complete(mode);
		f.profile = NULL;
		assert_string_equal(fault_in(mode, &f), m->profile ? "profile_missing" : "");
		f = complete(mode);
		f.page = false;
		assert_string_equal(fault_in(mode, &f), m->page ? "esp_missing" : "");
		f = complete(mode);
		f.reuse_blocked = true;
		assert_string_equal(fault_in(mode, &f), m->one_time ? "reuse_blocked" : "");
		f = complete(mode);
		f.hybrid = m->hybrid;
		f.domain_join = false;
		assert_string_equal(
			fault_in(mode, &f), m->hybrid ? "domain_join_profile_missing" : "");
		f = complete(mode);
		f.tpm_missing = true;
		assert_string_equal(fault_in(mode, &f), m->proof ? "tpm_missing" : "");
		f = complete(mode);
		f.signed_in = false;
		assert_string_equal(fault_in(mode, &f), m->person ? "signin_needed" : "");
	}
	f = complete(MODE_PREPROVISIONED);
	f.preprovisioning = false;
	assert_string_equal(fault_in(MODE_PREPROVISIONED, &f), "preprovisioning_not_allowed");
}

static void
a_profile_has_one_mode(void **state)
{
	(void)state;
	struct mode_facts f = complete(MODE_SELF_DEPLOYING);

	assert_string_equal(fault_in(MODE_USER_DRIVEN, &f), "mode_not_of_profile");
	assert_string_equal(fault_in(MODE_PREPROVISIONED, &f), "mode_not_of_profile");
	f = complete(MODE_USER_DRIVEN);
	assert_string_equal(fault_in(MODE_SELF_DEPLOYING, &f), "mode_not_of_profile");
	assert_int_equal(mode_of_profile(PROFILE_SELF_DEPLOYING), MODE_SELF_DEPLOYING);
	assert_int_equal(mode_of_profile(PROFILE_USER_DRIVEN), MODE_USER_DRIVEN);
}

static void
the_first_obstacle_is_told_first(void **state)
{
	(void)state;
	struct mode_facts f = {.device = "CN-1"};

	assert_string_equal(fault_in(MODE_PREPROVISIONED, &f), "profile_missing");
	f.profile = "P";
	assert_string_equal(fault_in(MODE_PREPROVISIONED, &f), "preprovisioning_not_allowed");
	f.preprovisioning = true;
	assert_string_equal(fault_in(MODE_PREPROVISIONED, &f), "esp_missing");
	f.page = f.hybrid = true;
	assert_string_equal(fault_in(MODE_PREPROVISIONED, &f), "domain_join_profile_missing");
	f.domain_join = true;
	assert_string_equal(fault_in(MODE_PREPROVISIONED, &f), "");
	assert_string_equal(fault_in(MODE_USER_DRIVEN, &f), "signin_needed");
}

static void
every_mode_works_for_a_device_with_everything_it_needs(void **state)
{
	(void)state;
	enum deployment_mode found;

	for (enum deployment_mode mode = 0; mode < MODE_COUNT; mode++) {
		struct mode_facts f = complete(mode);
		assert_string_equal(fault_in(mode, &f), "");
		assert_true(mode_from_name(mode_traits(mode)->name, &found));
		assert_int_equal(found, mode);
	}
	assert_false(mode_from_name("kiosk", &found));
	assert_false(mode_from_name(NULL, &found));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_settings_make_possible_is_refused),
		cmocka_unit_test(what_an_administrator_can_mend_is_named),
		cmocka_unit_test(a_profile_has_one_mode),
		cmocka_unit_test(the_first_obstacle_is_told_first),
		cmocka_unit_test(every_mode_works_for_a_device_with_everything_it_needs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
