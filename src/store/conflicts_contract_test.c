// SPDX-License-Identifier: Apache-2.0
// Settings that contradict each other, on both databases: who counts, and where the other is named.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "store/contract/registrar.h"
#include "store/deployments.h"
#include "store/explain.h"
#include "store/groups.h"
#include "store/items.h"
#include "store/objects.h"
#include "store/preflight.h"
#include "store/vpn.h"

#define LOCK "Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
#define EVERYTHING "(device.devicePhysicalIds -any (_ -startsWith \"[ZTDId]\"))"
#define NOTHING "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:nobody\"))"

static void
put(struct fixture *f, const char *id, const char *name, const char *uri, const char *value)
{
	const struct new_item in = {.kind = "policy",
		.scope = "device",
		.name = name,
		.loc_uri = uri,
		.format = "int",
		.data = value};
	struct error e;

	check(store_put_item(&f->work, id, &in, &e), &e);
}

// A setting for a group; each is younger than the one before.
static const char *
setting(struct fixture *f, const char *name, const char *uri, const char *value, const char *to)
{
	const struct new_assignment target = {.target = "group", .group_id = to};
	const char *id = uuid_new(&f->arena);
	struct error e;

	f->work.now += US_PER_MIN;
	put(f, id, name, uri, value);
	check(store_assign(&f->work, "item", id, &target, 1, &e), &e);
	return id;
}

// What the device has to hear of, as "name state", in order.
static const char *
items(struct fixture *f, const char *device_id)
{
	const char *all = "";
	struct item *list;
	struct error e;
	size_t count;

	check(store_items(&f->work, device_id, &list, &count, &e), &e);
	for (size_t i = 0; i < count; i++) {
		bool conflict = str_eq(list[i].state, "conflict");
		all = arena_printf(&f->arena, "%s%s%s %s%s", all, i ? "; " : "", list[i].name,
			list[i].state, list[i].noted ? " noted" : "");
		assert_true(conflict == str_eq(list[i].fault, "policy_conflict"));
	}
	return all;
}

// Of a preflight, the conflicts as "devices text".
static const char *
conflicts(struct fixture *f, const struct work *w, const char *item_id)
{
	const struct preflight_scope scope = {.item_id = item_id};
	struct preflight_report report;
	const char *all = "";
	struct error e;

	check(store_preflight(w, &scope, &report, &e), &e);
	for (size_t i = 0; i < report.count; i++)
		if (str_eq(report.items[i].fault, "policy_conflict"))
			all = arena_printf(&f->arena, "%s%d %s\n", all,
				(int)report.items[i].devices, report.items[i].text);
	return all;
}

#define FIVE_AND_TEN                                                                               \
	"\"Five\" and \"Ten\" set ./" LOCK " to different values; \"Five\" is older and counts"

static void
two_values_for_one_node_are_named_before_and_after_there_is_a_device(void **state)
{
	struct fixture *f = *state;
	const char *all = fixture_group(f, "All", EVERYTHING),
		   *none = fixture_group(f, "None", NOTHING);
	const char *five = setting(f, "Five", "./Device/" LOCK, "5", all);
	const char *away = setting(f, "Away", "./Device/" LOCK, "7", none);
	const char *same = setting(f, "Same", "./Device/" LOCK, "5", all);

	assert_string_equal(conflicts(f, &f->work, NULL), "");
	const char *ten = setting(f, "Ten", "./" LOCK, "10", all);
	assert_string_equal(conflicts(f, &f->work, NULL), "0 " FIVE_AND_TEN "\n");
	registrar_put(f, &f->work, "A", 1);
	registrar_put(f, &f->work, "B", 2);
	assert_string_equal(conflicts(f, &f->work, NULL), "2 " FIVE_AND_TEN "\n");
	assert_string_equal(conflicts(f, &f->work, five), "2 " FIVE_AND_TEN "\n");
	assert_string_equal(conflicts(f, &f->work, ten), "2 " FIVE_AND_TEN "\n");
	assert_string_equal(conflicts(f, &f->work, away), "");
	assert_string_equal(conflicts(f, &f->work, same), "");
	struct work other = registrar_tenant(f);
	assert_string_equal(conflicts(f, &other, NULL), "");
	assert_string_equal(conflicts(f, &other, ten), "");
}

static void
the_loser_waits_until_the_winner_is_gone(void **state)
{
	struct fixture *f = *state;
	const char *all = fixture_group(f, "All", EVERYTHING);
	const char *five = setting(f, "Five", "./Device/" LOCK, "5", all);
	const char *ten = setting(f, "Ten", "./" LOCK, "10", all);
	const char *pc = registrar_put(f, &f->work, "A", 1).device_id;
	const struct item_state noted = {.item_id = ten,
		.state = "conflict",
		.fault = "policy_conflict",
		.reason = FIVE_AND_TEN,
		.version = 1,
		.aside = true};
	struct deployment d;
	struct error e;

	assert_string_equal(items(f, pc), "Five pending; Ten conflict");
	check(store_deployment_begin(&f->work, pc, "userDriven", &d, &e), &e);
	check(store_items_set(&f->work, pc, d.deployment_id, &noted, 1, &e), &e);
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.result, "running"); // nobody waits for it
	assert_string_equal(items(f, pc), "Five pending; Ten conflict noted");
	check(store_assign(&f->work, "item", five, NULL, 0, &e), &e);
	assert_string_equal(items(f, pc), "Ten pending");
}

static void
a_value_that_is_corrected_ends_the_conflict(void **state)
{
	struct fixture *f = *state;
	const char *all = fixture_group(f, "All", EVERYTHING);
	const char *pc = registrar_put(f, &f->work, "A", 1).device_id;

	setting(f, "Five", "./Device/" LOCK, "5", all);
	const char *ten = setting(f, "Ten", "./Device/" LOCK, "10", all);
	assert_string_equal(items(f, pc), "Five pending; Ten conflict");
	put(f, ten, "Ten", "./Device/" LOCK, "5");
	assert_string_equal(items(f, pc), "Five pending; Ten pending");
	assert_string_equal(conflicts(f, &f->work, NULL), "");
}

static void
an_explanation_names_the_conflict_at_the_item_and_among_the_findings(void **state)
{
	struct fixture *f = *state;
	const char *all = fixture_group(f, "All", EVERYTHING), *text;
	const char *pc = registrar_put(f, &f->work, "A", 1).device_id;
	bool found = false;
	struct error e;

	setting(f, "Five", "./Device/" LOCK, "5", all);
	setting(f, "Ten", "./" LOCK, "10", all);
	check(store_device_explain(&f->work, pc, &text, &e), &e);
	const struct json *json = json_parse(&f->arena, slice_str(text), NULL, &e);
	check(json != NULL, &e);
	const struct json *item = json_get(json, "items")->first;
	assert_null(json_get(item, "conflict"));
	assert_string_equal(json_str(item->next, "conflict"), FIVE_AND_TEN);
	for (const struct json *x = json_get(json, "findings")->first; x; x = x->next)
		if (str_eq(json_str(x, "fault"), "policy_conflict")) {
			assert_string_equal(json_str(x, "severity"), "warning");
			assert_string_equal(json_str(x, "text"), FIVE_AND_TEN);
			found = true;
		}
	assert_true(found);
}

static void
a_tunnels_node_is_taken_by_another_item_of_the_same_tenant_only(void **state)
{
	struct fixture *f = *state;
	const char *all = fixture_group(f, "All", EVERYTHING), *name;
	const char *id =
		setting(f, "Corp", "./Device/Vendor/Ferry/WireGuard/corp/Config", "1", all);
	struct work other = registrar_tenant(f);
	struct error e;

	check(store_vpn_taken(
		      &f->work, "./Device/Vendor/Ferry/WireGuard/corp/Config", "new", &name, &e),
		&e);
	assert_string_equal(name, "Corp");
	check(store_vpn_taken(
		      &f->work, "./Device/Vendor/Ferry/WireGuard/corp/Config", id, &name, &e),
		&e);
	assert_null(name);
	check(store_vpn_taken(
		      &other, "./Device/Vendor/Ferry/WireGuard/corp/Config", "new", &name, &e),
		&e);
	assert_null(name);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(two_values_for_one_node_are_named_before_and_after_there_is_a_device),
		ON(the_loser_waits_until_the_winner_is_gone),
		ON(a_value_that_is_corrected_ends_the_conflict),
		ON(an_explanation_names_the_conflict_at_the_item_and_among_the_findings),
		ON(a_tunnels_node_is_taken_by_another_item_of_the_same_tenant_only),
	};
#undef ON

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
