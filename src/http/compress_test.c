// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/testing.h"
#include "http/compress.h"
#include <zlib.h>

static void
who_does_not_ask_for_gzip_does_not_get_it(void **state)
{
	static const char *const never[] = {NULL, "", "identity", "br, deflate", "gzip;q=0",
		"gzip; q=0.0", "*;q=0", "gzipped", "identity, *;q=0, br", "GZIP;Q=0, *",
		";;,,;q=1"};

	(void)state;
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		assert_false(http_takes_gzip(never[i]));
}

static void
who_asks_for_it_in_any_form_does(void **state)
{
	static const char *const takes[] = {"gzip", "GZip", "x-gzip", "deflate, gzip",
		"br;q=1, gzip;q=0.1", "*", "gzip, deflate, br, zstd", "identity;q=0 ,gzip",
		"gzip;q=1.0, identity;q=0.5"};

	(void)state;
	for (size_t i = 0; i < sizeof takes / sizeof *takes; i++)
		assert_true(http_takes_gzip(takes[i]));
}

static struct http_response
answer(struct arena *arena, const char *type, struct slice body)
{
	struct http_response resp = {.arena = arena, .file_fd = -1};

	http_response_set(&resp, 200, type, body);
	return resp;
}

static const char *
header_of(const struct http_response *resp, const char *name)
{
	for (size_t i = 0; i < resp->header_count; i++)
		if (str_ieq(resp->headers[i].name, name))
			return resp->headers[i].value;
	return NULL;
}

static void
short_or_binary_bodies_stay_as_they_are(void **state)
{
	autoarena(arena, 4 << 20);
	struct http_header headers[] = {{"Accept-Encoding", "gzip"}};
	struct http_request req = {.arena = &arena, .headers = headers, .header_count = 1};
	char *text = arena_alloc(&arena, 5000);

	(void)state;
	memset(text, 'a', 5000);
	struct http_response small = answer(&arena, "application/json", slice_of(text, 900));
	struct http_response binary =
		answer(&arena, "application/octet-stream", slice_of(text, 5000));
	http_response_compress(&req, &small);
	http_response_compress(&req, &binary);
	assert_null(header_of(&small, "Content-Encoding"));
	assert_null(header_of(&binary, "Content-Encoding"));
	req.header_count = 0;
	struct http_response plain = answer(&arena, "application/json", slice_of(text, 5000));
	http_response_compress(&req, &plain);
	assert_null(header_of(&plain, "Content-Encoding"));
	assert_string_equal(header_of(&plain, "Vary"), "Accept-Encoding");
	assert_int_equal(plain.body.len, 5000);
}

static void
what_was_compressed_comes_out_as_it_was(void **state)
{
	autoarena(arena, 4 << 20);
	struct http_header headers[] = {{"Accept-Encoding", "gzip"}};
	struct http_request req = {.arena = &arena, .headers = headers, .header_count = 1};
	char *text = arena_alloc(&arena, 300000), *back = arena_alloc(&arena, 300000);
	z_stream z = {0};

	(void)state;
	for (size_t i = 0; i < 300000; i++)
		text[i] = (char)('a' + i * i % 17);
	struct http_response resp = answer(&arena, "application/json", slice_of(text, 300000));
	http_response_compress(&req, &resp);
	assert_string_equal(header_of(&resp, "Content-Encoding"), "gzip");
	assert_true(resp.body.len < 100000);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (Bytef *)resp.body.data;
	z.avail_in = (uInt)resp.body.len;
	z.next_out = (Bytef *)back;
	z.avail_out = 300000;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.total_out, 300000);
	assert_memory_equal(back, text, 300000);
	inflateEnd(&z);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_does_not_ask_for_gzip_does_not_get_it),
		cmocka_unit_test(who_asks_for_it_in_any_form_does),
		cmocka_unit_test(short_or_binary_bodies_stay_as_they_are),
		cmocka_unit_test(what_was_compressed_comes_out_as_it_was),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
