// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "connector/job.h"

#define JOB "0b7c6a52-4c5a-4b3c-9d3e-111111111111"
#define LEASE "0b7c6a52-4c5a-4b3c-9d3e-222222222222"
#define DEVICE "0b7c6a52-4c5a-4b3c-9d3e-333333333333"
#define IDS "\"jobId\":\"" JOB "\",\"leaseId\":\"" LEASE "\",\"deviceId\":\"" DEVICE "\""
#define REST "\"leaseSeconds\":60,\"kind\":\"odj\",\"domain\":\"corp.example.com\""

static void
refused(const char *text)
{
	autoarena(arena, ARENA_SMALL);
	struct connector_job job;
	struct error e;

	if (job_parse(&arena, slice_str(text), &job, &e))
		fail_msg("accepted: %s", text);
	assert_int_equal(e.code, ERR_PROTOCOL);
}

static void
what_is_no_job_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "[]", "{}", "{" IDS "}", "{" REST "}",
		"{" IDS "," REST ",\"ekCertificate\":\"*\"}",
		"{" IDS ",\"leaseSeconds\":60,\"kind\":\"destroy\",\"domain\":\"x\"}",
		// Which account, and made by whom?
		"{" IDS ",\"leaseSeconds\":60,\"kind\":\"delete\",\"domain\":\"x\"}",
		"{" IDS
		",\"leaseSeconds\":60,\"kind\":\"delete\",\"domain\":\"x\",\"objectGuid\":\"x\"}",
		"{" IDS
		",\"leaseSeconds\":60,\"kind\":\"disable\",\"domain\":\"x\",\"objectGuid\":\"" JOB
		"\",\"madeBy\":\"x\"}",
		"{" IDS "," REST ",\"adopts\":[1]}", "{" IDS "," REST ",\"adopts\":[\"x\"]}",
		"{" IDS ",\"leaseSeconds\":60,\"domain\":\"x\"}",
		"{" IDS ",\"leaseSeconds\":0,\"kind\":\"odj\",\"domain\":\"x\"}",
		"{" IDS ",\"leaseSeconds\":99999,\"kind\":\"odj\",\"domain\":\"x\"}",
		"{\"jobId\":\"../x\",\"leaseId\":\"" LEASE "\",\"deviceId\":\"d\"," REST "}"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(bad[i]);
}

static void
a_job_is_read(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct connector_job job;
	struct error e;

	assert_true(job_parse(&arena,
		slice_str("{" IDS "," REST
			  ",\"ou\":\"OU=A\",\"computerName\":\"PC-1\",\"objectGuid\":\"g\","
			  "\"ekCertificate\":\"AQI=\",\"akPublic\":\"Aw==\"}"),
		&job, &e));
	assert_int_equal(job.kind, JOB_ODJ);
	assert_int_equal(job.lease_seconds, 60);
	assert_string_equal(job.ou, "OU=A");
	assert_string_equal(job.object_guid, "g");
	assert_true(slice_eq(job.ek_certificate, slice_str("\x01\x02")));
	assert_true(slice_eq(job.ak_public, slice_str("\x03")));
	assert_string_equal(job_sealing_text(&arena, &job), "ferry-odj\n" JOB "\n" DEVICE "\nPC-1");
}

static void
what_a_check_does_not_need_may_be_absent(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct connector_job job;
	struct error e;

	assert_true(job_parse(&arena,
		slice_str("{" IDS ",\"leaseSeconds\":60,\"kind\":\"verify\",\"domain\":\"x\","
			  "\"ou\":null,\"ekCertificate\":\"\"}"),
		&job, &e));
	assert_int_equal(job.kind, JOB_VERIFY);
	assert_string_equal(job.ou, "");
	assert_string_equal(job.computer_name, "");
	assert_int_equal(job.ek_certificate.len, 0);
}

static void
answers_say_whose_they_are(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const struct connector_job job = {.lease_id = "L", .device_id = "D"};
	const struct computer_account account = {.dn = "CN=A",
		.name = "A",
		.guid = "g",
		.sid = "S-1",
		.enabled = true,
		.password_set = 5};
	struct error e;

	assert_string_equal(job_done_odj(&arena, &job, &account, slice_str("x")),
		"{\"leaseId\":\"L\",\"deviceId\":\"D\",\"objectGuid\":\"g\",\"dn\":\"CN=A\","
		"\"sid\":\"S-1\",\"sealedBlob\":\"eA==\"}");
	assert_string_equal(job_done_verify(&arena, &job, &account),
		"{\"leaseId\":\"L\",\"deviceId\":\"D\",\"verified\":{\"found\":true,\"enabled\":"
		"true,\"objectGuid\":\"g\",\"dn\":\"CN=A\",\"dnsName\":null,\"name\":\"A\","
		"\"passwordSet\":true}}");
	assert_string_equal(job_done_verify(&arena, &job, NULL),
		"{\"leaseId\":\"L\",\"deviceId\":\"D\",\"verified\":{\"found\":false}}");
	error_set(&e, ERR_IO, "what?");
	assert_string_equal(job_failed(&arena, &job, &e),
		"{\"leaseId\":\"L\",\"deviceId\":\"D\",\"fault\":\"ad_error\",\"message\":\"what?"
		"\"}");
	error_fault(&e, ERR_IO, "ou_denied", "no");
	assert_non_null(strstr(job_failed(&arena, &job, &e), "\"fault\":\"ou_denied\""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_job_is_refused),
		cmocka_unit_test(a_job_is_read),
		cmocka_unit_test(what_a_check_does_not_need_may_be_absent),
		cmocka_unit_test(answers_say_whose_they_are),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
