// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// The Enrollment Status Page's table, compliance, and the checked postcondition of a deployment.
#include "base/str.h"
#include "domain/compliance.h"
#include "domain/esp.h"
#include "domain/join_state.h"

static void
every_row_of_the_page_has_a_key_of_its_own(void **state)
{
	(void)state;
	for (enum esp_row row = 0; row < ESP_ROWS; row++) {
		assert_non_null(esp_row_info(row)->key);
		assert_non_null(esp_row_info(row)->title);
		assert_int_equal(esp_row_by_key(esp_row_info(row)->key), row);
		// Rows of one phase stand together, phases in their order.
		assert_true(row == 0 || esp_row_info(row)->phase >= esp_row_info(row - 1)->phase);
	}
	assert_int_equal(esp_row_by_key("nothing"), ESP_ROWS);
	assert_int_equal(esp_row_by_key(NULL), ESP_ROWS);
	for (enum esp_phase phase = 0; phase < ESP_PHASES; phase++)
		assert_true(esp_phase_key(phase) && esp_phase_title(phase));
	for (enum esp_state s = 0; s < ESP_STATES; s++)
		assert_non_null(esp_state_name(s));
}

static void
items_count_in_the_row_of_their_kind_and_scope(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *scope;
		enum esp_row row;
	} cases[] = {{"policy", "device", ESP_POLICIES},
		{"certificate", "device", ESP_CERTIFICATES}, {"network", "device", ESP_NETWORKS},
		{"app", "device", ESP_APPS}, {"policy", "user", ESP_ACCOUNT_POLICIES},
		{"certificate", "user", ESP_ACCOUNT_CERTIFICATES},
		{"network", "user", ESP_ACCOUNT_NETWORKS}, {"app", "user", ESP_ACCOUNT_APPS},
		{"script", "device", ESP_ROWS}, {"", "user", ESP_ROWS}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(esp_row_of_item(cases[i].kind, cases[i].scope), cases[i].row);
}

static struct compliance_facts
compliant_device(void)
{
	return (struct compliance_facts){
		.attested_at = 100,
		.deployment_started_at = 100,
		.tpm_version = "2.0, 1.59",
		.domain_name = "pc-1.corp.example.com",
		.expected_domain = "corp.example.com",
		.items_assigned = 3,
		.items_done = 3,
	};
}

static void
each_missing_requirement_is_named(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *reasons;
	struct compliance_facts facts = compliant_device();

	facts.attested_at = 99;
	assert_false(compliance_evaluate(&arena, &facts, &reasons));
	assert_string_equal(reasons, "the TPM was not proven in this deployment");
	facts = compliant_device();
	facts.tpm_version = "1.2";
	assert_false(compliance_evaluate(&arena, &facts, &reasons));
	assert_string_equal(reasons, "the device reports no TPM 2.0");
	facts.tpm_version = NULL;
	assert_false(compliance_evaluate(&arena, &facts, &reasons));
	facts = compliant_device();
	facts.domain_name = NULL;
	assert_false(compliance_evaluate(&arena, &facts, &reasons));
	assert_non_null(strstr(reasons, "domain"));
	facts.domain_name = "pc-1.other.example.com";
	assert_false(compliance_evaluate(&arena, &facts, &reasons));
	facts = compliant_device();
	facts.items_done = 1;
	assert_false(compliance_evaluate(&arena, &facts, &reasons));
	assert_string_equal(reasons, "2 of 3 assigned items are not in place");
}

static void
all_reasons_are_named_at_once(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *reasons;
	struct compliance_facts facts = {
		.deployment_started_at = 1, .expected_domain = "x.example"};

	assert_false(compliance_evaluate(&arena, &facts, &reasons));
	assert_non_null(strstr(reasons, "TPM was not proven"));
	assert_non_null(strstr(reasons, "; the device reports no TPM 2.0"));
	assert_non_null(strstr(reasons, "; the device does not report the domain"));
}

static void
a_device_that_meets_everything_is_compliant_without_reasons(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *reasons;
	struct compliance_facts facts = compliant_device();

	assert_true(compliance_evaluate(&arena, &facts, &reasons));
	assert_string_equal(reasons, "");
	facts.domain_name = facts.expected_domain = NULL;
	assert_true(compliance_evaluate(&arena, &facts, &reasons));
}

static struct join_facts
joined(void)
{
	return (struct join_facts){
		.hybrid = true,
		.ad_checked = true,
		.ad_found = true,
		.ad_enabled = true,
		.ad_object_guid = "6F1A2B3C-0000-4000-8000-000000000001",
		.ad_dns_name = "PC-1.corp.example.com",
		.recorded_guid = "6f1a2b3c-0000-4000-8000-000000000001",
		.recorded_name = "PC-1",
		.domain = "corp.example.com",
		.device_domain_name = "pc-1.corp.example.com",
		.device_has_keytab = true,
		.trust_type = "ServerAD",
		.enrolled = true,
		.compliant = true,
	};
}

static void
half_a_join_is_a_failure_with_a_name(void **state)
{
	(void)state;
	struct join_facts facts[14];
	const char *faults[14];
	size_t n = 0;

#define BROKEN(change, fault_name)                                                                 \
	facts[n] = joined();                                                                       \
	facts[n].change;                                                                           \
	faults[n++] = (fault_name)
	BROKEN(recorded_guid = NULL, "join_state_ad");
	BROKEN(ad_checked = false, "join_state_ad");
	BROKEN(ad_found = false, "join_state_ad");
	BROKEN(ad_object_guid = "6f1a2b3c-0000-4000-8000-000000000002", "join_state_ad");
	BROKEN(ad_object_guid = NULL, "join_state_ad");
	BROKEN(ad_enabled = false, "join_state_ad");
	BROKEN(ad_dns_name = NULL, "join_state_ad");
	BROKEN(ad_dns_name = "PC-2.corp.example.com", "join_state_ad");
	BROKEN(device_domain_name = "", "join_state_ad");
	BROKEN(device_has_keytab = false, "join_state_ad");
	BROKEN(trust_type = "AzureAD", "join_state_directory");
	BROKEN(trust_type = NULL, "join_state_directory");
	BROKEN(enrolled = false, "join_state_mdm");
	BROKEN(compliant = false, "join_state_compliance");
	for (size_t i = 0; i < n; i++) {
		struct error e = {0};
		if (join_state_check(&facts[i], &e))
			fail_msg("case %zu passed", i);
		assert_int_equal(e.code, ERR_CONFLICT);
		assert_string_equal(e.fault, faults[i]);
		assert_true(*e.message);
	}
}

static void
a_whole_join_passes_and_a_directory_join_needs_no_domain(void **state)
{
	(void)state;
	struct join_facts facts = joined();
	struct error e;

	assert_true(join_state_check(&facts, &e));
	facts = (struct join_facts){.trust_type = "AzureAD", .enrolled = true, .compliant = true};
	assert_true(join_state_check(&facts, &e));
	facts.trust_type = "ServerAD";
	assert_false(join_state_check(&facts, &e));
	assert_string_equal(e.fault, "join_state_directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_page_has_a_key_of_its_own),
		cmocka_unit_test(items_count_in_the_row_of_their_kind_and_scope),
		cmocka_unit_test(each_missing_requirement_is_named),
		cmocka_unit_test(all_reasons_are_named_at_once),
		cmocka_unit_test(a_device_that_meets_everything_is_compliant_without_reasons),
		cmocka_unit_test(half_a_join_is_a_failure_with_a_name),
		cmocka_unit_test(a_whole_join_passes_and_a_directory_join_needs_no_domain),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
