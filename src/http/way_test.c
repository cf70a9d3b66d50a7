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
#include "http/way.h"

#include <unistd.h>

static struct arena arena;
static struct test_ca ca, other_ca;
static struct test_identity server_id;
static struct http_server *server;
static int status;

static void
serve(struct http_request *req, struct http_response *resp)
{
	(void)req;
	http_response_set(resp, status, "text/plain", slice_str("ok"));
}

static int
setup(void **state)
{
	struct error e;

	(void)state;
	arena_init(&arena, ARENA_REQUEST);
	test_ca_make(&arena, "CA", &ca);
	test_ca_make(&arena, "Other CA", &other_ca);
	test_identity_make(&arena, &ca, "localhost", 10, &server_id);
	struct http_server_config config = {
		.tls = {.certificate = server_id.cert_pem, .key = server_id.key_pem},
		.threads = 1,
		.max_connections = 10,
		.drain_ms = 100,
		.handler = serve,
	};
	return http_server_start(&config, &server, &e) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	http_server_stop(server);
	test_identity_free(&server_id);
	test_ca_free(&ca);
	test_ca_free(&other_ca);
	arena_finish(&arena);
	return 0;
}

static struct way_report
ask(const char *url, const char *authority, int answer)
{
	struct way_report report = {.arena = &arena};
	struct http_client_options options = {
		.base_url = url
			? url
			: arena_printf(&arena, "https://127.0.0.1:%u", http_server_port(server)),
		.ca = authority,
		.proxy = "",
		.connect_timeout_ms = 5000,
	};

	status = answer;
	way_service(&report, &options);
	return report;
}

static void
assert_lights(const struct way_report *report, const char *lights)
{
	static const char letters[] = {
		[WAY_UNTRIED] = '-', [WAY_GREEN] = 'g', [WAY_YELLOW] = 'y', [WAY_RED] = 'R'};
	char seen[WAY_MAX_CHECKS + 1] = "";

	for (size_t i = 0; i < report->count; i++)
		seen[i] = letters[report->checks[i].light];
	assert_string_equal(seen, lights);
}

static void
a_service_that_answers_is_green_all_the_way(void **state)
{
	struct way_report report = ask(NULL, ca.pem, 200);

	(void)state;
	assert_lights(&report, "ggggg");
	assert_int_equal(way_worst(&report, NULL)->light, WAY_GREEN);
}

static void
what_comes_after_a_failure_was_not_tried(void **state)
{
	struct way_report report = ask("https://no-such-host.invalid", ca.pem, 200);

	(void)state;
	assert_lights(&report, "R----");
	assert_string_equal(report.checks[0].fault, "service_name_unresolved");
	report = ask("https://127.0.0.1:1", ca.pem, 200);
	assert_lights(&report, "gR---");
	assert_string_equal(report.checks[1].fault, "service_unreachable");
	report = ask(NULL, other_ca.pem, 200);
	assert_lights(&report, "ggR--");
	assert_string_equal(report.checks[2].fault, "service_certificate_untrusted");
	assert_string_equal(way_worst(&report, "service")->name, "service certificate");
	assert_int_equal(way_worst(&report, "clock")->light, WAY_UNTRIED);
	assert_null(way_worst(&report, "domain"));
}

static void
an_address_that_is_none_is_an_answer_too(void **state)
{
	struct way_report report = ask("ftp://x", ca.pem, 200);

	(void)state;
	assert_lights(&report, "gggR-");
}

static void
a_service_in_trouble_still_tells_the_time(void **state)
{
	struct way_report report = ask(NULL, ca.pem, 503);

	(void)state;
	assert_lights(&report, "gggRg");
	assert_string_equal(report.checks[3].fault, "service_error");
}

static void
a_clock_more_than_five_minutes_off_is_red(void **state)
{
	struct way_report report = {.arena = &arena};

	(void)state;
	way_clock(&report, 0, 4 * US_PER_MIN);
	way_clock(&report, 0, 6 * US_PER_MIN);
	way_clock(&report, 6 * US_PER_MIN, 0);
	assert_lights(&report, "gRR");
	assert_string_equal(report.checks[1].fault, "clock_skew");
}

static void
a_domain_that_dns_does_not_know_is_yellow_until_it_is_needed(void **state)
{
	struct way_report now = {.arena = &arena}, later = {.arena = &arena};

	(void)state;
	way_domain(&now, "no-such-domain.invalid", false, 1000);
	assert_lights(&now, "R-");
	assert_string_equal(now.checks[0].fault, "ad_domain_unresolvable");
	way_domain(&later, "no-such-domain.invalid", true, 1000);
	assert_lights(&later, "y-");
	assert_int_equal(way_worst(&later, "domain")->light, WAY_YELLOW);
}

static void
a_failure_is_written_with_its_fix(void **state)
{
	struct way_report report = {.arena = &arena};
	struct error e;
	struct buf text;

	(void)state;
	way_add(&report, WAY_RED, "clock", "clock_skew", "%d s", 400);
	buf_init(&text, &arena, 4096);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	way_write(&report, "checks", &w);
	jsonw_end_object(&w);
	const struct json *read = json_parse(&arena, buf_slice(&text), NULL, &e);
	const struct json *first = json_get(read, "checks")->first;
	assert_string_equal(json_str(first, "light"), "red");
	assert_string_equal(json_str(first, "detail"), "400 s");
	assert_non_null(strstr(json_str(first, "fix"), "Retry"));
}

static void
more_checks_than_fit_are_left_out(void **state)
{
	struct way_report report = {.arena = &arena};

	(void)state;
	for (int i = 0; i < WAY_MAX_CHECKS + 5; i++)
		way_add(&report, WAY_GREEN, "x", NULL, "%d", i);
	assert_int_equal(report.count, WAY_MAX_CHECKS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_that_answers_is_green_all_the_way),
		cmocka_unit_test(what_comes_after_a_failure_was_not_tried),
		cmocka_unit_test(an_address_that_is_none_is_an_answer_too),
		cmocka_unit_test(a_service_in_trouble_still_tells_the_time),
		cmocka_unit_test(a_clock_more_than_five_minutes_off_is_red),
		cmocka_unit_test(a_domain_that_dns_does_not_know_is_yellow_until_it_is_needed),
		cmocka_unit_test(a_failure_is_written_with_its_fix),
		cmocka_unit_test(more_checks_than_fit_are_left_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
