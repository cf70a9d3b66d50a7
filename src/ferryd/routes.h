// SPDX-License-Identifier: Apache-2.0
// The table of everything ferryd answers to, with who may ask.
#pragma once

#include "ferryd/service.h"
#include "http/router.h"

// Build the router; call once before serving.
bool routes_compile(struct arena *arena, struct error *e) MUST_CHECK;

// The server's handler: find the route, run it, compress a long answer. The first two without the
// third are what a batch does for each of its requests.
http_handler routes_serve, routes_run;

// Every route as rows for documentation and tests.
struct route_row {
	const char *method, *pattern;
	enum auth auth;
	enum scope scope; // of AUTH_SCOPE
	call_handler *run;
	const struct graph_collection *collection; // of Graph's resources
};
extern const struct route_row route_table[];
extern const size_t route_count;
