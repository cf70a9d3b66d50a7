// SPDX-License-Identifier: Apache-2.0
#include "agent/service.h"

#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/fault.h"

enum { JSON_TIMEOUT_MS = 60000 };

bool
service_open(struct agent *agent, struct error *e)
{
	struct http_client_options options = {
		.base_url = agent->config.url,
		.ca = agent->config.ca,
		.proxy = "",
	};

	return agent->open_client || http_client_open(&options, &agent->open_client, e);
}

bool
service_open_managed(struct agent *agent, struct error *e)
{
	struct slice blob;
	struct http_client_options options = {
		.base_url = agent->config.url,
		.ca = agent->config.ca,
		.client_certificate = agent_path(agent, agent->arena, "device.pem"),
		.proxy = "",
	};

	if (agent->managed_client)
		return true;
	if (!fs_read(agent->arena, agent_path(agent, agent->arena, "device.key"), 8192, &blob, e) ||
		!tpm_device_tls_key(agent->tpm, blob, &agent->tls_key, e))
		return false;
	options.client_key = agent->tls_key;
	return http_client_open(&options, &agent->managed_client, e);
}

// A clock that is off makes everything after it fail in disguise: name it (behaviour N7).
static bool
check_clock(const struct http_client_response *response, struct error *e)
{
	const char *date = http_client_header(response, "Date");
	time_us theirs;

	if (!date || !clock_parse_http_date(date, &theirs))
		return true;
	time_us skew = clock_now() - theirs;
	if (skew < 5 * US_PER_MIN && skew > -5 * US_PER_MIN)
		return true;
	return error_fault(e, ERR_INVALID, "clock_skew", "this device's clock is %lld seconds %s",
		(long long)((skew < 0 ? -skew : skew) / US_PER_S), skew < 0 ? "behind" : "ahead");
}

// {"error":{…,"innerError":{"fault"}}} back to an error.
static bool
remote_error(struct agent *agent, const struct http_client_response *response, struct error *e)
{
	struct error ignored;
	const struct json *json = json_parse(agent->step, response->body, NULL, &ignored);
	const struct json *error = json_get(json, "error");
	const char *message = json_str(error, "message");
	const struct fault *fault = fault_find(json_str(json_get(error, "innerError"), "fault"));
	enum error_code code = response->status == 401 ? ERR_UNAUTHENTICATED
		: response->status == 403	       ? ERR_DENIED
		: response->status == 404	       ? ERR_NOT_FOUND
		: response->status == 409	       ? ERR_CONFLICT
		: response->status >= 500	       ? ERR_UNAVAILABLE
						       : ERR_INVALID;

	return error_fault(e, code, fault ? fault->name : "service_error", "%s",
		message ? message : arena_printf(agent->step, "HTTP status %d", response->status));
}

static bool
exchange(struct agent *agent, bool managed, const struct http_client_request *request,
	struct http_client_response *out, struct error *e)
{
	struct http_client *client = managed ? agent->managed_client : agent->open_client;

	return http_client_send(client, agent->step, request, out, e) && check_clock(out, e);
}

static bool
read_json(struct agent *agent, const struct http_client_response *response, const struct json **out,
	struct error *e)
{
	if (response->status < 200 || response->status > 299)
		return remote_error(agent, response, e);
	*out = NULL;
	if (response->body.len == 0)
		return true;
	*out = json_parse(agent->step, response->body, NULL, e);
	return *out != NULL;
}

bool
service_post(struct agent *agent, bool managed, const char *path, const struct buf *body,
	const struct json **out, struct error *e)
{
	struct http_client_response response;
	struct http_client_request request = {
		.method = "POST",
		.path = path,
		.content_type = "application/json",
		.body = body ? buf_slice(body) : slice_str("{}"),
		.timeout_ms = JSON_TIMEOUT_MS,
	};

	if (body && !buf_ok(body, e))
		return false;
	return exchange(agent, managed, &request, &response, e) &&
		read_json(agent, &response, out, e);
}

bool
service_get(struct agent *agent, const char *path, int timeout_ms, const struct json **out,
	struct error *e)
{
	struct http_client_response response;
	struct http_client_request request = {.path = path, .timeout_ms = timeout_ms};

	return exchange(agent, true, &request, &response, e) && read_json(agent, &response, out, e);
}

bool
service_post_raw(struct agent *agent, bool managed, const char *path, const char *content_type,
	struct slice body, struct http_client_response *out, struct error *e)
{
	struct http_client_request request = {
		.method = "POST",
		.path = path,
		.content_type = content_type,
		.body = body,
		.timeout_ms = JSON_TIMEOUT_MS,
	};

	return exchange(agent, managed, &request, out, e);
}

void
service_report(struct agent *agent, const char *phase, const char *row, const char *state,
	const struct error *why)
{
	autoarena(arena, ARENA_SMALL);
	struct buf body;
	struct error e;
	const struct json *answer;
	bool managed = agent->managed_client != NULL;
	const char *path = managed
		? "/device/v1/events"
		: arena_printf(&arena, "/device/v1/deployments/%s/events",
			  agent->journal.deployment_id ? agent->journal.deployment_id : "-");

	if (!managed && (!agent->open_client || !agent->journal.deployment_id))
		return;
	buf_init(&body, &arena, 32 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "events");
	jsonw_object(&w, NULL);
	jsonw_str(&w, "at", clock_rfc3339_us(&arena, clock_now()));
	jsonw_str(&w, "phase", phase);
	jsonw_str(&w, "row", row);
	jsonw_str(&w, "state", state);
	jsonw_str(&w, "fault", why ? fault_of(why, "agent_error")->name : NULL);
	jsonw_str(&w, "reason", why ? why->message : "");
	jsonw_end_object(&w);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	if (!service_post(agent, managed, path, &body, &answer, &e))
		log_warn("timeline: %s", e.message);
}
