// SPDX-License-Identifier: Apache-2.0
// What clients learn before they sign anybody in (OpenID Connect Discovery 1.0, RFC 8414), at every
// path where one of them was seen to look (clients-and-conventions.md section 2.2, rule 2).
#include "base/str.h"
#include "ferryd/handlers.h"
#include "ferryd/oauth_error.h"
#include "ferryd/oauth_tenant.h"
#include "ferryd/token_keys.h"

static bool
is_any(const char *segment)
{
	static const char *const words[] = {"common", "organizations", "adfs"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_ieq(words[i], segment))
			return true;
	return false;
}

bool
oauth_tenant_exists(struct call *c, const char *segment, struct error *e)
{
	struct tenant tenant;

	return is_any(segment) || store_tenant(&c->work, segment, &tenant, e);
}

bool
oauth_tenant_is(struct call *c, const char *segment, const struct client *client, struct error *e)
{
	(void)c;
	return is_any(segment) || str_ieq(segment, client->tenant_id) ||
		str_ieq(segment, client->tenant_domain) ||
		error_fault(e, ERR_INVALID, "oauth_client_unknown",
			"the application belongs to another tenant than the path names");
}

static void
put_list(struct jsonw *w, const char *name, const char *const *values, size_t count)
{
	jsonw_array(w, name);
	for (size_t i = 0; i < count; i++)
		jsonw_str(w, NULL, values[i]);
	jsonw_end_array(w);
}

#define LIST(w, name, ...)                                                                         \
	put_list(w, name, (const char *const[]){__VA_ARGS__},                                      \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void
put_abilities(struct jsonw *w)
{
	LIST(w, "response_types_supported", "code");
	LIST(w, "response_modes_supported", "query", "fragment", "form_post");
	LIST(w, "grant_types_supported", "authorization_code", "refresh_token",
		"client_credentials", "urn:ietf:params:oauth:grant-type:device_code");
	LIST(w, "subject_types_supported", "public");
	LIST(w, "scopes_supported", "openid", "profile", "email", "offline_access");
	LIST(w, "id_token_signing_alg_values_supported", "ES256", "RS256");
	LIST(w, "token_endpoint_auth_methods_supported", "client_secret_post",
		"client_secret_basic", "none");
	LIST(w, "code_challenge_methods_supported", "S256");
	LIST(w, "prompt_values_supported", "none", "login", "select_account");
	LIST(w, "claims_supported", "sub", "iss", "aud", "exp", "iat", "nbf", "auth_time", "amr",
		"nonce", "name", "preferred_username", "email", "oid", "tid", "ver");
	jsonw_bool(w, "authorization_response_iss_parameter_supported", true);
	jsonw_bool(w, "request_uri_parameter_supported", false);
	jsonw_bool(w, "claims_parameter_supported", false);
}

// One issuer for all tenants, whose origin is that of every authority (rule 4).
bool
oauth_discovery(struct call *c, struct error *e)
{
	const char *tenant = http_param(c->req, "tenant"), *base = c->service->base_url;
	struct error why = {0};
	struct buf body;

	if (!tenant)
		tenant = "common";
	if (!oauth_tenant_exists(c, tenant, &why))
		return oauth_refuse(c, &why, e);
	const char *root = arena_printf(c->arena, "%s/%s", base, tenant);
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "issuer", base);
	jsonw_str(&w, "authorization_endpoint",
		arena_printf(c->arena, "%s/oauth2/v2.0/authorize", root));
	jsonw_str(&w, "token_endpoint", arena_printf(c->arena, "%s/oauth2/v2.0/token", root));
	jsonw_str(&w, "device_authorization_endpoint",
		arena_printf(c->arena, "%s/oauth2/v2.0/devicecode", root));
	jsonw_str(
		&w, "end_session_endpoint", arena_printf(c->arena, "%s/oauth2/v2.0/logout", root));
	jsonw_str(&w, "userinfo_endpoint", arena_printf(c->arena, "%s/oidc/userinfo", base));
	jsonw_str(&w, "jwks_uri", arena_printf(c->arena, "%s/discovery/v2.0/keys", root));
	put_abilities(&w);
	http_response_header(c->resp, "Access-Control-Allow-Origin", "*");
	return call_send(c, 200, &w, &body, e);
}

bool
oauth_keys(struct call *c, struct error *e)
{
	const char *jwks;
	int64_t max_age;

	if (!token_keys_json(c, &jwks, &max_age, e))
		return false;
	http_response_header(c->resp, "Access-Control-Allow-Origin", "*");
	http_response_header(c->resp, "Cache-Control",
		arena_printf(c->arena, "public, max-age=%lld", (long long)max_age));
	http_response_set(c->resp, 200, "application/json", slice_str(jwks));
	return true;
}
