// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/enroll/fault.h"
#include "wire/enroll/token.h"

static struct arena arena;
static struct error e;
static struct enroll_fault fault;

static const char *
written(const struct enroll_fault *f)
{
	struct buf out;

	buf_init(&out, &arena, 1 << 16);
	enroll_fault_write(&out, SOAP_REQUEST_TOKEN_REPLY, f);
	return buf_text(&out);
}

static void
what_is_no_fault_is_refused(void **state)
{
	(void)state;
	assert_false(enroll_fault_parse(&arena, slice_str("<a/>"), &fault, &e));
	assert_int_equal(e.code, ERR_PROTOCOL);
	assert_false(enroll_fault_parse(&arena,
		slice_str(
			"<s:Envelope "
			"xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body/></s:Envelope>"),
		&fault, &e));
	assert_string_equal(e.fault, "soap_unexpected_payload");
}

static void
every_kind_has_its_code_and_survives_a_round_trip(void **state)
{
	(void)state;
	static const uint32_t codes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x13, 0x14, 0x15,
		0x16, 0x17, 0x18, 0x19, 0x32};

	assert_int_equal(sizeof codes / sizeof *codes, ENROLL_FAULT_UNKNOWN);
	for (int i = 0; i < ENROLL_FAULT_UNKNOWN; i++) {
		struct enroll_fault f = {.kind = (enum enroll_fault_kind)i,
			.reason = "no <way>",
			.message = "m",
			.trace_id = "7f3c",
			.relates_to = "urn:1"};
		assert_int_equal(enroll_fault_hresult(f.kind), 0x80180000u | codes[i]);
		assert_true(enroll_fault_parse(&arena, slice_str(written(&f)), &fault, &e));
		assert_int_equal(fault.kind, f.kind);
		assert_string_equal(fault.reason, "no <way>");
		assert_string_equal(fault.message, "m");
		assert_string_equal(fault.trace_id, "7f3c");
		assert_string_equal(fault.relates_to, "urn:1");
	}
	assert_int_equal(enroll_fault_hresult(ENROLL_FAULT_UNKNOWN), 0x80180008u);
}

static void
a_fault_is_written_as_the_specification_has_it(void **state)
{
	(void)state;
	struct enroll_fault f = {.kind = ENROLL_FAULT_DEVICE_CAP_REACHED,
		.reason = "device cap reached",
		.message = "limit is 5",
		.trace_id = "7f3c"};

	assert_string_equal(strstr(written(&f), "<s:Fault"),
		"<s:Fault><s:Code><s:Value>s:Receiver</"
		"s:Value><s:Subcode><s:Value>s:Authorization</s:Value>"
		"</s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-us\">device cap "
		"reached</s:Text></s:Reason>"
		"<s:Detail><DeviceEnrollmentServiceError "
		"xmlns=\"http://schemas.microsoft.com/windows/pki/2009/"
		"01/enrollment\"><ErrorType>DeviceCapReached</ErrorType><Message>limit is "
		"5</Message><TraceId>"
		"7f3c</TraceId></DeviceEnrollmentServiceError></s:Detail></s:Fault></s:Body></"
		"s:Envelope>");
}

static void
lower_case_faults_are_read(void **state)
{
	(void)state;
	static const char text[] =
		"<s:envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' "
		"xmlns:a='http://www.w3.org/2005/08/addressing'><s:header><a:relatesto>x</"
		"a:relatesto></s:header>"
		"<s:body>\n<s:fault><s:code><s:value>s:receiver</s:value><s:subcode><s:value> "
		"s:authorization "
		"</s:value></s:subcode></s:code><s:reason><s:text "
		"xml:lang='en-us'>cap</s:text></s:reason>"
		"<s:detail><deviceenrollmentserviceerror "
		"xmlns='http://schemas.microsoft.com/windows/pki/2009/01/"
		"enrollment'><errortype>devicecapreached</errortype><message>m</"
		"message><traceid>t</traceid>"
		"</deviceenrollmentserviceerror></s:detail></s:fault></s:body></s:envelope>";

	assert_true(enroll_fault_parse(&arena, slice_str(text), &fault, &e));
	assert_int_equal(fault.kind, ENROLL_FAULT_DEVICE_CAP_REACHED);
	assert_string_equal(fault.reason, "cap");
	assert_string_equal(fault.trace_id, "t");
}

static void
a_fault_in_place_of_a_reply_is_a_refusal(void **state)
{
	(void)state;
	struct enroll_fault f = {.kind = ENROLL_FAULT_AUTHENTICATION, .reason = "unknown user"};
	struct token_reply reply;

	assert_false(token_reply_parse(&arena, slice_str(written(&f)), &reply, &e));
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(e.fault, "soap_peer_fault");
	assert_non_null(strstr(e.message, "unknown user"));
}

static void
every_error_code_has_a_fault(void **state)
{
	(void)state;
	for (int code = 0; code < ERR_CODE_COUNT; code++)
		assert_true(enroll_fault_of((enum error_code)code) < ENROLL_FAULT_UNKNOWN);
	assert_int_equal(enroll_fault_of(ERR_UNAUTHENTICATED), ENROLL_FAULT_AUTHENTICATION);
	assert_string_equal(enroll_fault_name(ENROLL_FAULT_INVALID_SECURITY), "InvalidSecurity");
	assert_string_equal(enroll_fault_name(ENROLL_FAULT_USER_LICENSE), "UserLicense");
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
		cmocka_unit_test_setup(what_is_no_fault_is_refused, reset),
		cmocka_unit_test_setup(every_kind_has_its_code_and_survives_a_round_trip, reset),
		cmocka_unit_test_setup(a_fault_is_written_as_the_specification_has_it, reset),
		cmocka_unit_test_setup(lower_case_faults_are_read, reset),
		cmocka_unit_test_setup(a_fault_in_place_of_a_reply_is_a_refusal, reset),
		cmocka_unit_test_setup(every_error_code_has_a_fault, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
