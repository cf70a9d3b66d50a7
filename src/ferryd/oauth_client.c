// SPDX-License-Identifier: Apache-2.0
#include "ferryd/oauth_client.h"

#include "base/str.h"
#include "codec/base64.h"
#include "ferryd/handlers.h"
#include "ferryd/oauth_tenant.h"
#include "ferryd/sign_in.h"
#include "http/parse.h"
#include "pki/hash.h"

enum { BASIC_MAX = 4096 };

static bool
bad_basic(struct error *e)
{
	return error_fault(e, ERR_UNAUTHENTICATED, "oauth_client_secret",
		"the Authorization header cannot be read");
}

// Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
static bool
read_basic(
	struct call *c, const char *header, const char **id, const char **secret, struct error *e)
{
	struct slice plain;
	char *first, *second;

	if (!base64_decode(c->arena, slice_str(header + strlen("Basic ")), BASE64_NO_PADDING,
		    BASIC_MAX, &plain, e))
		return bad_basic(e);
	const char *text = (const char *)plain.data;
	const char *colon = memchr(text, ':', plain.len);
	if (!colon || memchr(text, '\0', plain.len) || !utf8_valid(plain))
		return bad_basic(e);
	if (!http_percent_decode(c->arena, text, (size_t)(colon - text), true, &first) ||
		!http_percent_decode(
			c->arena, colon + 1, plain.len - (size_t)(colon + 1 - text), true, &second))
		return bad_basic(e);
	*id = first;
	*secret = second;
	return true;
}

static bool
read_credentials(struct call *c, const char **id, const char **secret, struct error *e)
{
	const char *header = http_header(c->req, "Authorization");
	const char *form_id = http_form(c->req, "client_id");

	*id = form_id;
	*secret = http_form(c->req, "client_secret");
	if (!str_istarts(header ? header : "", "Basic "))
		return true;
	// One way only (section 2.3).
	if (*secret)
		return error_fault(
			e, ERR_INVALID, "oauth_request_invalid", "the secret came in two ways");
	if (!read_basic(c, header, id, secret, e))
		return false;
	return !form_id || str_eq(form_id, *id) ||
		error_fault(
			e, ERR_INVALID, "oauth_request_invalid", "two different client_ids came");
}

bool
oauth_client(struct call *c, struct client *out, bool *proven, struct error *e)
{
	const char *tenant = http_param(c->req, "tenant"), *id, *secret;

	*proven = false;
	if (!read_credentials(c, &id, &secret, e))
		return false;
	if (str_empty(id))
		return error_fault(e, ERR_INVALID, "oauth_request_invalid", "client_id is missing");
	if (!store_client_get(&c->work, id, out, e))
		return false;
	c->work.tenant_id = out->tenant_id;
	if (tenant && !oauth_tenant_is(c, tenant, out, e))
		return false;
	if (!secret)
		return true;
	if (!secret_eq(slice_str(secret_sha256(c->arena, secret)), slice_str(out->secret_sha256)))
		return error_fault(e, ERR_UNAUTHENTICATED, "oauth_client_secret",
			"the client_secret is wrong");
	*proven = true;
	return true;
}

bool
oauth_allow_origin(struct call *c, const struct client *client, struct error *e)
{
	const char *origin = http_header(c->req, "Origin");

	(void)e;
	if (!origin || str_eq(origin, uri_origin(c->arena, c->service->base_url)))
		return true;
	for (size_t i = 0; i < client->redirect_count; i++)
		if (client->redirects[i].kind == REDIRECT_SPA &&
			str_eq(uri_origin(c->arena, client->redirects[i].uri), origin)) {
			http_response_header(c->resp, "Access-Control-Allow-Origin", origin);
			http_response_header(c->resp, "Vary", "Origin");
		}
	return true;
}

// A page asks first whether it may post there; which application it is comes only with the post.
bool
oauth_preflight(struct call *c, struct error *e)
{
	const char *origin = http_header(c->req, "Origin");
	bool known = false;

	if (origin && !store_spa_origin(&c->work, origin, &known, e))
		return false;
	if (known) {
		http_response_header(c->resp, "Access-Control-Allow-Origin", origin);
		http_response_header(c->resp, "Access-Control-Allow-Methods", "POST");
		http_response_header(c->resp, "Access-Control-Allow-Headers",
			"content-type, client-request-id, x-client-sku, x-client-ver");
		http_response_header(c->resp, "Access-Control-Max-Age", "600");
	}
	http_response_header(c->resp, "Vary", "Origin");
	return call_done(c);
}
