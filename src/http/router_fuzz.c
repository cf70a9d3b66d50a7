// SPDX-License-Identifier: Apache-2.0
// First line: a method; the rest: a path. A match names its parameters, and parameters are text.
#include "http/router.h"

#include "base/str.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
serve(struct http_request *req, struct http_response *resp)
{
	(void)req;
	(void)resp;
}

static const struct route table[] = {
	{"GET", "/", 1, serve},
	{"GET", "/v1.0/devices", 1, serve},
	{"POST", "/v1.0/devices/{deviceId}/assign", 1, serve},
	{"DELETE", "/v1.0/devices/{id}", 1, serve},
	{"GET", "/v1.0/devices/{id}/apps/{app}", 1, serve},
	{"GET", "/{tenant}/v2.0/.well-known/openid-configuration", 1, serve},
	{"GET", "/admin/{file*}", 1, serve},
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct http_router *router;
	struct http_match match;
	struct error e;
	char *method = arena_strndup(&arena, (const char *)data, size);
	size_t line = strcspn(method, "\n");
	const char *path = method[line] ? method + line + 1 : "";

	method[line] = '\0';
	if (!http_router_compile(&arena, table, sizeof table / sizeof *table, &router, &e))
		abort();
	http_router_find(router, &arena, method, path, &match);
	if (!match.route)
		return 0;
	if (!str_eq(match.route->method, method) &&
		!(str_eq(method, "HEAD") && str_eq(match.route->method, "GET")))
		abort();
	for (size_t i = 0; i < match.param_count; i++)
		if (!match.params[i].name || !match.params[i].value)
			abort();
	return 0;
}
