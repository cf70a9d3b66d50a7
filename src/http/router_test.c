// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "http/router.h"

enum { AUTH_NONE_DECLARED, AUTH_PUBLIC, AUTH_ADMIN };

static void
serve(struct http_request *req, struct http_response *resp)
{
	http_response_set(resp, 200, NULL, slice_str(http_param(req, "id")));
}

static const struct route table[] = {
	ROUTE("GET", "/", PUBLIC, serve),
	ROUTE("GET", "/v1.0/devices", ADMIN, serve),
	ROUTE("POST", "/v1.0/devices", ADMIN, serve),
	ROUTE("GET", "/v1.0/devices/{id}", ADMIN, serve),
	ROUTE("DELETE", "/v1.0/devices/{id}", ADMIN, serve),
	ROUTE("POST", "/v1.0/devices/{deviceId}/assign", ADMIN, serve),
	ROUTE("POST", "/v1.0/devices/import", ADMIN, serve),
	ROUTE("GET", "/v1.0/devices/{id}/apps/{app}", ADMIN, serve),
	ROUTE("GET", "/v1.0/groups(key)", ADMIN, serve),
	ROUTE("GET", "/admin/{file*}", PUBLIC, serve),
	ROUTE("GET", "/admin/login", PUBLIC, serve),
};

struct fixture {
	struct arena arena;
	struct http_router *router;
};

static int
setup(void **state)
{
	static struct fixture f;
	struct error e;

	arena_init(&f.arena, ARENA_SMALL);
	if (!http_router_compile(&f.arena, table, sizeof table / sizeof *table, &f.router, &e))
		return -1;
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	arena_finish(&f->arena);
	return 0;
}

static struct http_match
find(struct fixture *f, const char *method, const char *path)
{
	struct http_match match;

	http_router_find(f->router, &f->arena, method, path, &match);
	return match;
}

static const char *
param(struct http_match match, const char *name)
{
	struct http_request req = {.params = match.params, .param_count = match.param_count};

	return http_param(&req, name);
}

static void
what_no_pattern_describes_is_not_found(void **state)
{
	static const char *const none[] = {"/v1.0", "/v1.0/device", "/v1.0/devices/1/assign/more",
		"/v1.0/devices//assign", "//", "/v1.0//devices", "/v1.0/devices('1",
		"/v1.0/devices()", "/v1.0/devices('')", "/v1.0/devices('a'b')",
		"/v1.0/devices(a,b)", "/v1.0/('1')", "/admin"};

	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct http_match match = find(*state, "GET", none[i]);
		if (strcmp(none[i], "/admin") == 0) {
			assert_string_equal(match.route->pattern, "/admin/{file*}");
			continue;
		}
		assert_null(match.route);
		assert_null(match.allow);
	}
}

static void
a_wrong_method_names_the_right_ones(void **state)
{
	assert_string_equal(find(*state, "PATCH", "/v1.0/devices").allow, "GET, HEAD, POST");
	assert_string_equal(find(*state, "GET", "/v1.0/devices/7/assign").allow, "POST");
	assert_string_equal(find(*state, "PUT", "/v1.0/devices('7')").allow, "GET, HEAD, DELETE");
	assert_string_equal(
		find(*state, "PUT", "/v1.0/devices/import").allow, "POST, GET, HEAD, DELETE");
	assert_string_equal(find(*state, "get", "/").allow, "GET, HEAD");
}

static void
literals_match_in_any_case_and_captures_keep_theirs(void **state)
{
	struct http_match match = find(*state, "GET", "/V1.0/DEVICES/AbC");

	assert_string_equal(match.route->pattern, "/v1.0/devices/{id}");
	assert_string_equal(param(match, "id"), "AbC");
	assert_null(param(match, "other"));
	assert_string_equal(find(*state, "GET", "/v1.0/devices/").route->pattern, "/v1.0/devices");
	assert_string_equal(find(*state, "GET", "/").route->pattern, "/");
}

static void
each_route_names_its_own_captures(void **state)
{
	struct http_match match = find(*state, "POST", "/v1.0/devices/7/assign");

	assert_string_equal(param(match, "deviceId"), "7");
	match = find(*state, "GET", "/v1.0/devices/7/apps/x y");
	assert_string_equal(param(match, "id"), "7");
	assert_string_equal(param(match, "app"), "x y");
}

static void
a_literal_wins_unless_only_the_capture_has_the_method(void **state)
{
	assert_string_equal(find(*state, "POST", "/v1.0/devices/import").route->pattern,
		"/v1.0/devices/import");
	assert_string_equal(
		find(*state, "GET", "/v1.0/devices/import").route->pattern, "/v1.0/devices/{id}");
}

static void
odata_keys_are_captured(void **state)
{
	assert_string_equal(param(find(*state, "GET", "/v1.0/devices('7')"), "id"), "7");
	assert_string_equal(param(find(*state, "GET", "/v1.0/devices(7-a)"), "id"), "7-a");
	assert_string_equal(param(find(*state, "GET", "/v1.0/devices('it''s')"), "id"), "it's");
	assert_string_equal(param(find(*state, "GET", "/v1.0/devices('a)(b')"), "id"), "a)(b");
	struct http_match match = find(*state, "GET", "/v1.0/devices('7')/apps('x')");
	assert_string_equal(param(match, "app"), "x");
	assert_string_equal(
		find(*state, "GET", "/v1.0/groups(key)").route->pattern, "/v1.0/groups(key)");
}

static void
head_is_served_by_get(void **state)
{
	assert_string_equal(find(*state, "HEAD", "/v1.0/devices").route->method, "GET");
	assert_string_equal(find(*state, "HEAD", "/v1.0/devices/7/assign").allow, "POST");
}

static void
the_rest_of_a_path_is_captured_whole(void **state)
{
	assert_string_equal(param(find(*state, "GET", "/admin/a/b.js"), "file"), "a/b.js");
	assert_string_equal(param(find(*state, "GET", "/admin/"), "file"), "");
	assert_string_equal(find(*state, "GET", "/admin/login").route->pattern, "/admin/login");
	assert_string_equal(param(find(*state, "GET", "/admin/login/x"), "file"), "login/x");
}

static void
a_table_with_a_mistake_is_refused(void **state)
{
	static const struct route bad[][2] = {
		{ROUTE("GET", "/a/{x}", PUBLIC, serve), ROUTE("GET", "/A/{y}", PUBLIC, serve)},
		{ROUTE("GET", "/a/{x*}/b", PUBLIC, serve), ROUTE("GET", "/b", PUBLIC, serve)},
		{ROUTE("GET", "a", PUBLIC, serve), ROUTE("GET", "/b", PUBLIC, serve)},
		{ROUTE("GET", "/a{x}", PUBLIC, serve), ROUTE("GET", "/b", PUBLIC, serve)},
		{ROUTE("GET", "/a/{}", PUBLIC, serve), ROUTE("GET", "/b", PUBLIC, serve)},
		{ROUTE("GET", "/a", NONE_DECLARED, serve), ROUTE("GET", "/b", PUBLIC, serve)},
		{ROUTE("GET", "/a", PUBLIC, NULL), ROUTE("GET", "/b", PUBLIC, serve)},
	};
	struct fixture *f = *state;
	struct http_router *router;
	struct error e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(http_router_compile(&f->arena, bad[i], 2, &router, &e));
		assert_int_equal(e.code, ERR_INTERNAL);
	}
}

static bool
admit_public(const struct route *route, struct http_request *req, struct http_response *resp)
{
	(void)req;
	resp->status = 401;
	return route->auth == AUTH_PUBLIC;
}

static void
the_gate_is_asked_before_the_handler(void **state)
{
	struct fixture *f = *state;
	struct http_request req = {.arena = &f->arena, .method = "GET", .path = "/v1.0/devices/1"};
	struct http_response resp = {.arena = &f->arena};

	http_router_serve(f->router, &req, &resp, admit_public);
	assert_int_equal(resp.status, 401);
	req.path = "/admin/x";
	http_router_serve(f->router, &req, &resp, admit_public);
	assert_int_equal(resp.status, 200);
	req.path = "/nothing";
	http_router_serve(f->router, &req, &resp, admit_public);
	assert_int_equal(resp.status, 404);
	req.path = "/admin/x";
	req.method = "POST";
	http_router_serve(f->router, &req, &resp, admit_public);
	assert_int_equal(resp.status, 405);
	assert_string_equal(resp.headers[0].value, "GET, HEAD");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_pattern_describes_is_not_found),
		cmocka_unit_test(a_wrong_method_names_the_right_ones),
		cmocka_unit_test(literals_match_in_any_case_and_captures_keep_theirs),
		cmocka_unit_test(each_route_names_its_own_captures),
		cmocka_unit_test(a_literal_wins_unless_only_the_capture_has_the_method),
		cmocka_unit_test(odata_keys_are_captured),
		cmocka_unit_test(head_is_served_by_get),
		cmocka_unit_test(the_rest_of_a_path_is_captured_whole),
		cmocka_unit_test(a_table_with_a_mistake_is_refused),
		cmocka_unit_test(the_gate_is_asked_before_the_handler),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
