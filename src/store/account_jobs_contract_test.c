// SPDX-License-Identifier: Apache-2.0
// What orders about computer accounts promise, on both databases: only accounts that Ferry made,
// one order at a time for each, they outlive the device, and nobody's account stays.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/account_jobs.h"
#include "store/contract/fixture.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/queries.h"
#include "store/registration_edit.h"

#define DOMAIN "corp.example.com"
#define GUID "11111111-2222-4333-8444-555555555555"
#define STRANGER "99999999-2222-4333-8444-555555555555"

// Of the test that runs.
static struct connector one, two;
static const char *device_id;
static struct deployment deployment;

static struct connector
connector(struct fixture *f, const char *name)
{
	struct connector c = {.tenant_id = f->work.tenant_id, .name = name, .domain = DOMAIN};
	struct error e;

	check(store_connector_create(&f->work, name, DOMAIN, uuid_new(&f->arena),
		      f->work.now + US_PER_DAY, &c.connector_id, &e),
		&e);
	return c;
}

static void
make_device(struct fixture *f)
{
	struct error e;
	struct registration_result result;
	struct registration in = {.serial = "CN-1",
		.manufacturer = "Contoso",
		.model = "LabPC",
		.product_key = "",
		.ek_id = "01",
		.hardware_hash = slice_str("hash"),
		.group_tag = "",
		.assigned_upn = ""};

	check(store_register(&f->work, &in, 1, true, &result, &e), &e);
	device_id = result.device_id;
	check(store_deployment_begin(&f->work, device_id, "preprovisioned", &deployment, &e), &e);
}

static int
open_world(void **state)
{
	struct fixture *f = fixture_begin();

	one = connector(f, "one");
	two = connector(f, "two");
	make_device(f);
	*state = f;
	return 0;
}

// A job that a connector has taken; from then on an account may exist.
static struct job
order_account(struct fixture *f)
{
	struct error e;
	bool flag;
	struct job job,
		in = {.device_id = device_id,
			.deployment_id = deployment.deployment_id,
			.kind = "odj",
			.domain = DOMAIN,
			.ou = "",
			.computer_name = "PC-1"};

	check(store_job_renew(&f->work, &in, &job, &e), &e);
	check(store_job_lease(&f->work, &one, US_PER_MIN, &job, &flag, &e), &e);
	assert_true(flag);
	return job;
}

static struct job
make_account(struct fixture *f)
{
	struct error e;
	struct job job = order_account(f);
	struct job_outcome done = {.object_guid = GUID,
		.dn = "CN=PC-1",
		.sid = "S-1-5-21-1",
		.sealed_blob = slice_str("sealed")};

	check(store_job_finish(&f->work, one.connector_id, job.job_id, job.lease_id, &done, &e),
		&e);
	return job;
}

static const char *
retire(struct fixture *f, const char *mode)
{
	struct error e;
	const char *job, *domain;

	check(store_account_retire(&f->work, device_id, mode, "test", &job, &domain, &e), &e);
	if (job)
		assert_string_equal(domain, DOMAIN);
	return job;
}

static bool
lease(struct fixture *f, const struct connector *by, struct account_job *out)
{
	struct error e;
	bool found;

	check(store_account_job_lease(&f->work, by, US_PER_MIN, out, &found, &e), &e);
	return found;
}

static void
finish(struct fixture *f, const struct account_job *job, const char *fault)
{
	struct error e;

	check(store_account_job_finish(&f->work, one.connector_id, job->job_id, job->lease_id,
		      fault, "detail", "{\"found\":true}", &e),
		&e);
}

static void
an_account_that_ferry_did_not_make_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *job, *domain;

	assert_null(retire(f, "disable"));
	make_account(f);
	assert_false(
		store_account_retire_guid(&f->work, STRANGER, "delete", "test", &job, &domain, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_string_equal(e.fault, "account_not_ours");
	assert_false(
		store_account_retire(&f->work, device_id, "explode", "test", &job, &domain, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
another_organization_cannot_order_it(void **state)
{
	struct fixture *f = *state;
	struct work other = f->work;
	struct error e;
	const char *job, *domain;

	make_account(f);
	other.tenant_id = uuid_new(&f->arena);
	assert_false(store_account_retire_guid(&other, GUID, "delete", "test", &job, &domain, &e));
	check(store_account_retire(&other, device_id, "delete", "test", &job, &domain, &e), &e);
	assert_null(job);
}

static void
an_order_has_one_lease_and_one_result(void **state)
{
	struct fixture *f = *state;
	struct account_job job, other;
	struct error e;

	make_account(f);
	assert_non_null(retire(f, "disable"));
	assert_true(lease(f, &one, &job));
	assert_string_equal(job.kind, "disable");
	assert_string_equal(job.object_guid, GUID);
	assert_false(lease(f, &two, &other));
	assert_false(store_account_job_finish(
		&f->work, two.connector_id, job.job_id, job.lease_id, NULL, "", "{}", &e));
	assert_int_equal(e.code, ERR_DENIED);
	assert_false(store_account_job_finish(
		&f->work, one.connector_id, job.job_id, "other", NULL, "", "{}", &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	finish(f, &job, NULL);
	finish(f, &job, NULL);
	check(store_account_job_latest(&f->work, device_id, &other, &e), &e);
	assert_string_equal(other.state, "done");
	assert_string_equal(other.result, "{\"found\":true}");
}

static void
a_connector_that_died_leaves_the_order_to_the_other(void **state)
{
	struct fixture *f = *state;
	struct account_job job;

	make_account(f);
	retire(f, "delete");
	assert_true(lease(f, &one, &job));
	assert_false(lease(f, &two, &job));
	f->work.now += 2 * US_PER_MIN;
	assert_true(lease(f, &two, &job));
}

static void
a_later_order_replaces_the_one_that_waits(void **state)
{
	struct fixture *f = *state;
	struct account_job job;

	make_account(f);
	retire(f, "disable");
	retire(f, "enable");
	assert_true(lease(f, &one, &job));
	assert_string_equal(job.kind, "enable");
	assert_false(lease(f, &two, &job));
}

static void
a_device_that_is_deployed_again_keeps_its_account(void **state)
{
	struct fixture *f = *state;
	struct account_job job;
	struct job again,
		in = {.device_id = device_id,
			.deployment_id = deployment.deployment_id,
			.kind = "odj",
			.domain = DOMAIN,
			.ou = "",
			.computer_name = "PC-1",
			.object_guid = GUID};
	struct error e;

	make_account(f);
	retire(f, "delete");
	check(store_job_renew(&f->work, &in, &again, &e), &e);
	assert_false(lease(f, &one, &job));
}

static void
what_passes_is_tried_again_later_and_what_does_not_ends(void **state)
{
	struct fixture *f = *state;
	struct account_job job;
	struct error e;

	make_account(f);
	retire(f, "delete");
	assert_true(lease(f, &one, &job));
	finish(f, &job, "dc_unreachable");
	assert_false(lease(f, &one, &job));
	check(store_account_job_latest(&f->work, device_id, &job, &e), &e);
	assert_string_equal(job.state, "queued");
	assert_string_equal(job.fault, "dc_unreachable");
	f->work.now += US_PER_MIN;
	assert_true(lease(f, &one, &job));
	finish(f, &job, "account_denied");
	f->work.now += US_PER_DAY;
	assert_false(lease(f, &one, &job));
	check(store_account_job_latest(&f->work, device_id, &job, &e), &e);
	assert_string_equal(job.state, "failed");
}

static bool
forget_device(struct db *db, void *ctx, struct error *e)
{
	struct fixture *f = ctx;
	const char *job, *domain;

	return account_retire(
		       db, &f->work, device_id, "delete", "deregistered", &job, &domain, e) &&
		db_run(db, Q_DEVICE_DELETE, PARAMS(DB_TEXT(f->work.tenant_id), DB_TEXT(device_id)),
			NULL, e);
}

static void
an_order_outlives_its_device(void **state)
{
	struct fixture *f = *state;
	struct account_job job;
	struct error e;

	make_account(f);
	check(store_write(f->session, forget_device, f, &e), &e);
	assert_true(lease(f, &one, &job));
	assert_string_equal(job.kind, "delete");
	assert_string_equal(job.device_id, device_id);
}

static void
a_self_test_is_for_one_connector(void **state)
{
	struct fixture *f = *state;
	struct account_job job;
	struct connector seen;
	const char *first, *again;
	struct error e;

	check(store_check_request(&f->work, &one, &first, &e), &e);
	check(store_check_request(&f->work, &one, &again, &e), &e);
	assert_string_equal(first, again);
	assert_false(lease(f, &two, &job));
	assert_true(lease(f, &one, &job));
	finish(f, &job, NULL);
	check(store_connector_get(&f->work, one.connector_id, &seen, &e), &e);
	assert_string_equal(seen.check_report, "{\"found\":true}");
	assert_int_equal(seen.checked_at, f->work.now);
}

static int64_t
sweep(struct fixture *f, const char *guid, const char *job_id, int64_t *strange)
{
	struct marked_account found = {
		.object_guid = guid, .job_id = job_id, .computer_name = "PC-1"};
	int64_t ordered;
	struct error e;

	check(store_accounts_sweep(&f->work, &one, &found, 1, &ordered, strange, &e), &e);
	return ordered;
}

static void
an_account_of_a_device_or_of_an_open_job_stays(void **state)
{
	struct fixture *f = *state;
	int64_t strange;
	struct job_outcome failed = {.fault = "ad_error", .message = "died"};
	struct job job = order_account(f);
	struct error e;

	assert_int_equal(sweep(f, GUID, job.job_id, &strange), 0);
	assert_int_equal(strange, 0);
	check(store_job_finish(&f->work, one.connector_id, job.job_id, job.lease_id, &failed, &e),
		&e);
	job = make_account(f);
	assert_int_equal(sweep(f, GUID, job.job_id, &strange), 0);
}

static void
an_account_whose_job_failed_is_deleted_once(void **state)
{
	struct fixture *f = *state;
	struct job_outcome failed = {.fault = "ad_error", .message = "died"};
	struct account_job end;
	struct job job = order_account(f);
	int64_t strange;
	struct error e;

	check(store_job_finish(&f->work, one.connector_id, job.job_id, job.lease_id, &failed, &e),
		&e);
	assert_int_equal(sweep(f, GUID, job.job_id, &strange), 1);
	assert_int_equal(sweep(f, GUID, job.job_id, &strange), 0);
	assert_true(lease(f, &one, &end));
	assert_string_equal(end.kind, "delete");
	assert_string_equal(end.made_by, job.job_id);
}

static void
an_account_of_another_service_is_left_alone(void **state)
{
	struct fixture *f = *state;
	int64_t strange;

	assert_int_equal(sweep(f, GUID, STRANGER, &strange), 0);
	assert_int_equal(strange, 1);
}

static void
a_new_job_may_adopt_what_a_failed_one_of_the_device_left(void **state)
{
	struct fixture *f = *state;
	struct job_outcome failed = {.fault = "ad_error", .message = "died"};
	struct job first = order_account(f), second;
	struct error e;

	assert_null(*first.adopts);
	check(store_job_finish(
		      &f->work, one.connector_id, first.job_id, first.lease_id, &failed, &e),
		&e);
	second = order_account(f);
	assert_string_equal(second.adopts[0], first.job_id);
	assert_null(second.adopts[1]);
}

static void
who_was_not_seen_for_thirty_days_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct connector seen;
	struct error e;
	int64_t gone;

	check(store_connector_seen(&f->work, one.connector_id, "0.1.0", &e), &e);
	check(store_connectors_forget(&f->work, f->work.now - 1, &gone, &e), &e);
	assert_int_equal(gone, 0);
	check(store_connectors_forget(&f->work, f->work.now + 1, &gone, &e), &e);
	assert_int_equal(gone, 2);
	assert_false(store_connector_get(&f->work, one.connector_id, &seen, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
one_that_was_removed_is_told_so_and_its_orders_end(void **state)
{
	struct fixture *f = *state;
	const struct issued_certificate certificate = {.kind = "connector",
		.subject_id = one.connector_id,
		.serial = "c0ffee",
		.sha256 = "sha-of-one",
		.der = slice_str("der"),
		.not_after = f->work.now + US_PER_DAY};
	struct account_job job;
	struct connector seen;
	const char *order;
	struct error e;

	check(store_connector_certificate(&f->work, one.connector_id, &certificate, &e), &e);
	check(store_connector_by_certificate(&f->work, "sha-of-one", &seen, &e), &e);
	check(store_check_request(&f->work, &one, &order, &e), &e);
	check(store_connector_delete(&f->work, one.connector_id, &e), &e);
	assert_false(store_connector_by_certificate(&f->work, "sha-of-one", &seen, &e));
	assert_int_equal(e.code, ERR_UNAUTHENTICATED);
	assert_string_equal(e.fault, "connector_removed");
	assert_false(store_connector_by_certificate(&f->work, "sha-of-nobody", &seen, &e));
	assert_int_equal(e.code, ERR_UNAUTHENTICATED);
	assert_null(e.fault);
	check(store_account_job_get(&f->work, order, &job, &e), &e);
	assert_string_equal(job.state, "failed");
	assert_string_equal(job.fault, "connector_removed");
	assert_false(store_connector_delete(&f->work, one.connector_id, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_world, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(an_account_that_ferry_did_not_make_is_refused),
		ON(another_organization_cannot_order_it),
		ON(an_order_has_one_lease_and_one_result),
		ON(a_connector_that_died_leaves_the_order_to_the_other),
		ON(a_later_order_replaces_the_one_that_waits),
		ON(a_device_that_is_deployed_again_keeps_its_account),
		ON(what_passes_is_tried_again_later_and_what_does_not_ends),
		ON(an_order_outlives_its_device),
		ON(a_self_test_is_for_one_connector),
		ON(an_account_of_a_device_or_of_an_open_job_stays),
		ON(an_account_whose_job_failed_is_deleted_once),
		ON(an_account_of_another_service_is_left_alone),
		ON(a_new_job_may_adopt_what_a_failed_one_of_the_device_left),
		ON(who_was_not_seen_for_thirty_days_is_forgotten),
		ON(one_that_was_removed_is_told_so_and_its_orders_end),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
