// SPDX-License-Identifier: Apache-2.0
#include "domain/policy_testing.h"

#include "base/str.h"
#include "domain/preflight.h"

static struct preflight_case
good(void)
{
	return (struct preflight_case){.profile = "P",
		.hybrid = true,
		.preprovisioning = true,
		.trust_store = "hardware",
		.trust_known = true,
		.trust_roots = 3,
		.esp = "E",
		.domain_join = "J",
		.domain = "corp.example.com",
		.ou = "",
		.connector = CONNECTOR_ACTIVE};
}

static const char *
checked(const struct preflight_case *c)
{
	struct findings out = {.arena = &arena};

	preflight_check(c, &out);
	return said(&out);
}

#define EXPECT(change, says_)                                                                      \
	do {                                                                                       \
		struct preflight_case c = good();                                                  \
		change;                                                                            \
		assert_string_equal(checked(&c), says_);                                           \
	} while (0)

static void
each_mistake_of_an_assignment_has_its_name(void **state)
{
	(void)state;
	EXPECT(c.profile = NULL, "warning profile_missing");
	EXPECT(c.domain_join = NULL, "blocking domain_join_profile_missing"); // J7
	EXPECT(c.connector = CONNECTOR_NONE, "blocking connector_missing");   // K9
	EXPECT(c.connector = CONNECTOR_PENDING, "warning connector_pending");
	EXPECT(c.connector = CONNECTOR_ERROR, "warning connector_down"); // K11
	EXPECT(c.connector = CONNECTOR_INACTIVE, "warning connector_down");
	EXPECT(c.connector_fault = "ou_denied", "warning ou_denied");
	EXPECT(c.with_user = true, "warning assigned_user_hybrid"); // G13
	EXPECT(c.esp = NULL, "blocking esp_missing");		    // W3
	EXPECT((c.esp = NULL, c.esp_user = "U"),
		"warning esp_user_targeted; blocking esp_missing"); // X16
	EXPECT((c.esp = NULL, c.preprovisioning = false), "warning esp_none_for_hybrid");
	EXPECT(c.trust_known = false, "blocking trust_store_missing");
	EXPECT(c.trust_roots = 0, "blocking trust_store_missing");
	EXPECT(c.other_join = "Q", "warning profiles_of_both_joins"); // P31
	EXPECT(c.excluded = "Q", "note profile_excluded");	      // P18
	EXPECT(c.undecided = "G", "note rule_undecided");
}

// M4, G13, SD3
static void
self_deploying_devices_have_mistakes_of_their_own(void **state)
{
	(void)state;
	EXPECT((c.self_deploying = true, c.preprovisioning = false),
		"blocking profile_self_deploying_hybrid");
	EXPECT((c.self_deploying = true, c.preprovisioning = c.hybrid = false, c.with_user = true),
		"note assigned_user_ignored");
	EXPECT((c.self_deploying = true, c.preprovisioning = c.hybrid = false, c.esp = NULL,
		       c.esp_user = "U"),
		"warning esp_user_targeted");
	EXPECT((c.self_deploying = true, c.preprovisioning = c.hybrid = false, c.trust_roots = 0),
		"blocking trust_store_missing");
}

static void
what_can_work_is_not_criticized(void **state)
{
	(void)state;
	EXPECT((void)0, "");
	EXPECT((c.hybrid = c.preprovisioning = false, c.domain_join = NULL, c.esp = NULL,
		       c.connector = CONNECTOR_NONE, c.with_user = true, c.trust_known = false),
		"");
}

// K11
static void
a_connector_is_active_for_an_hour_and_in_error_for_five_days(void **state)
{
	(void)state;
	const time_us now = 100 * US_PER_DAY, hour = 60 * US_PER_MIN;

	assert_int_equal(connector_state_of(false, now, now), CONNECTOR_NONE);
	assert_int_equal(connector_state_of(true, 0, now), CONNECTOR_PENDING);
	assert_int_equal(connector_state_of(true, now - hour, now), CONNECTOR_ACTIVE);
	assert_int_equal(connector_state_of(true, now - hour - 1, now), CONNECTOR_ERROR);
	assert_int_equal(connector_state_of(true, now - 5 * US_PER_DAY, now), CONNECTOR_ERROR);
	assert_int_equal(
		connector_state_of(true, now - 5 * US_PER_DAY - 1, now), CONNECTOR_INACTIVE);
	assert_string_equal(connector_state_name(CONNECTOR_INACTIVE), "inactive");
}

static void
a_blocking_finding_makes_an_error_with_its_name(void **state)
{
	(void)state;
	struct findings out = {.arena = &arena};
	struct error e;

	finding_add(&out, SEVERITY_WARNING, "connector_down", "w");
	assert_true(findings_check(&out, &e) && !findings_block(&out));
	finding_add(&out, SEVERITY_BLOCKING, "esp_missing", "%s", "b");
	assert_true(findings_block(&out) && !findings_check(&out, &e));
	assert_string_equal(e.fault, "esp_missing");
	assert_string_equal(e.message, "b");
	assert_non_null(finding_named(&out, "connector_down"));
	assert_null(finding_named(&out, "group_empty"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_of_an_assignment_has_its_name),
		cmocka_unit_test(self_deploying_devices_have_mistakes_of_their_own),
		cmocka_unit_test(what_can_work_is_not_criticized),
		cmocka_unit_test(a_connector_is_active_for_an_hour_and_in_error_for_five_days),
		cmocka_unit_test(a_blocking_finding_makes_an_error_with_its_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
