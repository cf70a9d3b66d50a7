// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/offline/offline.h"

#define TENANT "\"CloudAssignedTenantId\":\"1bd40c49-6a2f-4e1c-9a2c-6b1c0a8f1d11\""
#define DOMAIN "\"CloudAssignedTenantDomain\":\"contoso.example\""
#define BOTH TENANT "," DOMAIN

static struct arena arena;

static bool
reads(const char *text, size_t len, struct offline_profile *out, struct error *e)
{
	arena_reset(&arena);
	return offline_profile_read(&arena, slice_of(text, len), out, e);
}

static void
a_file_that_windows_could_not_use_is_refused_with_the_member(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"", "is no JSON"},
		{"[]", "holds no object"},
		{"{" DOMAIN "}", "CloudAssignedTenantId is missing"},
		{"{" TENANT "}", "CloudAssignedTenantDomain is missing"},
		{"{\"CloudAssignedTenantId\":\"{1bd40c49-6a2f-4e1c-9a2c-6b1c0a8f1d11}\"," DOMAIN
		 "}",
			"without braces"},
		{"{" TENANT ",\"CloudAssignedTenantDomain\":\"\"}",
			"CloudAssignedTenantDomain is empty"},
		{"{" BOTH ",\"CloudAssignedOobeConfig\":\"many\"}", "CloudAssignedOobeConfig"},
		{"{" BOTH ",\"CloudAssignedOobeConfig\":70000}", "CloudAssignedOobeConfig"},
		{"{" BOTH ",\"CloudAssignedDomainJoinMethod\":2}", "CloudAssignedDomainJoinMethod"},
		{"{" BOTH ",\"CloudAssignedForcedEnrollment\":2}", "CloudAssignedForcedEnrollment"},
		{"{" BOTH ",\"ZtdCorrelationId\":\"x\"}", "ZtdCorrelationId"},
		{"{" BOTH ",\"CloudAssignedAadServerData\":{}}", "CloudAssignedAadServerData"},
		{"{" BOTH ",\"CloudAssignedAadServerData\":\"{}\"}", "CloudAssignedAadServerData"},
		{"{" BOTH "," TENANT "}", "is no JSON"},
		{"\xff\xfe{\0", "saved as Unicode"},
	};
	struct offline_profile out;
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *text = cases[i].text;
		size_t len = (uint8_t)*text == 0xff ? 4 : strlen(text);
		assert_false(reads(text, len, &out, &e));
		assert_string_equal(e.fault, "offline_profile_invalid");
		assert_non_null(strstr(e.message, cases[i].says));
	}
}

static void
what_is_odd_is_noted_and_read(void **state)
{
	(void)state;
	static const char odd[] =
		"\xef\xbb\xbf{" BOTH ",\"Version\":\"2050\",\"CloudAssignedOobeConfig\":\"28\","
		"\"Comment_File\":\"B\xfcro\",\"Whatever\":1,"
		"\"HybridJoinSkipDCConnectivityCheck\":1}";
	struct offline_profile out;
	struct error e;

	assert_true(reads(odd, sizeof odd - 1, &out, &e));
	assert_int_equal(out.oobe, 28);
	assert_string_equal(out.comment, "Büro");
	assert_int_equal(out.note_count, 5);
}

static void
every_member_is_written_and_read_again_in_ascii(void **state)
{
	(void)state;
	struct offline_profile in = {
		.version = 2049,
		.tenant_id = "1bd40c49-6a2f-4e1c-9a2c-6b1c0a8f1d11",
		.tenant_domain = "contoso.example",
		.oobe = 1 | 2 | 4 | 8 | 16 | 256 | 512 | 1024,
		.hybrid = true,
		.forced_enrollment = true,
		.correlation_id = "0f8fad5b-d9cb-469f-a165-70867728950e",
		.upn = "lena@contoso.example",
		.device_name = "CT-%SERIAL%",
		.comment = "Büro 日本 \xf0\x9f\x98\x80",
		.language = "de-DE",
		.region = "DE",
		.keyboard = "0407:00000407",
		.update_disabled = true,
		.skip_dc_check = true,
		.update_timeout_ms = 1800000,
	};
	struct offline_profile out;
	struct buf text;
	struct error e;

	arena_reset(&arena);
	buf_init(&text, &arena, OFFLINE_MAX);
	offline_profile_write(&arena, &in, &text);
	for (const char *p = buf_text(&text); *p; p++)
		assert_true((uint8_t)*p < 0x80);
	assert_true(offline_profile_read(&arena, buf_slice(&text), &out, &e));
	assert_int_equal(out.note_count, 0);
	assert_int_equal(out.oobe, in.oobe);
	assert_true(
		out.hybrid && out.forced_enrollment && out.update_disabled && out.skip_dc_check);
	assert_int_equal(out.update_timeout_ms, in.update_timeout_ms);
	const char *const pairs[][2] = {{out.tenant_id, in.tenant_id},
		{out.tenant_domain, in.tenant_domain}, {out.correlation_id, in.correlation_id},
		{out.upn, in.upn}, {out.device_name, in.device_name}, {out.comment, in.comment},
		{out.language, in.language}, {out.region, in.region}, {out.keyboard, in.keyboard}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		assert_string_equal(pairs[i][0], pairs[i][1]);
	assert_string_equal(offline_profile_name(&arena, "x"), "OfflineAutopilotprofile-x");
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_REQUEST);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_windows_could_not_use_is_refused_with_the_member),
		cmocka_unit_test(what_is_odd_is_noted_and_read),
		cmocka_unit_test(every_member_is_written_and_read_again_in_ascii),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
