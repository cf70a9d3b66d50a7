// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/script.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/testing.h"
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena = {.cap = ARENA_REQUEST};
static char folder[] = "/tmp/ferry-script-XXXXXX";
static const char *const environment[] = {"PATH=/usr/bin:/bin", "WHO=device", NULL};

static const char *
written(const char *text)
{
	const char *file = arena_printf(&arena, "%s/script", folder);
	struct error e;

	if (!fs_write(file, slice_str(text), 0600, &e))
		fail_msg("%s", e.message);
	return file;
}

static bool
run_in(const char *text, int timeout_s, const char *cgroup, struct script_end *out, struct error *e)
{
	struct script_run run = {.file = written(text),
		.cgroup = cgroup,
		.environment = environment,
		.timeout_s = timeout_s};

	return script_run(&arena, &run, out, e);
}

static const char *
output(const struct script_end *end)
{
	return arena_strndup(&arena, (const char *)end->output.data, end->output.len);
}

static void
what_cannot_be_started_is_named(void **state)
{
	(void)state;
	static const char *const cases[] = {"#!/no/such/interpreter\n", "#!/bin/sh\r\nexit 0\r\n",
		"#! /usr/bin/pwsh-that-is-not-here -x\n", "\177ELF nonsense of a kind"};
	struct script_end end;
	struct error e;

	for (size_t i = 0; i < 3; i++) {
		assert_false(run_in(cases[i], 5, NULL, &end, &e));
		assert_string_equal(e.fault, "script_not_runnable");
	}
	// A broken program is tried by the shell, which says what it thinks of it.
	assert_true(run_in(cases[3], 5, NULL, &end, &e));
	assert_true(end.ended && end.status != 0);
	struct script_run none = {
		.file = "/nonexistent", .environment = environment, .timeout_s = 1};
	assert_false(script_run(&arena, &none, &end, &e));
}

static void
status_and_output_are_those_of_the_script(void **state)
{
	(void)state;
	struct script_end end;
	struct error e;

	assert_true(run_in("#!/bin/sh\necho out; echo err >&2; exit 3\n", 10, NULL, &end, &e));
	assert_true(end.ended && !end.cleaned);
	assert_int_equal(end.status, 3);
	assert_string_equal(output(&end), "out\nerr\n");
	assert_true(run_in("echo \"$WHO in $PWD\" \"[$HOME]\"; kill -9 $$\n", 10, NULL, &end, &e));
	assert_int_equal(end.status, 128 + SIGKILL);
	assert_string_equal(output(&end), "device in / []\n");
	assert_true(run_in("#!/bin/sh\n", 10, NULL, &end, &e));
	assert_int_equal(end.status, 0);
	assert_string_equal(output(&end), "");
}

static void
only_the_end_of_much_output_is_kept(void **state)
{
	(void)state;
	struct script_end end;
	struct error e;

	assert_true(run_in("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done\n", 60,
		NULL, &end, &e));
	assert_int_equal(end.output.len, 2048);
	assert_true(str_ends(output(&end), "line 19999\n"));
}

static void
one_that_does_not_end_is_ended_with_everything_it_started(void **state)
{
	(void)state;
	struct script_end end;
	struct error e;
	int64_t begun = clock_monotonic_ms();
	const char *text = arena_printf(&arena,
		"setsid sh -c 'echo $$ > %s/pid; exec sleep 600' &\n"
		"echo waiting; trap '' TERM; while [ ! -s %s/pid ]; do sleep 0.05; done; sleep "
		"600\n",
		folder, folder);
	uint64_t number;
	char *pid;

	assert_true(run_in(text, 3, NULL, &end, &e));
	assert_false(end.ended);
	assert_string_equal(output(&end), "waiting\n");
	assert_true(clock_monotonic_ms() - begun < 60000);
	assert_true(fs_read_line(&arena, arena_printf(&arena, "%s/pid", folder), &pid, &e));
	assert_true(str_to_u64(pid, INT32_MAX, &number));
	assert_true(kill((pid_t)number, 0) < 0);
	assert_true(end.cleaned);
}

// A script that is over is over, whoever still holds its output open.
static void
what_it_leaves_in_the_background_is_ended_too(void **state)
{
	(void)state;
	struct script_end end;
	struct error e;
	int64_t begun = clock_monotonic_ms();

	assert_true(run_in("setsid sleep 600 & echo done\n", 300, NULL, &end, &e));
	assert_true(end.ended && end.status == 0 && end.cleaned);
	assert_string_equal(output(&end), "done\n");
	assert_true(clock_monotonic_ms() - begun < 60000);
}

static void
a_control_group_holds_it_where_there_are_control_groups(void **state)
{
	(void)state;
	struct script_end end;
	struct error e;
	const char *dir =
		script_cgroup(&arena, arena_printf(&arena, "ferry-script-test-%d", (int)getpid()));

	if (!dir)
		SKIP_CASE("this process may not make control groups");
	assert_true(run_in("cat /proc/self/cgroup; setsid sleep 600 &\n", 30, dir, &end, &e));
	assert_true(end.ended && end.cleaned);
	assert_non_null(strstr(output(&end), "ferry-script-test-"));
	assert_false(fs_exists(dir));
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int
finish(void **state)
{
	(void)state;
	const char *const names[] = {"script", "pid"};

	for (size_t i = 0; i < 2; i++)
		unlink(arena_printf(&arena, "%s/%s", folder, names[i]));
	rmdir(folder);
	arena_finish(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_started_is_named),
		cmocka_unit_test(status_and_output_are_those_of_the_script),
		cmocka_unit_test(only_the_end_of_much_output_is_kept),
		cmocka_unit_test(one_that_does_not_end_is_ended_with_everything_it_started),
		cmocka_unit_test(what_it_leaves_in_the_background_is_ended_too),
		cmocka_unit_test(a_control_group_holds_it_where_there_are_control_groups),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, finish);
}
