// SPDX-License-Identifier: Apache-2.0
#include "domain/policy_testing.h"

#include "base/str.h"
#include "domain/enrollment_gate.h"

static const char *const staff[] = {"g-staff"};
static const char *const interns[] = {"g-interns"};

static struct gate_request
somebody(void)
{
	return (struct gate_request){.corporate = true,
		.user_id = "u1",
		.upn = "anna@contoso.example",
		.user_groups = staff,
		.user_group_count = 1,
		.os_version = "10.0.22631.3007",
		.edition = "Professional",
		.manufacturer = "Contoso"};
}

static const char *
fault_for(const struct gate_policies *p, const struct gate_request *r)
{
	struct gate_verdict v = enrollment_gate(&arena, p, r);

	assert_non_null(v.reason);
	assert_true(v.allowed == (v.fault == NULL));
	if (v.fault)
		assert_non_null(fault_find(v.fault));
	return v.fault ? v.fault : "";
}

static void
without_policies_everything_is_allowed(void **state)
{
	(void)state;
	struct gate_policies none = {0};
	struct gate_request r = {0};

	assert_string_equal(fault_for(&none, &r), "");
	r = somebody();
	assert_string_equal(fault_for(&none, &r), "");
}

// E1
static void
the_management_scope_is_nobody_somebody_or_everybody(void **state)
{
	(void)state;
	struct gate_policies p = {.management = {.scope = GATE_NONE}};
	struct gate_request r = somebody(), nobody = {.userless = true};

	assert_string_equal(fault_for(&p, &r), "management_scope_none");
	assert_string_equal(fault_for(&p, &nobody), "management_scope_none");
	p.management = (struct gate_membership){
		.scope = GATE_SELECTED, .groups = interns, .group_count = 1};
	assert_string_equal(fault_for(&p, &r), "management_scope_user");
	assert_string_equal(fault_for(&p, &nobody), "");
	r.user_groups = interns;
	assert_string_equal(fault_for(&p, &r), "");
}

// E6, E7
static void
who_may_join_and_how_often_counts_for_directory_joins_only(void **state)
{
	(void)state;
	static const char *const anna[] = {"u1"};
	struct gate_policies p = {.join = {.scope = GATE_NONE}};
	struct gate_request r = somebody();

	assert_string_equal(fault_for(&p, &r), "join_not_allowed");
	p.join = (struct gate_membership){
		.scope = GATE_SELECTED, .groups = interns, .group_count = 1};
	assert_string_equal(fault_for(&p, &r), "join_not_allowed");
	p.join.users = anna;
	p.join.user_count = 1;
	assert_string_equal(fault_for(&p, &r), "");
	p.quota = 5;
	r.devices_of_user = 5;
	assert_string_equal(fault_for(&p, &r), "device_quota");
	r.devices_of_user = 4;
	assert_string_equal(fault_for(&p, &r), "");
	p.join.scope = GATE_NONE;
	r.devices_of_user = 500;
	r.hybrid = true;
	assert_string_equal(fault_for(&p, &r), "");
	r.hybrid = false;
	r.userless = true;
	assert_string_equal(fault_for(&p, &r), "");
}

// E9, E12
static void
a_restriction_refuses_by_platform_owner_maker_edition_and_version(void **state)
{
	(void)state;
	static const char *const makers[] = {"CONTOSO"};
	static const char *const editions[] = {"Professional"};
	const struct {
		struct gate_restriction x;
		const char *says;
	} cases[] = {
		{{.blocked = true}, "platform_blocked"},
		{{.manufacturers = makers, .manufacturer_count = 1}, "platform_blocked"},
		{{.skus = editions, .sku_count = 1}, "platform_blocked"},
		{{.os_min = "10.0.22631.3008"}, "os_version_refused"},
		{{.os_max = "10.0.19045"}, "os_version_refused"},
		{{.os_min = "10.0.22631.3007", .os_max = "10.0.22631.3007"}, ""},
		{{.personal_blocked = true}, ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct gate_restriction x = cases[i].x;
		x.name = "R";
		struct gate_policies p = {.restrictions = &x, .restriction_count = 1};
		struct gate_request r = somebody();
		assert_string_equal(fault_for(&p, &r), cases[i].says);
	}
	struct gate_restriction personal = {.name = "R", .personal_blocked = true};
	struct gate_policies p = {.restrictions = &personal, .restriction_count = 1};
	struct gate_request r = somebody();
	r.corporate = false;
	assert_string_equal(fault_for(&p, &r), "personal_blocked");
	// What a device does not say cannot refuse it.
	personal = (struct gate_restriction){.name = "R", .os_min = "99"};
	r.os_version = "";
	assert_string_equal(fault_for(&p, &r), "");
}

// E10
static void
the_best_priority_decides_and_the_default_governs_devices_of_nobody(void **state)
{
	(void)state;
	const struct gate_restriction all[] = {
		{.name = "Default", .blocked = true},
		{.name = "Second",
			.priority = 2,
			.blocked = true,
			.groups = staff,
			.group_count = 1},
		{.name = "First", .priority = 1, .groups = staff, .group_count = 1},
	};
	struct gate_policies p = {.restrictions = all, .restriction_count = 3};
	struct gate_request r = somebody();

	assert_string_equal(fault_for(&p, &r), "");
	assert_non_null(strstr(enrollment_gate(&arena, &p, &r).reason, "\"First\""));
	r.user_groups = interns;
	assert_string_equal(fault_for(&p, &r), "platform_blocked");
	assert_non_null(strstr(enrollment_gate(&arena, &p, &r).reason, "\"Default\""));
	r.user_groups = staff;
	r.userless = true;
	assert_string_equal(fault_for(&p, &r), "platform_blocked");
}

// 0x80180022
static void
home_editions_are_refused_by_name(void **state)
{
	(void)state;
	static const struct {
		const char *edition, *says;
	} cases[] = {{"Core", "edition_unsupported"}, {"CoreSingleLanguage", "edition_unsupported"},
		{"Home", "edition_unsupported"}, {"101", "edition_unsupported"}, {"4", ""},
		{"Enterprise", ""}, {"", ""}};
	struct gate_policies none = {0};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct gate_request r = somebody();
		r.edition = cases[i].edition;
		assert_string_equal(fault_for(&none, &r), cases[i].says);
	}
}

static void
versions_are_compared_as_numbers(void **state)
{
	(void)state;
	assert_true(version_compare("10.0.9", "10.0.10") < 0);
	assert_true(version_compare("10.0.22631.3007", "10.0.22631") > 0);
	assert_true(version_compare("10.0", "10.0.0.0") == 0);
	assert_true(version_compare("", "0.0") == 0);
	assert_true(version_compare("99999999999999999999999", "1") > 0);
	assert_true(version_compare("10..1", "10.0.1") == 0);
}

static void
graphs_documents_say_it(void **state)
{
	(void)state;
	struct gate_policies p = {0};
	struct gate_restriction x;

	gate_read_management(
		&arena, parse("{\"appliesTo\":\"selected\",\"ferryIncludedGroups\":[\"g1\"]}"), &p);
	assert_int_equal(p.management.scope, GATE_SELECTED);
	assert_string_equal(p.management.groups[0], "g1");
	gate_read_management(&arena, parse("{\"appliesTo\":\"none\"}"), &p);
	assert_int_equal(p.management.scope, GATE_NONE);
	gate_read_registration(&arena,
		parse("{\"userDeviceQuota\":50,\"azureADJoin\":{\"allowedToJoin\":{"
		      "\"@odata.type\":\"#microsoft.graph.enumeratedDeviceRegistrationMembership\","
		      "\"users\":[\"u1\"],\"groups\":[\"g1\",\"g2\"]}}}"),
		&p);
	assert_int_equal(p.quota, 50);
	assert_int_equal(p.join.scope, GATE_SELECTED);
	assert_int_equal(p.join.group_count, 2);
	assert_true(gate_read_restriction(&arena,
		parse("{\"displayName\":\"R\",\"priority\":3,\"windowsRestriction\":{"
		      "\"platformBlocked\":true,\"osMinimumVersion\":\"10.0\"}}"),
		&x));
	assert_true(x.blocked && x.priority == 3);
	assert_string_equal(x.os_min, "10.0");
	assert_true(gate_read_restriction(&arena,
		parse("{\"platformType\":\"windows\",\"platformRestriction\":"
		      "{\"personalDeviceEnrollmentBlocked\":true,\"blockedSkus\":[\"Core\"]}}"),
		&x));
	assert_true(x.personal_blocked && x.sku_count == 1);
	assert_false(gate_read_restriction(&arena,
		parse("{\"platformType\":\"ios\",\"platformRestriction\":"
		      "{\"platformBlocked\":true}}"),
		&x));
	assert_false(gate_read_restriction(&arena, parse("{}"), &x));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_policies_everything_is_allowed),
		cmocka_unit_test(the_management_scope_is_nobody_somebody_or_everybody),
		cmocka_unit_test(who_may_join_and_how_often_counts_for_directory_joins_only),
		cmocka_unit_test(a_restriction_refuses_by_platform_owner_maker_edition_and_version),
		cmocka_unit_test(
			the_best_priority_decides_and_the_default_governs_devices_of_nobody),
		cmocka_unit_test(home_editions_are_refused_by_name),
		cmocka_unit_test(versions_are_compared_as_numbers),
		cmocka_unit_test(graphs_documents_say_it),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
