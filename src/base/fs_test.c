// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/failpoint.h"
#include "base/fs.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char *
scratch(struct arena *arena)
{
	char *dir = arena_strdup(arena, "/tmp/ferry-fs-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void
write_replaces_with_the_given_mode(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	char *dir = scratch(&arena), *path = arena_printf(&arena, "%s/a/b/file", dir);
	struct slice got;
	struct error e;
	struct stat st;

	assert_true(fs_mkdirs(arena_printf(&arena, "%s/a/b", dir), 0700, &e));
	assert_true(fs_write(path, slice_str("one"), 0600, &e));
	assert_true(fs_write(path, slice_str("two"), 0600, &e));
	assert_true(fs_read(&arena, path, 100, &got, &e));
	assert_true(slice_is(got, "two"));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(fs_read(&arena, path, 2, &got, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_true(fs_remove(path, &e));
	assert_true(fs_remove(path, &e));
	assert_false(fs_read(&arena, path, 100, &got, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
a_leftover_of_a_power_cut_does_not_leak_its_mode(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	char *path = arena_printf(&arena, "%s/secret", scratch(&arena));
	struct error e;
	struct stat st;

	assert_true(fs_write(arena_printf(&arena, "%s.new", path), slice_str("x"), 0644, &e));
	assert_true(fs_write(path, slice_str("y"), 0600, &e));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
failpoint_kills_at_the_armed_name_and_count(void **state)
{
	(void)state;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		setenv("FERRY_FP", "other:kill,step:kill@2", 1);
		failpoint("step");
		failpoint("nothing");
		failpoint("step");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_replaces_with_the_given_mode),
		cmocka_unit_test(a_leftover_of_a_power_cut_does_not_leak_its_mode),
		cmocka_unit_test(failpoint_kills_at_the_armed_name_and_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
