// SPDX-License-Identifier: Apache-2.0
#include "ferryd/federation.h"

#include "base/log.h"
#include "base/str.h"
#include "http/client.h"
#include "pki/jwt.h"

enum { MAX_ISSUER_KEYS = 64 };

static const time_us keep_us = US_PER_DAY, rest_us = US_PER_MIN;

static bool
unreachable(struct error *e)
{
	struct error why = *e;

	return error_fault(e, ERR_UNAVAILABLE, "identity_provider_unreachable",
		"identity provider: %s", why.message);
}

// One request to an address; the answer's body when it was 200, else its status is the message.
static bool
send(struct call *c, const char *url, struct http_client_request *request,
	struct http_client_response *answer, struct error *e)
{
	struct http_client *client;
	struct http_client_options options = {
		.ca = c->service->federation_ca,
		.total_timeout_ms = FEDERATION_TIMEOUT_MS,
		.max_body = FEDERATION_DOCUMENT_MAX,
	};

	if (!federation_url_split(c->arena, url, &options.base_url, &request->path, e) ||
		!http_client_open(&options, &client, e))
		return false;
	http_server_waits();
	bool ok = http_client_send(client, c->arena, request, answer, e);
	http_client_close(client);
	return ok || unreachable(e);
}

static bool
fetch(struct call *c, const char *url, struct slice *out, struct error *e)
{
	struct http_header accept = {.name = "Accept", .value = "application/json"};
	struct http_client_request request = {.headers = &accept, .header_count = 1};
	struct http_client_response answer;

	if (!send(c, url, &request, &answer, e))
		return false;
	if (answer.status != 200) {
		error_set(e, ERR_UNAVAILABLE, "%s: status %d", url, answer.status);
		return unreachable(e);
	}
	*out = answer.body;
	return true;
}

static bool
read_keys(struct call *c, struct slice text, struct jwk_set *out, struct error *e)
{
	struct json_limits limits = {.max_bytes = FEDERATION_DOCUMENT_MAX, .max_depth = 8};
	const struct json *json = json_parse(c->arena, text, &limits, e);

	if (json && jwk_set_read(c->arena, json, MAX_ISSUER_KEYS, out, e))
		return true;
	struct error why = *e;
	return error_fault(
		e, ERR_PROTOCOL, "identity_provider_answer", "identity provider: %s", why.message);
}

// Fetch both documents; they are kept only when both can be used.
static bool
fetch_all(struct call *c, struct federation *f, struct federation_metadata *out, struct error *e)
{
	size_t len = strlen(f->issuer);
	const char *slash = len > 0 && f->issuer[len - 1] == '/' ? "" : "/";
	const char *url =
		arena_printf(c->arena, "%s%s.well-known/openid-configuration", f->issuer, slash);
	struct slice metadata, keys;
	struct jwk_set set;

	if (!fetch(c, url, &metadata, e) ||
		!federation_metadata_read(c->arena, metadata, f->issuer, out, e) ||
		!fetch(c, out->jwks_uri, &keys, e) || !read_keys(c, keys, &set, e))
		return false;
	jwk_set_free(&set);
	f->metadata = arena_strndup(c->arena, (const char *)metadata.data, metadata.len);
	f->jwks = arena_strndup(c->arena, (const char *)keys.data, keys.len);
	f->fetched_at = c->work.now;
	return store_federation_learn(&c->work, f->federation_id, f->metadata, f->jwks, e);
}

static bool
is_younger(const struct call *c, const struct federation *f, time_us age)
{
	return f->fetched_at <= c->work.now && c->work.now - f->fetched_at < age;
}

bool
federation_discover(
	struct call *c, struct federation *f, struct federation_metadata *out, struct error *e)
{
	struct error inner;
	bool known = f->metadata && f->jwks &&
		federation_metadata_read(c->arena, slice_str(f->metadata), f->issuer, out, &inner);

	if (known && is_younger(c, f, keep_us))
		return true;
	if (fetch_all(c, f, out, e))
		return true;
	if (!known || e->code != ERR_UNAVAILABLE)
		return false;
	log_warn("%s: %s; what is known of it is used on", f->issuer, e->message);
	return federation_metadata_read(c->arena, slice_str(f->metadata), f->issuer, out, e);
}

static bool
judge(struct call *c, const struct federation *f, const char *token, const char *nonce,
	const struct json **claims, bool *unknown, struct error *e)
{
	const struct jwt_expect expect = {.issuer = f->issuer,
		.audience = f->client_id,
		.nonce = nonce,
		.id_token = true,
		.now = c->work.now};
	struct jwk_set set;

	*unknown = false;
	if (!read_keys(c, slice_str(f->jwks), &set, e))
		return false;
	bool ok = jwt_verify(c->arena, slice_str(token), &set, &expect, claims, e);
	if (!ok) {
		const char *kid = jwt_kid(c->arena, slice_str(token));
		*unknown = kid && !jwk_find(&set, kid);
	}
	jwk_set_free(&set);
	return ok;
}

// Its keys may have changed since; they are fetched again at most once a minute.
static bool
verify(struct call *c, struct federation *f, const char *token, const char *nonce,
	const struct json **claims, struct error *e)
{
	struct federation_metadata metadata;
	struct error inner;
	bool unknown;

	if (judge(c, f, token, nonce, claims, &unknown, e))
		return true;
	if (!unknown || is_younger(c, f, rest_us) || !fetch_all(c, f, &metadata, &inner))
		return false;
	return judge(c, f, token, nonce, claims, &unknown, e);
}

static bool
exchange(struct call *c, const struct federation *f, const struct federation_metadata *metadata,
	const char *form, const char **id_token, struct error *e)
{
	bool basic = f->client_secret && metadata->basic;
	struct http_header headers[] = {{.name = "Accept", .value = "application/json"},
		{.name = "Authorization", .value = basic ? federation_basic(c->arena, f) : NULL}};
	struct http_client_request request = {.method = "POST",
		.content_type = "application/x-www-form-urlencoded",
		.body = slice_str(form),
		.headers = headers,
		.header_count = basic ? 2 : 1};
	struct http_client_response answer;

	if (!send(c, metadata->token_endpoint, &request, &answer, e))
		return false;
	const struct json *json = json_parse(c->arena, answer.body, NULL, e);
	if (answer.status >= 400 && answer.status < 500)
		return error_fault(e, ERR_DENIED, "identity_provider_refused",
			"identity provider: it declined: %.60s",
			json && json_str(json, "error") ? json_str(json, "error") : "no reason");
	if (answer.status != 200 || !json || !json_str(json, "id_token"))
		return error_fault(e, ERR_PROTOCOL, "identity_provider_answer",
			"identity provider: no id_token (status %d)", answer.status);
	*id_token = json_str(json, "id_token");
	return true;
}

bool
federation_redeem(struct call *c, struct federation *f, const char *code, const char *redirect_uri,
	const struct federation_login *login, struct federation_user *out, struct error *e)
{
	struct federation_metadata metadata;
	const struct json *claims;
	const char *id_token;

	if (!federation_discover(c, f, &metadata, e))
		return false;
	const char *form =
		federation_token_form(c->arena, f, code, redirect_uri, login, !metadata.basic);
	return exchange(c, f, &metadata, form, &id_token, e) &&
		verify(c, f, id_token, login->nonce, &claims, e) &&
		federation_user_read(c->arena, f, claims, out, e);
}
