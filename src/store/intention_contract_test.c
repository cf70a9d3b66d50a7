// SPDX-License-Identifier: Apache-2.0
// What the store promises the service, on both databases: assignment in the answer, one owner of a
// TPM, one use of a challenge, one open job, one delivery of a blob.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/contract/fixture.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/items.h"
#include "store/jobs.h"
#include "store/profiles.h"
#include "store/trust.h"
#include <stdlib.h>

static struct registration
registration(const char *serial, const char *ek_id, const char *tag)
{
	return (struct registration){
		.serial = serial,
		.manufacturer = "Contoso",
		.model = "LabPC",
		.product_key = "",
		.ek_id = ek_id,
		.hardware_hash = slice_str("hash"),
		.group_tag = tag,
		.assigned_upn = "",
	};
}

// A registered device with hybrid profile, page and domain join assigned through a group tag.
static const char *
assigned_device(struct fixture *f, const char *serial, const char *ek_id)
{
	struct error e;
	const char *group, *profile, *esp, *join;
	struct registration_result result;
	struct registration in = registration(serial, ek_id, "sales");
	struct new_group g = {.name = arena_printf(&f->arena, "group-%s", serial),
		.description = "",
		.rule = "(device.devicePhysicalIds -any (_ -eq \"[OrderID]:sales\"))"};
	struct new_profile p = {.name = "Hybrid",
		.description = "",
		.join_type = "hybrid",
		.preprovisioning = true,
		.trust_store = "lab"};
	struct new_esp s = {.name = "Page", .timeout_minutes = 60};
	struct new_domain_join j = {.name = "Corp",
		.domain = "corp.example.com",
		.ou = "",
		.name_template = "PC-%RAND:5%"};

	check(store_group_create(&f->work, &g, &group, &e), &e);
	check(store_profile_create(&f->work, &p, &profile, &e), &e);
	check(store_esp_create(&f->work, &s, &esp, &e), &e);
	check(store_domain_join_create(&f->work, &j, &join, &e), &e);
	struct new_assignment to = {.target = "group", .group_id = group};
	check(store_assign(&f->work, "profile", profile, &to, 1, &e), &e);
	check(store_assign(&f->work, "esp", esp, &to, 1, &e), &e);
	check(store_assign(&f->work, "domain_join", join, &to, 1, &e), &e);
	check(store_register(&f->work, &in, 1, true, &result, &e), &e);
	assert_true(result.created);
	return result.device_id;
}

static void
assignment_is_true_when_the_import_answers(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct device d;
	const char *id = assigned_device(f, "CN-1", "aa");

	check(store_device_by_id(&f->work, id, &d, &e), &e);
	assert_string_equal(d.profile_name, "Hybrid");
	assert_string_equal(d.esp_name, "Page");
	assert_string_equal(d.domain_join_name, "Corp");
	assert_true(d.assigned_at > 0);
	const char *explanation;
	check(store_device_explain(&f->work, id, &explanation, &e), &e);
	assert_non_null(strstr(explanation, "matches the rule"));
	assert_true(uuid_valid(d.directory_id));
}

static void
a_later_assignment_reaches_devices_that_are_there(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct device d;
	struct registration_result result;
	struct registration in = registration("CN-2", "bb", "");
	struct new_profile p = {.name = "Everybody",
		.description = "",
		.join_type = "directory",
		.trust_store = "hardware"};
	struct new_assignment all = {.target = "all_devices"};
	const char *profile;

	check(store_register(&f->work, &in, 1, false, &result, &e), &e);
	check(store_device_by_id(&f->work, result.device_id, &d, &e), &e);
	assert_null(d.profile_id);
	check(store_profile_create(&f->work, &p, &profile, &e), &e);
	check(store_assign(&f->work, "profile", profile, &all, 1, &e), &e);
	check(store_device_by_id(&f->work, result.device_id, &d, &e), &e);
	assert_string_equal(d.profile_id, profile);
}

static void
the_same_hardware_is_registered_once(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct device d;
	struct registration_result results[3];
	struct registration in[3] = {registration("CN-3", "cc", "a"),
		registration("CN-3", "cc", ""), registration("CN-OTHER", "cc", "b")};

	check(store_register(&f->work, in, 3, true, results, &e), &e);
	assert_true(results[0].created);
	assert_string_equal(results[1].fault, "ztd_already_assigned");
	assert_string_equal(results[1].device_id, results[0].device_id);
	assert_string_equal(results[2].device_id, results[0].device_id);
	check(store_device_by_id(&f->work, results[0].device_id, &d, &e), &e);
	// An empty cell keeps what was there; a filled one replaces it.
	assert_string_equal(d.group_tag, "b");
	assert_string_equal(d.serial, "CN-3");
}

static void
a_serial_number_with_another_tpm_is_a_mismatch(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct device d;
	struct registration_result result;
	struct registration in = registration("CN-4", "dd", "");

	check(store_register(&f->work, &in, 1, false, &result, &e), &e);
	check(store_device_match(&f->work, "dd", "Contoso", "LabPC", "CN-4", &d, &e), &e);
	assert_false(store_device_match(&f->work, "ee", "Contoso", "LabPC", "CN-4", &d, &e));
	assert_string_equal(e.fault, "hardware_mismatch");
	assert_false(store_device_match(&f->work, "ee", "Contoso", "LabPC", "CN-5", &d, &e));
	assert_string_equal(e.fault, "device_not_registered");
}

static struct deployment
begin(struct fixture *f, const char *device_id)
{
	struct error e;
	struct deployment d;

	check(store_deployment_begin(&f->work, device_id, "preprovisioned", &d, &e), &e);
	return d;
}

static void
a_challenge_is_used_once_and_expires(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *device_id = assigned_device(f, "CN-6", "06");
	struct deployment d = begin(f, device_id);
	struct attestation taken,
		in = {
			.session_id = uuid_new(&f->arena),
			.device_id = device_id,
			.deployment_id = d.deployment_id,
			.trust_store = "lab",
			.ek_certificate = slice_str("ek"),
			.ak_public = slice_str("ak"),
			.secret = slice_str("secret"),
			.quote_nonce = slice_str("q"),
			.certify_nonce = slice_str("c"),
			.expires_at = f->work.now + US_PER_MIN,
		};

	check(store_attestation_begin(&f->work, &in, &e), &e);
	check(store_attestation_take(&f->work, in.session_id, &taken, &e), &e);
	assert_true(slice_is(taken.secret, "secret"));
	assert_false(store_attestation_take(&f->work, in.session_id, &taken, &e));
	assert_string_equal(e.fault, "attestation_expired");
	in.session_id = uuid_new(&f->arena);
	in.expires_at = f->work.now - 1;
	check(store_attestation_begin(&f->work, &in, &e), &e);
	assert_false(store_attestation_take(&f->work, in.session_id, &taken, &e));
	// What was refused for its age cannot be tried again with a turned-back clock.
	f->work.now -= US_PER_MIN;
	assert_false(store_attestation_take(&f->work, in.session_id, &taken, &e));
}

static void
claims_are_limited_and_end_with_the_proof(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *device_id = assigned_device(f, "CN-7", "07");
	struct deployment d = begin(f, device_id);
	struct event claim = {.source = "claim",
		.phase = "flow",
		.state = "error",
		.fault = "tpm_missing",
		.reason = "x"};
	struct attestation proof = {.session_id = "none",
		.device_id = device_id,
		.deployment_id = d.deployment_id,
		.trust_store = "lab"};

	assert_string_equal(begin(f, device_id).deployment_id, d.deployment_id);
	for (int i = 0; i < MAX_CLAIM_EVENTS; i++)
		check(store_events_add(&f->work, d.deployment_id, &claim, 1, &e), &e);
	assert_false(store_events_add(&f->work, d.deployment_id, &claim, 1, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.result, "failed");
	assert_string_equal(d.fault, "tpm_missing");
	check(store_attestation_proven(&f->work, &proof, &e), &e);
	assert_false(store_events_add(&f->work, d.deployment_id, &claim, 1, &e));
	assert_int_equal(e.code, ERR_DENIED);
	struct event aside = {.source = "service",
		.phase = "devicePreparation",
		.state = "error",
		.fault = "tpm_ek_mismatch",
		.aside = true};
	check(store_deployment_retry(&f->work, d.deployment_id, &e), &e);
	check(store_events_add(&f->work, d.deployment_id, &aside, 1, &e), &e);
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.result, "running");
}

static void
a_warning_stays_until_its_row_has_other_news(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *device_id = assigned_device(f, "CN-9", "09");
	struct deployment d = begin(f, device_id);
	struct event told[] = {{.source = "device",
				       .phase = "deviceSetup",
				       .row_name = "computerPassword",
				       .state = "warning",
				       .fault = "machine_password_refused",
				       .reason = "no",
				       .aside = true},
		{.source = "device",
			.phase = "deviceSetup",
			.row_name = "apps",
			.state = "complete"}};
	struct event *warnings;
	size_t count;

	check(store_device_warnings(&f->work, device_id, &warnings, &count, &e), &e);
	assert_int_equal(count, 0);
	check(store_events_add(&f->work, d.deployment_id, told, 2, &e), &e);
	check(store_events_add(&f->work, d.deployment_id, told, 1, &e), &e);
	check(store_device_warnings(&f->work, device_id, &warnings, &count, &e), &e);
	assert_int_equal(count, 1);
	assert_string_equal(warnings[0].fault, "machine_password_refused");
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.result, "running");
	struct work other = f->work;
	other.tenant_id = "00000000-0000-4000-8000-000000000000";
	check(store_device_warnings(&other, device_id, &warnings, &count, &e), &e);
	assert_int_equal(count, 0);
	told[1].row_name = "computerPassword";
	check(store_events_add(&f->work, d.deployment_id, &told[1], 1, &e), &e);
	check(store_device_warnings(&f->work, device_id, &warnings, &count, &e), &e);
	assert_int_equal(count, 0);
}

static struct connector
connector(struct fixture *f, const char *name)
{
	struct error e;
	struct connector c = {
		.tenant_id = f->work.tenant_id, .name = name, .domain = "corp.example.com"};

	check(store_connector_create(&f->work, name, c.domain,
		      arena_printf(&f->arena, "hash-of-%s", name), f->work.now + US_PER_DAY,
		      &c.connector_id, &e),
		&e);
	return c;
}

static void
a_job_has_one_lease_one_result_and_one_delivery(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *device_id = assigned_device(f, "CN-8", "08");
	struct deployment d = begin(f, device_id);
	struct connector one = connector(f, "one"), two = connector(f, "two");
	struct job in = {.device_id = device_id,
		.deployment_id = d.deployment_id,
		.kind = "odj",
		.domain = "corp.example.com",
		.ou = "",
		.computer_name = "PC-1"};
	struct job job, leased, other;
	bool created, found;
	struct job_outcome done = {.object_guid = "11111111-2222-3333-4444-555555555555",
		.dn = "CN=PC-1",
		.sid = "S-1-5-21-1",
		.sealed_blob = slice_str("sealed")};

	check(store_job_request(&f->work, &in, &job, &created, &e), &e);
	assert_true(created);
	check(store_job_request(&f->work, &in, &job, &created, &e), &e);
	assert_false(created);
	check(store_job_lease(&f->work, &one, US_PER_MIN, &leased, &found, &e), &e);
	assert_true(found);
	check(store_job_lease(&f->work, &two, US_PER_MIN, &other, &found, &e), &e);
	assert_false(found);
	assert_false(store_job_finish(
		&f->work, two.connector_id, leased.job_id, leased.lease_id, &done, &e));
	assert_int_equal(e.code, ERR_DENIED);
	assert_false(
		store_job_finish(&f->work, one.connector_id, leased.job_id, "other", &done, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	check(store_job_finish(
		      &f->work, one.connector_id, leased.job_id, leased.lease_id, &done, &e),
		&e);
	// The upload whose answer was lost.
	check(store_job_finish(
		      &f->work, one.connector_id, leased.job_id, leased.lease_id, &done, &e),
		&e);
	check(store_job_latest(&f->work, d.deployment_id, "odj", &job, &e), &e);
	assert_true(slice_is(job.sealed_blob, "sealed"));
	check(store_job_delivered(&f->work, &job, &e), &e);
	check(store_job_delivered(&f->work, &job, &e), &e);
	check(store_job_latest(&f->work, d.deployment_id, "odj", &job, &e), &e);
	assert_int_equal(job.sealed_blob.len, 0);
	assert_true(job.delivered_at > 0);
}

static void
a_lease_that_ran_out_is_given_again_but_not_for_ever(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *device_id = assigned_device(f, "CN-9", "09");
	struct deployment d = begin(f, device_id);
	struct connector one = connector(f, "nine");
	struct job in = {.device_id = device_id,
		.deployment_id = d.deployment_id,
		.kind = "odj",
		.domain = "CORP.example.com",
		.ou = "",
		.computer_name = "PC-9"};
	struct job job;
	bool created, found;

	check(store_job_request(&f->work, &in, &job, &created, &e), &e);
	for (int i = 0; i < JOB_MAX_ATTEMPTS; i++) {
		check(store_job_lease(&f->work, &one, US_PER_MIN, &job, &found, &e), &e);
		assert_true(found);
		f->work.now += 2 * US_PER_MIN;
	}
	check(store_job_lease(&f->work, &one, US_PER_MIN, &job, &found, &e), &e);
	assert_false(found);
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.fault, "odj_timeout");
}

static void
a_name_that_is_taken_is_tried_again_three_times(void **state)
{
	struct fixture *f = *state;
	struct error e;
	const char *device_id = assigned_device(f, "CN-10", "10");
	struct deployment d = begin(f, device_id);
	struct connector one = connector(f, "ten");
	struct job in = {.device_id = device_id,
		.deployment_id = d.deployment_id,
		.kind = "odj",
		.domain = "corp.example.com",
		.ou = "",
		.computer_name = "PC-A"};
	struct job_outcome taken = {
		.fault = "computer_name_taken", .message = "in OU=Other", .next_name = "PC-B"};
	struct job job;
	bool created, found;
	int leases = 0;

	check(store_job_request(&f->work, &in, &job, &created, &e), &e);
	for (;; leases++) {
		check(store_job_lease(&f->work, &one, US_PER_MIN, &job, &found, &e), &e);
		if (!found)
			break;
		check(store_job_finish(
			      &f->work, one.connector_id, job.job_id, job.lease_id, &taken, &e),
			&e);
	}
	assert_int_equal(leases, JOB_MAX_NAMES);
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.fault, "computer_name_taken");
}

static void
success_ends_the_deployment_and_blocks_reuse(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct device device;
	const char *device_id = assigned_device(f, "CN-11", "11");
	struct deployment d = begin(f, device_id), again;

	check(store_deployment_finish(&f->work, d.deployment_id, "agreed", &e), &e);
	check(store_deployment_finish(&f->work, d.deployment_id, "agreed", &e), &e);
	check(store_device_by_id(&f->work, device_id, &device, &e), &e);
	assert_true(device.reuse_blocked);
	check(store_device_unblock(&f->work, device_id, "ada", &e), &e);
	again = begin(f, device_id);
	assert_string_not_equal(again.deployment_id, d.deployment_id);
}

static void
a_connector_token_is_used_once(void **state)
{
	struct fixture *f = *state;
	struct error e;
	struct connector made = connector(f, "tok"), got;

	check(store_connector_take_token(&f->work, "hash-of-tok", &got, &e), &e);
	assert_string_equal(got.connector_id, made.connector_id);
	assert_false(store_connector_take_token(&f->work, "hash-of-tok", &got, &e));
	assert_int_equal(e.code, ERR_UNAUTHENTICATED);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(assignment_is_true_when_the_import_answers),
		ON(a_later_assignment_reaches_devices_that_are_there),
		ON(the_same_hardware_is_registered_once),
		ON(a_serial_number_with_another_tpm_is_a_mismatch),
		ON(a_challenge_is_used_once_and_expires),
		ON(claims_are_limited_and_end_with_the_proof),
		ON(a_warning_stays_until_its_row_has_other_news),
		ON(a_job_has_one_lease_one_result_and_one_delivery),
		ON(a_lease_that_ran_out_is_given_again_but_not_for_ever),
		ON(a_name_that_is_taken_is_tried_again_three_times),
		ON(success_ends_the_deployment_and_blocks_reuse),
		ON(a_connector_token_is_used_once),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
