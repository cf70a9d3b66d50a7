// SPDX-License-Identifier: Apache-2.0
#include "connector/service.h"

#include "base/clock.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/cert.h"
#include "pki/csr.h"
#include "pki/key.h"
#include "pki/ossl.h"

enum { LEASE_TIMEOUT_MS = 60000, FINISH_TIMEOUT_MS = 20000, MAX_ANSWER = 1 << 20 };

bool
service_open(const struct connector_config *config, const struct connector_identity *identity,
	struct http_client **out, struct error *e)
{
	const struct http_client_options options = {
		.base_url = config->url,
		.ca = config->ca,
		.client_certificate = identity ? identity->certificate : NULL,
		.client_key = identity ? identity->key : NULL,
		.user_agent = "ferry-connector/" FERRY_VERSION,
		.max_body = MAX_ANSWER,
	};

	return http_client_open(&options, out, e);
}

// One of our errors from a status and the service's error body.
static bool
refused(struct arena *arena, const struct http_client_response *r, struct error *e)
{
	static const struct {
		int status;
		enum error_code code;
	} codes[] = {{400, ERR_INVALID}, {401, ERR_UNAUTHENTICATED}, {403, ERR_DENIED},
		{404, ERR_NOT_FOUND}, {409, ERR_CONFLICT}, {413, ERR_LIMIT}};
	struct error ignored;
	const struct json *body = json_parse(arena, r->body, NULL, &ignored);
	const struct json *error = json_get(body, "error");
	const char *text = json_str(error, "message"), *message = text ? text : "(no reason)";
	const char *fault = json_str(json_get(error, "innerError"), "fault");

	if (fault)
		message = arena_printf(arena, "%s: %s", fault, message);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].status == r->status)
			return error_set(e, codes[i].code, "the service answered %d: %s", r->status,
				message);
	return error_fault(e, ERR_UNAVAILABLE, "service_error", "the service answered %d: %s",
		r->status, message);
}

static bool
post(struct arena *arena, struct http_client *client, const char *path, const char *body,
	int timeout_ms, struct http_client_response *out, struct error *e)
{
	const struct http_client_request request = {
		.method = "POST",
		.path = path,
		.content_type = "application/json",
		.body = slice_str(body),
		.timeout_ms = timeout_ms,
	};

	if (!http_client_send(client, arena, &request, out, e))
		return false;
	return (out->status >= 200 && out->status < 300) || refused(arena, out, e);
}

// Pinned from here on: this answer came over TLS from the pinned root, for a one-time token.
static bool
read_job_keys(
	struct arena *arena, const struct json *in, struct connector_identity *id, struct error *e)
{
	struct buf text;

	buf_init(&text, arena, 32 << 10);
	struct jsonw w = jsonw_on(&text);
	if (!json_get(in, "jobKeys"))
		return error_set(e, ERR_PROTOCOL, "it names no keys for jobs");
	jsonw_value(&w, NULL, json_get(in, "jobKeys"));
	id->job_keys = buf_text(&text);
	return buf_ok(&text, e);
}

static bool
read_identity(
	struct arena *arena, const struct json *in, struct connector_identity *id, struct error *e)
{
	autox509 *cert = NULL;
	struct cert_facts facts;
	struct slice der, pem;

	if (!json_need_str(in, "connectorId", 64, &id->connector_id, e) ||
		!json_need_str(in, "name", 1000, &id->name, e) ||
		!json_need_str(in, "domain", 255, &id->domain, e) ||
		!json_need_b64(arena, in, "certificate", 32 << 10, &der, e) ||
		!cert_load(der, &cert, e) || !cert_facts(arena, cert, &facts, e) ||
		!cert_pem(arena, cert, &pem, e) || !read_job_keys(arena, in, id, e))
		return error_wrap(e, "the service's answer");
	id->certificate = (const char *)pem.data;
	id->not_after = facts.not_after;
	return true;
}

static bool
make_request(
	struct arena *arena, EVP_PKEY *key, const char *token, struct buf *body, struct error *e)
{
	struct slice csr;

	if (!csr_build(arena, key, "ferry-connector", &csr, e))
		return false;
	buf_init(body, arena, 64 << 10);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "token", token);
	jsonw_b64(&w, "csr", csr);
	jsonw_end_object(&w);
	return buf_ok(body, e);
}

bool
service_enroll(struct arena *arena, const struct connector_config *config, const char *token,
	struct connector_identity *out, struct error *e)
{
	struct connector_identity id = {0};
	struct http_client_response response;
	autoclient *client = NULL;
	autopkey *key = NULL;
	const struct json *in;
	struct buf body;

	if (!key_generate(KEY_P256, &key, e) || !make_request(arena, key, token, &body, e) ||
		!service_open(config, NULL, &client, e))
		return false;
	bool ok = post(arena, client, "/connector/v1/enroll", buf_text(&body), FINISH_TIMEOUT_MS,
		&response, e);
	secret_wipe(body.data, body.len);
	if (!ok)
		return e->code != ERR_UNAUTHENTICATED
			? false
			: error_hint(e,
				  "A token can be used once, within a day: make a new one "
				  "with `ferry connector create`.");
	in = json_parse(arena, response.body, NULL, e);
	if (!in || !read_identity(arena, in, &id, e))
		return false;
	if (!str_ieq(id.domain, config->ad.domain))
		return error_set(e, ERR_CONFLICT,
			"the token was made for a connector of %s, this one serves %s", id.domain,
			config->ad.domain);
	id.key = key;
	key = NULL;
	*out = id;
	return true;
}

bool
service_lease(struct arena *arena, struct http_client *client, const char **job, struct error *e)
{
	struct http_client_response response;

	if (!post(arena, client, "/connector/v1/lease", "{\"version\":\"" FERRY_VERSION "\"}",
		    LEASE_TIMEOUT_MS, &response, e))
		return false;
	*job = response.status == 200 ? (const char *)response.body.data : NULL;
	return true;
}

bool
service_finish(struct arena *arena, struct http_client *client, const char *job_id,
	const char *answer, struct error *e)
{
	struct http_client_response response;

	return post(arena, client, arena_printf(arena, "/connector/v1/jobs/%s/finish", job_id),
		answer, FINISH_TIMEOUT_MS, &response, e);
}

bool
service_post(struct arena *arena, struct http_client *client, const char *path, const char *body,
	int timeout_ms, const struct json **out, struct error *e)
{
	const struct json_limits limits = {.max_bytes = MAX_ANSWER};
	struct http_client_response response;

	*out = NULL;
	if (!post(arena, client, path, body, timeout_ms, &response, e))
		return false;
	if (response.status != 204)
		*out = json_parse(arena, response.body, &limits, e);
	return response.status == 204 || *out;
}

bool
service_probe(
	struct arena *arena, struct http_client *client, int64_t *clock_ahead_s, struct error *e)
{
	const struct http_client_request request = {.path = "/healthz"};
	struct http_client_response response;
	time_us theirs;

	if (!http_client_send(client, arena, &request, &response, e))
		return false;
	if (response.status != 200)
		return refused(arena, &response, e);
	if (!clock_parse_http_date(http_client_header(&response, "Date"), &theirs))
		return error_set(e, ERR_PROTOCOL, "the service tells no time");
	*clock_ahead_s = (theirs - clock_now()) / US_PER_S;
	return true;
}
