// SPDX-License-Identifier: Apache-2.0
// Where an HTTP/1.1 request begins and ends in a stream of bytes, by the strictest reading of RFC
// 9112.
//
// Anything that two readers could frame differently is refused, and the connection with it. Pure:
// no sockets, no clock.
#pragma once

#include "http/message.h"

struct http_limits {
	size_t max_head;      // request line and headers, bytes
	size_t max_target;    // request target, bytes
	size_t max_body;      // decoded body, bytes
	unsigned max_headers; // number of header lines
	// Paths that begin with this take a body of `max_large` bytes whose length is stated. NULL:
	// none.
	const char *large_path;
	size_t max_large;
};

#define HTTP_LIMITS_DEFAULT                                                                        \
	((struct http_limits){.max_head = 16 << 10,                                                \
		.max_target = 8 << 10,                                                             \
		.max_body = 4 << 20,                                                               \
		.max_headers = 100})

enum http_verdict {
	HTTP_MORE, // everything so far is well-formed, but it is not a whole request yet
	HTTP_DONE,
	HTTP_BAD, // answer `status`, then close: where the next request begins is unknown
};

enum http_phase { HTTP_IN_HEAD, HTTP_IN_LENGTH, HTTP_IN_CHUNKS, HTTP_COMPLETE };

// What is known of a request between two reads. All zero before the first byte of each request. It
// holds offsets only, so the caller may move the bytes.
struct http_reader {
	enum http_phase phase;
	size_t start;	   // 2 after one empty line before the request line, else 0
	size_t scanned;	   // bytes of the head that were searched for its end
	size_t line_start; // where the line under way begins
	size_t head_len;
	size_t body_len;       // decoded bytes, which follow the head directly
	size_t raw_len;	       // bytes used up
	uint64_t length;       // Content-Length
	bool expects_continue; // the client waits for "100 Continue"
	struct {
		unsigned char state, digits;
		unsigned overhead; // bytes of extensions and trailers
		unsigned line;	   // bytes of the extension under way
		uint64_t left;	   // of the chunk under way
	} chunk;
};

struct http_message {
	const char *method, *path, *raw_query, *host; // see struct http_request
	struct http_header *headers;
	size_t header_count;
	struct slice body; // into the caller's bytes
	int minor;	   // 1 or 0
	bool close;	   // the connection ends after the answer
	// HTTP_DONE: bytes the request took from the front. HTTP_MORE: bytes at the front that must
	// be presented again, followed by what is read next (the rest is decoded and done with).
	size_t used, keep;
	int status;	    // HTTP_BAD: what to answer
	const char *reason; // HTTP_BAD: a constant text for people
};

// Look at the `len` bytes read so far of one request and, perhaps, of what follows it. A chunked
// body is decoded in place. After HTTP_DONE the same call gives the same message again, until the
// reader is zeroed. Strings are made in the arena.
enum http_verdict http_read(struct http_reader *reader, struct arena *arena,
	const struct http_limits *limits, uint8_t *data, size_t len,
	struct http_message *out) MUST_CHECK;

// A token of RFC 9110 section 5.6.2.
bool http_is_token(const char *text, size_t len);

// Undo percent-encoding: false for a malformed escape, an encoded NUL, or (unless `form`, where '+'
// is a space) an encoded slash or backslash.
bool http_percent_decode(
	struct arena *arena, const char *text, size_t len, bool form, char **out) MUST_CHECK;
