// SPDX-License-Identifier: Apache-2.0
// Cohorts on both databases: devices that rules cannot tell apart are decided together, and what
// the store says about groups and assignments is what asking every device alone would say.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/cohort.h"
#include "store/contract/fixture.h"
#include "store/devices.h"
#include "store/profiles.h"
#include "store/queries.h"
#include "store/settle.h"
#include "store/trust.h"
#include <stdlib.h>

static struct registration
registration(struct fixture *f, const char *serial, const char *model, const char *tag)
{
	return (struct registration){.serial = serial,
		.manufacturer = "Contoso",
		.model = model,
		.product_key = "",
		.ek_id = arena_printf(&f->arena, "ek-%s", serial),
		.hardware_hash = slice_str("hash"),
		.group_tag = tag,
		.assigned_upn = ""};
}

static const char *
device(struct fixture *f, const char *serial, const char *model, const char *tag)
{
	struct error e;
	struct registration_result result;
	struct registration in = registration(f, serial, model, tag);

	check(store_register(&f->work, &in, 1, true, &result, &e), &e);
	return result.device_id;
}

static void
devices(struct fixture *f, const char *prefix, size_t count, const char *model, const char *tag)
{
	struct error e;
	struct registration_result *results = arena_array(&f->arena, count, sizeof *results);
	struct registration *in = arena_array(&f->arena, count, sizeof *in);

	for (size_t i = 0; i < count; i++)
		in[i] = registration(f, arena_printf(&f->arena, "%s-%04zu", prefix, i), model, tag);
	check(store_register(&f->work, in, count, true, results, &e), &e);
}

// A profile that is assigned to the group.
static const char *
profile(struct fixture *f, const char *name, const char *group_id)
{
	struct error e;
	const char *id;
	struct new_profile in = {.name = name,
		.description = "",
		.join_type = "directory",
		.trust_store = "hardware"};
	struct new_assignment to = {.target = "group", .group_id = group_id};

	check(store_profile_create(&f->work, &in, &id, &e), &e);
	check(store_assign(&f->work, "profile", id, &to, 1, &e), &e);
	return id;
}

static const char *
profile_of(struct fixture *f, const char *device_id)
{
	struct error e;
	struct device d;

	check(store_device_by_id(&f->work, device_id, &d, &e), &e);
	return str_empty(d.profile_name) ? "none" : d.profile_name;
}

struct count_ctx {
	struct fixture *f;
	int64_t cohorts;
};

static bool
count_tx(struct db *db, void *ctx, struct error *e)
{
	struct count_ctx *c = ctx;
	const struct work *w = &c->f->work;
	autorows rows = NULL;

	c->cohorts = 0;
	if (!db_query(db, Q_COHORT_PAGE, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(""), DB_INT(10000)),
		    &rows, e))
		return false;
	while (db_next(rows))
		c->cohorts++;
	return true;
}

static int64_t
cohorts(struct fixture *f)
{
	struct error e;
	struct count_ctx c = {.f = f};

	check(store_read(f->session, count_tx, &c, &e), &e);
	return c.cohorts;
}

static void
devices_that_rules_cannot_tell_apart_are_one_cohort(void **state)
{
	struct fixture *f = *state;

	devices(f, "A", 30, "LabPC", "sales");
	assert_int_equal(cohorts(f), 1);
	devices(f, "B", 5, "LabPC", "lab");
	devices(f, "C", 5, "Other", "sales");
	assert_int_equal(cohorts(f), 3);
}

static void
a_group_that_is_made_later_finds_the_devices_that_were_there(void **state)
{
	struct fixture *f = *state;
	const char *in = device(f, "IN", "LabPC", "sales"), *out = device(f, "OUT", "LabPC", "lab");

	assert_string_equal(profile_of(f, in), "none");
	profile(f, "Sales",
		fixture_group(
			f, "sales", "device.devicePhysicalIds -any (_ -eq \"[OrderID]:sales\")"));
	assert_string_equal(profile_of(f, in), "Sales");
	assert_string_equal(profile_of(f, out), "none");
	assert_string_equal(profile_of(f, device(f, "NEW", "LabPC", "sales")), "Sales");
}

static void
a_rule_about_all_registered_devices_asks_no_device_alone(void **state)
{
	struct fixture *f = *state;
	struct error e;
	int64_t left;

	devices(f, "Z", 20, "LabPC", "");
	profile(f, "All",
		fixture_group(
			f, "all", "(device.devicePhysicalIDs -any (_ -startsWith \"[ZTDid]\"))"));
	assert_string_equal(profile_of(f, device(f, "NEW", "LabPC", "")), "All");
	assert_int_equal(cohorts(f), 1);
	check(store_settle_left(&f->work, &left, &e), &e);
	assert_int_equal(left, 0);
}

static void
a_rule_about_the_name_asks_each_device(void **state)
{
	struct fixture *f = *state;
	const char *before = device(f, "KIOSK-1", "LabPC", ""),
		   *other = device(f, "DESK-1", "LabPC", "");

	profile(f, "Kiosk",
		fixture_group(f, "kiosks", "device.displayName -startsWith \"kiosk-\""));
	assert_string_equal(profile_of(f, before), "Kiosk");
	assert_string_equal(profile_of(f, other), "none");
	assert_string_equal(profile_of(f, device(f, "KIOSK-2", "LabPC", "")), "Kiosk");
	assert_string_equal(profile_of(f, device(f, "DESK-2", "LabPC", "")), "none");
	assert_int_equal(cohorts(f), 2);
}

static void
a_rule_about_members_of_another_group_follows_it(void **state)
{
	struct fixture *f = *state;
	const char *kiosks =
		fixture_group(f, "kiosks", "device.displayName -startsWith \"KIOSK-\"");
	const char *inside = fixture_group(f, "inside",
		arena_printf(
			&f->arena, "device.memberOf -any (group.objectId -in ['%s'])", kiosks));

	profile(f, "Inside", inside);
	assert_string_equal(profile_of(f, device(f, "KIOSK-1", "LabPC", "")), "Inside");
	assert_string_equal(profile_of(f, device(f, "DESK-1", "LabPC", "")), "none");
}

static void
many_devices_that_must_be_asked_are_asked_in_portions(void **state)
{
	struct fixture *f = *state;
	struct error e;
	int64_t left;
	bool more = true;
	int portions = 0;

	devices(f, "KIOSK", 1300, "LabPC", "");
	devices(f, "DESK", 1300, "LabPC", "");
	profile(f, "Kiosk", fixture_group(f, "kiosks", "device.displayName -startsWith \"KIOSK\""));
	check(store_settle_left(&f->work, &left, &e), &e);
	assert_int_equal(left, 2600);
	// Who is registered meanwhile is right at once.
	assert_string_equal(profile_of(f, device(f, "KIOSK-NEW", "LabPC", "")), "Kiosk");
	for (; more && portions < 50; portions++)
		check(store_settle(&f->work, &more, &e), &e);
	check(store_settle_left(&f->work, &left, &e), &e);
	assert_int_equal(left, 0);
	assert_in_range(portions, 3, 10);
	struct device d;
	check(store_device_by_serial(&f->work, "KIOSK-1299", &d, &e), &e);
	assert_string_equal(d.profile_name, "Kiosk");
	check(store_device_by_serial(&f->work, "DESK-1299", &d, &e), &e);
	assert_string_equal(d.profile_name, "");
}

static void
a_rule_that_is_too_slow_for_a_device_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *id;
	char name[200];

	memset(name, 'a', sizeof name - 2);
	memcpy(name + sizeof name - 2, "!", 2);
	device(f, name, "LabPC", "");
	struct new_group in = {
		.name = "slow", .description = "", .rule = "device.displayName -match \"^(a+)+$\""};
	assert_false(store_group_create(&f->work, &in, &id, &e));
	assert_string_equal(e.fault, "membership_rule_too_slow");
	assert_false(store_group_by_name(&f->work, "slow", &id, &e));
}

// A rule, and devices for which it takes a good part of the steps that one value may take.
static const char *const slow_rule = "device.displayName -match \"-(0+)+[bc]$\"";

static const char *
slow_name(struct fixture *f, const struct rule *rule, int number)
{
	struct error e;
	size_t used = 0;
	char *name = NULL;

	for (int n = 8; used < RULE_MAX_STEPS / 4; n++) {
		enum rule_truth truth;
		name = arena_printf(&f->arena, "%04d-%0*d", number, n, 0);
		struct rule_values values = {.of = {[RULE_DISPLAY_NAME] = rule_text_value(name)}};
		used = 0;
		check(rule_evaluate_counted(rule, &values, &truth, &used, &e), &e);
	}
	return name;
}

// Each with such a name, or each of a model with such a name.
static void
slow_devices(struct fixture *f, size_t count, bool kinds)
{
	struct error e;
	struct registration_result *results = arena_array(&f->arena, count, sizeof *results);
	struct registration *in = arena_array(&f->arena, count, sizeof *in);
	const struct rule *rule = rule_compile(&f->arena, slow_rule, &e);

	for (size_t i = 0; i < count; i++) {
		const char *name = slow_name(f, rule, (int)i);
		in[i] = registration(f, kinds ? arena_printf(&f->arena, "K-%zu", i) : name,
			kinds ? name : "LabPC", "");
	}
	check(store_register(&f->work, in, count, true, results, &e), &e);
}

static int64_t
waiting(struct fixture *f)
{
	struct error e;
	int64_t left;

	check(store_settle_left(&f->work, &left, &e), &e);
	return left;
}

static void
devices_that_take_long_to_ask_are_asked_in_smaller_portions(void **state)
{
	enum { FLEET = 240 };
	struct fixture *f = *state;
	struct error e;
	bool more = true;
	int portions = 0;

	slow_devices(f, FLEET, false);
	fixture_group(f, "slow", slow_rule);
	assert_in_range(waiting(f), 1, FLEET - 1);
	for (; more && portions < FLEET; portions++) {
		int64_t before = waiting(f);
		check(store_settle(&f->work, &more, &e), &e);
		assert_true(!more || waiting(f) < before);
	}
	assert_int_equal(waiting(f), 0);
	assert_in_range(portions, 3, FLEET - 1);
}

// Each kind is judged in the transaction that makes the group.
static void
a_rule_that_is_too_slow_for_a_fleet_of_many_kinds_is_refused(void **state)
{
	enum { KINDS = 1000 };
	struct fixture *f = *state;
	struct new_group in = {.name = "slow",
		.description = "",
		.rule = "device.deviceModel -match \"-(0+)+[bc]$\""};
	struct error e;
	const char *id;

	slow_devices(f, KINDS, true);
	assert_false(store_group_create(&f->work, &in, &id, &e));
	assert_string_equal(e.fault, "membership_rule_too_slow");
	assert_false(store_group_by_name(&f->work, "slow", &id, &e));
}

// Every device of a fleet of many kinds, against the rule put to it alone.
static void
what_cohorts_say_is_what_each_device_alone_would_say(void **state)
{
	static const char *const rules[] = {
		"device.deviceModel -eq \"M1\"",
		("(device.deviceModel -in [\"M1\",\"M2\"]) -and -not "
		 "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:t2\"))"),
		"device.devicePhysicalIds -all (_ -startsWith \"[\")",
		"device.displayName -endsWith \"7\" -or device.deviceModel -eq \"M3\"",
		"device.displayName -contains \"-1\" -and device.deviceModel -ne \"M0\"",
		"device.deviceOwnership -eq \"Company\" -and device.deviceTrustType -eq null",
	};
	enum { RULES = sizeof rules / sizeof *rules, FLEET = 120 };
	struct fixture *f = *state;
	const char *groups[RULES];
	struct error e;

	for (int i = 0; i < FLEET; i++) {
		if (i % 20 == 10) // groups come while devices are registered
			groups[i / 20] = fixture_group(
				f, arena_printf(&f->arena, "g%d", i / 20), rules[i / 20]);
		device(f, arena_printf(&f->arena, "PC-%03d", i),
			arena_printf(&f->arena, "M%d", i % 4),
			arena_printf(&f->arena, "t%d", i % 3));
	}
	for (int i = 0; i < FLEET; i++) {
		struct device d;
		struct rule_values values;
		const char *why;
		check(store_device_by_serial(
			      &f->work, arena_printf(&f->arena, "PC-%03d", i), &d, &e),
			&e);
		struct device_facts facts =
			facts_at_registration(d.manufacturer, d.model, d.group_tag, "");
		facts.device_id = d.device_id;
		facts.directory_id = d.directory_id;
		facts.display_name = d.serial;
		facts_values(&f->arena, &facts, NULL, 0, &values);
		check(store_device_explain(&f->work, d.device_id, &why, &e), &e);
		// The groups it is in come first, those whose rule does not match after them.
		why = arena_strndup(&f->arena, why, (size_t)(strstr(why, "\"notIn\"") - why));
		for (int k = 0; k < RULES; k++) {
			enum rule_truth truth = RULE_FALSE;
			const struct rule *rule = rule_compile(&f->arena, rules[k], &e);
			check(rule && rule_evaluate(rule, &values, &truth, &e), &e);
			assert_int_equal(truth == RULE_TRUE, strstr(why, groups[k]) != NULL);
		}
	}
}

// Whether the explanation of the device names the group.
static bool
is_member(struct fixture *f, const char *device_id, const char *group_id)
{
	const char *why;
	struct error e;

	check(store_device_explain(&f->work, device_id, &why, &e), &e);
	return strstr(why, group_id) != NULL;
}

static void
a_device_that_a_rule_found_is_asked_again_beside_those_it_did_not_find(void **state)
{
	// Ids are random, and with them which of two cohorts is decided first: several pairs.
	enum { PAIRS = 12 };
	struct fixture *f = *state;
	const char *found[PAIRS], *other[PAIRS];

	for (int i = 0; i < PAIRS; i++) {
		const char *model = arena_printf(&f->arena, "M%d", i);
		found[i] = device(f, arena_printf(&f->arena, "A-%d", i), model, "");
		other[i] = device(f, arena_printf(&f->arena, "B-%d", i), model, "");
	}
	// The first rule takes one of each pair out of the cohort of their facts.
	fixture_group(f, "first", "device.displayName -startsWith \"A\"");
	const char *both = fixture_group(f, "both", "device.displayName -contains \"-\"");
	for (int i = 0; i < PAIRS; i++) {
		assert_true(is_member(f, found[i], both));
		assert_true(is_member(f, other[i], both));
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
		CASE(devices_that_rules_cannot_tell_apart_are_one_cohort),
		CASE(a_group_that_is_made_later_finds_the_devices_that_were_there),
		CASE(a_rule_about_all_registered_devices_asks_no_device_alone),
		CASE(a_rule_about_the_name_asks_each_device),
		CASE(a_rule_about_members_of_another_group_follows_it),
		CASE(many_devices_that_must_be_asked_are_asked_in_portions),
		CASE(a_rule_that_is_too_slow_for_a_device_is_refused),
		CASE(devices_that_take_long_to_ask_are_asked_in_smaller_portions),
		CASE(a_rule_that_is_too_slow_for_a_fleet_of_many_kinds_is_refused),
		CASE(a_device_that_a_rule_found_is_asked_again_beside_those_it_did_not_find),
		CASE(what_cohorts_say_is_what_each_device_alone_would_say),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
