// SPDX-License-Identifier: Apache-2.0
// What the store promises about remote actions on both databases: asked once, done once, and what
// each does to the record in the transaction that says so (behaviour A1 to A12, B1 to B4).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/actions.h"
#include "store/audit.h"
#include "store/contract/registrar.h"
#include "store/deployments.h"
#include "store/registration.h"
#include "store/trust.h"

struct managed {
	const char *device_id, *deployment_id, *enrollment_id, *certificate;
};

static struct managed
manage(struct fixture *f, const char *serial, uint8_t tpm)
{
	struct managed m = {.device_id = registrar_put(f, &f->work, serial, tpm).device_id,
		.enrollment_id = uuid_new(&f->arena),
		.certificate = uuid_new(&f->arena)};
	struct deployment d;
	struct error e;
	struct issued_certificate certificate = {.serial = uuid_new(&f->arena),
		.kind = "device",
		.subject_id = m.enrollment_id,
		.sha256 = m.certificate,
		.der = slice_str("der"),
		.not_after = f->work.now + US_PER_DAY};

	check(store_deployment_begin(&f->work, m.device_id, "preprovisioned", &d, &e), &e);
	m.deployment_id = d.deployment_id;
	struct enrollment in = {.enrollment_id = m.enrollment_id,
		.device_id = m.device_id,
		.deployment_id = d.deployment_id,
		.attestation_id = "",
		.upn = "ada@contoso.example",
		.key_sha256 = m.certificate};
	check(store_enroll(&f->work, &in, &certificate, &e), &e);
	return m;
}

static struct device_action_entry
ask(struct fixture *f, const struct managed *m, enum device_action action, const char *data)
{
	struct action_request in = {
		.enrollment_id = m->enrollment_id, .action = action, .data = data, .actor = "ada"};
	struct device_action_entry out;
	struct error e;
	bool created;

	check(store_action_request(&f->work, &in, &out, &created, &e), &e);
	f->work.now++;
	return out;
}

static struct device_action_entry
newest(struct fixture *f, const struct managed *m)
{
	struct device_action_entry *list;
	struct error e;
	size_t count;

	check(store_actions_of_device(&f->work, m->device_id, &list, &count, &e), &e);
	assert_true(count > 0);
	return list[0];
}

static size_t
open_count(struct fixture *f, const struct managed *m)
{
	struct device_action_entry *list;
	struct error e;
	size_t count;

	check(store_actions_open(&f->work, m->enrollment_id, &list, &count, &e), &e);
	return count;
}

static bool
knows(struct fixture *f, const struct managed *m)
{
	struct enrollment enrollment;
	struct error e;

	return store_enrollment_by_certificate(&f->work, m->certificate, &enrollment, &e);
}

static void
finish(struct fixture *f, const struct device_action_entry *a, const char *fault)
{
	struct error e;

	struct action_end end = {.action_id = a->action_id,
		.enrollment_id = a->enrollment_id,
		.fault = fault,
		.reason = "500",
		.account = "disable"};
	const char *domain;

	check(store_action_finish(&f->work, &end, &domain, &e), &e);
	f->work.now++;
}

static void
another_organizations_device_cannot_be_wiped(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	struct work other = registrar_tenant(f);
	struct action_request in = {
		.enrollment_id = m.enrollment_id, .action = DEVICE_ACTION_WIPE, .actor = "eve"};
	struct device_action_entry out = ask(f, &m, DEVICE_ACTION_WIPE, NULL), none;
	struct error e = {0};
	bool created;

	assert_false(store_action_request(&other, &in, &none, &created, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	struct action_end end = {.action_id = out.action_id, .enrollment_id = m.enrollment_id};
	assert_false(store_action_finish(&other, &end, &(const char *){NULL}, &e));
	assert_false(store_action_cancel(&other, out.action_id, "eve", &e));
	assert_true(knows(f, &m));
}

static void
a_device_says_nothing_about_the_actions_of_another(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1), other = manage(f, "CN-2", 2);
	struct device_action_entry wipe = ask(f, &m, DEVICE_ACTION_WIPE, NULL);
	struct action_end end = {
		.action_id = wipe.action_id, .enrollment_id = other.enrollment_id, .reason = ""};
	struct error e = {0};

	assert_false(store_action_finish(&f->work, &end, &(const char *){NULL}, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(newest(f, &m).state, "pending");
	assert_true(knows(f, &m));
}

static void
a_repeated_request_finds_the_open_one(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	struct device_action_entry a = ask(f, &m, DEVICE_ACTION_WIPE, NULL),
				   b = ask(f, &m, DEVICE_ACTION_WIPE, NULL);

	assert_string_equal(a.action_id, b.action_id);
	assert_int_equal(open_count(f, &m), 1);
	assert_string_equal(a.state, "pending");
}

static void
an_action_that_failed_changes_nothing_and_says_why(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	struct device_action_entry a = ask(f, &m, DEVICE_ACTION_WIPE, NULL);

	finish(f, &a, "action_failed_on_device");
	struct device_action_entry after = newest(f, &m);
	assert_string_equal(after.state, "failed");
	assert_string_equal(after.fault, "action_failed_on_device");
	assert_true(knows(f, &m));
	finish(f, &a, NULL); // too late
	assert_string_equal(newest(f, &m).state, "failed");
	assert_true(knows(f, &m));
}

static void
a_wipe_ends_management_and_leaves_the_registration(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	struct device_action_entry lock = ask(f, &m, DEVICE_ACTION_LOCK, NULL),
				   a = ask(f, &m, DEVICE_ACTION_WIPE, NULL);
	struct deployment d;
	struct error e;

	assert_int_equal(open_count(f, &m), 1); // the lock has nobody to lock any more
	check(store_action_sent(&f->work, &a, &e), &e);
	assert_true(knows(f, &m));
	finish(f, &a, NULL);
	finish(f, &a, NULL);
	assert_false(knows(f, &m));
	assert_string_equal(newest(f, &m).state, "done");
	assert_string_equal(registrar_get(f, m.device_id).enrollment_state, "notContacted");
	check(store_deployment_get(&f->work, m.deployment_id, &d, &e), &e);
	assert_true(d.finished_at != 0);
	assert_string_equal(d.fault, "ended_by_action");
	assert_int_equal(registrar_events(&f->work, m.device_id, "management_ended"), 1);
	(void)lock;
}

static void
a_deleted_device_is_hidden_at_once_and_still_hears_of_it(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	struct device_action_entry a = ask(f, &m, DEVICE_ACTION_DELETE, NULL), out;
	struct enrollment enrollment;
	struct action_request again = {
		.enrollment_id = m.enrollment_id, .action = DEVICE_ACTION_SYNC, .actor = "ada"};
	struct error e;
	bool created;

	assert_false(store_enrollment_current(&f->work, m.device_id, &enrollment, &e));
	assert_false(store_action_request(&f->work, &again, &out, &created, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(store_action_cancel(&f->work, a.action_id, "ada", &e));
	assert_true(knows(f, &m));
	finish(f, &a, NULL);
	assert_false(knows(f, &m));
}

static void
the_reuse_block_survives_a_wipe_unless_a_rejoin_was_meant(void **state)
{
	struct fixture *f = *state;
	struct error e;

	for (int rejoin = 0; rejoin < 2; rejoin++) {
		struct managed m = manage(f, rejoin ? "CN-1" : "CN-2", (uint8_t)(rejoin + 1));
		check(store_deployment_finish(&f->work, m.deployment_id, "all agree", &e), &e);
		assert_true(registrar_get(f, m.device_id).reuse_blocked);
		struct device_action_entry a =
			ask(f, &m, DEVICE_ACTION_WIPE, rejoin ? "rejoin" : NULL);
		finish(f, &a, NULL);
		assert_int_equal(registrar_get(f, m.device_id).reuse_blocked, !rejoin);
	}
}

static void
what_the_device_has_not_heard_of_can_be_taken_back(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	struct device_action_entry a = ask(f, &m, DEVICE_ACTION_RETIRE, NULL);
	struct error e;

	check(store_action_cancel(&f->work, a.action_id, "bob", &e), &e);
	assert_string_equal(newest(f, &m).state, "cancelled");
	a = ask(f, &m, DEVICE_ACTION_RETIRE, NULL);
	check(store_action_sent(&f->work, &a, &e), &e);
	assert_false(store_action_cancel(&f->work, a.action_id, "bob", &e));
	assert_string_equal(e.fault, "action_unknown");
}

static void
a_reset_begins_a_deployment_of_its_own_once(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	const char *first, *second;
	struct deployment d;
	struct enrollment enrollment;
	struct error e;

	assert_false(store_reset_begin(&f->work, m.enrollment_id, &first, &e));
	assert_int_equal(e.code, ERR_CONFLICT); // its deployment is not over
	check(store_deployment_finish(&f->work, m.deployment_id, "", &e), &e);
	struct device_action_entry a = ask(f, &m, DEVICE_ACTION_AUTOPILOT_RESET, NULL);
	finish(f, &a, NULL);
	assert_string_equal(registrar_get(f, m.device_id).assigned_upn, "");
	check(store_reset_begin(&f->work, m.enrollment_id, &first, &e), &e);
	check(store_reset_begin(&f->work, m.enrollment_id, &second, &e), &e);
	assert_string_equal(first, second);
	check(store_deployment_get(&f->work, first, &d, &e), &e);
	assert_string_equal(d.mode, "autopilotReset");
	assert_true(d.proven);
	check(store_enrollment_by_certificate(&f->work, m.certificate, &enrollment, &e), &e);
	assert_string_equal(enrollment.deployment_id, first);
}

// Whoever has a copy of the hash can begin one at any time; the device's own end is not his.
static void
a_claim_does_not_stand_in_the_way_of_a_reset(void **state)
{
	struct fixture *f = *state;
	struct managed m = manage(f, "CN-1", 1);
	const char *reset;
	struct deployment claimed;
	struct error e;

	check(store_deployment_finish(&f->work, m.deployment_id, "", &e), &e);
	check(store_deployment_begin(&f->work, m.device_id, "userDriven", &claimed, &e), &e);
	assert_string_not_equal(claimed.deployment_id, m.deployment_id);
	check(store_reset_begin(&f->work, m.enrollment_id, &reset, &e), &e);
	check(store_deployment_get(&f->work, claimed.deployment_id, &claimed, &e), &e);
	assert_true(claimed.finished_at > 0);
	check(store_deployment_begin(&f->work, m.device_id, "userDriven", &claimed, &e), &e);
	assert_string_equal(claimed.deployment_id, reset);
	assert_string_equal(claimed.mode, "autopilotReset");
}

static void
an_order_for_many_is_decided_by_another_person_and_is_no_deletion(void **state)
{
	struct fixture *f = *state;
	const struct principal ada = {"id of ada", "ada"}, renamed = {"id of ada", "eve"};
	const struct principal ben = {"id of ben", "ben"};
	const struct action_request wipe = {.action = DEVICE_ACTION_WIPE, .data = "rejoin"};
	const char *const ids[] = {"m-1", "m-2"};
	struct work other = registrar_tenant(f);
	struct deletion_request asked, got, *list;
	struct error e;
	size_t count;

	check(store_action_order(&f->work, &ada, &wipe, ids, 2, &asked, &e), &e);
	assert_false(store_deletion_get(&f->work, asked.request_id, &got, &e));
	assert_string_equal(e.fault, "deletion_unknown");
	assert_false(store_deletion_decide(&f->work, asked.request_id, &ben, true, &got, &e));
	assert_false(store_action_order_get(&other, asked.request_id, &got, &e));
	assert_false(store_action_order_decide(&other, asked.request_id, &ben, true, &got, &e));
	check(store_action_order_get(&f->work, asked.request_id, &got, &e), &e);
	assert_string_equal(got.items, "[\"m-1\",\"m-2\"]");
	assert_string_equal(got.action, "wipe");
	assert_string_equal(got.data, "rejoin");
	check(store_deletions(&f->work, &list, &count, &e), &e);
	assert_int_equal(count, 0);
	check(store_action_orders(&f->work, &list, &count, &e), &e);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].state, "waiting");
	assert_false(
		store_action_order_decide(&f->work, asked.request_id, &renamed, true, &got, &e));
	assert_string_equal(e.fault, "second_person_needed");
	check(store_action_order_decide(&f->work, asked.request_id, &ben, true, &got, &e), &e);
	assert_string_equal(got.state, "done");
	assert_string_equal(got.decided_by, "ben");
	assert_false(store_action_order_decide(&f->work, asked.request_id, &ben, false, &got, &e));
	assert_string_equal(e.fault, "deletion_decided");
	registrar_audit_holds(&f->work);
}

static void
an_order_that_nobody_decides_in_a_day_has_expired(void **state)
{
	struct fixture *f = *state;
	const struct principal ada = {"id of ada", "ada"}, ben = {"id of ben", "ben"};
	const struct action_request retire = {.action = DEVICE_ACTION_RETIRE};
	const char *const ids[] = {"m-1"};
	struct deletion_request asked, got;
	struct error e;

	check(store_action_order(&f->work, &ada, &retire, ids, 1, &asked, &e), &e);
	f->work.now += US_PER_DAY;
	check(store_action_order_get(&f->work, asked.request_id, &got, &e), &e);
	assert_string_equal(got.state, "expired");
	assert_false(store_action_order_decide(&f->work, asked.request_id, &ben, true, &got, &e));
	assert_string_equal(e.fault, "deletion_decided");
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(an_order_for_many_is_decided_by_another_person_and_is_no_deletion),
		ON(an_order_that_nobody_decides_in_a_day_has_expired),
		ON(another_organizations_device_cannot_be_wiped),
		ON(a_device_says_nothing_about_the_actions_of_another),
		ON(a_repeated_request_finds_the_open_one),
		ON(an_action_that_failed_changes_nothing_and_says_why),
		ON(a_wipe_ends_management_and_leaves_the_registration),
		ON(a_deleted_device_is_hidden_at_once_and_still_hears_of_it),
		ON(the_reuse_block_survives_a_wipe_unless_a_rejoin_was_meant),
		ON(what_the_device_has_not_heard_of_can_be_taken_back),
		ON(a_reset_begins_a_deployment_of_its_own_once),
		ON(a_claim_does_not_stand_in_the_way_of_a_reset),
	};
#undef ON

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
