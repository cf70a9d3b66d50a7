// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/test_support.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

enum { HEADER_MS = 600, BODY_MS = 800, IDLE_MS = 1500, FILE_SIZE = 24 << 20 };

static struct http_server *server;

static void
serve_file(struct http_request *req, struct http_response *resp)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	static const uint32_t marks[] = {1000000, FILE_SIZE - 4};

	if (ftruncate(fd, FILE_SIZE) < 0)
		abort();
	for (size_t i = 0; i < 2; i++)
		if (pwrite(fd, &marks[i], sizeof marks[i], marks[i]) != sizeof marks[i])
			abort();
	http_response_file(req, resp, fd, FILE_SIZE, "\"v1\"", "application/octet-stream");
}

static sem_t other_served;

// Give the turn away, then wait until another request is served; 5 s are a failure that shows.
static void
wait_for_other(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 5;
	http_server_waits();
	if (sem_timedwait(&other_served, &until) != 0)
		abort();
}

static void
serve(struct http_request *req, struct http_response *resp)
{
	if (str_eq(req->path, "/file")) {
		serve_file(req, resp);
	} else if (str_eq(req->path, "/wait")) {
		wait_for_other();
		resp->status = 204;
	} else if (str_eq(req->path, "/none")) {
		sem_post(&other_served);
		resp->status = 204;
	} else if (str_eq(req->path, "/forgot")) {
		return;
	} else if (str_eq(req->path, "/big")) {
		size_t len = strtoul(http_query(req, "n"), NULL, 10);
		char *body = arena_alloc(req->arena, len);
		memset(body, 'x', len);
		http_response_set(resp, 200, "text/plain", slice_of(body, len));
	} else {
		http_response_header(resp, "X-Path", req->path);
		http_response_header(resp, "X-Worker", req->worker ? "yes" : "no");
		http_response_set(resp, 200, "text/plain", req->body);
	}
}

static int workers;

static bool
worker_init(void *context, void **worker, struct error *e)
{
	if (context)
		return error_set(e, ERR_UNAVAILABLE, "no database");
	__atomic_add_fetch(&workers, 1, __ATOMIC_RELAXED);
	*worker = &workers;
	return true;
}

static void
worker_finish(void *context, void *worker)
{
	(void)context, (void)worker;
	__atomic_sub_fetch(&workers, 1, __ATOMIC_RELAXED);
}

static const struct http_server_config base_config = {.plain = true,
	.threads = 3,
	.max_body = 100000,
	.header_ms = HEADER_MS,
	.body_ms = BODY_MS,
	.idle_ms = IDLE_MS,
	.drain_ms = 1000,
	.max_connections = 400,
	.handler = serve,
	.worker_init = worker_init,
	.worker_finish = worker_finish};

static uint16_t port;
static struct arena arena;

static int
setup(void **state)
{
	struct rlimit files;
	struct error e;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &files);
	arena_init(&arena, ARENA_REQUEST);
	if (!http_server_start(&base_config, &server, &e)) {
		printf("# %s\n", e.message);
		return -1;
	}
	port = http_server_port(server);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	http_server_stop(server);
	arena_finish(&arena);
	return workers == 0 ? 0 : -1;
}

static void
a_malformed_request_is_answered_and_the_connection_ends(void **state)
{
	(void)state;
	static const struct {
		const char *request;
		int status;
	} rows[] = {
		{"GET / HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
		{"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n", 413},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
		 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			400},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n", 413},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct test_peer peer = test_dial(port);
		struct test_answer answer = test_ask(&peer, &arena, rows[i].request);
		assert_int_equal(answer.status, rows[i].status);
		assert_non_null(strstr(answer.head, "Connection: close"));
		assert_true(test_is_closed(&peer, 3000));
		test_hang_up(&peer);
	}
}

static void
a_client_that_still_sends_a_refused_body_sees_the_answer(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	char *body = arena_alloc(&arena, 3 << 20);

	memset(body, 'x', 3 << 20);
	const char *head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3145728\r\n\r\n";
	test_say_text(&peer, head);
	test_say(&peer, body, 3 << 20);
	assert_int_equal(test_hear(&peer, &arena, false).status, 413);
	test_hang_up(&peer);
}

static void
too_long_heads_are_refused(void **state)
{
	(void)state;
	char *filler = arena_alloc(&arena, 20001);

	memset(filler, 'a', 20000);
	assert_int_equal(
		test_status(
			port, arena_printf(&arena, "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", filler)),
		414);
	assert_int_equal(
		test_status(
			port, arena_printf(&arena, "GET / HTTP/1.1\r\nHost: a\r\nX: %s", filler)),
		431);
}

static void
drip(struct test_peer *peer, int ms)
{
	for (int64_t until = clock_monotonic_ms() + ms; clock_monotonic_ms() < until;) {
		test_say(peer, "a", 1);
		usleep(20 * 1000);
	}
}

static void
a_slow_drip_of_headers_is_cut(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);

	test_say_text(&peer, "GET / HTTP/1.1\r\nX: ");
	drip(&peer, HEADER_MS - 400);
	assert_false(test_is_closed(&peer, 1));
	drip(&peer, 600);
	assert_true(test_is_closed(&peer, 2000));
	test_hang_up(&peer);
}

static void
a_slow_drip_of_a_body_is_cut(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	const char *head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";

	test_say_text(&peer, head);
	drip(&peer, BODY_MS - 500);
	assert_false(test_is_closed(&peer, 1));
	drip(&peer, 600);
	assert_true(test_is_closed(&peer, 2000));
	test_hang_up(&peer);
}

static void
an_idle_connection_is_closed_at_its_deadline(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);

	assert_int_equal(test_ask(&peer, &arena, GET("/")).status, 200);
	assert_false(test_is_closed(&peer, IDLE_MS - 700));
	assert_true(test_is_closed(&peer, 2500));
	test_hang_up(&peer);
}

static void
readers_that_do_not_read_hold_no_thread_and_are_cut(void **state)
{
	(void)state;
	struct test_peer peers[5];

	for (int i = 0; i < 5; i++) {
		peers[i] = test_dial(port);
		test_say_text(&peers[i], i % 2 ? GET("/file") : GET("/big?n=30000000"));
	}
	usleep(50 * 1000);
	assert_int_equal(test_status(port, GET("/")), 200);
	usleep((BODY_MS + 400) * 1000);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(test_hear(&peers[i], &arena, false).status, 0);
		test_hang_up(&peers[i]);
	}
}

static void
a_connection_is_kept_and_requests_are_answered_in_order(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);

	for (int i = 0; i < 5; i++)
		assert_int_equal(test_ask(&peer, &arena, GET("/")).status, 200);
	const char *three = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
			    "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
			    "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
			    "1\r\nx\r\n2\r\nyz\r\n0\r\n\r\n"
			    "GET /4 HTTP/1.1\r\nHo";
	test_say_text(&peer, three);
	static const char *const bodies[] = {"", "abc", "xyz"};
	for (int i = 0; i < 3; i++) {
		struct test_answer answer = test_hear(&peer, &arena, false);
		assert_string_equal(answer.body, bodies[i]);
		assert_non_null(
			strstr(answer.head, arena_printf(&arena, "X-Path: /%d\r\n", i + 1)));
		assert_non_null(strstr(answer.head, "X-Worker: yes\r\n"));
	}
	assert_int_equal(test_ask(&peer, &arena, "st: a\r\nConnection: close\r\n\r\n").status, 200);
	assert_true(test_is_closed(&peer, 3000));
	test_hang_up(&peer);
}

static void
hundreds_of_pipelined_requests_are_all_answered(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	const char *one = GET("/p");
	size_t len = strlen(one);
	char *many = arena_alloc(&arena, 500 * len + 1);

	for (size_t i = 0; i < 500; i++)
		memcpy(many + i * len, one, len);
	test_say(&peer, many, 500 * len);
	for (int i = 0; i < 500; i++)
		assert_int_equal(test_hear(&peer, &arena, false).status, 200);
	test_hang_up(&peer);
}

static void
http_1_0_is_answered_and_closed(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	struct test_answer answer = test_ask(&peer, &arena, "GET / HTTP/1.0\r\n\r\n");

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "Connection: close"));
	assert_true(test_is_closed(&peer, 3000));
	test_hang_up(&peer);
}

static void
head_has_the_length_but_no_body(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	struct test_answer answer =
		test_ask(&peer, &arena, "HEAD /big?n=70000 HTTP/1.1\r\nHost: a\r\n\r\n");

	assert_non_null(strstr(answer.head, "Content-Length: 70000\r\n"));
	answer = test_ask(&peer, &arena, "HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_non_null(strstr(answer.head, "Content-Length: 25165824\r\n"));
	assert_int_equal(test_ask(&peer, &arena, GET("/none")).status, 204);
	assert_int_equal(test_ask(&peer, &arena, GET("/forgot")).status, 500);
	assert_int_equal(test_ask(&peer, &arena, GET("/")).status, 200);
	test_hang_up(&peer);
}

static void
continue_is_said_only_to_who_waits_for_it(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	struct test_answer answer = test_ask(&peer, &arena,
		"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");

	assert_int_equal(answer.status, 100);
	answer = test_ask(&peer, &arena, "hi");
	assert_int_equal(answer.status, 200);
	assert_string_equal(answer.body, "hi");
	answer = test_ask(&peer, &arena,
		"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
		"2\r\n\r\nho");
	assert_int_equal(answer.status, 200);
	answer = test_ask(&peer, &arena,
		"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
		"Transfer-Encoding: chunked\r\n\r\n");
	assert_int_equal(answer.status, 100);
	answer = test_ask(&peer, &arena, "2\r\nok\r\n0\r\n\r\n");
	assert_string_equal(answer.body, "ok");
	answer = test_ask(&peer, &arena,
		"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
		"Content-Length: 999999\r\n\r\n");
	assert_int_equal(answer.status, 413);
	test_hang_up(&peer);
}

static void
a_body_in_many_pieces_is_whole(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	const char *head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n";
	char *body = arena_alloc(&arena, 90000);

	for (int i = 0; i < 90000; i++)
		body[i] = (char)('a' + i % 26);
	test_say_text(&peer, head);
	for (int i = 0; i < 90000; i += 9000) {
		test_say(&peer, body + i, 9000);
		usleep(3000);
	}
	struct test_answer answer = test_hear(&peer, &arena, false);
	assert_int_equal(answer.body_len, 90000);
	assert_memory_equal(answer.body, body, 90000);
	test_say_text(&peer, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 90000; i += 9000) {
		test_say_text(&peer, "2328\r\n");
		test_say(&peer, body + i, 9000);
		test_say_text(&peer, "\r\n");
		usleep(3000);
	}
	answer = test_ask(&peer, &arena, "0\r\n\r\n");
	assert_int_equal(answer.body_len, 90000);
	assert_memory_equal(answer.body, body, 90000);
	test_hang_up(&peer);
}

static void
files_are_sent_whole_and_in_ranges(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	struct test_answer answer = test_ask(&peer, &arena, GET("/file"));
	uint32_t number;

	assert_int_equal(answer.body_len, FILE_SIZE);
	memcpy(&number, answer.body + FILE_SIZE - 4, 4);
	assert_int_equal(number, FILE_SIZE - 4);
	answer = test_ask(&peer, &arena,
		"GET /file HTTP/1.1\r\nHost: a\r\nRange: bytes=1000000-1000003\r\n\r\n");
	assert_int_equal(answer.status, 206);
	assert_non_null(strstr(answer.head, "Content-Range: bytes 1000000-1000003/25165824\r\n"));
	memcpy(&number, answer.body, 4);
	assert_int_equal(number, 1000000);
	answer = test_ask(
		&peer, &arena, "GET /file HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"v1\"\r\n\r\n");
	assert_int_equal(answer.status, 304);
	answer = test_ask(
		&peer, &arena, "GET /file HTTP/1.1\r\nHost: a\r\nRange: bytes=25165824-\r\n\r\n");
	assert_int_equal(answer.status, 416);
	test_hang_up(&peer);
}

static void
hundreds_of_idle_connections_hold_no_thread(void **state)
{
	(void)state;
	struct test_peer *peers = arena_array(&arena, 300, sizeof *peers);

	for (int i = 0; i < 300; i++)
		peers[i] = test_dial(port);
	assert_int_equal(test_ask(&peers[299], &arena, GET("/")).status, 200);
	assert_int_equal(test_ask(&peers[0], &arena, GET("/")).status, 200);
	for (int i = 0; i < 300; i++)
		test_hang_up(&peers[i]);
}

static struct http_server *
start(const struct http_server_config *config)
{
	struct http_server *started;
	struct error e;

	if (!http_server_start(config, &started, &e))
		fail_msg("%s", e.message);
	return started;
}

static void
connections_are_capped_by_address_and_in_all(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		struct http_server_config config = base_config;
		config.max_per_address = round == 0 ? 3 : 0;
		config.max_connections = round == 0 ? 100 : 3;
		struct http_server *capped = start(&config);
		struct test_peer peers[4];
		for (int i = 0; i < 4; i++)
			peers[i] = test_dial(http_server_port(capped));
		assert_true(test_is_closed(&peers[3], 3000));
		for (int i = 0; i < 3; i++)
			assert_int_equal(test_ask(&peers[i], &arena, GET("/")).status, 200);
		test_hang_up(&peers[0]);
		test_hang_up(&peers[3]);
		while (http_server_counts(capped).connections > 2)
			usleep(1000);
		peers[0] = test_dial(http_server_port(capped));
		assert_int_equal(test_ask(&peers[0], &arena, GET("/")).status, 200);
		for (int i = 0; i < 3; i++)
			test_hang_up(&peers[i]);
		assert_int_equal(http_server_counts(capped).refused, 1);
		http_server_stop(capped);
	}
}

static void
accepting_goes_on_after_descriptors_ran_out(void **state)
{
	(void)state;
	struct rlimit before, few;
	struct test_peer peer = test_dial(port);

	assert_int_equal(test_ask(&peer, &arena, GET("/")).status, 200);
	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	struct test_peer waiting = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
	few.rlim_cur = 3;
	struct sockaddr_storage to;
	socklen_t len = sizeof to;
	getpeername(peer.fd, (struct sockaddr *)&to, &len);
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(connect(waiting.fd, (struct sockaddr *)&to, len), 0);
	usleep(100 * 1000);
	assert_int_equal(test_ask(&peer, &arena, GET("/")).status, 200);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(test_ask(&waiting, &arena, GET("/")).status, 200);
	test_hang_up(&waiting);
	test_hang_up(&peer);
}

static void
a_handler_that_waits_gives_its_turn_to_another_thread(void **state)
{
	(void)state;
	struct http_server_config config = base_config;
	struct http_server *one;
	struct error e;

	config.threads = 2;
	config.turns = 1;
	sem_init(&other_served, 0, 0);
	assert_true(http_server_start(&config, &one, &e));
	for (int i = 0; i < 3; i++) {
		struct test_peer first = test_dial(http_server_port(one));
		struct test_peer second = test_dial(http_server_port(one));
		test_say(&first, GET("/wait"), strlen(GET("/wait")));
		assert_int_equal(test_ask(&second, &arena, GET("/none")).status, 204);
		assert_int_equal(test_hear(&first, &arena, false).status, 204);
		test_hang_up(&first);
		test_hang_up(&second);
	}
	http_server_stop(one);
}

static void
a_server_that_cannot_start_says_why(void **state)
{
	(void)state;
	struct http_server_config config = base_config;
	struct http_server *none;
	struct error e;

	config.port = port;
	assert_false(http_server_start(&config, &none, &e));
	assert_string_equal(e.fault, "listen_address_unavailable");
	config.address = "not-numeric";
	assert_false(http_server_start(&config, &none, &e));
	assert_string_equal(e.fault, "listen_address_unavailable");
	config = base_config;
	config.context = &config;
	assert_false(http_server_start(&config, &none, &e));
	assert_string_equal(e.message, "no database");
	config = base_config;
	config.plain = false;
	config.tls.certificate = "/nonexistent";
	assert_false(http_server_start(&config, &none, &e));
	assert_string_equal(e.fault, "tls_certificate_unusable");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_malformed_request_is_answered_and_the_connection_ends),
		cmocka_unit_test(a_client_that_still_sends_a_refused_body_sees_the_answer),
		cmocka_unit_test(too_long_heads_are_refused),
		cmocka_unit_test(a_slow_drip_of_headers_is_cut),
		cmocka_unit_test(a_slow_drip_of_a_body_is_cut),
		cmocka_unit_test(an_idle_connection_is_closed_at_its_deadline),
		cmocka_unit_test(readers_that_do_not_read_hold_no_thread_and_are_cut),
		cmocka_unit_test(a_connection_is_kept_and_requests_are_answered_in_order),
		cmocka_unit_test(hundreds_of_pipelined_requests_are_all_answered),
		cmocka_unit_test(http_1_0_is_answered_and_closed),
		cmocka_unit_test(head_has_the_length_but_no_body),
		cmocka_unit_test(continue_is_said_only_to_who_waits_for_it),
		cmocka_unit_test(a_body_in_many_pieces_is_whole),
		cmocka_unit_test(files_are_sent_whole_and_in_ranges),
		cmocka_unit_test(hundreds_of_idle_connections_hold_no_thread),
		cmocka_unit_test(connections_are_capped_by_address_and_in_all),
		cmocka_unit_test(accepting_goes_on_after_descriptors_ran_out),
		cmocka_unit_test(a_handler_that_waits_gives_its_turn_to_another_thread),
		cmocka_unit_test(a_server_that_cannot_start_says_why),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
