// SPDX-License-Identifier: Apache-2.0
// The word that lets people sign in to a device (threats-and-faults.md row 8): given when this
// service saw the end of the deployment, or when somebody may and did choose to continue anyway.
#include "domain/release.h"

#include "base/str.h"
#include "base/uuid.h"
#include "ferryd/default_page.h"
#include "ferryd/handlers.h"
#include "ferryd/signer_client.h"
#include "ferryd/token_keys.h"
#include "store/deployments.h"

static bool
judge(struct call *c, const struct deployment *d, const struct json *body,
	const struct esp_settings *page, struct release_verdict *out, struct error *e)
{
	// Device preparation ends as failed when its person went on without something (Z4).
	bool went_on = c->device.preparation_id && d->finished_at;
	struct release_facts facts = {
		.phase = went_on ? "continued" : d->phase,
		.result = d->result,
		.fault = d->fault,
		.page = page,
		.wants_continue = json_bool(body, "continue", false),
	};

	*out = release_decide(&facts);
	if (!out->allowed)
		return error_fault(e, ERR_CONFLICT, out->fault, "%s", out->reason);
	if (!str_eq(out->how, "continued") || went_on)
		return true;
	return store_deployment_continued(&c->work, d->deployment_id,
		arena_printf(c->arena, "continued although %s", d->fault ? d->fault : "it failed"),
		e);
}

static bool
sign(struct call *c, const struct deployment *d, const struct release_verdict *verdict,
	const char *policy, const char **token, struct error *e)
{
	const struct enrollment *self = &c->enrollment;
	int64_t now = c->work.now / US_PER_S;
	struct buf text;

	buf_init(&text, c->arena, 8 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "iss", c->service->base_url);
	jsonw_str(&w, "aud", RELEASE_AUDIENCE);
	jsonw_str(&w, "tid", c->work.tenant_id);
	jsonw_str(&w, "sub", self->device_id);
	jsonw_str(&w, "enrollment", self->enrollment_id);
	jsonw_str(&w, "deployment", d->deployment_id);
	jsonw_str(&w, "key", self->key_sha256);
	jsonw_str(&w, "policy", policy);
	jsonw_str(&w, "how", verdict->how);
	jsonw_str(&w, "phase", d->phase);
	if (!str_empty(c->device.assigned_upn))
		jsonw_str(&w, "user", c->device.assigned_upn);
	jsonw_int(&w, "iat", now);
	jsonw_int(&w, "nbf", now);
	jsonw_int(&w, "exp", now + TOKEN_MAX_SECONDS);
	jsonw_str(&w, "jti", uuid_new(c->arena));
	jsonw_end_object(&w);
	return buf_ok(&text, e) && signer_token(c, buf_text(&text), token, e);
}

// POST /device/v1/release {"continue"?}. Asking again gives another token that says the same.
bool
device_release(struct call *c, struct error *e)
{
	struct release_verdict verdict;
	struct esp_settings page;
	struct deployment d;
	const struct json *request;
	const char *token;
	struct buf body;
	bool have;

	if (!call_json(c, &request, e) || !status_page(c, &c->device, &page, &have, e) ||
		!store_deployment_get(&c->work, c->enrollment.deployment_id, &d, e))
		return false;
	have = have && !c->device.preparation_id; // Z2: it has no status page
	if (!judge(c, &d, request, have ? &page : NULL, &verdict, e) ||
		!sign(c, &d, &verdict, release_policy(c->arena, have ? &page : NULL), &token, e))
		return false;
	struct jsonw w = call_object(c, &body);
	jsonw_str(&w, "token", token);
	jsonw_str(&w, "how", verdict.how);
	return call_send(c, 200, &w, &body, e);
}

// GET /device/v1/release: the keys with which such tokens are signed, for a device that has just
// enrolled.
bool
device_release_keys(struct call *c, struct error *e)
{
	const char *jwks;
	int64_t ignored;
	struct buf body;

	if (!token_keys_json(c, &jwks, &ignored, e))
		return false;
	buf_init(&body, c->arena, 64 << 10);
	buf_puts(&body, jwks);
	return call_reply(c, 200, &body, e);
}
