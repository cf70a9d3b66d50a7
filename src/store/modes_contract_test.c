// SPDX-License-Identifier: Apache-2.0
// What ways of deployment promise, on both databases: a proof decides, a person is noted once, and
// a device with a configuration file is known from the first sign-in on.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/contract/fixture.h"
#include "store/corporate.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/gate.h"
#include "store/objects.h"
#include "store/offline.h"
#include "store/trust.h"

static struct registration
registration(const char *serial, const char *ek_id)
{
	return (struct registration){
		.serial = serial,
		.manufacturer = "Contoso",
		.model = "LabPC",
		.product_key = "",
		.ek_id = ek_id,
		.hardware_hash = slice_str("hash"),
		.group_tag = "",
		.assigned_upn = "",
	};
}

static const char *
registered(struct fixture *f, const char *serial, const char *ek_id)
{
	struct registration in = registration(serial, ek_id);
	struct registration_result result;
	struct error e;

	check(store_register(&f->work, &in, 1, false, &result, &e), &e);
	return result.device_id;
}

static const char *
profile(struct fixture *f, const char *name)
{
	struct new_profile in = {
		.name = name, .description = "", .join_type = "directory", .trust_store = "lab"};
	const char *id;
	struct error e;

	check(store_profile_create(&f->work, &in, &id, &e), &e);
	return id;
}

static struct deployment
begin(struct fixture *f, const char *device_id, const char *mode)
{
	struct deployment d;
	struct error e;

	check(store_deployment_begin(&f->work, device_id, mode, &d, &e), &e);
	return d;
}

static void
prove(struct fixture *f, const struct deployment *d, const char *mode, const char *upn)
{
	struct attestation a = {
		.session_id = uuid_new(&f->arena),
		.device_id = d->device_id,
		.deployment_id = d->deployment_id,
		.trust_store = "lab",
		.ek_certificate = slice_str("ek"),
		.ak_public = slice_str("ak"),
		.secret = slice_str("s"),
		.quote_nonce = slice_str("q"),
		.certify_nonce = slice_str("c"),
		.expires_at = f->work.now + US_PER_MIN,
		.mode = mode,
		.upn = upn,
	};
	struct error e;

	check(store_attestation_begin(&f->work, &a, &e), &e);
	check(store_attestation_proven(&f->work, &a, &e), &e);
}

static void
a_claim_does_not_turn_a_proven_deployment_another_proof_does(void **state)
{
	struct fixture *f = *state;
	const char *device_id = registered(f, "MO-1", "aa01");
	struct deployment d = begin(f, device_id, "preprovisioned"), again;
	struct error e;

	again = begin(f, device_id, "userDriven");
	assert_string_equal(again.deployment_id, d.deployment_id);
	assert_string_equal(again.mode, "userDriven");
	prove(f, &d, "userDriven", "lena@contoso.example");
	check(store_deployment_phase(&f->work, d.deployment_id, "user", &e), &e);
	again = begin(f, device_id, "preprovisioned");
	assert_string_equal(again.mode, "userDriven");
	assert_string_equal(again.upn, "lena@contoso.example");
	assert_string_equal(again.phase, "user");
	// A proof that says nothing of it changes nothing of it.
	prove(f, &d, NULL, NULL);
	again = begin(f, device_id, "preprovisioned");
	assert_string_equal(again.mode, "userDriven");
	assert_string_equal(again.phase, "user");
	prove(f, &d, "preprovisioned", NULL);
	again = begin(f, device_id, "userDriven");
	assert_string_equal(again.mode, "preprovisioned");
	assert_string_equal(again.phase, "started");
}

static void
what_an_administrator_gave_up_goes_on_with_retry_only(void **state) // X61
{
	struct fixture *f = *state;
	struct deployment d = begin(f, registered(f, "MO-13", "aa13"), "preprovisioned");
	const struct event given_up = {.source = "service",
		.phase = "flow",
		.row_name = "",
		.state = "error",
		.fault = "esp_forced_failure",
		.reason = "the wrong image"};
	struct error e;

	prove(f, &d, "preprovisioned", NULL);
	check(store_events_add(&f->work, d.deployment_id, &given_up, 1, &e), &e);
	assert_false(store_deployment_phase(&f->work, d.deployment_id, "technician", &e));
	assert_string_equal(e.fault, "esp_forced_failure");
	assert_string_equal(e.message, "the wrong image");
	check(store_deployment_retry(&f->work, d.deployment_id, &e), &e);
	check(store_deployment_phase(&f->work, d.deployment_id, "technician", &e), &e);
}

// Whoever has a copy of a hash can ask for nothing for ever.
static void
what_strangers_bring_about_fills_no_timeline(void **state)
{
	struct fixture *f = *state;
	struct deployment d = begin(f, registered(f, "MO-11", "aa11"), "preprovisioned");
	struct event refusal = {.source = "service",
		.phase = "flow",
		.state = "error",
		.fault = "profile_missing",
		.reason = "again",
		.claimed = true};
	struct event own = {.source = "device", .phase = "deviceSetup", .state = "working"};
	struct event *events;
	size_t count;
	struct error e;

	for (int i = 0; i < 2 * MAX_CLAIMED_EVENTS; i++) {
		check(store_events_add(&f->work, d.deployment_id, &refusal, 1, &e), &e);
		check(store_deployment_retry(&f->work, d.deployment_id, &e), &e);
	}
	check(store_events_add(&f->work, d.deployment_id, &refusal, 1, &e), &e);
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.result, "failed");
	assert_string_equal(d.fault, "profile_missing");
	check(store_events(&f->work, d.deployment_id, 0, &events, &count, &e), &e);
	assert_true(count <= MAX_CLAIMED_EVENTS + 2);
	check(store_events_add(&f->work, d.deployment_id, &own, 1, &e), &e);
	check(store_events(&f->work, d.deployment_id, 0, &events, &count, &e), &e);
	assert_string_equal(events[count - 1].source, "device");
}

static void
challenges_that_nobody_answers_are_forgotten(void **state)
{
	struct fixture *f = *state;
	struct deployment d = begin(f, registered(f, "MO-12", "aa12"), "preprovisioned");
	struct attestation a = {.device_id = d.device_id,
		.deployment_id = d.deployment_id,
		.trust_store = "lab",
		.ek_certificate = slice_str("ek"),
		.ak_public = slice_str("ak"),
		.secret = slice_str("s"),
		.quote_nonce = slice_str("q"),
		.certify_nonce = slice_str("c")};
	const char *ids[3];
	struct error e;

	for (size_t i = 0; i < 3; i++) {
		a.session_id = ids[i] = uuid_new(&f->arena);
		a.expires_at = f->work.now + US_PER_MIN;
		check(store_attestation_begin(&f->work, &a, &e), &e);
		if (i == 0)
			check(store_attestation_proven(&f->work, &a, &e), &e);
		f->work.now += 2 * US_PER_MIN;
	}
	check(store_attestation_get(&f->work, ids[0], &a, &e), &e); // its enrolment names it
	assert_false(store_attestation_get(&f->work, ids[1], &a, &e));
	check(store_attestation_get(&f->work, ids[2], &a, &e), &e);
}

// Its id is known to the device for ever, and what was allowed then may be forbidden now (B1).
static void
a_deployment_that_is_over_is_not_proven_again(void **state)
{
	struct fixture *f = *state;
	const char *id = registered(f, "MO-10", "aa10");
	struct deployment d = begin(f, id, "preprovisioned");
	struct device device;
	struct error e;
	struct attestation a = {.session_id = uuid_new(&f->arena),
		.device_id = id,
		.deployment_id = d.deployment_id,
		.trust_store = "lab",
		.ek_certificate = slice_str("ek"),
		.ak_public = slice_str("ak"),
		.secret = slice_str("s"),
		.quote_nonce = slice_str("q"),
		.certify_nonce = slice_str("c"),
		.expires_at = f->work.now + US_PER_MIN};

	check(store_attestation_begin(&f->work, &a, &e), &e);
	check(store_deployment_finish(&f->work, d.deployment_id, "done", &e), &e);
	assert_false(store_attestation_proven(&f->work, &a, &e));
	assert_string_equal(e.fault, "enrollment_refused");
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_false(d.proven);
	check(store_device_by_id(&f->work, id, &device, &e), &e);
	assert_true(device.reuse_blocked);
}

static void
only_a_deployment_without_a_person_blocks_the_next_one(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *serial, *ek, *mode;
		bool blocked;
	} cases[] = {
		{"MO-2", "aa02", "preprovisioned", true},
		{"MO-3", "aa03", "selfDeploying", true},
		{"MO-4", "aa04", "userDriven", false},
		{"MO-5", "aa05", "existingDevice", false},
	};
	struct device device;
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *id = registered(f, cases[i].serial, cases[i].ek);
		struct deployment d = begin(f, id, cases[i].mode);
		check(store_deployment_finish(&f->work, d.deployment_id, "done", &e), &e);
		check(store_device_by_id(&f->work, id, &device, &e), &e);
		assert_int_equal(device.reuse_blocked, cases[i].blocked);
	}
}

static void
who_signed_in_is_noted_once(void **state)
{
	struct fixture *f = *state;
	struct deployment d = begin(f, registered(f, "MO-6", "aa06"), "preprovisioned");
	struct event *events;
	size_t count, told = 0;
	struct error e;

	for (int i = 0; i < 2; i++)
		check(store_deployment_owner(&f->work, d.deployment_id, "lena@contoso.example", &e),
			&e);
	check(store_deployment_get(&f->work, d.deployment_id, &d, &e), &e);
	assert_string_equal(d.upn, "lena@contoso.example");
	check(store_events(&f->work, d.deployment_id, 0, &events, &count, &e), &e);
	for (size_t i = 0; i < count; i++)
		told += str_eq(events[i].state, "signedIn");
	assert_int_equal(told, 1);
}

static void
a_file_counts_until_a_profile_is_assigned(void **state)
{
	struct fixture *f = *state;
	const char *id = profile(f, "File"), *other = profile(f, "Assigned"), *device_id;
	struct registration claim = registration("MO-7", "aa07");
	struct new_assignment all = {.target = "all_devices"};
	struct device device;
	struct error e;

	claim.source = "offline";
	assert_false(store_offline_device(&f->work, &claim, uuid_new(&f->arena), &device, &e));
	assert_string_equal(e.fault, "offline_profile_unknown");
	check(store_offline_device(&f->work, &claim, id, &device, &e), &e);
	assert_null(device.device_id);
	assert_string_equal(device.profile_name, "File");
	for (int i = 0; i < 2; i++) // the answer may have been lost
		check(store_offline_register(
			      &f->work, &claim, id, "OfflineAutopilotprofile-1", &device_id, &e),
			&e);
	check(store_device_by_id(&f->work, device_id, &device, &e), &e);
	assert_string_equal(device.profile_id, id);
	assert_string_equal(device.source, "offline");
	check(store_assign(&f->work, "profile", other, &all, 1, &e), &e);
	check(store_device_by_id(&f->work, device_id, &device, &e), &e);
	assert_string_equal(device.profile_id, other);
}

static bool
may_enroll(struct fixture *f, const struct device *device)
{
	static const struct gate_device says = {.os_version = "", .edition = ""};
	struct gate_verdict verdict;
	struct error e;

	check(store_gate(&f->work, device, &says, &verdict, &e), &e);
	if (!verdict.allowed)
		assert_string_equal(verdict.fault, "personal_blocked");
	return verdict.allowed;
}

static void
a_device_with_a_file_is_personal_unless_it_was_named(void **state)
{
	struct fixture *f = *state;
	struct device device = {.serial = "MO-8",
		.manufacturer = "Contoso",
		.model = "LabPC",
		.source = "offline",
		.join_type = "directory"};
	struct corporate_identifier named = {
		.type = "serialNumber", .identifier = "MO-8", .description = ""};
	struct error e;
	struct object restriction = {
		.id = arena_printf(&f->arena, "%s_Restriction", f->work.tenant_id),
		.collection = "deviceManagement/deviceEnrollmentConfigurations",
		.type = "#microsoft.graph.deviceEnrollmentPlatformRestrictionsConfiguration",
		.name = "Default",
		.version = 1,
	};

	restriction.document = json_parse(&f->arena,
		slice_str("{\"@odata.type\":\"#microsoft.graph."
			  "deviceEnrollmentPlatformRestrictionsConfiguration\",\"priority\":0,"
			  "\"windowsRestriction\":{\"personalDeviceEnrollmentBlocked\":true}}"),
		NULL, &e);
	assert_true(may_enroll(f, &device));
	check(store_object_insert(&f->work, &restriction, &e), &e);
	assert_false(may_enroll(f, &device));
	check(store_corporate_put(&f->work, &named, 1, false, &e), &e);
	assert_true(may_enroll(f, &device));
	device.serial = "MO-9";
	assert_false(may_enroll(f, &device));
	device.source = "hash";
	assert_true(may_enroll(f, &device));
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(a_claim_does_not_turn_a_proven_deployment_another_proof_does),
		ON(what_strangers_bring_about_fills_no_timeline),
		ON(challenges_that_nobody_answers_are_forgotten),
		ON(a_deployment_that_is_over_is_not_proven_again),
		ON(what_an_administrator_gave_up_goes_on_with_retry_only),
		ON(only_a_deployment_without_a_person_blocks_the_next_one),
		ON(who_signed_in_is_noted_once),
		ON(a_file_counts_until_a_profile_is_assigned),
		ON(a_device_with_a_file_is_personal_unless_it_was_named),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
