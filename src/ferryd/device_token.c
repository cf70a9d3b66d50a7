// SPDX-License-Identifier: Apache-2.0
#include "ferryd/device_token.h"

#include "ferryd/signer_client.h"
#include "ferryd/token_keys.h"

enum { DEVICE_TOKEN_SECONDS = 600 };

static const char audience[] = "urn:ferry:device-enrollment";

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
