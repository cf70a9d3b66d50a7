// SPDX-License-Identifier: Apache-2.0
// cmocka needs these three before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "oobe/socket.h"
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

static struct link link_;

// A link whose other end is the returned descriptor.
static int
connected(void)
{
	struct error e = {0};
	int fds[2];

	assert_true(link_init(&link_, "/none", &e));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	link_.fd = fds[0];
	return fds[1];
}

static void
send_all(int fd, const char *data, size_t len)
{
	struct slice line;

	while (len) {
		ssize_t n = write(fd, data, len);
		if (n > 0) {
			data += n;
			len -= (size_t)n;
			continue;
		}
		assert_true(link_fill(&link_, 0));
		assert_int_equal(link_next(&link_, &line), LINK_NOTHING);
	}
}

static void
a_path_that_is_too_long_is_refused(void **state)
{
	char path[200];
	struct error e = {0};
	(void)state;

	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_false(link_init(&link_, path, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
nobody_there_is_another_attempt_later(void **state)
{
	struct error e = {0};
	(void)state;

	assert_true(link_init(&link_, "/nonexistent/socket", &e));
	assert_false(link_open(&link_, 1000, &e));
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_int_equal(link_.retry_at, 1000 + LINK_RETRY_MS);
	assert_false(link_send(&link_, slice_str("x"), 0, &e));
}

static void
a_line_that_is_too_long_is_dropped_and_the_next_one_read(void **state)
{
	static char data[3 * SCREEN_LINE_MAX];
	struct slice line;
	enum link_event event;
	int peer = connected();
	(void)state;

	memset(data, 'x', sizeof data);
	send_all(peer, data, sizeof data);
	send_all(peer, "\nnext\n", 6);
	int dropped = 0;
	while (true) {
		event = link_next(&link_, &line);
		if (event == LINK_LINE)
			break;
		dropped += event == LINK_TOO_LONG;
		if (event == LINK_NOTHING)
			assert_true(link_fill(&link_, 0));
	}
	assert_int_equal(dropped, 1);
	assert_true(slice_is(line, "next"));
	close(peer);
	link_close(&link_, 0);
}

static void
lines_arrive_in_pieces_and_several_at_once(void **state)
{
	struct slice line;
	int peer = connected();
	(void)state;

	send_all(peer, "one", 3);
	assert_true(link_fill(&link_, 0));
	assert_int_equal(link_next(&link_, &line), LINK_NOTHING);
	send_all(peer, "\r\ntwo\nth", 8);
	assert_true(link_fill(&link_, 0));
	assert_int_equal(link_next(&link_, &line), LINK_LINE);
	assert_true(slice_is(line, "one"));
	assert_int_equal(link_next(&link_, &line), LINK_LINE);
	assert_true(slice_is(line, "two"));
	assert_int_equal(link_next(&link_, &line), LINK_NOTHING);
	close(peer);
	assert_false(link_fill(&link_, 5));
	assert_int_equal(link_.fd, -1);
	assert_int_equal(link_.in_len, 0);
}

static void
what_was_sent_leaves_no_trace(void **state)
{
	struct error e = {0};
	char got[32] = "";
	int peer = connected();
	(void)state;

	assert_true(link_send(&link_, slice_str("canary\n"), 0, &e));
	assert_int_equal(read(peer, got, sizeof got), 7);
	assert_string_equal(got, "canary\n");
	assert_null(memmem(link_.out, sizeof link_.out, "canary", 6));
	close(peer);
	assert_false(link_send(&link_, slice_str("more\n"), 0, &e));
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_int_equal(link_.fd, -1);
}

static void
an_agent_that_does_not_read_is_an_error_not_a_wait(void **state)
{
	static char data[LINK_OUT_MAX];
	struct error e = {0};
	int peer = connected(), sends = 0;
	(void)state;

	while (link_send(&link_, slice_of(data, sizeof data), 0, &e))
		assert_true(++sends < 10000);
	assert_int_equal(e.code, ERR_LIMIT);
	close(peer);
	link_close(&link_, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_that_is_too_long_is_refused),
		cmocka_unit_test(nobody_there_is_another_attempt_later),
		cmocka_unit_test(a_line_that_is_too_long_is_dropped_and_the_next_one_read),
		cmocka_unit_test(lines_arrive_in_pieces_and_several_at_once),
		cmocka_unit_test(what_was_sent_leaves_no_trace),
		cmocka_unit_test(an_agent_that_does_not_read_is_an_error_not_a_wait),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
