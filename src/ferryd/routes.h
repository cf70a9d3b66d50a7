// SPDX-License-Identifier: Apache-2.0
// The table of everything ferryd answers to, with who may ask.
#pragma once

#include "ferryd/service.h"
#include "http/router.h"

// Build the router; call once before serving.
bool routes_compile(struct arena *arena, struct error *e) MUST_CHECK;

// The server's handler: find the route and run it.
http_handler routes_serve;

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
