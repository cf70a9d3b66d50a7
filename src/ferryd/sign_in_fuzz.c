// SPDX-License-Identifier: Apache-2.0
// First line: the query of an authorization request; second: a Cookie header; the rest: what people
// type as codes, keys and redirect URIs. What is accepted must hold what it promises.
#include "base/str.h"
#include "domain/authorize.h"
#include "domain/one_time_code.h"
#include "domain/totp.h"
#include "http/message.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool good)
{
	if (!good)
		abort();
}

static void
try_request(struct arena *arena, const char *query)
{
	struct authorize a = {0};
	struct authorize_plan plan;
	const char *name, *value;
	struct error e = {0};
	size_t pos = 0;

	while (http_pairs_next(arena, slice_str(query), &pos, &name, &value)) {
		need(utf8_valid(slice_str(name)) && utf8_valid(slice_str(value)));
		authorize_take(&a, name, value);
	}
	if (authorize_check(&a, &plan, &e)) {
		need(str_eq(a.response_type, "code") && str_eq(a.code_challenge_method, "S256"));
		need(strlen(a.code_challenge) == VERIFIER_MIN && !a.repeated);
	} else {
		need(e.fault != NULL);
	}
	struct scope_request r = scope_request_read(a.scope);
	scope_set granted = scope_grant(&r, role_scopes(ROLE_TECHNICIAN), ~(scope_set)0);
	need((granted & ~role_scopes(ROLE_TECHNICIAN)) == 0);
	scope_text(arena, granted, &r, true);
}

static void
try_cookie(struct arena *arena, const char *header)
{
	struct http_header headers[] = {{"Cookie", header}};
	struct http_request req = {.headers = headers, .header_count = 1, .arena = arena};
	const char *value = http_cookie(&req, "__Host-ferry-session");

	need(!value || strlen(value) <= strlen(header));
}

// A URI that may be registered leads to one origin, and that origin is where its answers go.
static void
try_uri(struct arena *arena, const char *uri)
{
	struct error e = {0};

	for (int kind = 0; kind < REDIRECT_KINDS; kind++) {
		if (!redirect_check((enum redirect_kind)kind, uri, &e))
			continue;
		const char *origin = uri_origin(arena, uri);
		need(*origin && str_starts(uri, origin) && !strpbrk(origin, " ;,'\"<>@#?\\"));
		need(redirect_matches((enum redirect_kind)kind, uri, uri));
		need(!redirect_matches((enum redirect_kind)kind, uri, "https://evil.example/"));
	}
	need(!redirect_matches(REDIRECT_NATIVE, "https://app.example/cb", uri) ||
		str_eq(uri, "https://app.example/cb"));
	if (redirect_matches(REDIRECT_NATIVE, "http://127.0.0.1/cb", uri)) {
		const char *origin = uri_origin(arena, uri);
		need(str_eq(origin, "http://127.0.0.1") || str_starts(origin, "http://127.0.0.1:"));
		need(str_ends(uri, "/cb"));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	char *text = arena_strndup(&arena, (const char *)data, size), *line[3] = {text, "", ""};
	struct slice secret;
	int64_t step;

	for (int i = 1; i < 3 && (text = strchr(line[i - 1], '\n')); i++) {
		*text = '\0';
		line[i] = text + 1;
	}
	try_request(&arena, line[0]);
	try_cookie(&arena, line[1]);
	try_uri(&arena, line[2]);
	for (int kind = 0; kind < CODE_KINDS; kind++) {
		const char *code = code_read(&arena, (enum code_kind)kind, line[2]);
		need(!code || str_eq(code_read(&arena, (enum code_kind)kind, code), code));
	}
	secret = base32_decode(&arena, line[2]);
	if (secret.data) {
		need(slice_eq(base32_decode(&arena, base32_encode(&arena, secret)), secret));
		totp_uri(&arena, line[0], line[1], secret);
	}
	if (utf8_valid(slice_str(line[0])))
		totp_match(secret, line[2], 1700000000LL * US_PER_S, 0, &step);
	return 0;
}
