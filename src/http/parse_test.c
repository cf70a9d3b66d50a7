// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "http/parse.h"

#include <ctype.h>

#define H "Host: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

static const struct http_limits limits = {.max_head = 512,
	.max_target = 128,
	.max_body = 64,
	.max_headers = 12,
	.large_path = "/large/",
	.max_large = 100};

// What http_read says about `text` after seeing it whole and byte by byte: 0 is "more", 200 "done",
// else the status of the refusal.
static int
read_in(struct arena *arena, const char *text, size_t len, size_t piece, struct http_message *msg)
{
	struct http_reader reader = {0};
	enum http_verdict v = HTTP_MORE;
	uint8_t *bytes = malloc(len + 1);
	size_t have = 0;

	for (size_t at = 0; at < len && v == HTTP_MORE; at += piece) {
		size_t n = len - at < piece ? len - at : piece;
		memcpy(bytes + have, text + at, n);
		have += n;
		v = http_read(&reader, arena, &limits, bytes, have, msg);
		if (v == HTTP_MORE)
			have = msg->keep;
	}
	if (v == HTTP_DONE)
		msg->body =
			slice_of(arena_memdup(arena, msg->body.data, msg->body.len), msg->body.len);
	free(bytes);
	return v == HTTP_DONE ? 200 : v == HTTP_MORE ? 0 : msg->status;
}

static int
verdict(struct arena *arena, const char *text, size_t len, struct http_message *msg)
{
	int whole = read_in(arena, text, len, len, msg);
	int bytes = read_in(arena, text, len, 1, msg);

	if (whole != bytes)
		fail_msg("whole %d, byte by byte %d: %s", whole, bytes, text);
	return whole;
}

struct row {
	const char *text;
	int status;
	size_t len; // 0: strlen
};

static void
check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		autoarena(arena, ARENA_SMALL);
		struct http_message msg;
		size_t len = rows[i].len ? rows[i].len : strlen(rows[i].text);
		int got = verdict(&arena, rows[i].text, len, &msg);
		if (got != rows[i].status)
			fail_msg("row %zu: %d instead of %d (%s): %s", i, got, rows[i].status,
				got > 200 ? msg.reason : "", rows[i].text);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof *(rows))
#define BYTES(bytes_, status_)                                                                     \
	{                                                                                          \
		.text = (bytes_), .status = (status_), .len = sizeof(bytes_) - 1                   \
	}

static void
request_lines_have_one_form(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"GET / HTTP/1.1\r\n" H "\r\n", 200},
		{"GET  / HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /  HTTP/1.1\r\n" H "\r\n", 400},
		{"GET / HTTP/1.1 \r\n" H "\r\n", 400},
		{" GET / HTTP/1.1\r\n" H "\r\n", 400},
		{"GET\t/ HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /\r\n\r\n", 400},
		{"GET\r\n\r\n", 400},
		{"\r\n\r\n", 400},
		{"\r\nGET / HTTP/1.1\r\n" H "\r\n", 200},
		{"\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 400},
		{"\nGET / HTTP/1.1\r\n" H "\r\n", 400},
		{"\rGET / HTTP/1.1\r\n" H "\r\n", 400},
		{"G{T / HTTP/1.1\r\n" H "\r\n", 400},
		{"G@T / HTTP/1.1\r\n" H "\r\n", 400},
		{"MERGE-it / HTTP/1.1\r\n" H "\r\n", 200},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n" H "\r\n", 400},
		{"GET / HTTP/2.0\r\n" H "\r\n", 505},
		{"GET / HTTP/1.2\r\n" H "\r\n", 505},
		{"GET / HTTP/0.9\r\n" H "\r\n", 505},
		{"PRI * HTTP/2.0\r\n\r\n", 505},
		{"GET / http/1.1\r\n" H "\r\n", 400},
		{"GET / HTTP/1.1x\r\n" H "\r\n", 400},
		{"GET / HTTP/11\r\n" H "\r\n", 400},
		{"GET / HTTP/1.01\r\n" H "\r\n", 400},
		{"GET / HTTPS/1.1\r\n" H "\r\n", 400},
		{"GET / HTTP/1.1\r" H "\r\n\r\n", 400},
		BYTES("GET /\0 HTTP/1.1\r\n" H "\r\n", 400),
		{"GET / HTTP/1.0\r\n\r\n", 200},
		{"GET / HTTP/1.1\r\n" H, 0},
	};
	CHECK(rows);
}

static void
targets_are_paths_or_absolute(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"OPTIONS * HTTP/1.1\r\n" H "\r\n", 400},
		{"CONNECT a:443 HTTP/1.1\r\n" H "\r\n", 400},
		{"GET a HTTP/1.1\r\n" H "\r\n", 400},
		{"GET http://b/x HTTP/1.1\r\n" H "\r\n", 200},
		{"GET HTTPS://b:1 HTTP/1.1\r\n" H "\r\n", 200},
		{"GET https://b?x=1 HTTP/1.1\r\n" H "\r\n", 200},
		{"GET http://u@b/ HTTP/1.1\r\n" H "\r\n", 400},
		{"GET http:///x HTTP/1.1\r\n" H "\r\n", 400},
		{"GET ftp://b/x HTTP/1.1\r\n" H "\r\n", 400},
		{"GET http://b/x HTTP/1.1\r\n\r\n", 400},
		{"GET /#f HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /\x80 HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /\x7f HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /a\\b HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /%2e%2e/x HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /../x HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /x/. HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /.well-known/..x HTTP/1.1\r\n" H "\r\n", 200},
		{"GET /%00 HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /%0a HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /%2f HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /%5C HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /%c3%28 HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /%c3%a4 HTTP/1.1\r\n" H "\r\n", 200},
		{"GET /%4 HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /%zz HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /% HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /?%4 HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /?a=%00 HTTP/1.1\r\n" H "\r\n", 400},
		{"GET /?$filter=a%20eq%20'b' HTTP/1.1\r\n" H "\r\n", 200},
	};
	CHECK(rows);
}

static void
header_fields_have_one_form(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"GET / HTTP/1.1\r\n" H "A : b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H " A: b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n A: b\r\n" H "\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\r\n\tc\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H ": b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A(: b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A\xc3\xa4: b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\rc\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\nc: d\r\n\r\n", 400},
		{"GET / HTTP/1.1\n" H "\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: b\r\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: \x01\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: \x7f\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H "A: \x0b\r\n\r\n", 400},
		BYTES("GET / HTTP/1.1\r\n" H "A: \0\r\n\r\n", 400),
		BYTES("GET / HTTP/1.1\r\n" H "A\0: b\r\n\r\n", 400),
		{"GET / HTTP/1.1\r\n" H "A: \tb c\xff \t\r\n\r\n", 200},
		{"GET / HTTP/1.1\r\n" H "A:\r\n\r\n", 200},
		{"GET / HTTP/1.1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n" H H "\r\n", 400},
		{"GET / HTTP/1.0\r\n" H H "\r\n", 400},
		{"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200},
		{"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
		{POST "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n", 0},
		{POST "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n", 417},
	};
	CHECK(rows);
}

// The classic disagreements between two readers of one stream.
static void
what_two_readers_could_frame_differently_is_refused(void **state)
{
	(void)state;
	static const struct row rows[] = {
		// CL.TE and TE.CL
		{POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400},
		{POST "Content-Length: 4\r\nTransfer-Encoding: identity\r\n\r\nabcd", 400},
		// TE.TE
		{POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n", 400},
		{POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{POST "Transfer-Encoding: xchunked\r\n\r\n", 400},
		{POST "Transfer-Encoding: chunked, identity\r\n\r\n", 400},
		{POST "Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
		{POST "Transfer-Encoding: chunked;q=1\r\n\r\n", 400},
		{POST "Transfer-Encoding: \"chunked\"\r\n\r\n", 400},
		{POST "Transfer-Encoding: , chunked\r\n\r\n", 400},
		{POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
		{POST "Transfer-Encoding: gzip\r\n\r\n", 400},
		{POST "Transfer-Encoding: identity\r\n\r\n", 400},
		{POST "Transfer-Encoding:\r\n\r\n", 400},
		{POST "Transfer-Encoding : chunked\r\n\r\n", 400},
		{POST " Transfer-Encoding: chunked\r\n\r\n", 400},
		{POST "Transfer-Encoding:\x0b"
		      "chunked\r\n\r\n",
			400},
		{POST "Transfer-Encoding: chunked\x0b\r\n\r\n", 400},
		{POST "Transfer-Encoding:\r\n chunked\r\n\r\n", 400},
		{POST "X: y\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{POST "X: y\rTransfer-Encoding: chunked\r\n\r\n", 400},
		BYTES(POST "Transfer-Encoding: chunked\0\r\n\r\n", 400),
		{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
		{POST "transfer-ENCODING:ChUnKeD\r\n\r\n0\r\n\r\n", 200},
		// Content-Length
		{POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
		{POST "Content-Length: 1\r\ncontent-length: 2\r\n\r\na", 400},
		{POST "Content-Length: 1, 1\r\n\r\na", 400},
		{POST "Content-Length: +1\r\n\r\na", 400},
		{POST "Content-Length: -1\r\n\r\na", 400},
		{POST "Content-Length: 0x1\r\n\r\na", 400},
		{POST "Content-Length: 1a\r\n\r\na", 400},
		{POST "Content-Length: 1 1\r\n\r\na", 400},
		{POST "Content-Length: 1.0\r\n\r\na", 400},
		{POST "Content-Length: 1_0\r\n\r\na", 400},
		{POST "Content-Length:\r\n\r\na", 400},
		{POST "Content-Length : 1\r\n\r\na", 400},
		{POST "Content-Length: 1\x0b\r\n\r\na", 400},
		{POST "Content-Length: \xc2\xb2\r\n\r\na", 400},
		{POST "Content-Length: 65\r\n\r\na", 413},
		{POST "Content-Length: 18446744073709551617\r\n\r\na", 413},
		{POST "Content-Length: 64\r\n\r\na", 0},
		{POST "Content-Length: 001\r\n\r\na", 200},
		{POST "Content-Length:  1 \t\r\n\r\na", 200},
	};
	CHECK(rows);
}

static void
only_one_kind_of_path_takes_large_bodies_and_only_of_a_stated_length(void **state)
{
	(void)state;
#define LARGE(path) "PUT " path " HTTP/1.1\r\nHost: a\r\n"
	static const struct row rows[] = {
		{LARGE("/large/1") "Content-Length: 101\r\n\r\na", 413},
		{LARGE("/large/1") "Transfer-Encoding: chunked\r\n\r\n41\r\n", 413},
		{LARGE("/large") "Content-Length: 65\r\n\r\na", 413},
		{LARGE("/x/large/") "Content-Length: 65\r\n\r\na", 413},
		{LARGE("/x?/large/") "Content-Length: 65\r\n\r\na", 413},
		{LARGE("/LARGE/1") "Content-Length: 65\r\n\r\na", 413},
		{LARGE("/large/1") "Content-Length: 100\r\n\r\na", 0},
		{LARGE("/large/1") "Content-Length: 1\r\n\r\na", 200},
	};
	CHECK(rows);
}

static void
chunks_have_one_form(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{CHUNKED "1\r\na\r\n0\r\n\r\n", 200},
		{CHUNKED "A\r\n0123456789\r\n0\r\n\r\n", 200},
		{CHUNKED "0001\r\na\r\n000\r\n\r\n", 200},
		{CHUNKED "1;x=\"y\"\r\na\r\n0;z\r\n\r\n", 200},
		{CHUNKED "1\r\na\r\n0\r\nX: y\r\nZ: \r\n\r\n", 200},
		{CHUNKED "1\r\na\r\n0\r\n", 0},
		{CHUNKED "1\na\r\n0\r\n\r\n", 400},
		{CHUNKED "1\r\na\n0\r\n\r\n", 400},
		{CHUNKED "1\r\na\r0\r\n\r\n", 400},
		{CHUNKED "1\ra\r\n0\r\n\r\n", 400},
		{CHUNKED "1\r\nab\r\n0\r\n\r\n", 400},
		{CHUNKED "2\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED " 1\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "1 \r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "1 ;x\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "0x1\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "+1\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "-1\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "1_0\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "g\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED ";x\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "1;x\ny\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "1;x\x01\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "10000000000000001\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "ffffffffffffffff\r\na\r\n0\r\n\r\n", 413},
		{CHUNKED "fffffffffffffffff\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "00000000000000001\r\na\r\n0\r\n\r\n", 400},
		{CHUNKED "41\r\n", 413},
		{CHUNKED "3f\r\n012345678901234567890123456789012345678901234567890123456789012\r\n"
			 "2\r\n",
			413},
		{CHUNKED "0\r\n X: y\r\n\r\n", 400},
		{CHUNKED "0\r\nX : y\r\n\r\n", 400},
		{CHUNKED "0\r\nX\r\n\r\n", 400},
		{CHUNKED "0\r\nX: y\n\r\n", 400},
		{CHUNKED "0\r\n\rX", 400},
		{CHUNKED "0\r\n\n", 400},
	};
	CHECK(rows);
}

static int
padded(const char *before, size_t count, const char *after)
{
	autoarena(arena, ARENA_SMALL);
	struct http_message msg;
	char *filler = arena_alloc(&arena, count + 1);

	memset(filler, 'a', count);
	char *text = arena_printf(&arena, "%s%s%s", before, filler, after);
	return verdict(&arena, text, strlen(text), &msg);
}

static void
every_size_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(padded("GET /", 127, " HTTP/1.1\r\n" H "\r\n"), 200);
	assert_int_equal(padded("GET /", 128, " HTTP/1.1\r\n" H "\r\n"), 414);
	assert_int_equal(padded("GET /", 600, ""), 414);
	assert_int_equal(padded("GET /", 600, " HTTP/1.1\r\n" H "\r\n"), 414);
	assert_int_equal(padded("GET / HTTP/1.1\r\n" H "A: ", 600, "\r\n\r\n"), 431);
	assert_int_equal(padded("GET / HTTP/1.1\r\n" H "A: ", 600, ""), 431);
	assert_int_equal(padded("GET / HTTP/1.1\r\n" H "A: ", 480, "\r\n\r\n"), 200);
	assert_int_equal(padded("GET / HTTP/1.1\r\n" H "A: ", 481, "\r\n\r\n"), 431);
	assert_int_equal(padded(CHUNKED "1;", 255, "\r\na\r\n0\r\n\r\n"), 200);
	assert_int_equal(padded(CHUNKED "1;", 256, "\r\na\r\n0\r\n\r\n"), 400);
	assert_int_equal(padded(CHUNKED "0\r\nA: ", 20000, "\r\n\r\n"), 431);
	static const struct row rows[] = {
		{"GET / HTTP/1.1\r\n" H
		 "a:\r\nb:\r\nc:\r\nd:\r\ne:\r\nf:\r\ng:\r\nh:\r\ni:\r\nj:\r\n"
		 "k:\r\n\r\n",
			200},
		{"GET / HTTP/1.1\r\n" H
		 "a:\r\nb:\r\nc:\r\nd:\r\ne:\r\nf:\r\ng:\r\nh:\r\ni:\r\nj:\r\n"
		 "k:\r\nl:\r\n\r\n",
			431},
	};
	CHECK(rows);
}

static void
a_request_is_read_as_it_was_sent(void **state)
{
	(void)state;
	static const char text[] = "POST /a%20b/c?d=e%26f HTTP/1.1\r\nHost: x.example:8443\r\n"
				   "X-Twice: 1\r\nx-twice:  two words \r\n"
				   "Connection: keep-alive, Close\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"
				   "3\r\nabc\r\n4;x\r\ndefg\r\n0\r\nT: v\r\n\r\nGET /next";
	autoarena(arena, ARENA_SMALL);
	struct http_message msg;

	assert_int_equal(verdict(&arena, text, sizeof text - 1, &msg), 200);
	assert_string_equal(msg.method, "POST");
	assert_string_equal(msg.path, "/a b/c");
	assert_string_equal(msg.raw_query, "d=e%26f");
	assert_string_equal(msg.host, "x.example:8443");
	assert_true(slice_is(msg.body, "abcdefg"));
	assert_int_equal(msg.header_count, 5);
	assert_string_equal(msg.headers[2].value, "two words");
	assert_true(msg.close);
	struct http_request req = {.headers = msg.headers, .header_count = msg.header_count};
	assert_string_equal(http_header(&req, "x-TWICE"), "1");
	assert_null(http_header(&req, "T"));
	assert_int_equal(read_in(&arena, text, sizeof text - 1, sizeof text - 1, &msg), 200);
	assert_string_equal(text + msg.used, "GET /next");
}

static void
an_absolute_target_names_the_host(void **state)
{
	(void)state;
	static const char text[] = "GET https://other:1?q HTTP/1.1\r\n" H "\r\n";
	autoarena(arena, ARENA_SMALL);
	struct http_message msg;

	assert_int_equal(verdict(&arena, text, sizeof text - 1, &msg), 200);
	assert_string_equal(msg.host, "other:1");
	assert_string_equal(msg.path, "/");
	assert_string_equal(msg.raw_query, "q");
}

static void
tokens_are_those_of_rfc_9110(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text = (char)c;
		bool expected = c > 0 && c < 128 && (isalnum(c) || strchr("!#$%&'*+-.^_`|~", c));
		assert_int_equal(http_is_token(&text, 1), expected);
	}
	assert_false(http_is_token("", 0));
}

static void
query_values_are_decoded_and_malformed_pairs_passed_over(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct http_request req = {.arena = &arena,
		.raw_query = "%24filter=a+eq%20%27b%27&&x&y=&bad=%zz&nul=%00&u=%ff&s=%2F&x=2",
		.body = slice_str("grant_type=urn%3Ax&empty="),
		.headers = (struct http_header[]){{"Cookie", "a=1; session=\"x=y\"; ab=2"}},
		.header_count = 1};

	assert_string_equal(http_query(&req, "$filter"), "a eq 'b'");
	assert_string_equal(http_query(&req, "x"), "");
	assert_string_equal(http_query(&req, "y"), "");
	assert_string_equal(http_query(&req, "s"), "/");
	assert_null(http_query(&req, "bad"));
	assert_null(http_query(&req, "nul"));
	assert_null(http_query(&req, "u"));
	assert_null(http_query(&req, "none"));
	assert_string_equal(http_form(&req, "grant_type"), "urn:x");
	assert_string_equal(http_cookie(&req, "session"), "\"x=y\"");
	assert_string_equal(http_cookie(&req, "ab"), "2");
	assert_null(http_cookie(&req, "b"));
}

static void
a_header_value_cannot_split_the_answer(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct http_response resp = {.arena = &arena};

	http_response_header(&resp, "Location", "/a\r\nSet-Cookie: x");
	http_response_header(&resp, "content-length", "7");
	assert_int_equal(resp.header_count, 1);
	assert_string_equal(resp.headers[0].value, "/a  Set-Cookie: x");
}

static void
file_ranges_follow_rfc_9110(void **state)
{
	(void)state;
	static const struct {
		const char *range, *if_range;
		int status;
		uint64_t from, len;
	} rows[] = {
		{NULL, NULL, 200, 0, 100},
		{"bytes=0-0", NULL, 206, 0, 1},
		{"bytes=10-", NULL, 206, 10, 90},
		{"bytes=-10", NULL, 206, 90, 10},
		{"bytes=-1000", NULL, 206, 0, 100},
		{"bytes=90-200", NULL, 206, 90, 10},
		{"bytes=100-", NULL, 416, 0, 0},
		{"bytes=-0", NULL, 416, 0, 0},
		{"bytes=5-4", NULL, 200, 0, 100},
		{"bytes=a-4", NULL, 200, 0, 100},
		{"bytes=-", NULL, 200, 0, 100},
		{"bytes=0-1,3-4", NULL, 200, 0, 100},
		{"lines=0-1", NULL, 200, 0, 100},
		{"bytes=10-", "\"v1\"", 206, 10, 90},
		{"bytes=10-", "\"v2\"", 200, 0, 100},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		autoarena(arena, ARENA_SMALL);
		struct http_header headers[2] = {{"Range", rows[i].range}};
		struct http_request req = {.arena = &arena, .headers = headers};
		struct http_response resp = {.arena = &arena};
		if (rows[i].range)
			req.header_count = 1;
		if (rows[i].if_range)
			headers[req.header_count++] =
				(struct http_header){"If-Range", rows[i].if_range};
		http_response_file(&req, &resp, 5, 100, "\"v1\"", "text/plain");
		assert_int_equal(resp.status, rows[i].status);
		assert_int_equal(resp.file_offset, rows[i].from);
		assert_int_equal(resp.file_length, rows[i].len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_lines_have_one_form),
		cmocka_unit_test(targets_are_paths_or_absolute),
		cmocka_unit_test(header_fields_have_one_form),
		cmocka_unit_test(what_two_readers_could_frame_differently_is_refused),
		cmocka_unit_test(
			only_one_kind_of_path_takes_large_bodies_and_only_of_a_stated_length),
		cmocka_unit_test(chunks_have_one_form),
		cmocka_unit_test(every_size_is_bounded),
		cmocka_unit_test(a_request_is_read_as_it_was_sent),
		cmocka_unit_test(an_absolute_target_names_the_host),
		cmocka_unit_test(tokens_are_those_of_rfc_9110),
		cmocka_unit_test(query_values_are_decoded_and_malformed_pairs_passed_over),
		cmocka_unit_test(a_header_value_cannot_split_the_answer),
		cmocka_unit_test(file_ranges_follow_rfc_9110),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
