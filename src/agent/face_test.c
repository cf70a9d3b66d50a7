// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/face.h"
#include "base/fs.h"
#include "base/str.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { SOON_MS = 5000, NEVER_MS = 200 };

static struct arena arena = {.cap = ARENA_REQUEST};
static char dir[] = "/tmp/ferry-face-XXXXXX";
static char *path;
static struct face *face;

static int
setup(void **state)
{
	struct error e;

	(void)state;
	if (!path && !mkdtemp(dir))
		return -1;
	path = arena_printf(&arena, "%s/oobe.sock", dir);
	return face_open(path, &face, &e) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	face_close(face);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	unlink(path);
	arena_finish(&arena);
	return rmdir(dir);
}

static int
connect_face(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

// The next line from the agent, or NULL when the connection ended.
static const char *
line_of(int fd)
{
	struct buf out;
	char c;

	buf_init(&out, &arena, 1 << 20);
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		assert_int_equal(poll(&p, 1, SOON_MS), 1);
		if (recv(fd, &c, 1, 0) != 1)
			return NULL;
		if (c == '\n')
			return buf_text(&out);
		buf_putc(&out, c);
	}
}

static void
what_is_no_action_is_dropped(void **state)
{
	(void)state;
	struct face_action action;
	int fd = connect_face();

	say(fd,
		"\n\n{}\nnull\n[]\n{\"action\":1}\n{\"action\":null}\nGET / "
		"HTTP/1.1\n{\"action\":\"x\"\n"
		"{\"value\":\"x\"}\n\xff\xfe\n{\"action\":\"a\",\"action\":\"b\"}\n");
	assert_false(face_wait(face, NEVER_MS, &action));
	say(fd, "{\"action\":\"next\",\"value\":\"de-DE\",\"extra\":[1]}\n");
	assert_true(face_wait(face, SOON_MS, &action));
	assert_string_equal(action.name, "next");
	assert_string_equal(action.value, "de-DE");
	assert_string_equal(action.password, "");
	close(fd);
}

// "ended" and then "reset" would give the device up without an administrator's password.
static void
what_only_the_agent_says_no_face_says(void **state)
{
	(void)state;
	struct face_action action;
	int fd = connect_face();

	say(fd, "{\"action\":\"ended\"}\n{\"action\":\"news\"}\n{\"action\":\"login\"}\n");
	say(fd, "{\"action\":\"next\"}\n");
	assert_true(face_wait(face, SOON_MS, &action));
	assert_string_equal(action.name, "next");
	assert_false(face_wait(face, 0, &action));
	face_push(face, "ended");
	assert_true(face_wait(face, 0, &action));
	assert_string_equal(action.name, "ended");
	close(fd);
}

static void
a_line_without_end_ends_its_connection_only(void **state)
{
	(void)state;
	struct face_action action;
	int bad = connect_face(), good = connect_face();
	char block[4096];

	memset(block, 'x', sizeof block);
	assert_true(send(bad, block, sizeof block, MSG_NOSIGNAL) > 0);
	assert_null(line_of(bad));
	say(good, "{\"action\":\"provision\"}\n");
	assert_true(face_wait(face, SOON_MS, &action));
	assert_string_equal(action.name, "provision");
	close(bad);
	close(good);
}

static void
texts_that_are_too_long_are_cut_and_not_written_past_their_end(void **state)
{
	(void)state;
	struct face_action action;
	char *text = arena_alloc(&arena, 2001);

	memset(text, 'p', 2000);
	char *line = arena_printf(&arena,
		"{\"action\":\"%s\",\"value\":\"%s\",\"user\":\"%s\",\"password\":\"%s\"}", text,
		text, text, text);
	assert_true(face_read_action(&arena, slice_str(line), &action));
	assert_int_equal(strlen(action.name), sizeof action.name - 1);
	assert_int_equal(strlen(action.password), sizeof action.password - 1);
	face_action_wipe(&action);
	for (size_t i = 0; i < sizeof action; i++)
		assert_int_equal(((unsigned char *)&action)[i], 0);
}

static void
a_face_sees_the_current_screen_at_once_and_every_later_one(void **state)
{
	(void)state;
	face_show(face, "{\"page\":\"one\"}");
	int first = connect_face(), second = connect_face();

	assert_string_equal(line_of(first), "{\"page\":\"one\"}");
	assert_string_equal(line_of(second), "{\"page\":\"one\"}");
	face_show(face, "{\"page\":\"two\"}");
	assert_string_equal(line_of(first), "{\"page\":\"two\"}");
	assert_string_equal(line_of(second), "{\"page\":\"two\"}");
	close(first);
	face_show(face, "{\"page\":\"three\"}");
	assert_string_equal(line_of(second), "{\"page\":\"three\"}");
	close(second);
}

static void
more_faces_than_there_are_seats_are_turned_away(void **state)
{
	(void)state;
	int fds[9];

	face_show(face, "{}");
	for (int i = 0; i < 8; i++) {
		fds[i] = connect_face();
		assert_string_equal(line_of(fds[i]), "{}");
	}
	fds[8] = connect_face();
	assert_null(line_of(fds[8]));
	for (int i = 0; i < 9; i++)
		close(fds[i]);
}

static void
a_face_that_floods_loses_actions_and_stops_nothing(void **state)
{
	(void)state;
	struct face_action action;
	int fd = connect_face(), count = 0;

	for (int i = 0; i < 500; i++)
		say(fd, "{\"action\":\"winkey\"}\n");
	while (face_wait(face, NEVER_MS, &action))
		count++;
	assert_in_range(count, 32, 500);
	close(fd);
}

static void
a_key_of_the_machine_comes_as_an_action(void **state)
{
	(void)state;
	struct face_action action;

	face_push(face, "winkey");
	assert_true(face_wait(face, 0, &action));
	assert_string_equal(action.name, "winkey");
	assert_false(face_wait(face, 0, &action));
}

static void
others_may_not_connect(void **state)
{
	(void)state;
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_no_action_is_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_only_the_agent_says_no_face_says, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_line_without_end_ends_its_connection_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
			texts_that_are_too_long_are_cut_and_not_written_past_their_end, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_face_sees_the_current_screen_at_once_and_every_later_one, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			more_faces_than_there_are_seats_are_turned_away, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_face_that_floods_loses_actions_and_stops_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_key_of_the_machine_comes_as_an_action, setup, teardown),
		cmocka_unit_test_setup_teardown(others_may_not_connect, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, group_teardown);
}
