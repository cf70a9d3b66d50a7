// SPDX-License-Identifier: Apache-2.0
// Tokens for programs: the client-credentials grant under Entra-shaped paths
// (clients-and-conventions.md section 2.2).
#include "base/str.h"
#include "base/uuid.h"
#include "ferryd/handlers.h"
#include "ferryd/signer_client.h"
#include "ferryd/token_keys.h"
#include "pki/hash.h"

enum { TOKEN_SECONDS = 3600 };

bool
oauth_discovery(struct call *c, struct error *e)
{
	const char *base = c->service->base_url, *tenant = http_param(c->req, "tenant");
	struct buf body;
	struct jsonw w = call_object(c, &body);

	jsonw_str(&w, "issuer", base);
	jsonw_str(&w, "authorization_endpoint",
		arena_printf(c->arena, "%s/%s/oauth2/v2.0/authorize", base, tenant));
	jsonw_str(&w, "token_endpoint",
		arena_printf(c->arena, "%s/%s/oauth2/v2.0/token", base, tenant));
	jsonw_str(
		&w, "jwks_uri", arena_printf(c->arena, "%s/%s/discovery/v2.0/keys", base, tenant));
	return call_send(c, 200, &w, &body, e);
}

bool
oauth_keys(struct call *c, struct error *e)
{
	const char *jwks;
	int64_t max_age;

	if (!token_keys_json(c, &jwks, &max_age, e))
		return false;
	http_response_header(c->resp, "Cache-Control",
		arena_printf(c->arena, "public, max-age=%lld", (long long)max_age));
	http_response_set(c->resp, 200, "application/json", slice_str(jwks));
	return true;
}

static bool
check_secret(struct call *c, const char *client_id, const char *secret, struct api_client *out,
	struct error *e)
{
	if (str_empty(client_id) || str_empty(secret))
		return error_set(e, ERR_UNAUTHENTICATED, "client_id and client_secret are needed");
	if (!store_api_client(&c->work, client_id, out, e))
		return false;
	if (!secret_eq(slice_str(sha256_hex(c->arena, slice_str(secret))),
		    slice_str(out->secret_sha256)))
		return error_set(e, ERR_UNAUTHENTICATED, "unknown client or wrong secret");
	return true;
}

static const char *
token_claims(struct call *c, const struct api_client *client)
{
	int64_t now = c->work.now / US_PER_S;
	struct buf text;

	buf_init(&text, c->arena, 8 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "iss", c->service->base_url);
	jsonw_str(&w, "aud", "https://graph.microsoft.com");
	jsonw_str(&w, "tid", client->tenant_id);
	jsonw_str(&w, "oid", client->client_id);
	jsonw_str(&w, "sub", client->client_id);
	jsonw_str(&w, "appid", client->client_id);
	jsonw_str(&w, "app_displayname", client->name);
	jsonw_str(&w, "idtyp", "app");
	jsonw_str(&w, "ver", "2.0");
	jsonw_raw(&w, "roles", client->roles);
	jsonw_int(&w, "iat", now);
	jsonw_int(&w, "nbf", now);
	jsonw_int(&w, "exp", now + TOKEN_SECONDS);
	jsonw_str(&w, "jti", uuid_new(c->arena));
	jsonw_end_object(&w);
	return buf_text(&text);
}

bool
oauth_token(struct call *c, struct error *e)
{
	const char *grant = http_form(c->req, "grant_type");
	struct api_client client;
	const char *token;
	struct buf body;

	if (!str_eq(grant, "client_credentials"))
		return error_set(e, ERR_INVALID, "only grant_type=client_credentials is offered");
	if (!check_secret(c, http_form(c->req, "client_id"), http_form(c->req, "client_secret"),
		    &client, e) ||
		!signer_token(c, token_claims(c, &client), &token, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "token_type", "Bearer");
	jsonw_int(&w, "expires_in", TOKEN_SECONDS);
	jsonw_int(&w, "ext_expires_in", TOKEN_SECONDS);
	jsonw_str(&w, "access_token", token);
	jsonw_str(&w, "scope", "");
	http_response_header(c->resp, "Cache-Control", "no-store");
	return call_send(c, 200, &w, &body, e);
}
