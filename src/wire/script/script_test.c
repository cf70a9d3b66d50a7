// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "wire/script/script.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena arena = {.cap = ARENA_REQUEST};

static void
a_job_that_is_not_whole_is_refused(void **state)
{
	(void)state;
	static const char *const cases[] = {"", "[]", "{}", "null", "{\"url\":\"u\"",
		"{\"url\":\"u\",\"name\":\"n\",\"seconds\":9,\"sha256\":\"" SHA "0\"}",
		"{\"url\":\"u\",\"name\":\"n\",\"seconds\":9,\"sha256\":\"../../etc/passwd\"}",
		"{\"url\":\"\",\"name\":\"n\",\"seconds\":9,\"sha256\":\"" SHA "\"}",
		"{\"url\":\"u\",\"name\":\"\",\"seconds\":9,\"sha256\":\"" SHA "\"}",
		"{\"url\":\"u\",\"name\":\"n\",\"seconds\":0,\"sha256\":\"" SHA "\"}",
		"{\"url\":\"u\",\"name\":\"n\",\"seconds\":43201,\"sha256\":\"" SHA "\"}"};
	struct script_job job;
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_false(script_job_read(&arena, slice_str(cases[i]), &job, &e));
		assert_string_equal(e.fault, "script_not_runnable");
	}
}

static void
a_job_survives_the_way(void **state)
{
	(void)state;
	struct script_job job = {"https://x/content/" SHA, SHA, "Say \"hello\"\n", 90}, out;
	struct error e;
	const char *text = script_job_write(&arena, &job);

	assert_true(script_job_read(&arena, slice_str(text), &out, &e));
	assert_string_equal(out.url, job.url);
	assert_string_equal(out.sha256, job.sha256);
	assert_string_equal(out.name, job.name);
	assert_int_equal(out.seconds, 90);
}

static void
a_result_says_success_only_with_status_0(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", "7", "{}", "{\"exitCode\":3}",
		"{\"exitCode\":\"0\"}", "{\"fault\":null,\"output\":\"x\"}", "[0]"};
	struct script_result out;
	struct error e;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(script_result_read(&arena, slice_str(wrong[i]), &out, &e));
	assert_true(script_result_read(&arena, slice_str("{\"exitCode\":0}"), &out, &e));
	assert_true(!out.fault && out.ended && out.exit_code == 0);
	assert_string_equal(out.output, "");
	struct script_result failed = {"script_failed", true, 3, "no\nsuch \"file\""};
	const char *text = script_result_write(&arena, &failed);
	assert_true(script_result_read(&arena, slice_str(text), &out, &e));
	assert_string_equal(out.fault, "script_failed");
	assert_true(out.ended && out.exit_code == 3);
	assert_string_equal(out.output, failed.output);
	struct script_result late = {.fault = "script_timeout", .output = ""};
	text = script_result_write(&arena, &late);
	assert_true(script_result_read(&arena, slice_str(text), &out, &e));
	assert_false(out.ended);
}

static void
whatever_a_program_writes_becomes_text(void **state)
{
	(void)state;
	static const struct {
		const char *bytes, *text;
	} cases[] = {{"", ""}, {"a\tb\nc", "a\tb\nc"}, {"\x1b[31mred\r", " [31mred "},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"}, {"\xff\xc3", "??"},
		{"\xed\xa0\x80", "???"}, {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
			script_output_text(&arena, slice_str(cases[i].bytes)), cases[i].text);
	assert_string_equal(script_output_text(&arena, slice_of("a\0b", 3)), "a b");
}

static int
finish(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_that_is_not_whole_is_refused),
		cmocka_unit_test(a_job_survives_the_way),
		cmocka_unit_test(a_result_says_success_only_with_status_0),
		cmocka_unit_test(whatever_a_program_writes_becomes_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, finish);
}
