// SPDX-License-Identifier: Apache-2.0
#include "signer/ops.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "pki/csr.h"
#include "pki/jwt.h"
#include "pki/ossl.h"

typedef bool op_fn(struct arena *arena, const struct keyring *keys, time_us now,
	const struct json *request, struct jsonw *out, struct error *e);

static const struct {
	const char *name;
	enum cert_profile profile;
} profiles[] = {
	{"device", CERT_DEVICE},
	{"connector", CERT_CONNECTOR},
	{"directory", CERT_DEVICE_JOIN},
};

static bool
op_info(struct arena *arena, const struct keyring *keys, time_us now, const struct json *request,
	struct jsonw *out, struct error *e)
{
	struct token_view *view;

	(void)arena;
	(void)request;
	if (!token_ring_borrow(keys->tokens, &view, e))
		return false;
	jsonw_str(out, "root", keys->root_pem);
	jsonw_str(out, "issuing", keys->issuing_pem);
	jsonw_str(out, "kid", view->kid);
	jsonw_raw(out, "jwks", view->jwks);
	jsonw_int(out, "cacheUntil", now / US_PER_S + SIGNER_CACHE_SECONDS);
	token_ring_return(keys->tokens, view);
	return true;
}

// Device GUID as MS-DVRJ wants it in the certificate: an OCTET STRING of 16 bytes (mdm-wire.md
// section 10).
static bool
join_extension(struct arena *arena, const struct json *request, struct cert_extension *out,
	struct error *e)
{
	uint8_t *der = arena_alloc(arena, 18);

	der[0] = 0x04;
	der[1] = 16;
	if (!uuid_parse(json_str(request, "deviceId"), der + 2))
		return error_set(e, ERR_INVALID, "deviceId must be a UUID");
	*out = (struct cert_extension){.oid = "1.2.840.113556.1.5.284.2", .der = slice_of(der, 18)};
	return true;
}

static bool
find_profile(const struct json *request, enum cert_profile *out, struct error *e)
{
	for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
		if (str_eq(json_str(request, "profile"), profiles[i].name)) {
			*out = profiles[i].profile;
			return true;
		}
	return error_set(e, ERR_DENIED, "no such certificate profile");
}

static bool
op_certificate(struct arena *arena, const struct keyring *keys, time_us now,
	const struct json *request, struct jsonw *out, struct error *e)
{
	autocsr csr = {0};
	struct slice csr_der, der;
	struct cert_extension extension;
	struct cert_template template = {0};
	struct cert_issuer issuer = {.cert = keys->issuing, .key = keys->issuing_key};
	int64_t days = json_int(request, "days", 365);

	if (!find_profile(request, &template.profile, e) ||
		!json_need_str(request, "commonName", 64, &template.common_name, e) ||
		!json_need_b64(arena, request, "csr", 16 << 10, &csr_der, e) ||
		!csr_parse(arena, csr_der, &csr, e))
		return false;
	if (days < 1 || days > SIGNER_MAX_CERT_DAYS)
		return error_set(
			e, ERR_DENIED, "a certificate lives 1 to %d days", SIGNER_MAX_CERT_DAYS);
	if (template.profile == CERT_DEVICE_JOIN) {
		if (!join_extension(arena, request, &extension, e))
			return false;
		template.extensions = &extension;
		template.extension_count = 1;
	}
	template.spki = csr.spki;
	// Slightly in the past, for clocks that are a little behind (mdm-wire.md section 12, 6).
	template.not_before = now - 10 * US_PER_MIN;
	template.not_after = now + days *US_PER_DAY;
	random_bytes(template.serial, sizeof template.serial);
	if (!cert_issue(arena, &template, &issuer, &der, e))
		return false;
	jsonw_b64(out, "certificate", der);
	return true;
}

static bool
sign_claims(struct arena *arena, const struct keyring *keys, const char *claims, struct jsonw *out,
	struct error *e)
{
	struct token_view *view;
	char *token;

	if (!token_ring_borrow(keys->tokens, &view, e))
		return false;
	bool ok = jwt_signer_sign(arena, &view->signer, claims, &token, e);
	if (ok) {
		jsonw_str(out, "token", token);
		jsonw_str(out, "kid", view->kid);
	}
	token_ring_return(keys->tokens, view);
	return ok;
}

static bool
op_token(struct arena *arena, const struct keyring *keys, time_us now, const struct json *request,
	struct jsonw *out, struct error *e)
{
	const struct json *claims = json_get(request, "claims");
	int64_t expires = json_int(claims, "exp", 0);
	struct buf text;

	if (!claims || claims->type != JSON_OBJECT)
		return error_set(e, ERR_INVALID, "claims must be an object");
	// In seconds: a time of the caller's, in microseconds, need not fit.
	if (expires <= 0 || expires > now / US_PER_S + SIGNER_MAX_TOKEN_SECONDS)
		return error_set(e, ERR_DENIED, "a token lives at most %d seconds",
			SIGNER_MAX_TOKEN_SECONDS);
	buf_init(&text, arena, SIGNER_MESSAGE_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, claims);
	return buf_ok(&text, e) && sign_claims(arena, keys, buf_text(&text), out, e);
}

// --- jobs of connectors: a key of their own, so that no token is a job and no job a token

static bool
sign_job(struct arena *arena, const struct keyring *keys, struct buf *claims, struct jsonw *out,
	struct error *e)
{
	struct token_view *view;
	char *token;

	if (!buf_ok(claims, e) || !token_ring_borrow(keys->jobs, &view, e))
		return false;
	bool ok = jwt_signer_sign(arena, &view->signer, buf_text(claims), &token, e);
	if (ok)
		jsonw_str(out, "token", token);
	token_ring_return(keys->jobs, view);
	return ok;
}

static struct jsonw
begin_claims(struct arena *arena, struct buf *text, const char *audience, time_us now)
{
	int64_t seconds = now / US_PER_S;

	buf_init(text, arena, SIGNER_MESSAGE_MAX);
	struct jsonw w = jsonw_on(text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "iss", SIGNER_JOB_ISSUER);
	jsonw_str(&w, "aud", audience);
	jsonw_int(&w, "iat", seconds - SIGNER_JOB_SKEW);
	jsonw_int(&w, "nbf", seconds - SIGNER_JOB_SKEW);
	jsonw_int(&w, "exp", seconds + SIGNER_JOB_SECONDS + SIGNER_JOB_SKEW);
	return w;
}

static bool
is_claim_of_ours(const char *name)
{
	static const char *const ours[] = {"iss", "aud", "iat", "nbf", "exp", "jwks"};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (str_eq(ours[i], name))
			return true;
	return false;
}

static bool
op_job(struct arena *arena, const struct keyring *keys, time_us now, const struct json *request,
	struct jsonw *out, struct error *e)
{
	const struct json *job = json_get(request, "job");
	const char *connector, *text;
	struct buf claims;

	if (!json_need_str(request, "connector", 36, &connector, e) ||
		!json_need_str(job, "jobId", 36, &text, e) ||
		!json_need_str(job, "leaseId", 36, &text, e) ||
		!json_need_str(job, "kind", 20, &text, e) ||
		!json_need_str(job, "domain", 255, &text, e))
		return false;
	// Connectors have UUIDs; another audience is that of what only op_job_keys() says.
	if (!uuid_valid(connector))
		return error_set(e, ERR_INVALID, "the connector's id is no UUID");
	struct jsonw w = begin_claims(arena, &claims, connector, now);
	for (const struct json *m = job->first; m; m = m->next) {
		if (is_claim_of_ours(m->name))
			return error_set(e, ERR_DENIED, "a job has no member %s", m->name);
		jsonw_value(&w, m->name, m);
	}
	jsonw_end_object(&w);
	return sign_job(arena, keys, &claims, out, e);
}

static bool
op_job_keys(struct arena *arena, const struct keyring *keys, time_us now,
	const struct json *request, struct jsonw *out, struct error *e)
{
	struct token_view *view;
	struct buf claims;

	(void)request;
	if (!token_ring_borrow(keys->jobs, &view, e))
		return false;
	struct jsonw w = begin_claims(arena, &claims, SIGNER_JOB_KEYS, now);
	jsonw_raw(&w, "jwks", view->jwks);
	jsonw_end_object(&w);
	jsonw_raw(out, "jwks", view->jwks);
	token_ring_return(keys->jobs, view);
	return sign_job(arena, keys, &claims, out, e);
}

static const struct {
	const char *name;
	op_fn *run;
} ops[] = {
	{"info", op_info},
	{"certificate", op_certificate},
	{"token", op_token},
	{"job", op_job},
	{"jobKeys", op_job_keys},
};

static bool
run(struct arena *arena, const struct keyring *keys, time_us now, struct slice text,
	struct jsonw *out, struct error *e)
{
	const struct json *request = json_parse(arena, text, NULL, e);

	if (!request)
		return false;
	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (str_eq(json_str(request, "op"), ops[i].name))
			return ops[i].run(arena, keys, now, request, out, e);
	return error_set(e, ERR_INVALID, "unknown operation");
}

void
signer_answer(struct arena *arena, const struct keyring *keys, time_us now, struct slice request,
	struct buf *out)
{
	struct error e = {0};
	struct jsonw w = jsonw_on(out);

	jsonw_object(&w, NULL);
	if (!run(arena, keys, now, request, &w, &e)) {
		*out = (struct buf){.arena = out->arena, .max = out->max};
		w = jsonw_on(out);
		jsonw_object(&w, NULL);
		jsonw_str(&w, "error", error_code_name(e.code));
		jsonw_str(&w, "message", e.message);
	}
	jsonw_end_object(&w);
}
