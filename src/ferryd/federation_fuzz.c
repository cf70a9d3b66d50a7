// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "domain/scope.h"
#include "ferryd/federation_parse.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A discovery document that is taken has addresses that can be called, and the same text as claims
// gives nobody outside of the allowed domain.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct federation f = {.issuer = "https://i.example",
		.client_id = "c",
		.user_claim = "email",
		.domains = "[\"a.example\"]",
		.role_claim = "groups",
		.role_map = "{\"a\":[\"Help Desk Operator\"]}"};
	struct federation_metadata m;
	struct federation_user user;
	struct federation_login login;
	const char *origin, *path;
	struct error e;

	federation_login_new(&arena, &login);
	if (federation_metadata_read(&arena, slice_of(data, size), f.issuer, &m, &e)) {
		if (!federation_url_split(&arena, m.token_endpoint, &origin, &path, &e) ||
			!federation_url_split(&arena, m.jwks_uri, &origin, &path, &e) ||
			strpbrk(federation_authorize_url(
					&arena, &f, &m, "https://x/y", &login, NULL),
				" \r\n\"<>"))
			abort();
	}
	const struct json *json = json_parse(&arena, slice_of(data, size), NULL, &e);
	if (json && federation_user_read(&arena, &f, json, &user, &e) &&
		(!str_ends(user.upn, "@a.example") || user.roles & ~ROLE_BIT(ROLE_HELP_DESK)))
		abort();
	return 0;
}
