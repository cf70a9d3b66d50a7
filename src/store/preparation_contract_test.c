// SPDX-License-Identifier: Apache-2.0
// Device preparation on both databases: which policy reaches whom, what is set up in which order,
// the device group, the end, associations.
#include "store/preparation_testing.h"

// The chosen policy's name, or "none: why".
static const char *
chosen(struct fixture *f, const char *device_id, const char *upn)
{
	struct preparation_choice choice;
	struct error e;

	check(store_preparation_choose(&f->work, device_id, upn, &choice, &e), &e);
	assert_non_null(choice.reason);
	return choice.found ? choice.policy.name
			    : arena_printf(&f->arena, "none: %s", choice.reason);
}

// Z12
static void
a_registered_device_keeps_its_profile_unless_it_is_associated(void **state)
{
	struct fixture *f = *state;
	struct association made;
	const char *end;
	struct error e;
	const char *registered = device(f, "A-1", NULL), *new_one = device(f, "A-2", "preparation");

	assign(f, POLICIES, policy(f, "Everyone", 1, false), "all_devices", NULL);
	assert_string_equal(chosen(f, new_one, NULL), "Everyone");
	assert_string_equal(chosen(f, registered, "anna@contoso.example"),
		"none: the device is registered: its deployment profile decides");
	check(store_associate(&f->work, registered, "", "admin", &made, &e), &e);
	assert_string_equal(made.state, "preassociated");
	assert_string_equal(chosen(f, registered, NULL), "Everyone");
	check(store_dissociate(&f->work, made.association_id, "admin", &end, &e), &e);
	assert_string_equal(end, "");
	assert_string_equal(chosen(f, registered, NULL),
		"none: the device is registered: its deployment profile decides");
}

// Whether the device is in the group that this is assigned to.
static bool
has_item(struct fixture *f, const char *device_id, const char *item_id)
{
	struct item *items;
	struct error e;
	size_t count;

	check(store_items(&f->work, device_id, &items, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i].item_id, item_id))
			return true;
	return false;
}

// G1, R14, Z2
static void
rules_about_registrations_find_a_prepared_device_only_when_it_is_registered(void **state)
{
	struct fixture *f = *state;
	const char *all = fixture_group(
		f, "All", "(device.devicePhysicalIds -any (_ -startsWith \"[ZTDId]\"))");
	const char *wing = fixture_group(f, "Models", "(device.deviceModel -eq \"LabPC\")");
	const char *ours = item(f, "ours", "app", "x", all),
		   *any = item(f, "any", "app", "x", wing);
	const char *id = device(f, "A-2", "preparation");
	struct device d;
	struct error e;

	assert_false(has_item(f, id, ours));
	assert_true(has_item(f, id, any));
	// 806 would be a dead end: nobody sees the registration that there is said to be.
	assert_string_equal(device(f, "A-2", NULL), id);
	check(store_device_by_id(&f->work, id, &d, &e), &e);
	assert_string_equal(d.source, "hash");
	assert_true(has_item(f, id, ours));
	assert_true(has_item(f, id, any));
	// A registered device that prepares itself stays registered.
	assert_string_equal(device(f, "A-2", "preparation"), id);
	assert_true(has_item(f, id, ours));
}

// Z15
static void
an_association_can_name_the_policy_and_ends_with_a_device_that_is_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct association made;
	struct device gone;
	const char *end;
	struct error e;
	const char *id = device(f, "A-2", "preparation");

	assign(f, POLICIES, policy(f, "Everyone", 1, false), "all_devices", NULL);
	const char *own = policy(f, "Kiosk", 9, true);
	check(store_associate(&f->work, id, own, "admin", &made, &e), &e);
	assert_string_equal(chosen(f, id, NULL), "Kiosk");
	f->work.now += 361 * US_PER_DAY;
	check(store_associate(&f->work, id, "", "admin", &made, &e), &e);
	assert_int_equal(made.created_at, f->work.now); // not stale any more
	assert_string_equal(chosen(f, id, NULL), "Everyone");
	check(store_dissociate(&f->work, made.association_id, "admin", &end, &e), &e);
	assert_false(store_device_by_id(&f->work, id, &gone, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(store_dissociate(&f->work, made.association_id, "admin", &end, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

// Z9, Z12
static void
devices_come_before_people_and_low_numbers_before_high_ones(void **state)
{
	struct fixture *f = *state;
	const char *people = fixture_group(f, "People", NULL),
		   *machines = fixture_group(f, "Machines", NULL);
	const char *id = device(f, "A-2", "preparation");

	person(f, "anna@contoso.example", people);
	assert_string_equal(chosen(f, NULL, "anna@contoso.example"),
		"none: no device preparation policy reaches the device or its person");
	assign(f, POLICIES, policy(f, "Nine", 9, false), "group", people);
	assign(f, POLICIES, policy(f, "Five", 5, false), "group", people);
	// Automatic is for devices: a person never brings it (Z3).
	assign(f, POLICIES, policy(f, "Automatic", 1, true), "group", people);
	assert_string_equal(chosen(f, NULL, "Anna@Contoso.example"), "Five");
	assert_string_equal(chosen(f, NULL, "bert@contoso.example"),
		"none: no device preparation policy reaches the device or its person");
	assign(f, POLICIES, policy(f, "Everybody", 1, false), "all_users", NULL);
	assert_string_equal(chosen(f, NULL, "anna@contoso.example"), "Everybody");
	assign(f, POLICIES, policy(f, "Machine", 99, true), "group", machines);
	assert_string_equal(chosen(f, id, "anna@contoso.example"), "Everybody");
	member(f, machines, id);
	assert_string_equal(chosen(f, id, "anna@contoso.example"), "Machine");
	assert_string_equal(chosen(f, id, NULL), "Machine");
}

// --- one deployment ---

struct begun {
	const char *device_id, *deployment_id;
	struct preparation_choice choice;
};

static struct begun
begin(struct fixture *f, const char *serial)
{
	struct begun b = {.device_id = device(f, serial, "preparation")};
	struct deployment deployment;
	struct error e;

	check(store_deployment_begin(&f->work, b.device_id, "devicePreparation", &deployment, &e),
		&e);
	b.deployment_id = deployment.deployment_id;
	check(store_preparation_choose(&f->work, b.device_id, NULL, &b.choice, &e), &e);
	assert_true(b.choice.found);
	return b;
}

static bool
begin_run(struct fixture *f, const struct begun *b, struct error *e)
{
	return store_preparation_begin(
		&f->work, b->deployment_id, b->device_id, &b->choice, "anna@contoso.example", e);
}

// "name" in order, "name!" for what is left out.
static const char *
listed(struct fixture *f, const char *deployment_id)
{
	struct preparation_item *items;
	const char *all = "";
	struct error e;
	size_t count;

	check(store_preparation_items(&f->work, deployment_id, &items, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		all = arena_printf(&f->arena, "%s%s%s%s", all, i ? " " : "", items[i].name,
			*items[i].skipped ? "!" : "");
	return all;
}

// Z8
static void
a_group_that_takes_nobody_in_is_a_named_fault(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const struct {
		const char *group_id, *fault;
	} cases[] = {
		{"", "preparation_group_missing"},
		{"5f4c8f5e-1f7a-4a0e-8a7e-0a7f3d2b1c00", "preparation_group_missing"},
		{fixture_group(f, "Dynamic", "(device.displayName -eq \"x\")"),
			"preparation_group_dynamic"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assign(f, POLICIES,
			policy_of(f, "P", 9 - (int)i, cases[i].group_id, false, false, "", ""),
			"all_devices", NULL);
		struct begun b = begin(f, arena_printf(&f->arena, "G-%zu", i));
		assert_false(begin_run(f, &b, &e));
		assert_string_equal(e.fault, cases[i].fault);
	}
}

static struct begun
prepare(struct fixture *f, bool skip, const char **group_id)
{
	const char *to = fixture_group(f, "Prepared", NULL),
		   *outer = fixture_group(f, "Outer", NULL);
	struct error e;

	check(store_group_member_add(&f->work, outer, to, &e), &e);
	const char *win32 = item(f, "win32", "app", "#microsoft.graph.win32LobApp", to);
	const char *lob = item(f, "lob", "app", "#microsoft.graph.windowsMobileMSI", outer);
	const char *other = item(f, "other", "app", "#microsoft.graph.win32LobApp", NULL);
	const char *script = item(f, "script", "script", "#x", to);
	const char *apps = arena_printf(&f->arena,
		"{\"value\":\"{\\\"id\\\":\\\"%s\\\",\\\"type\\\":\\\"#microsoft.graph.win32LobApp"
		"\\\"}\"},{\"value\":\"%s\"},{\"value\":\"%s\"},{\"value\":\"gone\"},"
		"{\"value\":\"%s\"}",
		win32, other, lob, lob);

	assign(f, POLICIES,
		policy_of(f, "P", 1, to, false, skip, apps,
			arena_printf(&f->arena, "{\"value\":\"%s\"}", script)),
		"all_devices", NULL);
	*group_id = to;
	return begin(f, "P-1");
}

static bool
in_group(struct fixture *f, const char *device_id, const char *item_name)
{
	struct item *items;
	struct error e;
	size_t count;

	check(store_items(&f->work, device_id, &items, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i].name, item_name))
			return true;
	return false;
}

// Z5, Z10: also a second time, and after the policy changed.
static void
items_are_in_the_order_of_their_kind_and_what_is_not_the_groups_is_skipped(void **state)
{
	struct fixture *f = *state;
	struct preparation_run r;
	struct preparation_item *items;
	size_t count;
	struct error e;
	const char *group_id;
	struct begun b = prepare(f, false, &group_id);

	check(begin_run(f, &b, &e), &e);
	// "gone" says no type, so it stands with the line-of-business apps.
	assert_string_equal(listed(f, b.deployment_id), "lob gone! script win32 other!");
	check(store_preparation_items(&f->work, b.deployment_id, &items, &count, &e), &e);
	assert_string_equal(items[4].skipped, "not assigned to the device group \"Prepared\"");
	check(begin_run(f, &b, &e), &e);
	assert_string_equal(listed(f, b.deployment_id), "lob gone! script win32 other!");
	check(store_preparation_run(&f->work, b.deployment_id, &r, &e), &e);
	assert_string_equal(r.policy_name, "P");
	assert_int_equal(r.policy_version, 1);
	assert_int_equal(r.timeout_minutes, 30);
	assert_string_equal(r.group_name, "Prepared");
	assert_int_equal(r.placed_at, 0);
	assert_false(store_preparation_run(&f->work, "none", &r, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

// Z8, Z9
static void
the_device_is_in_its_group_with_its_apps_when_the_transaction_ends(void **state)
{
	struct fixture *f = *state;
	struct preparation_run r;
	struct device d;
	struct error e;
	const char *group_id;
	struct begun b = prepare(f, false, &group_id);

	check(begin_run(f, &b, &e), &e);
	assert_false(in_group(f, b.device_id, "script"));
	check(store_preparation_place(&f->work, b.deployment_id, true, &e), &e);
	assert_true(in_group(f, b.device_id, "script"));
	check(store_preparation_run(&f->work, b.deployment_id, &r, &e), &e);
	assert_int_equal(r.placed_at, f->work.now);
	f->work.now += US_PER_S;
	check(store_preparation_place(&f->work, b.deployment_id, true, &e), &e);
	check(store_preparation_run(&f->work, b.deployment_id, &r, &e), &e);
	assert_int_equal(r.placed_at, f->work.now - US_PER_S);
	// What is read of the device follows the policy, not a deployment profile.
	check(store_device_by_id(&f->work, b.device_id, &d, &e), &e);
	assert_string_equal(d.join_type, "directory");
	assert_string_equal(d.trust_store, "hardware");
	assert_string_equal(d.profile_name, "P");
	assert_int_equal(d.timeout_minutes, 30);
}

static void
a_group_that_was_deleted_meanwhile_stops_the_enrolment(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *group_id;
	struct begun b = prepare(f, false, &group_id);

	check(begin_run(f, &b, &e), &e);
	check(store_group_delete(&f->work, group_id, &e), &e);
	assert_false(store_preparation_place(&f->work, b.deployment_id, true, &e));
	assert_string_equal(e.fault, "preparation_group_missing");
	// Nothing to place for a deployment of another kind.
	check(store_preparation_place(&f->work, "none", true, &e), &e);
}

static void
fail_script(struct fixture *f, const struct begun *b)
{
	struct item *items;
	struct error e;
	size_t count;

	check(store_items(&f->work, b->device_id, &items, &count, &e), &e);
	for (size_t i = 0; i < count; i++) {
		bool script = str_eq(items[i].kind, "script");
		struct item_state state = {.item_id = items[i].item_id,
			.version = items[i].version,
			.state = script ? "failed" : "done",
			.fault = script ? "script_failed" : NULL,
			.reason = script ? "ended with status 3" : NULL,
			.output = script ? "no such file" : NULL,
			.exit_code = 3};
		if (str_eq(items[i].name, "win32"))
			continue;
		check(store_items_set(&f->work, b->device_id, b->deployment_id, &state, 1, &e), &e);
	}
}

// Z4, Z13
static void
one_who_may_continues_and_the_report_keeps_the_failure(void **state)
{
	struct fixture *f = *state;
	struct preparation_run r;
	struct preparation_item *items;
	size_t count;
	struct error e;
	const char *group_id;
	struct begun b = prepare(f, true, &group_id);

	check(begin_run(f, &b, &e), &e);
	check(store_preparation_place(&f->work, b.deployment_id, true, &e), &e);
	fail_script(f, &b);
	check(store_preparation_run(&f->work, b.deployment_id, &r, &e), &e);
	assert_string_equal(r.result, "failed");
	assert_string_equal(r.fault, "script_failed");
	check(store_preparation_continue(&f->work, b.deployment_id, &e), &e);
	check(store_preparation_continue(&f->work, b.deployment_id, &e), &e);
	check(store_preparation_finish(&f->work, b.deployment_id, "done", &e), &e);
	check(store_preparation_finish(&f->work, b.deployment_id, "done", &e), &e);
	check(store_preparation_run(&f->work, b.deployment_id, &r, &e), &e);
	assert_string_equal(r.result, "failed");
	assert_string_equal(r.fault, "script_failed");
	assert_string_equal(r.phase, "done");
	assert_int_equal(r.finished_at, f->work.now);
	check(store_preparation_items(&f->work, b.deployment_id, &items, &count, &e), &e);
	assert_string_equal(items[2].name, "script");
	assert_string_equal(items[2].state, "failed");
	assert_true(items[2].ended);
	assert_int_equal(items[2].exit_code, 3);
	assert_string_equal(items[2].output, "no such file");
	assert_string_equal(items[3].skipped, "the person continued without it");
}

static void
nobody_continues_when_the_policy_does_not_allow_it(void **state)
{
	struct fixture *f = *state;
	struct preparation_run r;
	struct error e;
	const char *group_id;
	struct begun b = prepare(f, false, &group_id);

	check(begin_run(f, &b, &e), &e);
	check(store_preparation_place(&f->work, b.deployment_id, true, &e), &e);
	fail_script(f, &b);
	assert_false(store_preparation_continue(&f->work, b.deployment_id, &e));
	assert_string_equal(e.fault, "preparation_not_continued");
	check(store_deployment_retry(&f->work, b.deployment_id, &e), &e);
	check(store_preparation_finish(&f->work, b.deployment_id, "done", &e), &e);
	check(store_preparation_run(&f->work, b.deployment_id, &r, &e), &e);
	assert_string_equal(r.result, "success");
}

// Z15
static void
an_association_of_a_prepared_device_waits_for_its_reset(void **state)
{
	struct fixture *f = *state;
	struct association made;
	const char *end, *group_id;
	struct error e;
	struct begun b = prepare(f, false, &group_id);

	check(store_associate(&f->work, b.device_id, "", "admin", &made, &e), &e);
	check(begin_run(f, &b, &e), &e);
	check(store_preparation_place(&f->work, b.deployment_id, true, &e), &e);
	check(store_dissociate(&f->work, made.association_id, "admin", &end, &e), &e);
	assert_string_equal(end, "removing");
	check(store_associate(&f->work, b.device_id, "", "admin", &made, &e), &e);
	assert_string_equal(made.state, "associated");
	check(store_dissociate(&f->work, made.association_id, "admin", &end, &e), &e);
	check(store_preparation_finish(&f->work, b.deployment_id, "done", &e), &e);
	// Set up anew, whichever way.
	struct deployment again;
	check(store_deployment_begin(&f->work, b.device_id, "userDriven", &again, &e), &e);
	check(store_preparation_place(&f->work, again.deployment_id, true, &e), &e);
	assert_false(store_dissociate(&f->work, made.association_id, "admin", &end, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
preparation_is_offered_once_a_policy_is_for_people(void **state)
{
	struct fixture *f = *state;
	const char *organization;
	struct error e;

	check(store_preparation_offered(&f->work, &organization, &e), &e);
	assert_null(organization);
	assign(f, POLICIES, policy(f, "P", 1, false), "all_users", NULL);
	check(store_preparation_offered(&f->work, &organization, &e), &e);
	assert_string_equal(organization, "Contoso");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_prepared, close_prepared)
		CASE(a_registered_device_keeps_its_profile_unless_it_is_associated),
		CASE(rules_about_registrations_find_a_prepared_device_only_when_it_is_registered),
		CASE(an_association_can_name_the_policy_and_ends_with_a_device_that_is_nothing_else),
		CASE(devices_come_before_people_and_low_numbers_before_high_ones),
		CASE(a_group_that_takes_nobody_in_is_a_named_fault),
		CASE(items_are_in_the_order_of_their_kind_and_what_is_not_the_groups_is_skipped),
		CASE(the_device_is_in_its_group_with_its_apps_when_the_transaction_ends),
		CASE(a_group_that_was_deleted_meanwhile_stops_the_enrolment),
		CASE(one_who_may_continues_and_the_report_keeps_the_failure),
		CASE(nobody_continues_when_the_policy_does_not_allow_it),
		CASE(an_association_of_a_prepared_device_waits_for_its_reset),
		CASE(preparation_is_offered_once_a_policy_is_for_people),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
