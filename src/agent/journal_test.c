// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/journal.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testing.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena = {.cap = ARENA_REQUEST};
static char dir[] = "/tmp/ferry-journal-XXXXXX";
static char *path;
static struct error e;

static int
setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	path = arena_printf(&arena, "%s/journal.json", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	arena_finish(&arena);
	return rmdir(dir);
}

static void
put(const char *text)
{
	assert_works(fs_write(path, slice_str(text), 0600, &e));
}

// Guessing would enrol a device twice, or release one that is half done.
static void
a_damaged_journal_is_an_error_and_never_guessed_at(void **state)
{
	(void)state;
	static const char *const damaged[] = {"", "{", "[]", "null", "{}", "{\"version\":1}",
		"{\"version\":2,\"flow\":\"oobe\"}", "{\"version\":\"1\",\"flow\":\"oobe\"}",
		"{\"version\":1,\"flow\":\"\"}", "{\"version\":1,\"flow\":\"OOBE\"}",
		"{\"version\":1,\"flow\":3}", "{\"version\":1,\"flow\":\"oobe\"} x",
		"{\"version\":1,\"flow\":\"oobe\",\"flow\":\"done\"}"};

	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		struct journal out = {.done_count = 7};
		put(damaged[i]);
		if (journal_open(&arena, path, &out, &e))
			fail_msg("%s was accepted", damaged[i]);
		assert_non_null(strstr(e.message, path));
		assert_true(*e.hint);
		assert_int_equal(out.done_count, 7);
	}
}

static void
a_device_without_a_journal_is_new(void **state)
{
	(void)state;
	struct journal journal;

	unlink(path);
	assert_works(journal_open(&arena, path, &journal, &e));
	assert_int_equal(journal.flow, FLOW_OOBE);
	assert_null(journal.step);
	assert_null(journal.enrollment_id);
	assert_false(journal.joined);
	assert_int_equal(journal.done_count, 0);
	assert_false(fs_exists(path));
}

static void
what_was_saved_is_there_after_a_power_cut(void **state)
{
	(void)state;
	struct journal a = {.path = path,
		.arena = &arena,
		.flow = FLOW_USER,
		.language = "de-DE",
		.keyboard = "de",
		.deployment_id = "d",
		.enrollment_id = "e",
		.mdm_url = "https://f/\"x\"",
		.joined = true,
		.domain = "corp.example.com",
		.netbios = "CORP",
		.computer_name = "PC-1",
		.machine_sid = "S-1-5-21-1-2-3-1104",
		.directory_id = "i",
		.user = "j\xc3\xbcrgen@corp.example.com",
		.account_ready = true,
		.technician_seconds = 301};
	struct journal b;
	struct stat st;

	assert_works(journal_step(&a, "register", &e));
	assert_works(journal_add_done(&a, "./Device/A", &e));
	assert_works(journal_open(&arena, path, &b, &e));
	assert_int_equal(b.flow, FLOW_USER);
	assert_string_equal(b.step, "register");
	assert_string_equal(b.mdm_url, a.mdm_url);
	assert_string_equal(b.machine_sid, a.machine_sid);
	assert_string_equal(b.user, a.user);
	assert_true(b.joined && b.account_ready);
	assert_int_equal(b.technician_seconds, 301);
	assert_true(journal_is_done(&b, "./Device/A"));
	assert_false(journal_is_done(&b, "./Device/a"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
every_flow_is_read_as_it_was_written(void **state)
{
	(void)state;
	struct journal a = {.path = path, .arena = &arena}, b;

	for (a.flow = 0; a.flow < FLOW_COUNT; a.flow++) {
		assert_works(journal_save(&a, &e));
		assert_works(journal_open(&arena, path, &b, &e));
		assert_int_equal(a.flow, b.flow);
		assert_non_null(flow_name(a.flow));
	}
}

static void
an_item_counts_once_and_there_is_a_limit(void **state)
{
	(void)state;
	struct journal journal = {.path = path, .arena = &arena};

	assert_works(journal_add_done(&journal, "./a", &e));
	assert_works(journal_add_done(&journal, "./a", &e));
	assert_int_equal(journal.done_count, 1);
	for (size_t i = 1; i < JOURNAL_ITEMS; i++)
		journal.done[journal.done_count++] = "./x";
	assert_false(journal_add_done(&journal, "./b", &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_works(journal_add_done(&journal, "./x", &e));
}

static void
a_journal_that_cannot_be_written_says_so(void **state)
{
	(void)state;
	struct journal journal = {.path = "/nonexistent/journal.json", .arena = &arena};

	assert_false(journal_step(&journal, "attest", &e));
	assert_string_equal(e.fault, "disk_error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_damaged_journal_is_an_error_and_never_guessed_at),
		cmocka_unit_test(a_device_without_a_journal_is_new),
		cmocka_unit_test(what_was_saved_is_there_after_a_power_cut),
		cmocka_unit_test(every_flow_is_read_as_it_was_written),
		cmocka_unit_test(an_item_counts_once_and_there_is_a_limit),
		cmocka_unit_test(a_journal_that_cannot_be_written_says_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
