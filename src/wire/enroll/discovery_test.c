// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/enroll/discovery.h"
#include "wire/syncml/test_samples.h"

#define ENVELOPE(body)                                                                             \
	"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' "                           \
	"xmlns:a='http://www.w3.org/2005/08/addressing'><s:Header><a:MessageID>urn:1</"            \
	"a:MessageID>"                                                                             \
	"</s:Header><s:Body>" body "</s:Body></s:Envelope>"
#define E "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
#define REQUEST(content)                                                                           \
	ENVELOPE("<Discover xmlns='" E "'><request>" content "</request></Discover>")
#define REPLY(content)                                                                             \
	ENVELOPE("<DiscoverResponse xmlns='" E "'><DiscoverResult>" content                        \
		 "</DiscoverResult></DiscoverResponse>")

static struct arena arena;
static struct error e;
static struct discovery_request request;
static struct discovery_reply reply;

static bool
parse(const char *text)
{
	e = (struct error){0};
	return discovery_request_parse(&arena, slice_str(text), &request, &e);
}

static void
refused(const char *text, enum error_code code, const char *fault)
{
	if (parse(text))
		fail_msg("accepted: %s", text);
	if (e.code != code || !str_eq(e.fault, fault))
		fail_msg("%s: %s %s", text, e.fault, e.message);
}

static void
what_is_no_discovery_breaks_the_protocol(void **state)
{
	(void)state;
	refused("", ERR_PROTOCOL, "soap_not_xml");
	refused("<!DOCTYPE x><x/>", ERR_PROTOCOL, "soap_not_xml");
	refused("<Envelope/>", ERR_PROTOCOL, "soap_not_an_envelope");
	refused("<Envelope xmlns='http://www.w3.org/2003/05/soap-envelope'/>", ERR_PROTOCOL,
		"soap_not_an_envelope");
	refused(ENVELOPE(""), ERR_PROTOCOL, "soap_unexpected_payload");
	refused(ENVELOPE("<Discover/>"), ERR_PROTOCOL, "soap_unexpected_payload");
	refused(ENVELOPE("<Discover xmlns='urn:x'/>"), ERR_PROTOCOL, "soap_unexpected_payload");
}

static void
only_versions_below_three_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"five", "-1", "5.", ".5", "5.0.0", "5,0", "123456"};
	static const char *const good[] = {
		"3.0", "3", "4.0", "5.0", "9.0", "10.0", "12345.0", " 6.0 "};

	refused(REQUEST(""), ERR_UNSUPPORTED, "enroll_version_too_old");
	refused(REQUEST("<RequestVersion/>"), ERR_UNSUPPORTED, "enroll_version_too_old");
	refused(REQUEST("<RequestVersion>2.9</RequestVersion>"), ERR_UNSUPPORTED,
		"enroll_version_too_old");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(arena_printf(
				&arena, REQUEST("<RequestVersion>%s</RequestVersion>"), bad[i]),
			ERR_INVALID, "enroll_version_invalid");
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(parse(arena_printf(
			&arena, REQUEST("<RequestVersion>%s</RequestVersion>"), good[i])));
	assert_true(parse(REQUEST("<RequestVersion>9.0</RequestVersion>")));
	assert_int_equal(request.version.major, 9);
	struct enroll_version own = {5, 0};
	assert_int_equal(enroll_version_min(own, request.version).major, 5);
	assert_int_equal(enroll_version_min((struct enroll_version){5, 1}, own).minor, 0);
}

static void
elements_may_come_in_any_order(void **state)
{
	(void)state;
	assert_true(parse(
		REQUEST(" <AuthPolicies><AuthPolicy>OnPremise</AuthPolicy><AuthPolicy> Federated "
			"</AuthPolicy><AuthPolicy>New</AuthPolicy></AuthPolicies><x/>\n"
			"<RequestVersion>5.0</RequestVersion><DeviceType>CIMClient_Windows"
			"</DeviceType><EmailAddress> u@e </EmailAddress>")));
	assert_int_equal(request.auth_policies, AUTH_FEDERATED | AUTH_ONPREMISE);
	assert_string_equal(request.email, "u@e");
	assert_string_equal(request.device_type, "CIMClient_Windows");
	assert_null(request.os_edition);
}

static void
incomplete_replies_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {REPLY(""), REPLY("<AuthPolicy>Federated</AuthPolicy>"),
		REPLY("<AuthPolicy>X</AuthPolicy><EnrollmentServiceUrl>u</EnrollmentServiceUrl>"),
		REPLY("<AuthPolicy>Federated</AuthPolicy><EnrollmentServiceUrl>u</"
		      "EnrollmentServiceUrl>")};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(discovery_reply_parse(&arena, slice_str(bad[i]), &reply, &e));
		assert_int_equal(e.code, ERR_INVALID);
		assert_string_equal(e.fault, "discovery_incomplete");
	}
	assert_true(discovery_reply_parse(&arena,
		slice_str(REPLY("<AuthPolicy>OnPremise</AuthPolicy><EnrollmentServiceUrl>u"
				"</EnrollmentServiceUrl>")),
		&reply, &e));
}

static void
a_request_survives_a_round_trip(void **state)
{
	(void)state;
	struct discovery_request r = {
		.header = {.message_id = "urn:uuid: 1\n", .to = "https://m/x?a&b"},
		.email = "u@e",
		.version = {9, 0},
		.device_type = "CIMClient_Windows",
		.application_version = "10.0.26200.1",
		.os_edition = "48",
		.auth_policies = AUTH_FEDERATED | AUTH_ONPREMISE};
	struct buf out;

	buf_init(&out, &arena, 1 << 16);
	discovery_request_write(&out, &r);
	assert_true(parse(buf_text(&out)));
	assert_string_equal(request.header.message_id, "urn:uuid: 1\n");
	assert_string_equal(request.header.action, SOAP_DISCOVER);
	assert_string_equal(request.header.to, "https://m/x?a&b");
	assert_string_equal(request.application_version, "10.0.26200.1");
	assert_string_equal(request.os_edition, "48");
	assert_int_equal(request.auth_policies, r.auth_policies);
}

static void
a_reply_is_written_as_the_specification_has_it(void **state)
{
	(void)state;
	struct discovery_reply r = {.header = {.relates_to = "urn:uuid: 1"},
		.auth_policy = AUTH_FEDERATED,
		.version = {5, 0},
		.policy_url = "https://m/P",
		.enrollment_url = "https://m/E",
		.authentication_url = "https://m/A"};
	struct buf out;

	buf_init(&out, &arena, 1 << 16);
	discovery_reply_write(&out, &r);
	assert_string_equal(buf_text(&out),
		"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
		"xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header>"
		"<a:Action "
		"s:mustUnderstand=\"1\">http://schemas.microsoft.com/windows/management/2012/01/"
		"enrollment/IDiscoveryService/DiscoverResponse</a:Action><a:RelatesTo>urn:uuid: 1"
		"</a:RelatesTo></s:Header><s:Body><DiscoverResponse xmlns=\"" E
		"\"><DiscoverResult>"
		"<AuthPolicy>Federated</AuthPolicy><EnrollmentVersion>5.0</EnrollmentVersion>"
		"<EnrollmentPolicyServiceUrl>https://m/P</EnrollmentPolicyServiceUrl>"
		"<EnrollmentServiceUrl>https://m/E</EnrollmentServiceUrl>"
		"<AuthenticationServiceUrl>https://m/A</AuthenticationServiceUrl>"
		"</DiscoverResult></DiscoverResponse></s:Body></s:Envelope>");
	assert_true(discovery_reply_parse(&arena, buf_slice(&out), &reply, &e));
	assert_string_equal(reply.header.relates_to, "urn:uuid: 1");
	assert_string_equal(reply.policy_url, "https://m/P");
}

static void
published_requests_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		unsigned policy, major;
	} cases[] = {{"MS-MDE2-01", AUTH_FEDERATED, 5}, {"MS-MDE2-02", AUTH_CERTIFICATE, 3},
		{"MS-MDE2-03", AUTH_ONPREMISE, 3}};

	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!discovery_request_parse(&arena, sample(&arena, cases[i].name), &request, &e))
			fail_msg("%s: %s", cases[i].name, e.message);
		assert_int_equal(request.auth_policies, cases[i].policy);
		assert_int_equal(request.version.major, cases[i].major);
		assert_string_equal(request.email, "user@contoso.com");
		assert_string_equal(request.header.message_id,
			"urn:uuid: 748132ec-a575-4329-b01b-6171a9cf8478");
	}
	assert_false(discovery_request_parse(&arena, sample(&arena, "MS-MDE-01"), &request, &e));
	assert_string_equal(e.fault, "enroll_version_too_old");
}

static void
published_replies_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum auth_policy policy;
		unsigned major;
	} cases[] = {{"MS-MDE2-04", AUTH_FEDERATED, 5}, {"MS-MDE2-05", AUTH_CERTIFICATE, 3},
		{"MS-MDE2-06", AUTH_ONPREMISE, 3}, {"MS-MDE-02", AUTH_FEDERATED, 0}};

	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (!discovery_reply_parse(&arena, sample(&arena, cases[i].name), &reply, &e))
			fail_msg("%s: %s", cases[i].name, e.message);
		assert_int_equal(reply.auth_policy, cases[i].policy);
		assert_int_equal(reply.version.major, cases[i].major);
		assert_true(str_starts(reply.enrollment_url, "https://"));
	}
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
		cmocka_unit_test_setup(what_is_no_discovery_breaks_the_protocol, reset),
		cmocka_unit_test_setup(only_versions_below_three_are_refused, reset),
		cmocka_unit_test_setup(elements_may_come_in_any_order, reset),
		cmocka_unit_test_setup(incomplete_replies_are_refused, reset),
		cmocka_unit_test_setup(a_request_survives_a_round_trip, reset),
		cmocka_unit_test_setup(a_reply_is_written_as_the_specification_has_it, reset),
		cmocka_unit_test_setup(published_requests_are_read, reset),
		cmocka_unit_test_setup(published_replies_are_read, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
