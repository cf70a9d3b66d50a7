// SPDX-License-Identifier: Apache-2.0
// Preflight, explanations and the enrolment gate, on both databases.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "domain/fault.h"
#include "store/contract/fixture.h"
#include "store/devices.h"
#include "store/explain.h"
#include "store/gate.h"
#include "store/jobs.h"
#include "store/naming.h"
#include "store/objects.h"
#include "store/policy_queries.h"
#include "store/preflight.h"
#include <stdlib.h>

#define SALES "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:sales\"))"
#define NOBODY "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:nobody\"))"

// Of each test: the same database with the test's own queries, and the objects of its tenant.
static struct {
	struct store *direct;
	struct store_session *direct_session;
	const char *group, *profile, *esp, *join;
} own;

static int
open_direct(void **state)
{
	const struct store_options options = {.catalog = &sql_policy_test, .busy_ms = 5000};
	struct fixture *f = fixture_begin();
	struct error e;

	check(store_open(f->place.url, &options, &own.direct, &e), &e);
	check(store_session_open(own.direct, &own.direct_session, &e), &e);
	*state = f;
	return 0;
}

static int
close_direct(void **state)
{
	store_session_close(own.direct_session);
	store_close(own.direct);
	return close_fixture(state);
}

// --- a tenant, piece by piece ---

static void
run(int query, struct db_params params)
{
	fixture_run(own.direct_session, query, params);
}

static const char *
profile(struct fixture *f, const char *name, const char *join, bool preprovisioning)
{
	struct new_profile in = {name, "", join, preprovisioning, "hardware"};
	struct error e;
	const char *id;

	check(store_profile_create(&f->work, &in, &id, &e), &e);
	return id;
}

static const char *
esp(struct fixture *f)
{
	struct new_esp in = {
		.name = "Page", .priority = 1, .timeout_minutes = 45, .hybrid_extra_minutes = 40};
	struct error e;
	const char *id;

	check(store_esp_create(&f->work, &in, &id, &e), &e);
	return id;
}

static const char *
domain_join(struct fixture *f, const char *name_template)
{
	struct new_domain_join in = {.name = "Corp",
		.domain = "corp.example.com",
		.ou = "OU=A,DC=corp,DC=example,DC=com",
		.name_template = name_template};
	struct error e;
	const char *id;

	check(store_domain_join_create(&f->work, &in, &id, &e), &e);
	return id;
}

static void
assign(struct fixture *f, const char *kind, const char *id, const char *target, const char *to)
{
	struct new_assignment in = {.target = target, .group_id = to};
	struct error e;

	check(store_assign(&f->work, kind, id, &in, 1, &e), &e);
}

static const char *
device(struct fixture *f, const char *serial, const char *tag, const char *upn)
{
	struct registration in = {.serial = serial,
		.manufacturer = "Contoso",
		.model = "LabPC",
		.product_key = "",
		.ek_id = serial,
		.hardware_hash = slice_str("hash"),
		.group_tag = tag,
		.assigned_upn = upn};
	struct registration_result result;
	struct error e;

	check(store_register(&f->work, &in, 1, true, &result, &e), &e);
	return result.device_id;
}

static void
connector(struct fixture *f)
{
	struct error e;
	const char *id;

	check(store_connector_create(&f->work, "Conn", "corp.example.com", "00",
		      f->work.now + US_PER_DAY, &id, &e),
		&e);
	run(P_CONNECTOR_HEARD, PARAMS(DB_TEXT(id), DB_INT(f->work.now)));
}

static void
person(struct fixture *f, const char *upn, const char *in_group)
{
	const char *id = uuid_new(&f->arena);
	const char *tenant = f->work.tenant_id, *key = str_lower(&f->arena, upn);

	run(P_USER_PUT,
		PARAMS(DB_TEXT(id), DB_TEXT(tenant), DB_TEXT(upn), DB_TEXT(key),
			DB_INT(f->work.now)));
	run(P_GROUP_USER_PUT, PARAMS(DB_TEXT(tenant), DB_TEXT(in_group), DB_TEXT(id)));
}

static void
document(struct fixture *f, const char *id, const char *collection, const char *text)
{
	run(P_DOCUMENT_PUT,
		PARAMS(DB_TEXT(id), DB_TEXT(f->work.tenant_id), DB_TEXT(collection), DB_TEXT(text),
			DB_INT(f->work.now)));
}

// What was found, as "severity fault devices".
static const char *
report_text(struct fixture *f, const struct preflight_report *report)
{
	const char *all = "";

	for (size_t i = 0; i < report->count; i++) {
		assert_non_null(fault_find(report->items[i].fault));
		all = arena_printf(&f->arena, "%s%s%s %s %d", all, i ? "; " : "",
			severity_name(report->items[i].severity), report->items[i].fault,
			(int)report->items[i].devices);
	}
	return all;
}

static const char *
preflight(struct fixture *f)
{
	struct preflight_report report;
	struct error e;

	check(store_preflight(&f->work, &(struct preflight_scope){0}, &report, &e), &e);
	return report_text(f, &report);
}

static const struct json *
explain(struct fixture *f, const char *device_id, const char *tag)
{
	struct explain_ask ask = {.device_id = device_id, .group_tag = tag};
	struct error e;
	const char *text;

	check(store_explain(&f->work, &ask, &text, &e), &e);
	const struct json *json = json_parse(&f->arena, slice_str(text), NULL, &e);
	check(json != NULL, &e);
	return json;
}

// A tenant in which everything is in order.
static void
make_all(struct fixture *f)
{
	own.group = fixture_group(f, "Sales", SALES);
	own.profile = profile(f, "Hybrid", "hybrid", true);
	own.esp = esp(f);
	own.join = domain_join(f, "PC-%RAND:5%");
	connector(f);
	assign(f, "domain_join", own.join, "group", own.group);
	assign(f, "esp", own.esp, "group", own.group);
	assign(f, "profile", own.profile, "group", own.group);
}

static void
each_mistake_of_a_tenant_is_named_with_its_devices_until_it_is_mended(void **state)
{
	struct fixture *f = *state;

	own.group = fixture_group(f, "Sales", SALES);
	own.profile = profile(f, "Hybrid", "hybrid", true);
	assign(f, "profile", own.profile, "group", own.group);
	assert_string_equal(preflight(f), "note group_empty 0; note profile_unused 0");
	device(f, "A-1", "sales", "");
	device(f, "A-2", "sales", "anna@contoso.example");
	device(f, "B-1", "", "");
	assert_string_equal(preflight(f),
		"blocking domain_join_profile_missing 2; blocking esp_missing 2; "
		"warning assigned_user_hybrid 1; warning profile_missing 1");
	own.esp = esp(f);
	assign(f, "esp", own.esp, "group", own.group);
	own.join = domain_join(f, "PC-%RAND:5%");
	assign(f, "domain_join", own.join, "group", own.group);
	assert_string_equal(preflight(f),
		"blocking connector_missing 2; warning assigned_user_hybrid 1; "
		"warning profile_missing 1");
	connector(f);
	device(f, "A-2", "sales", "");
	assert_non_null(strstr(preflight(f), "warning profile_missing 1"));
	assert_null(strstr(preflight(f), "blocking"));
}

static void
a_connector_that_is_not_heard_of_is_noticed(void **state)
{
	struct fixture *f = *state;

	make_all(f);
	device(f, "A-1", "sales", "");
	assert_string_equal(preflight(f), "");
	f->work.now += 2 * 3600 * US_PER_S;
	assert_string_equal(preflight(f), "warning connector_down 1");
}

struct attempt {
	struct fixture *f;
	bool force;
	struct preflight_report report;
};

static bool
attempt_tx(void *ctx, struct error *e)
{
	struct attempt *a = ctx;
	struct fixture *f = a->f;
	struct preflight_scope scope = {.object_id = own.profile};
	struct new_assignment in = {.target = "group", .group_id = own.group};

	if (!store_assign(&f->work, "profile", own.profile, &in, 1, e) ||
		!store_preflight(&f->work, &scope, &a->report, e))
		return false;
	return a->force || !preflight_blocks(&a->report) ||
		error_fault(e, ERR_CONFLICT, a->report.items[0].fault, "refused");
}

static void
a_profile_that_cannot_work_can_be_taken_back_in_the_transaction_that_assigns_it(void **state)
{
	struct fixture *f = *state;
	struct attempt a = {.f = f};
	struct device d;
	struct error e;

	own.group = fixture_group(f, "Sales", SALES);
	own.profile = profile(f, "Hybrid", "hybrid", false);
	const char *id = device(f, "A-1", "sales", "");
	assert_false(store_together(f->work.session, attempt_tx, &a, &e));
	assert_string_equal(e.fault, "domain_join_profile_missing");
	assert_string_equal(report_text(f, &a.report),
		"blocking domain_join_profile_missing 1; warning esp_none_for_hybrid 1");
	assert_string_equal(a.report.items[0].examples[0], "A-1");
	check(store_device_by_id(&f->work, id, &d, &e), &e);
	assert_true(str_empty(d.profile_id));
	a.force = true;
	check(store_together(f->work.session, attempt_tx, &a, &e), &e);
	check(store_device_by_id(&f->work, id, &d, &e), &e);
	assert_string_equal(d.profile_id, own.profile);
}

static void
groups_of_users_paused_and_empty_ones_are_noticed(void **state)
{
	struct fixture *f = *state;

	make_all(f);
	device(f, "A-1", "sales", "");
	const char *users = fixture_group(f, "Staff", NULL);
	person(f, "anna@contoso.example", users);
	assign(f, "domain_join", domain_join(f, "X-%RAND:5%"), "group", users);
	assign(f, "domain_join", domain_join(f, "Y-%RAND:5%"), "all_users", NULL);
	assign(f, "domain_join", domain_join(f, "Z-%RAND:5%"), "group",
		fixture_group(f, "No", NOBODY));
	assert_string_equal(preflight(f),
		"warning assignment_reaches_nobody 0; warning assignment_reaches_nobody 0; "
		"note group_empty 0");
	run(P_GROUP_PAUSE, PARAMS(DB_TEXT(own.group)));
	assert_non_null(strstr(preflight(f), "warning group_paused 0"));
}

static void
names_that_do_not_suffice_are_noticed(void **state)
{
	struct fixture *f = *state;
	struct new_domain_join in = {.name = "Corp", .domain = "corp.example.com", .ou = ""};
	struct error e;

	make_all(f);
	for (int i = 0; i < 11; i++)
		device(f, arena_printf(&f->arena, "SERIAL-NUMBER-%02d", i), "sales", "");
	in.name_template = "PC-%RAND:1%";
	check(store_put_domain_join(&f->work, own.join, &in, &e), &e);
	assert_string_equal(preflight(f), "blocking name_space_exhausted 0");
	in.name_template = "PC-%SERIAL%";
	check(store_put_domain_join(&f->work, own.join, &in, &e), &e);
	assert_string_equal(preflight(f), "warning name_serial_cut 0");
	struct naming_view view = {
		.template_text = "%SERIAL%", .serial = "SERIAL-NUMBER-01", .object_id = own.join};
	check(store_naming_view(&f->work, &view, &e), &e);
	assert_int_equal(view.devices, 11);
	assert_string_equal(view.name, "SERIAL-NUMBER-0");
	assert_null(view.holder);
	view = (struct naming_view){.template_text = "SERIAL-%RAND:2%", .serial = "no such"};
	assert_false(store_naming_view(&f->work, &view, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	// The directory knows a device by its serial number until it has a name.
	device(f, "SHORT", "sales", "");
	view = (struct naming_view){.template_text = "SHORT", .serial = "SERIAL-NUMBER-01"};
	check(store_naming_view(&f->work, &view, &e), &e);
	assert_string_equal(view.holder, "SHORT");
}

// P31, P18
static void
profiles_that_overlap_are_noticed(void **state)
{
	struct fixture *f = *state;
	struct error e;

	make_all(f);
	device(f, "A-1", "sales", "");
	const char *other = profile(f, "Cloud", "directory", false);
	assign(f, "profile", other, "group",
		fixture_group(
			f, "All", "(device.devicePhysicalIds -any (_ -startsWith \"[ZTDId]\"))"));
	assert_string_equal(
		preflight(f), "warning profiles_of_both_joins 1; note profile_unused 0");
	struct new_assignment both[] = {
		{.target = "all_devices"}, {.target = "exclude", .group_id = own.group}};
	check(store_assign(&f->work, "profile", other, both, 2, &e), &e);
	assert_string_equal(preflight(f), "note profile_excluded 1; note profile_unused 0");
}

static void
preparation(struct fixture *f, const char *group_id)
{
	document(f, "p1", "deviceManagement/configurationPolicies",
		arena_printf(&f->arena,
			"{\"name\":\"P\",\"ferryDeviceGroupId\":\"%s\",\"settings\":[{"
			"\"settingInstance\":{\"settingDefinitionId\":"
			"\"enrollment_autopilot_dpp_deploymentmode\"}}]}",
			group_id));
}

// Z8
static void
a_preparation_policy_without_a_usable_group_is_named(void **state)
{
	struct fixture *f = *state;

	preparation(f, "");
	assert_string_equal(preflight(f), "blocking preparation_group_missing 0");
	preparation(f, fixture_group(f, "Dynamic", SALES));
	assert_string_equal(preflight(f), "blocking preparation_group_dynamic 0");
	preparation(f, fixture_group(f, "Assigned", NULL));
	assert_string_equal(preflight(f), "");
}

static void
an_explanation_has_what_won_what_lost_and_what_would_be(void **state)
{
	struct fixture *f = *state;

	make_all(f);
	const char *id = device(f, "A-1", "sales", "");
	f->work.now += US_PER_S;
	const char *late = profile(f, "Late", "hybrid", true);
	assign(f, "profile", late, "group", own.group);
	const struct json *x = explain(f, id, NULL);
	assert_false(json_bool(x, "hypothetical", true));
	assert_string_equal(json_str(json_get(x, "profile"), "name"), "Hybrid");
	const struct json *lost = json_get(json_get(x, "profile"), "losers");
	assert_int_equal(lost->count, 1);
	assert_string_equal(json_str(lost->first, "name"), "Late");
	assert_string_equal(json_str(lost->first, "reason"), "it was created later");
	assert_int_equal(json_int(json_get(x, "espDevice"), "totalMinutes", 0), 85);
	assert_int_equal(json_int(json_get(x, "espDevice"), "hybridExtraMinutes", 0), 40);
	assert_string_equal(json_str(json_get(x, "domainJoin"), "connectorState"), "active");
	assert_string_equal(json_str(json_get(x, "domainJoin"), "connector"), "Conn");
	assert_true(str_starts(json_str(json_get(x, "name"), "example"), "PC-"));
	const struct json *in = json_get(x, "groups");
	assert_int_equal(in->count, 1);
	assert_string_equal(json_str(json_get(in->first, "tree"), "result"), "true");
	assert_int_equal(json_get(x, "findings")->count, 0);
	// With another tag; nothing is written.
	x = explain(f, id, "other");
	assert_true(json_bool(x, "hypothetical", false));
	assert_null(json_str(json_get(x, "profile"), "name"));
	assert_int_equal(json_get(x, "groups")->count, 0);
	assert_int_equal(json_get(x, "notIn")->count, 1);
	assert_string_equal(json_str(json_get(explain(f, id, NULL), "profile"), "name"), "Hybrid");
	assert_string_equal(preflight(f), "note profile_unused 0");
}

// X16, J5
static void
a_page_for_users_counts_in_the_phase_in_which_there_is_one(void **state)
{
	struct fixture *f = *state;
	const struct json *x;

	const char *staff = fixture_group(f, "Staff", NULL);
	person(f, "anna@contoso.example", staff);
	own.group = fixture_group(f, "Sales", SALES);
	own.profile = profile(f, "Cloud", "directory", true);
	assign(f, "profile", own.profile, "group", own.group);
	own.esp = esp(f);
	assign(f, "esp", own.esp, "group", staff);
	const char *id = device(f, "A-1", "sales", "Anna@Contoso.Example");
	x = explain(f, id, NULL);
	assert_true(json_bool(json_get(x, "espDevice"), "default", false));
	assert_string_equal(json_str(json_get(x, "espUser"), "name"), "Page");
	assert_string_equal(preflight(f), "blocking esp_missing 1; warning esp_user_targeted 1");
	// Where somebody signs in first, the page holds in both phases.
	struct error e;
	struct new_profile in = {"Cloud", "", "directory", false, "hardware"};
	check(store_put_profile(&f->work, own.profile, &in, &e), &e);
	x = explain(f, id, NULL);
	assert_string_equal(json_str(json_get(x, "espDevice"), "name"), "Page");
	assert_string_equal(preflight(f), "");
}

static void
a_rule_is_put_to_a_device_without_being_kept(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *text;

	const char *id = device(f, "A-1", "sales", "");
	assert_false(store_explain_rule(&f->work, "device.nothing -eq \"x\"", id, &text, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_false(store_explain_rule(&f->work, "user.department -eq \"x\"", id, &text, &e));
	check(store_explain_rule(&f->work, "device.deviceModel -eq \"LabPC\"", id, &text, &e), &e);
	assert_non_null(strstr(text, "\"result\":\"true\""));
	check(store_explain_rule(&f->work, "device.deviceModel -eq \"Other\"", id, &text, &e), &e);
	assert_non_null(strstr(text, "\"result\":\"false\""));
	assert_false(store_explain_rule(&f->work, SALES, "no such device", &text, &e));
}

static const char *
gate(struct fixture *f, const char *id, bool userless, const char *version)
{
	struct gate_device says = {.os_version = version, .edition = "4", .userless = userless};
	struct gate_verdict verdict;
	struct device d;
	struct error e;

	check(store_device_by_id(&f->work, id, &d, &e), &e);
	check(store_gate(&f->work, &d, &says, &verdict, &e), &e);
	assert_non_null(verdict.reason);
	return verdict.fault ? verdict.fault : "";
}

static void
the_gate_is_made_of_graphs_documents(void **state)
{
	struct fixture *f = *state;

	const char *id = device(f, "A-1", "", "anna@contoso.example");
	const char *staff = fixture_group(f, "Staff", NULL),
		   *outer = fixture_group(f, "Outer", NULL);
	assert_string_equal(gate(f, id, false, "10.0.1"), "");
	document(f, "m", "policies/mobileDeviceManagementPolicies", "{\"appliesTo\":\"none\"}");
	assert_string_equal(gate(f, id, true, "10.0.1"), "management_scope_none");
	document(f, "m", "policies/mobileDeviceManagementPolicies",
		arena_printf(&f->arena,
			"{\"appliesTo\":\"selected\",\"ferryIncludedGroups\":[\"%s\"]}", outer));
	assert_string_equal(gate(f, id, false, "10.0.1"), "management_scope_user");
	// Through a group inside the group.
	person(f, "anna@contoso.example", staff);
	run(P_GROUP_CHILD_PUT, PARAMS(DB_TEXT(f->work.tenant_id), DB_TEXT(outer), DB_TEXT(staff)));
	assert_string_equal(gate(f, id, false, "10.0.1"), "");
	document(f, "r", "policies/deviceRegistrationPolicy",
		"{\"azureADJoin\":{\"allowedToJoin\":{\"@odata.type\":"
		"\"#microsoft.graph.noDeviceRegistrationMembership\"}}}");
	assert_string_equal(gate(f, id, false, "10.0.1"), "join_not_allowed");
	assert_string_equal(gate(f, id, true, "10.0.1"), "");
	document(f, "x", "deviceManagement/deviceEnrollmentConfigurations",
		"{\"displayName\":\"D\",\"windowsRestriction\":{\"osMinimumVersion\":\"10.0.2\"}}");
	assert_string_equal(gate(f, id, true, "10.0.1"), "os_version_refused");
	assert_string_equal(gate(f, id, true, "10.0.2"), "");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_direct, close_direct)
		CASE(each_mistake_of_a_tenant_is_named_with_its_devices_until_it_is_mended),
		CASE(a_connector_that_is_not_heard_of_is_noticed),
		CASE(a_profile_that_cannot_work_can_be_taken_back_in_the_transaction_that_assigns_it),
		CASE(groups_of_users_paused_and_empty_ones_are_noticed),
		CASE(names_that_do_not_suffice_are_noticed),
		CASE(profiles_that_overlap_are_noticed),
		CASE(a_preparation_policy_without_a_usable_group_is_named),
		CASE(an_explanation_has_what_won_what_lost_and_what_would_be),
		CASE(a_page_for_users_counts_in_the_phase_in_which_there_is_one),
		CASE(a_rule_is_put_to_a_device_without_being_kept),
		CASE(the_gate_is_made_of_graphs_documents),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
