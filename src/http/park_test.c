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

#include <pthread.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

enum { HEADER_MS = 250 };

static struct http_server *server; // the handlers' way to wake
static int runs;		   // of /park

static void
serve_park(struct http_request *req, struct http_response *resp)
{
	const char *channel = http_query(req, "channel");

	__atomic_add_fetch(&runs, 1, __ATOMIC_RELAXED);
	if (req->woken || req->timed_out) {
		http_response_set(resp, 200, "text/plain",
			slice_str(arena_printf(req->arena, "%s %s %d",
				req->woken ? "woken" : "timed out",
				arena_strndup(
					req->arena, (const char *)req->body.data, req->body.len),
				req->waited_ms >= 0)));
		return;
	}
	if (http_query(req, "early")) // the event happens after the handler looked
		http_server_wake(server, channel);
	http_response_park(resp, channel, (int)strtol(http_query(req, "ms"), NULL, 10));
}

static void
serve(struct http_request *req, struct http_response *resp)
{
	if (str_eq(req->path, "/park")) {
		serve_park(req, resp);
	} else if (str_eq(req->path, "/stubborn")) { // never takes no for an answer
		http_response_park(resp, "stubborn", 60000);
	} else {
		usleep(str_eq(req->path, "/sleep") ? 150 * 1000 : 0);
		http_response_set(resp, 200, "text/plain", slice_str("slept"));
	}
}

static const struct http_server_config base_config = {.plain = true,
	.threads = 3,
	.header_ms = HEADER_MS,
	.body_ms = HEADER_MS,
	.drain_ms = 5000,
	.max_connections = 100,
	.handler = serve};

static uint16_t port;
static struct arena arena;

static struct http_server *
start(const struct http_server_config *config)
{
	struct http_server *started;
	struct error e;

	if (!http_server_start(config, &started, &e))
		fail_msg("%s", e.message);
	return started;
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_REQUEST);
	server = start(&base_config);
	port = http_server_port(server);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	http_server_stop(server);
	arena_finish(&arena);
	return 0;
}

static void
a_parked_request_is_answered_when_woken(void **state)
{
	(void)state;
	struct test_peer peers[5];

	for (int i = 0; i < 5; i++) { // more than there are threads
		peers[i] = test_dial(port);
		const char *request = "POST /park?channel=c&ms=20000 HTTP/1.1\r\nHost: a\r\n"
				      "Content-Length: 4\r\n\r\nbody" GET("/after");
		test_say_text(&peers[i], request);
	}
	while (http_server_counts(server).parked < 5)
		usleep(1000);
	usleep((HEADER_MS + 100) * 1000); // no deadline of the stages before applies
	assert_int_equal(test_status(port, GET("/")), 200);
	http_server_wake(server, "other");
	int64_t began = clock_monotonic_ms();
	http_server_wake(server, "c");
	for (int i = 0; i < 5; i++) {
		assert_string_equal(test_hear(&peers[i], &arena, false).body, "woken body 1");
		assert_int_equal(test_hear(&peers[i], &arena, false).status, 200);
		test_hang_up(&peers[i]);
	}
	assert_true(clock_monotonic_ms() - began < 3000);
	assert_int_equal(http_server_counts(server).parked, 0);
}

static void
a_parked_request_times_out(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	int64_t began = clock_monotonic_ms();

	struct test_answer answer = test_ask(&peer, &arena, GET("/park?channel=d&ms=150"));
	assert_string_equal(answer.body, "timed out  1");
	int64_t took = clock_monotonic_ms() - began;
	assert_true(took >= 150 && took < 3000);
	test_hang_up(&peer);
}

static void
a_wake_between_looking_and_parking_is_not_lost(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	int64_t began = clock_monotonic_ms();

	struct test_answer answer =
		test_ask(&peer, &arena, GET("/park?channel=e&ms=20000&early=1"));
	assert_string_equal(answer.body, "woken  1");
	assert_true(clock_monotonic_ms() - began < 3000);
	test_hang_up(&peer);
}

static void *
wake_often(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
		http_server_wake(server, "f");
		sched_yield();
	}
	return NULL;
}

static void
parking_under_a_storm_of_wakes_serves_every_request(void **state)
{
	(void)state;
	struct test_peer peers[8];
	bool stop = false;
	pthread_t thread;

	pthread_create(&thread, NULL, wake_often, &stop);
	for (int i = 0; i < 8; i++)
		peers[i] = test_dial(port);
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 8; i++)
			test_say_text(&peers[i], GET("/park?channel=f&ms=20000"));
		for (int i = 0; i < 8; i++)
			assert_string_equal(test_hear(&peers[i], &arena, false).body, "woken  1");
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	for (int i = 0; i < 8; i++)
		test_hang_up(&peers[i]);
}

static void
a_parked_client_that_leaves_is_forgotten(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port);
	int before = __atomic_load_n(&runs, __ATOMIC_RELAXED);

	test_say_text(&peer, GET("/park?channel=g&ms=60000"));
	while (http_server_counts(server).parked == 0)
		usleep(1000);
	test_hang_up(&peer);
	for (int i = 0; i < 1000 && http_server_counts(server).parked; i++)
		usleep(1000);
	assert_int_equal(http_server_counts(server).parked, 0);
	assert_int_equal(__atomic_load_n(&runs, __ATOMIC_RELAXED), before + 1);
}

static void
stopping_answers_what_is_under_way(void **state)
{
	(void)state;
	struct http_server *mine = server, *stopped = start(&base_config);
	struct test_peer sleeping = test_dial(http_server_port(stopped));
	struct test_peer parked = test_dial(http_server_port(stopped));
	struct test_peer stubborn = test_dial(http_server_port(stopped));
	struct test_peer idle = test_dial(http_server_port(stopped));

	test_say_text(&sleeping, GET("/sleep"));
	test_say_text(&parked, GET("/park?channel=h&ms=60000"));
	test_say_text(&stubborn, GET("/stubborn"));
	while (http_server_counts(stopped).parked < 2 || http_server_counts(stopped).requests < 3)
		usleep(1000);
	int64_t began = clock_monotonic_ms();
	http_server_stop(stopped);
	assert_true(clock_monotonic_ms() - began < 4000);
	assert_string_equal(test_hear(&sleeping, &arena, false).body, "slept");
	assert_string_equal(test_hear(&parked, &arena, false).body, "timed out  1");
	assert_int_equal(test_hear(&stubborn, &arena, false).status, 503);
	assert_true(test_is_closed(&idle, 2000));
	test_hang_up(&stubborn);
	test_hang_up(&sleeping);
	test_hang_up(&parked);
	test_hang_up(&idle);
	server = mine;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parked_request_is_answered_when_woken),
		cmocka_unit_test(a_parked_request_times_out),
		cmocka_unit_test(a_wake_between_looking_and_parking_is_not_lost),
		cmocka_unit_test(parking_under_a_storm_of_wakes_serves_every_request),
		cmocka_unit_test(a_parked_client_that_leaves_is_forgotten),
		cmocka_unit_test(stopping_answers_what_is_under_way),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
