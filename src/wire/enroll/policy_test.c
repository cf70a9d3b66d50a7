// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/enroll/policy.h"
#include "wire/syncml/test_samples.h"

static struct arena arena;
static struct error e;
static struct policy_request request;
static struct policy_reply reply;

static const char *
written_reply(const struct policy_reply *r)
{
	struct buf out;

	buf_init(&out, &arena, 1 << 16);
	policy_reply_write(&out, r);
	assert_true(buf_ok(&out, &e));
	return buf_text(&out);
}

static const struct policy_reply example = {.header = {.relates_to = "urn:uuid:1"},
	.min_key_length = 2048,
	.hash_oid = POLICY_SHA256_OID,
	.hash_name = "szOID_NIST_sha256"};

// The example with one text replaced.
static const char *
with(const char *old, const char *instead)
{
	const char *text = written_reply(&example), *at = strstr(text, old);

	assert_non_null(at);
	return arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, instead, at + strlen(old));
}

static void
unusable_policies_are_refused(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"<policySchema>3<", "<policySchema>2<"},
		{">2048<", ">0<"}, {">2048<", ">-1<"}, {">2048<", ">99999<"}, {">2048<", "><"},
		{"<oIDReferenceID>0<", "<oIDReferenceID>1<"},
		{"<value>2.16.840.1.101.3.4.2.1<", "<value><"}};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_false(policy_reply_parse(
			&arena, slice_str(with(pairs[i][0], pairs[i][1])), &reply, &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_string_equal(e.fault, "policy_incomplete");
	}
	assert_false(
		policy_request_parse(&arena, slice_str(written_reply(&example)), &request, &e));
	assert_string_equal(e.fault, "soap_unexpected_payload");
}

static void
a_reply_is_written_as_the_specification_has_it(void **state)
{
	(void)state;
	const char *text = written_reply(&example), *body = strstr(text, "<GetPoliciesResponse");

	assert_string_equal(body,
		"<GetPoliciesResponse xmlns=\"http://schemas.microsoft.com/windows/pki/2009/01/"
		"enrollmentpolicy\" "
		"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><response>"
		"<policyID/><policyFriendlyName xsi:nil=\"true\"/><nextUpdateHours "
		"xsi:nil=\"true\"/>"
		"<policiesNotChanged xsi:nil=\"true\"/><policies><policy><policyOIDReference>0"
		"</policyOIDReference><cAs "
		"xsi:nil=\"true\"/><attributes><policySchema>3</policySchema>"
		"<privateKeyAttributes><minimalKeyLength>2048</minimalKeyLength><keySpec "
		"xsi:nil=\"true\"/>"
		"<keyUsageProperty xsi:nil=\"true\"/><permissions xsi:nil=\"true\"/>"
		"<algorithmOIDReference xsi:nil=\"true\"/><cryptoProviders xsi:nil=\"true\"/>"
		"</privateKeyAttributes><supersededPolicies xsi:nil=\"true\"/><privateKeyFlags "
		"xsi:nil=\"true\"/><subjectNameFlags xsi:nil=\"true\"/><enrollmentFlags "
		"xsi:nil=\"true\"/>"
		"<generalFlags "
		"xsi:nil=\"true\"/><hashAlgorithmOIDReference>0</hashAlgorithmOIDReference>"
		"<rARequirements xsi:nil=\"true\"/><keyArchivalAttributes xsi:nil=\"true\"/>"
		"<extensions xsi:nil=\"true\"/></attributes></policy></policies></response>"
		"<cAs "
		"xsi:nil=\"true\"/><oIDs><oID><value>2.16.840.1.101.3.4.2.1</value><group>1</group>"
		"<oIDReferenceID>0</oIDReferenceID><defaultName>szOID_NIST_sha256</defaultName></"
		"oID></oIDs>"
		"</GetPoliciesResponse></s:Body></s:Envelope>");
	assert_non_null(strstr(text, "<a:RelatesTo>urn:uuid:1</a:RelatesTo>"));
	assert_non_null(strstr(text, SOAP_GET_POLICIES_REPLY));
}

static void
a_full_reply_survives_a_round_trip(void **state)
{
	(void)state;
	struct policy_reply r = example;

	r.validity_seconds = 31536000;
	r.renewal_seconds = 3628800;
	r.attestation_failure = "FailOnError";
	r.operation_timeout = 100;
	r.providers[r.provider_count++] = POLICY_TPM_PROVIDER;
	r.providers[r.provider_count++] = POLICY_SOFTWARE_PROVIDER;
	const char *text = written_reply(&r);
	assert_true(policy_reply_parse(&arena, slice_str(text), &reply, &e));
	assert_string_equal(written_reply(&reply), text);
	assert_int_equal(reply.provider_count, 2);
	assert_string_equal(reply.providers[0], POLICY_TPM_PROVIDER);
	assert_int_equal(reply.renewal_seconds, 3628800);
}

static void
requests_carry_every_form_of_proof(void **state)
{
	(void)state;
	struct soap_security forms[] = {{.kind = SOAP_AUTH_NONE},
		{.kind = SOAP_AUTH_USER_TOKEN, .token = slice_str("t\xff&")},
		{.kind = SOAP_AUTH_JWT, .token = slice_str("eyJ.eyJ.sig")},
		{.kind = SOAP_AUTH_PASSWORD, .username = "u@e", .password = " p<&> "},
		{.kind = SOAP_AUTH_CERTIFICATE,
			.token = slice_str("der"),
			.created = "2026-11-21T09:30:00Z",
			.expires = "2026-11-21T09:35:00Z"}};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct policy_request r = {.header = {.message_id = "urn:1", .security = forms[i]}};
		struct buf out;
		buf_init(&out, &arena, 1 << 16);
		policy_request_write(&out, &r);
		assert_true(policy_request_parse(&arena, buf_slice(&out), &request, &e));
		const struct soap_security *s = &request.header.security;
		assert_int_equal(s->kind, forms[i].kind);
		assert_true(slice_eq(s->token, forms[i].token));
		assert_true(
			s->username == forms[i].username || str_eq(s->username, forms[i].username));
		assert_true(
			s->password == forms[i].password || str_eq(s->password, forms[i].password));
		assert_true(s->created == forms[i].created || str_eq(s->created, forms[i].created));
	}
}

static void
too_large_a_token_is_refused(void **state)
{
	(void)state;
	char *big = arena_alloc(&arena, SOAP_MAX_TOKEN + 1);
	struct policy_request r = {.header.security = {.kind = SOAP_AUTH_JWT}};

	for (size_t extra = 0; extra < 2; extra++) {
		struct buf out;
		buf_init(&out, &arena, 1 << 20);
		r.header.security.token = slice_of(big, SOAP_MAX_TOKEN + extra);
		policy_request_write(&out, &r);
		bool ok = policy_request_parse(&arena, buf_slice(&out), &request, &e);
		assert_int_equal(ok, extra == 0);
	}
	assert_int_equal(e.code, ERR_LIMIT);
	assert_string_equal(e.fault, "soap_too_large");
}

static void
published_requests_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum soap_auth kind;
	} cases[] = {{"MS-MDE2-07", SOAP_AUTH_USER_TOKEN}, {"MS-MDE2-08", SOAP_AUTH_CERTIFICATE},
		{"MS-MDE2-09", SOAP_AUTH_PASSWORD}, {"MS-XCEP-01", SOAP_AUTH_PASSWORD},
		{"MS-XCEP-03", SOAP_AUTH_PASSWORD}};

	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!policy_request_parse(&arena, sample(&arena, cases[i].name), &request, &e))
			fail_msg("%s: %s", cases[i].name, e.message);
		assert_int_equal(request.header.security.kind, cases[i].kind);
		assert_string_equal(request.header.action, SOAP_GET_POLICIES);
	}
	assert_true(policy_request_parse(&arena, sample(&arena, "MS-MDE2-09"), &request, &e));
	assert_string_equal(request.header.security.username, "user@contoso.com");
	assert_string_equal(request.header.security.password, "mypassword");
	assert_true(policy_request_parse(&arena, sample(&arena, "MS-MDE2-08"), &request, &e));
	assert_string_equal(request.header.security.expires, "2015-06-13T21:18:37Z");
	// White space around a MessageID is repeated in RelatesTo.
	assert_true(policy_request_parse(&arena, sample(&arena, "MS-XCEP-01"), &request, &e));
	assert_int_equal(request.header.message_id[0], '\n');
}

static void
the_published_reply_is_read(void **state)
{
	(void)state;
	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	if (!policy_reply_parse(&arena, sample(&arena, "MS-MDE2-10"), &reply, &e))
		fail_msg("%s", e.message);
	assert_int_equal(reply.min_key_length, 2048);
	assert_string_equal(reply.hash_oid, POLICY_SHA256_OID);
	assert_string_equal(reply.hash_name, "szOID_NIST_sha256");
	assert_string_equal(reply.attestation_failure, "RetryOnError");
	assert_int_equal(reply.operation_timeout, 100);
	assert_int_equal(reply.validity_seconds, 1209600);
	assert_string_equal(reply.providers[1], POLICY_SOFTWARE_PROVIDER);
	assert_false(policy_reply_parse(&arena, sample(&arena, "MS-XCEP-02"), &reply, &e));
	assert_string_equal(e.fault, "soap_not_xml");
}

static int
reset(void **state)
{
	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(unusable_policies_are_refused, reset),
		cmocka_unit_test_setup(a_reply_is_written_as_the_specification_has_it, reset),
		cmocka_unit_test_setup(a_full_reply_survives_a_round_trip, reset),
		cmocka_unit_test_setup(requests_carry_every_form_of_proof, reset),
		cmocka_unit_test_setup(too_large_a_token_is_refused, reset),
		cmocka_unit_test_setup(published_requests_are_read, reset),
		cmocka_unit_test_setup(the_published_reply_is_read, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
