// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "wire/odata/path.h"

static void
malformed_paths_are_refused_with_their_column(void **state)
{
	(void)state;
	static const struct {
		const char *path, *says;
	} cases[] = {
		{"", "path column 1: a path begins with /"},
		{"a", "path column 1: a path begins with /"},
		{"//a", "path column 2: empty segment"},
		{"/a//b", "path column 4: empty segment"},
		{"/a//", "path column 4: empty segment"},
		{"/./a", "path column 2: relative"},
		{"/a/%2e%2E/b", "path column 4: relative"},
		{"/a/%", "path column 4: %"},
		{"/a/%2", "path column 4: %"},
		{"/a/x%zz", "path column 5: %"},
		{"/a/%00", "path column 4: this is not UTF-8"},
		{"/a/%ff", "path column 4: this is not UTF-8"},
		{"/a('7)/b", "path column 2: a key has no closing quote"},
		{"/a('7'8')", "path column 2: a key has no closing quote"},
		{"/a('7'8'')", "path column 2: a quote inside a key is doubled"},
		{"/a(7 8)", "path column 2: malformed key"},
		{"/a(b=)", "path column 2: malformed key"},
		{"/a(b c='x')", "path column 2: this is not the name of a property"},
		{"/a(='x')", "path column 2: this is not the name of a property"},
		{"/a(b='x',c='y')", "path column 2: a key of several properties"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		struct odata_url url;
		if (odata_url_parse(&arena, slice_str(cases[i].path), true, &url, &e))
			fail_msg("%s: accepted", cases[i].path);
		if (!strstr(e.message, cases[i].says))
			fail_msg("%s: %s, expected %s", cases[i].path, e.message, cases[i].says);
	}
}

static void
paths_beyond_the_limits_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct odata_url url;
	struct buf text;

	for (int which = 0; which < 3; which++) {
		buf_init(&text, &arena, 1 << 16);
		buf_putc(&text, '/');
		for (int i = 0; i < (which == 0 ? 25 : which == 1 ? 1025 : 8200); i++)
			buf_puts(&text, which == 0 ? "a/" : "a");
		assert_false(odata_url_parse(&arena, buf_slice(&text), true, &url, &e));
		assert_int_equal(e.code, ERR_LIMIT);
	}
}

static void
keys_and_qualified_names_are_taken_apart(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};
	struct odata_url url;
	const char *path = "/beta/Devices(deviceId='a%2Fb''c')/groups('7/8')/items(12)/"
			   "microsoft.graph.assign/O'Brien/$count/getX()/x(y/";

	if (!odata_url_parse(&arena, slice_str(path), true, &url, &e))
		fail_msg("%s", e.message);
	assert_int_equal(url.count, 9);
	assert_string_equal(url.segments[1].name, "Devices");
	assert_string_equal(url.segments[1].key_property, "deviceId");
	assert_string_equal(url.segments[1].key, "a/b'c");
	assert_string_equal(url.segments[2].key, "7/8");
	assert_null(url.segments[2].key_property);
	assert_string_equal(url.segments[3].key, "12");
	assert_string_equal(url.segments[4].name, "assign");
	assert_true(url.segments[4].qualified);
	assert_string_equal(url.segments[5].name, "O'Brien");
	assert_false(url.segments[5].has_key);
	assert_string_equal(url.segments[6].name, "$count");
	assert_string_equal(url.segments[7].name, "getX");
	assert_false(url.segments[7].has_key);
	assert_string_equal(url.segments[8].name, "x(y");
}

static void
common_forms_become_the_routers(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		bool encoded;
		const char *plain; // NULL: refused
	} cases[] = {
		{"/a('..')", true, NULL},
		{"/a('')", true, NULL},
		{"/a('x(''7'')')", true, NULL},
		{"/a('x/y')", false, NULL},
		{"/microsoft.graph...", true, NULL},
		{"/", true, "/"},
		{"/v1.0/a", true, "/v1.0/a"},
		{"/a('7')/microsoft.graph.assign/", true, "/a/7/assign"},
		{"/a('x%2Fy')/b", true, "/a/x%2Fy/b"},
		{"/a('x/y')/b", true, "/a/x%2Fy/b"},
		{"/a('100%25')", true, "/a/100%25"},
		{"/a('100%25')", false, "/a/100%25"},
		{"/a(deviceId='it''s')/$ref", true, "/a(deviceId='it%27%27s')/$ref"},
		{"/a(deviceId=0f)", false, "/a(deviceId='0f')"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		autoarena(arena, ARENA_SMALL);
		struct error e = {0};
		const char *out = NULL;
		bool ok = odata_url_plain(
			&arena, slice_str(cases[i].path), cases[i].encoded, &out, &e);
		if (ok != (cases[i].plain != NULL))
			fail_msg("%s: %s", cases[i].path, ok ? out : e.message);
		if (ok)
			assert_string_equal(out, cases[i].plain);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_paths_are_refused_with_their_column),
		cmocka_unit_test(paths_beyond_the_limits_are_refused),
		cmocka_unit_test(keys_and_qualified_names_are_taken_apart),
		cmocka_unit_test(common_forms_become_the_routers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
