// SPDX-License-Identifier: Apache-2.0
// Which handler serves a method and a path, and that none exists without saying who may call it.
#pragma once

#include "http/message.h"

struct route {
	const char *method;
	// Segments are literals (compared case-insensitively in ASCII) or "{name}", which captures
	// one non-empty segment; the last may be "{name*}", which captures the rest of the path,
	// also an empty one. "/x/{id}/assign" matches "/x/7/assign" and the OData key forms
	// "/x('7')/assign" (a quote is doubled inside) and "/x(7)/assign".
	const char *pattern;
	int auth; // what the program demands of the caller: its enumeration AUTH_...
	http_handler *handler;
};

// The only way to write a row: without an AUTH_ constant it does not compile.
#define ROUTE(method_, pattern_, auth_, handler_)                                                  \
	{                                                                                          \
		.method = (method_), .pattern = (pattern_), .auth = AUTH_##auth_,                  \
		.handler = (handler_)                                                              \
	}

struct http_router;

// Build the tree of a table, which must outlive it. Errors: ERR_INTERNAL for a malformed pattern,
// an auth of 0, a missing handler, or two rows for the same method and path.
bool http_router_compile(struct arena *arena, const struct route *routes, size_t count,
	struct http_router **out, struct error *e) MUST_CHECK;

struct http_match {
	const struct route *route; // NULL: none
	struct http_param *params;
	size_t param_count;
	const char
		*allow; // no route, but other methods would have one: 405 with this Allow. Else 404
};

// Find the route. A literal segment wins over a captured one, as long as that leads to a route of
// the method; HEAD is served by GET's. One '/' at the end of the path is ignored. The result is in
// the arena.
void http_router_find(const struct http_router *router, struct arena *arena, const char *method,
	const char *path, struct http_match *out);

// Find and answer: 404, 405, or the route's handler with the parameters set. `may_enter` decides
// before the handler runs; when it returns false it has filled in the response.
void http_router_serve(const struct http_router *router, struct http_request *req,
	struct http_response *resp,
	bool (*may_enter)(
		const struct route *route, struct http_request *req, struct http_response *resp));
