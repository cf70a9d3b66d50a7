// SPDX-License-Identifier: Apache-2.0
// The token endpoint: a secret, a code, a refresh token or a device code becomes tokens.
#include "base/log.h"
#include "base/str.h"
#include "ferryd/handlers.h"
#include "ferryd/oauth_client.h"
#include "ferryd/oauth_error.h"
#include "ferryd/tokens.h"
#include <stdatomic.h>

// What is over is deleted by whoever gets a token then.
#define TIDY_EVERY (5 * US_PER_MIN)

struct exchange {
	struct client client;
	bool proven; // the client gave its secret
	struct token_answer answer;
};

typedef bool exchange_fn(struct call *c, struct exchange *x, struct error *e);

static bool
need_proof(const struct exchange *x, struct error *e)
{
	return x->proven || x->client.is_public ||
		error_fault(e, ERR_UNAUTHENTICATED, "oauth_client_secret",
			"the client_secret is missing");
}

static bool
by_secret(struct call *c, struct exchange *x, struct error *e)
{
	if (x->client.is_public)
		return error_fault(e, ERR_DENIED, "oauth_client_not_allowed",
			"a public client has no permissions of its own");
	if (!need_proof(x, e))
		return false;
	return token_for_client(c, &x->client, http_form(c->req, "scope"), &x->answer, e);
}

static bool
code_belongs(struct call *c, const struct exchange *x, const struct authorization_code *code,
	const struct grant *grant, struct error *e)
{
	const char *uri = http_form(c->req, "redirect_uri");
	const char *verifier = http_form(c->req, "code_verifier");

	if (!str_eq(grant->client_id, x->client.client_id))
		return error_fault(e, ERR_UNAUTHENTICATED, "oauth_code_invalid",
			"the code was given to another application");
	if (!str_eq(uri, code->redirect_uri))
		return error_fault(e, ERR_UNAUTHENTICATED, "oauth_code_invalid",
			"the redirect_uri is not the one that the code was sent to");
	if (!pkce_matches(c->arena, verifier, code->challenge))
		return error_fault(e, ERR_UNAUTHENTICATED, "oauth_pkce_wrong",
			"the code_verifier does not belong to the code_challenge");
	// A page cannot keep a secret, and a program on a desk cannot either.
	return !str_eq(code->redirect_kind, "web") || need_proof(x, e);
}

static bool
by_code(struct call *c, struct exchange *x, struct error *e)
{
	const char *text = http_form(c->req, "code");
	struct authorization_code code;
	struct grant grant;
	struct error ignored;

	if (str_empty(text))
		return error_fault(e, ERR_INVALID, "oauth_request_invalid", "code is missing");
	if (!store_code_take(&c->work, secret_sha256(c->arena, text), &code, &grant, e))
		return false;
	if (!code_belongs(c, x, &code, &grant, e)) {
		if (!store_grant_revoke(&c->work, grant.grant_id, "code_misused", &ignored))
			log_warn("a grant was not revoked: %s", ignored.message);
		return false;
	}
	return tokens_for_person(c, &x->client, &grant, http_form(c->req, "scope"), code.nonce,
		       &x->answer, e) &&
		(!x->answer.refresh_token ||
			store_refresh_put(&c->work, grant.grant_id,
				secret_sha256(c->arena, x->answer.refresh_token), grant.end_at, e));
}

static bool
by_refresh(struct call *c, struct exchange *x, struct error *e)
{
	const char *token = http_form(c->req, "refresh_token");
	struct grant grant;

	if (str_empty(token))
		return error_fault(
			e, ERR_INVALID, "oauth_request_invalid", "refresh_token is missing");
	const char *old = secret_sha256(c->arena, token);
	if (!store_refresh_look(&c->work, old, &grant, e))
		return false;
	if (!str_eq(grant.client_id, x->client.client_id))
		return error_fault(e, ERR_UNAUTHENTICATED, "oauth_refresh_invalid",
			"the refresh token was given to another application");
	if (str_eq(grant.flow, "web") && !need_proof(x, e))
		return false;
	// Signed before the old one is spent: when the signer is down, the client can try again.
	return tokens_for_person(
		       c, &x->client, &grant, http_form(c->req, "scope"), NULL, &x->answer, e) &&
		x->answer.refresh_token &&
		store_refresh_rotate(&c->work, old,
			secret_sha256(c->arena, x->answer.refresh_token), grant.end_at, e);
}

static bool
by_device_code(struct call *c, struct exchange *x, struct error *e)
{
	const char *text = http_form(c->req, "device_code");
	struct device_code device;
	struct grant grant;

	if (str_empty(text))
		return error_fault(
			e, ERR_INVALID, "oauth_request_invalid", "device_code is missing");
	if (!store_device_code_poll(&c->work, secret_sha256(c->arena, text), x->client.client_id,
		    &device, &grant, e))
		return false;
	if (str_eq(device.state, "denied"))
		return error_fault(e, ERR_DENIED, "oauth_device_code_denied", "the person refused");
	if (device.end_at <= c->work.now && !str_eq(device.state, "approved"))
		return error_fault(e, ERR_UNAUTHENTICATED, "oauth_device_code_expired",
			"nobody typed the code in time");
	// Never slow_down: msal-node gives up then (rule 7).
	if (str_eq(device.state, "pending"))
		return error_fault(e, ERR_UNAUTHENTICATED, "oauth_device_code_pending",
			"nobody has typed the code yet");
	return tokens_for_person(c, &x->client, &grant, grant.scope, NULL, &x->answer, e) &&
		(!x->answer.refresh_token ||
			store_refresh_put(&c->work, grant.grant_id,
				secret_sha256(c->arena, x->answer.refresh_token), grant.end_at, e));
}

// MSAL for Node.js says device_code, MSAL for Python the name of RFC 8628.
static const struct {
	const char *name;
	exchange_fn *run;
} grants[] = {
	{"client_credentials", by_secret},
	{"authorization_code", by_code},
	{"refresh_token", by_refresh},
	{"device_code", by_device_code},
	{"urn:ietf:params:oauth:grant-type:device_code", by_device_code},
};

static bool
exchange(struct call *c, struct exchange *x, struct error *e)
{
	const char *name = http_form(c->req, "grant_type");

	if (!oauth_client(c, &x->client, &x->proven, e) || !oauth_allow_origin(c, &x->client, e))
		return false;
	for (size_t i = 0; i < sizeof grants / sizeof *grants; i++)
		if (str_eq(grants[i].name, name))
			return grants[i].run(c, x, e);
	return error_fault(
		e, ERR_UNSUPPORTED, "oauth_grant_type", "this grant_type is not offered");
}

static void
tidy(struct call *c)
{
	static _Atomic time_us last;
	time_us before = last;
	struct error e;

	if (c->work.now - before < TIDY_EVERY ||
		!atomic_compare_exchange_strong(&last, &before, c->work.now))
		return;
	if (!store_identity_forget(&c->work, &e))
		log_warn("what is over was not deleted: %s", e.message);
}

bool
oauth_token(struct call *c, struct error *e)
{
	struct error why = {0};
	struct exchange x = {0};

	if (!exchange(c, &x, &why))
		return oauth_refuse(c, &why, e);
	tidy(c);
	http_response_header(c->resp, "client-request-id", oauth_correlation(c));
	return tokens_send(c, &x.answer, e);
}
