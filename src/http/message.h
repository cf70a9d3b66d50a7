// SPDX-License-Identifier: Apache-2.0
// What a request and an answer are to the code that serves them: read the one, fill in the other.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct http_header {
	const char *name, *value;
};

struct http_param {
	const char *name, *value; // "{id}" of the route's pattern, and what stood there
};

struct http_request {
	const char *method; // token as sent; case-sensitive
	// Percent-decoded, begins with '/', valid UTF-8, no control characters, no "." or ".."
	// segments. An encoded '/' or '\' is refused by the parser, so that splitting is
	// unambiguous.
	const char *path;
	const char *raw_query; // what follows '?', not decoded; "" if there is none
	const char *host;      // of the absolute target, else of Host; "" in HTTP/1.0 without one
	const struct http_header *headers;
	size_t header_count;
	struct slice body;
	struct arena *arena; // lives until the answer was sent
	// DER of the client's certificate when its chain was verified (also on a resumed session),
	// else empty; then peer_cert_problem says why a certificate that was offered does not
	// count.
	struct slice peer_cert;
	const char *peer_cert_problem; // NULL: none was offered, or it is good
	const char *peer_address;      // numeric
	bool tls, tls_resumed;
	// See http_response_park: why the handler runs again, and for how long it has been waiting.
	bool woken, timed_out;
	int64_t waited_ms;
	void *worker;		   // what worker_init gave for this thread
	void *context;		   // http_server_config.context
	void *user;		   // free for the program between its dispatcher and its handlers
	struct http_param *params; // set by http_router_find's caller
	size_t param_count;
};

struct http_response {
	struct arena *arena;
	int status;		  // 200..599; anything else is answered as 500
	const char *content_type; // NULL: none
	struct slice body;
	// >= 0: send file_length bytes from file_offset instead of the body. The server closes it.
	int file_fd;
	uint64_t file_offset, file_length;
	struct http_header *headers;
	size_t header_count, header_cap;
	const char *park_channel;
	int park_timeout_ms;
};

// A handler fills in the response. It may block; it never sees a half-read body.
typedef void http_handler(struct http_request *req, struct http_response *resp);

// The first value of a header, by case-insensitive name, or NULL.
const char *http_header(const struct http_request *req, const char *name);

// Walk "a=b&c=d" (application/x-www-form-urlencoded, '+' is a space): decodes name and value into
// the arena. *pos starts at 0; false at the end. Pairs with a malformed escape, an encoded NUL or
// invalid UTF-8 are passed over.
bool http_pairs_next(
	struct arena *arena, struct slice text, size_t *pos, const char **name, const char **value);

// The first decoded value of a query parameter, or of a field of a form body; NULL if absent. Names
// are compared exactly.
const char *http_query(const struct http_request *req, const char *name);
const char *http_form(const struct http_request *req, const char *name);

// The value of a cookie, or NULL (RFC 6265 section 5.4).
const char *http_cookie(const struct http_request *req, const char *name);

// What the route captured as {name}; NULL if the route has no such parameter.
const char *http_param(const struct http_request *req, const char *name);

// Add a header. Both texts are copied; control characters become spaces, so that no value can split
// the answer. Framing headers (Content-Length, Transfer-Encoding, Connection, Date) are the
// server's and are ignored here.
void http_response_header(struct http_response *resp, const char *name, const char *value);

// Status, content type and body in one go; the body is not copied.
void http_response_set(
	struct http_response *resp, int status, const char *content_type, struct slice body);

// Do not answer yet: run this handler again with `woken` when http_server_wake(channel) is called,
// or with `timed_out` after the time. No thread is held meanwhile. No wake is lost: one that comes
// after this run of the handler began counts. A run may be spurious, so the handler looks again and
// may park again. While the server stops, parked requests run once more with `timed_out`.
void http_response_park(struct http_response *resp, const char *channel, int timeout_ms);

// Answer with a file of `size` bytes, honouring If-None-Match (304), Range and If-Range (206, 416;
// RFC 9110 sections 13 and 14; one range, else the whole file). `etag` is a strong validator with
// its quotes, or NULL. Takes the descriptor over.
void http_response_file(const struct http_request *req, struct http_response *resp, int fd,
	uint64_t size, const char *etag, const char *content_type);

// Reason phrase of a status, "" if unknown.
const char *http_reason(int status);
