// SPDX-License-Identifier: Apache-2.0
#include "ferryd/device_token.h"

#include "base/str.h"
#include "ferryd/signer_client.h"
#include "ferryd/token_keys.h"

enum { DEVICE_TOKEN_SECONDS = 600, USER_TOKEN_SECONDS = 3600, SIGN_IN_SECONDS = 300 };

static const char audience[] = "urn:ferry:device-enrollment";

// Tokens that say the same of a person and mean something else.
struct kind {
	const char *audience;
	int seconds;
};
static const struct kind user_kind = {"urn:ferry:device-user", USER_TOKEN_SECONDS};
static const struct kind sign_in_kind = {"urn:ferry:device-sign-in", SIGN_IN_SECONDS};

bool
device_token_sign(
	struct call *c, const struct device_token *in, const char **token, struct error *e)
{
	int64_t now = c->work.now / US_PER_S;
	struct buf text;

	buf_init(&text, c->arena, 4096);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "iss", c->service->base_url);
	jsonw_str(&w, "aud", audience);
	jsonw_str(&w, "tid", c->work.tenant_id);
	jsonw_str(&w, "sub", in->device_id);
	jsonw_str(&w, "deployment", in->deployment_id);
	jsonw_str(&w, "attestation", in->attestation_id);
	jsonw_str(&w, "key", in->key_sha256);
	jsonw_int(&w, "iat", now);
	jsonw_int(&w, "nbf", now);
	jsonw_int(&w, "exp", now + DEVICE_TOKEN_SECONDS);
	jsonw_end_object(&w);
	return buf_ok(&text, e) && signer_token(c, buf_text(&text), token, e);
}

bool
device_token_verify(struct call *c, struct slice token, struct device_token *out, struct error *e)
{
	const struct json *claims;
	struct device_token t = {0};

	if (!token_verify_within(c, token, audience, DEVICE_TOKEN_SECONDS, &claims, e) ||
		!json_need_str(claims, "tid", 64, &t.tenant_id, e) ||
		!json_need_str(claims, "sub", 64, &t.device_id, e) ||
		!json_need_str(claims, "deployment", 64, &t.deployment_id, e) ||
		!json_need_str(claims, "attestation", 64, &t.attestation_id, e) ||
		!json_need_str(claims, "key", 64, &t.key_sha256, e)) {
		struct error why = *e;
		return error_fault(e, ERR_UNAUTHENTICATED, "enrollment_refused", "device token: %s",
			why.message);
	}
	*out = t;
	return true;
}

static bool
sign_person(struct call *c, const struct kind *kind, const struct user_token *in,
	const char **token, struct error *e)
{
	int64_t now = c->work.now / US_PER_S;
	struct buf text;

	buf_init(&text, c->arena, 4096);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "iss", c->service->base_url);
	jsonw_str(&w, "aud", kind->audience);
	jsonw_str(&w, "tid", in->tenant_id);
	jsonw_str(&w, "sub", in->user_id);
	jsonw_str(&w, "upn", in->upn);
	jsonw_str(&w, "device", in->device_id);
	jsonw_int(&w, "iat", now);
	jsonw_int(&w, "nbf", now);
	jsonw_int(&w, "exp", now + kind->seconds);
	jsonw_end_object(&w);
	return buf_ok(&text, e) && signer_token(c, buf_text(&text), token, e);
}

static bool
verify_person(struct call *c, const struct kind *kind, struct slice token, const char *device_id,
	struct user_token *out, struct error *e)
{
	const struct json *claims;
	struct user_token t = {0};

	if (!token_verify_within(c, token, kind->audience, kind->seconds, &claims, e) ||
		!json_need_str(claims, "tid", 64, &t.tenant_id, e) ||
		!json_need_str(claims, "sub", 64, &t.user_id, e) ||
		!json_need_str(claims, "upn", 320, &t.upn, e) ||
		!json_need_str(claims, "device", 64, &t.device_id, e)) {
		struct error why = *e;
		if (why.code == ERR_UNAVAILABLE)
			return false;
		return error_fault(
			e, ERR_UNAUTHENTICATED, "signin_needed", "user token: %s", why.message);
	}
	if (device_id && !str_eq(t.device_id, device_id))
		return error_fault(e, ERR_UNAUTHENTICATED, "signin_needed",
			"the person signed in on another device");
	*out = t;
	return true;
}

bool
user_token_sign(struct call *c, const struct user_token *in, const char **token, struct error *e)
{
	return sign_person(c, &user_kind, in, token, e);
}

bool
user_token_verify(struct call *c, struct slice token, const char *device_id, struct user_token *out,
	struct error *e)
{
	return verify_person(c, &user_kind, token, device_id, out, e);
}

bool
sign_in_token_sign(struct call *c, const struct user_token *in, const char **token, struct error *e)
{
	return sign_person(c, &sign_in_kind, in, token, e);
}

bool
sign_in_token_verify(struct call *c, struct slice token, const char *device_id,
	struct user_token *out, struct error *e)
{
	return verify_person(c, &sign_in_kind, token, device_id, out, e);
}
