// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/enroll/token.h"
#include "wire/syncml/test_samples.h"

static struct arena arena;
static struct error e;
static struct token_request request;
static struct token_reply reply;

static struct token_item mac2 = {.name = "MAC", .value = "CC:CC"},
			 mac = {.next = &mac2, .name = "MAC", .value = "FF:FF"},
			 glove = {.next = &mac, .name = "WhiteGlove", .value = "True"};

static struct token_request
example(void)
{
	return (struct token_request){
		.header = {.message_id = "urn:uuid:1",
			.to = "https://m/E",
			.security = {.kind = SOAP_AUTH_USER_TOKEN, .token = slice_str("token")}},
		.request = slice_str("0\x82 csr"),
		.items = &glove};
}

static const char *
written(const struct token_request *r)
{
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	token_request_write(&out, r);
	assert_true(buf_ok(&out, &e));
	return buf_text(&out);
}

static const char *
replaced(const char *text, const char *old, const char *instead)
{
	const char *at = strstr(text, old);

	assert_non_null(at);
	return arena_printf(&arena, "%.*s%s%s", (int)(at - text), text, instead, at + strlen(old));
}

static bool
parse(const char *text)
{
	e = (struct error){0};
	return token_request_parse(&arena, slice_str(text), &request, &e);
}

static void
refused(const char *old, const char *instead, enum error_code code, const char *fault)
{
	struct token_request r = example();

	if (parse(replaced(written(&r), old, instead)))
		fail_msg("accepted: %s", instead);
	if (e.code != code || !str_eq(e.fault, fault))
		fail_msg("%s: %s %s", instead, e.fault, e.message);
}

static void
what_is_no_certificate_request_is_refused(void **state)
{
	(void)state;
	refused("/Issue<", "/Validate<", ERR_UNSUPPORTED, "enroll_request_type");
	refused("#PKCS10", "#PKCS1", ERR_UNSUPPORTED, "enroll_request_format");
	refused("MIIgY3Ny", "MIIg Y3N", ERR_INVALID, "enroll_request_not_base64");
	refused("MIIgY3Ny", " ", ERR_INVALID, "enroll_request_missing");
	refused("t:RequestSecurityToken ", "RequestSecurityToken ", ERR_PROTOCOL, "soap_not_xml");
	refused("ws-trust/200512\"", "ws-trust/200511\"", ERR_PROTOCOL, "soap_unexpected_payload");
}

static void
limits_hold(void **state)
{
	(void)state;
	struct token_request r = example();
	struct token_item items[TOKEN_MAX_ITEMS + 1] = {{0}};

	for (size_t i = 0; i <= TOKEN_MAX_ITEMS; i++)
		items[i] = (struct token_item){.next = i < TOKEN_MAX_ITEMS ? &items[i + 1] : NULL,
			.name = "n",
			.value = "v"};
	r.items = items;
	assert_false(parse(written(&r)));
	assert_string_equal(e.fault, "soap_too_large");
	r.items = items + 1;
	assert_true(parse(written(&r)));
	r.request = slice_of(arena_alloc(&arena, TOKEN_MAX_REQUEST + 1), TOKEN_MAX_REQUEST + 1);
	assert_false(parse(written(&r)));
	assert_string_equal(e.fault, "soap_too_large");
}

static void
a_request_survives_a_round_trip(void **state)
{
	(void)state;
	struct token_request r = example();
	const char *text = written(&r);

	assert_true(parse(text));
	assert_string_equal(written(&request), text);
	assert_int_equal(request.type, TOKEN_ISSUE);
	assert_false(request.cms);
	assert_true(slice_is(request.request, "0\x82 csr"));
	assert_true(slice_is(request.header.security.token, "token"));
	assert_string_equal(token_item(&request, "MAC"), "FF:FF");
	assert_string_equal(request.items->next->next->value, "CC:CC");
	assert_true(token_item_true(&request, "WhiteGlove"));
	assert_false(token_item_true(&request, "WhiteGloveHybridJoin"));
	assert_null(token_item(&request, "whiteglove"));
}

static void
renewals_carry_cms(void **state)
{
	(void)state;
	struct token_request r = {.type = TOKEN_RENEW, .cms = true, .request = slice_str("cms")};

	assert_true(parse(written(&r)));
	assert_int_equal(request.type, TOKEN_RENEW);
	assert_true(request.cms);
	assert_int_equal(request.header.security.kind, SOAP_AUTH_NONE);
	// The namespace of MS-MDE and real clients.
	assert_true(parse(replaced(written(&r),
		"ValueType=\"http://docs.oasis-open.org/wss/2004/01/"
		"oasis-200401-wss-wssecurity-secext-1.0.xsd#PKCS7",
		"ValueType=\"http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS7")));
	assert_true(request.cms);
	r.type = TOKEN_RECOVERY;
	assert_true(parse(written(&r)));
	assert_int_equal(request.type, TOKEN_RECOVERY);
}

static void
line_breaks_in_the_request_are_skipped(void **state)
{
	(void)state;
	struct token_request r = example();

	assert_true(parse(replaced(written(&r), "MIIgY3Ny", "\r\nMIIg\r\n\tY3Ny \n")));
	assert_true(slice_is(request.request, "0\x82 csr"));
}

static void
a_reply_is_written_as_the_specification_has_it(void **state)
{
	(void)state;
	struct token_reply r = {.header = {.relates_to = "urn:uuid:1",
					.security = {.created = "2026-11-21T09:25:00.000Z",
						.expires = "2026-11-21T09:35:00.000Z"}},
		.document = slice_str("<wap-provisioningdoc/>")};
	struct buf out;

	buf_init(&out, &arena, 1 << 16);
	token_reply_write(&out, &r);
	assert_string_equal(buf_text(&out),
		"<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
		"xmlns:a=\"http://www.w3.org/2005/08/addressing\"><s:Header><a:Action "
		"s:mustUnderstand=\"1\">"
		"http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RSTRC/wstep</a:Action>"
		"<a:RelatesTo>urn:uuid:1</a:RelatesTo><o:Security s:mustUnderstand=\"1\" "
		"xmlns:o=\"http://"
		"docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd\" "
		"xmlns:u=\"http://"
		"docs.oasis-open.org/wss/2004/01/"
		"oasis-200401-wss-wssecurity-utility-1.0.xsd\"><u:Timestamp "
		"u:Id=\"_0\"><u:Created>2026-11-21T09:25:00.000Z</"
		"u:Created><u:Expires>2026-11-21T09:35:00.000Z"
		"</u:Expires></u:Timestamp></o:Security></s:Header><s:Body>"
		"<RequestSecurityTokenResponseCollection "
		"xmlns=\"http://docs.oasis-open.org/ws-sx/ws-trust/"
		"200512\"><RequestSecurityTokenResponse><TokenType>http://schemas.microsoft.com/"
		"5.0.0.0/"
		"ConfigurationManager/Enrollment/DeviceEnrollmentToken</"
		"TokenType><DispositionMessage xmlns=\""
		"http://schemas.microsoft.com/windows/pki/2009/01/enrollment\"/"
		"><RequestedSecurityToken>"
		"<BinarySecurityToken "
		"xmlns=\"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
		"secext-1.0.xsd\" "
		"ValueType=\"http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/"
		"Enrollment/DeviceEnrollmentProvisionDoc\" "
		"EncodingType=\"http://docs.oasis-open.org/wss/2004/01/"
		"oasis-200401-wss-wssecurity-secext-1.0.xsd#base64binary\">"
		"PHdhcC1wcm92aXNpb25pbmdkb2MvPg=="
		"</BinarySecurityToken></RequestedSecurityToken><RequestID "
		"xmlns=\"http://schemas.microsoft.com/"
		"windows/pki/2009/01/enrollment\">0</RequestID></RequestSecurityTokenResponse>"
		"</RequestSecurityTokenResponseCollection></s:Body></s:Envelope>");
	assert_true(token_reply_parse(&arena, buf_slice(&out), &reply, &e));
	assert_true(slice_is(reply.document, "<wap-provisioningdoc/>"));
	assert_string_equal(reply.header.security.expires, "2026-11-21T09:35:00.000Z");
	assert_string_equal(reply.request_id, "0");
}

static const char *
sample_text(const char *name)
{
	struct slice text = sample(&arena, name);

	return arena_strndup(&arena, (const char *)text.data, text.len);
}

static void
published_requests_are_read_once_their_placeholder_is_filled(void **state)
{
	(void)state;
	static const char *const names[] = {"MS-MDE2-12", "MS-MDE2-14", "MS-MDE2-15"};
	static const enum soap_auth kinds[] = {
		SOAP_AUTH_USER_TOKEN, SOAP_AUTH_CERTIFICATE, SOAP_AUTH_PASSWORD};
	const char *placeholder =
		"DER format PKCS#10 certificate request in Base64 encoding Insterted Here";

	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	for (size_t i = 0; i < 3; i++) {
		const char *text = sample_text(names[i]);
		assert_false(parse(text));
		assert_string_equal(e.fault, "enroll_request_not_base64");
		if (!parse(replaced(text, placeholder, "MIIgY3Ny")))
			fail_msg("%s: %s", names[i], e.message);
		assert_int_equal(request.type, TOKEN_ISSUE);
		assert_int_equal(request.header.security.kind, kinds[i]);
		assert_string_equal(token_item(&request, "DeviceName"), "MY_WINDOWS_DEVICE");
		assert_int_equal(strlen(token_item(&request, "HWDevID")), 64);
		assert_true(token_item_true(&request, "NotInOobe"));
		assert_string_equal(token_item(&request, "OfflineAutoPilotEnrollmentCorrelator"),
			"ffffffff-ffff-4fff-afff-ffffffffffff");
	}
	// Its token has a stray quotation mark: no base64, so nobody is signed in by it.
	assert_true(parse(replaced(sample_text("MS-MDE2-12"), placeholder, "MIIgY3Ny")));
	assert_null(request.header.security.token.data);
}

static void
published_messages_of_plain_wstep_are_told_apart(void **state)
{
	(void)state;
	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	assert_true(parse(sample_text("MS-WSTEP-01")));
	assert_true(request.cms); // so the document says, although the bytes are PKCS#10
	assert_int_equal(request.request.data[0], 0x30);
	assert_false(parse(sample_text("MS-WSTEP-03")));
	assert_string_equal(e.fault, "enroll_request_type");
	assert_false(parse(sample_text("MS-WSTEP-05")));
	assert_string_equal(e.fault, "enroll_request_type");
}

static void
published_replies_are_read(void **state)
{
	(void)state;
	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	const char *text = sample_text("MS-MDE2-16");
	assert_false(token_reply_parse(&arena, slice_str(text), &reply, &e));
	assert_string_equal(e.fault, "enroll_reply_incomplete");
	text = replaced(text, "B64EncodedSampleBinarySecurityToken", "PGEvPg==");
	assert_true(token_reply_parse(&arena, slice_str(text), &reply, &e));
	assert_true(slice_is(reply.document, "<a/>"));
	assert_string_equal(reply.request_id, "0");
	assert_string_equal(reply.header.security.created, "2012-08-02T00:32:59.420Z");
	assert_true(token_reply_parse(&arena, sample(&arena, "MS-WSTEP-02"), &reply, &e));
	assert_true(str_ends(reply.value_type, "#X509v3"));
	assert_int_equal(reply.document.data[0], 0x30);
	assert_string_equal(reply.request_id, "61");
	assert_false(token_reply_parse(&arena, sample(&arena, "MS-WSTEP-04"), &reply, &e));
	assert_string_equal(e.fault, "enroll_reply_incomplete");
}

static void
malformed_examples_are_refused_with_a_reason(void **state)
{
	(void)state;
	static const char *const names[] = {"MS-MDE-03", "MS-MDE-04", "MS-MDE-05", "MS-MDE-06",
		"MS-MDE-08", "MS-MDE2-11", "MS-MDE2-13", "MS-MDE2-20", "MS-MDE2-21", "MS-MDM-02",
		"MS-WSTEP-06", "MS-WSTEP-07", "MS-WSTEP-08", "MS-XCEP-02"};

	if (!samples_folder(&arena))
		SKIP_CASE("there are no samples (set FERRY_SAMPLES)");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct slice text = sample(&arena, names[i]);
		assert_true(text.len > 0);
		assert_false(token_request_parse(&arena, text, &request, &e));
		assert_int_equal(e.code, ERR_PROTOCOL);
		assert_string_equal(e.fault, "soap_not_xml");
		assert_non_null(strstr(e.message, "XML line"));
		assert_false(token_reply_parse(&arena, text, &reply, &e));
		assert_string_equal(e.fault, "soap_not_xml");
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
		cmocka_unit_test_setup(what_is_no_certificate_request_is_refused, reset),
		cmocka_unit_test_setup(limits_hold, reset),
		cmocka_unit_test_setup(a_request_survives_a_round_trip, reset),
		cmocka_unit_test_setup(renewals_carry_cms, reset),
		cmocka_unit_test_setup(line_breaks_in_the_request_are_skipped, reset),
		cmocka_unit_test_setup(a_reply_is_written_as_the_specification_has_it, reset),
		cmocka_unit_test_setup(
			published_requests_are_read_once_their_placeholder_is_filled, reset),
		cmocka_unit_test_setup(published_messages_of_plain_wstep_are_told_apart, reset),
		cmocka_unit_test_setup(published_replies_are_read, reset),
		cmocka_unit_test_setup(malformed_examples_are_refused_with_a_reason, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
