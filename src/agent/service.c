// SPDX-License-Identifier: Apache-2.0
#include "agent/service.h"

#include "agent/diagnostics.h"
#include "agent/screens.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/fault.h"
#include "pki/ossl.h"
#include <time.h>

enum {
	JSON_TIMEOUT_MS = 60000,
	LOG_TIMEOUT_MS = 20000, // somebody looks at a red page meanwhile
	PATIENCE_MS = 30000,	// a service that is started again, a cable that is plugged in again
	FIRST_PAUSE_MS = 200,
	LAST_PAUSE_MS = 3000,
};

// How long one call is repeated.
struct patience {
	int64_t until;
	int pause_ms;
	bool shown;
	char detail[160]; // of the row, before it said that it waits
	enum esp_row row;
};

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

void
service_close_managed(struct agent *agent)
{
	http_client_close(agent->managed_client);
	EVP_PKEY_free(agent->tls_key);
	agent->managed_client = NULL;
	agent->tls_key = NULL;
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

static struct patience
patience_begin(void)
{
	return (struct patience){
		.until = clock_monotonic_ms() + PATIENCE_MS, .pause_ms = FIRST_PAUSE_MS};
}

static bool
in_setup(const struct agent *agent)
{
	return agent->journal.flow != FLOW_OOBE && agent->journal.flow != FLOW_READY &&
		agent->journal.flow != FLOW_RESEALED && agent->journal.flow != FLOW_DONE;
}

static bool
passes_by_itself(const struct error *e)
{
	static const char *const faults[] = {"service_name_unresolved", "service_unreachable",
		"service_connection_lost", "service_timeout", "service_tls_failed"};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (str_eq(e->fault, faults[i]))
			return true;
	return false;
}

static void
show_waiting(struct agent *agent, struct patience *p)
{
	struct esp_view *view = &agent->esp;

	for (enum esp_row row = 0; row < ESP_ROWS && !p->shown; row++)
		if (view->state[row] == ESP_WORKING) {
			p->shown = true;
			p->row = row;
			snprintf(p->detail, sizeof p->detail, "%s", view->detail[row]);
			esp_view_set(view, row, ESP_WORKING, "Waiting for the service");
			screen_esp(agent);
		}
}

static void
patience_end(struct agent *agent, struct patience *p)
{
	if (!p->shown)
		return;
	esp_view_set(&agent->esp, p->row, ESP_WORKING, p->detail);
	screen_esp(agent);
}

// Pause before the next try; false when the time is over. The first pages do not wait: there a
// person looks at the network page.
static bool
patience_left(struct agent *agent, struct patience *p, const char *why)
{
	struct timespec pause = {
		.tv_sec = p->pause_ms / 1000, .tv_nsec = p->pause_ms % 1000 * 1000000L};

	if (agent->journal.flow == FLOW_OOBE || clock_monotonic_ms() + p->pause_ms > p->until)
		return false;
	if (p->pause_ms == FIRST_PAUSE_MS)
		log_warn("waiting for the service: %s", why);
	if (in_setup(agent))
		show_waiting(agent, p);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	p->pause_ms = p->pause_ms * 2 > LAST_PAUSE_MS ? LAST_PAUSE_MS : p->pause_ms * 2;
	return true;
}

static bool
exchange_once(struct agent *agent, bool managed, const struct http_client_request *request,
	struct http_client_response *out, struct error *e)
{
	struct http_client *client = managed ? agent->managed_client : agent->open_client;

	return http_client_send(client, agent->step, request, out, e) && check_clock(out, e);
}

// Every call of the device may be repeated: the service answers a repeated one like the first. So a
// service that is away for a moment, or one of its parts (503), does not end the flow.
static bool
exchange(struct agent *agent, bool managed, const struct http_client_request *request,
	struct http_client_response *out, struct error *e)
{
	struct patience patience = patience_begin();
	bool ok;

	do
		ok = exchange_once(agent, managed, request, out, e);
	while ((ok ? out->status == 503 : passes_by_itself(e)) &&
		patience_left(agent, &patience, ok ? "it is not ready" : e->message));
	patience_end(agent, &patience);
	return ok;
}

bool
service_download(struct agent *agent, const struct http_client_download *download, struct error *e)
{
	struct patience patience = patience_begin();
	bool ok, again;

	do {
		int64_t begin = clock_monotonic_ms();
		ok = http_client_download(agent->managed_client, download, e);
		again = !ok && passes_by_itself(e);
		if (again && clock_monotonic_ms() - begin > PATIENCE_MS)
			patience.until = clock_monotonic_ms() + PATIENCE_MS;
	} while (again && patience_left(agent, &patience, e->message));
	patience_end(agent, &patience);
	return ok;
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

static struct http_client_request
json_request(const char *path, const struct buf *body)
{
	return (struct http_client_request){
		.method = "POST",
		.path = path,
		.content_type = "application/json",
		.body = body ? buf_slice(body) : slice_str("{}"),
		.timeout_ms = JSON_TIMEOUT_MS,
	};
}

bool
service_post(struct agent *agent, bool managed, const char *path, const struct buf *body,
	const struct json **out, struct error *e)
{
	struct http_client_response response;
	struct http_client_request request = json_request(path, body);

	if (body && !buf_ok(body, e))
		return false;
	return exchange(agent, managed, &request, &response, e) &&
		read_json(agent, &response, out, e);
}

bool
service_post_bearer(struct agent *agent, const char *path, const char *token,
	const struct buf *body, const struct json **out, struct error *e)
{
	struct http_client_response response;
	struct http_client_request request = json_request(path, body);
	const struct http_header bearer = {
		"Authorization", arena_printf(agent->step, "Bearer %s", token)};

	request.headers = &bearer;
	request.header_count = 1;
	return buf_ok(body, e) && exchange(agent, false, &request, &response, e) &&
		read_json(agent, &response, out, e);
}

bool
service_post_once(struct agent *agent, const char *path, const struct buf *body,
	const struct json **out, struct error *e)
{
	struct http_client_response response;

	if (!buf_ok(body, e))
		return false;
	struct http_client_request request = json_request(path, body);
	return exchange_once(agent, false, &request, &response, e) &&
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

	// Not the service's word in that protocol, but its own: a part of it is not there.
	return exchange(agent, managed, &request, out, e) &&
		(out->status != 503 || remote_error(agent, out, e));
}

bool
service_send_log(struct agent *agent, const char *path, const char *method, struct slice bundle,
	struct error *e)
{
	struct http_client_response response;
	const struct json *answer;
	struct http_client_request request = {
		.method = method,
		.path = path,
		.content_type = "application/gzip",
		.body = bundle,
		.timeout_ms = LOG_TIMEOUT_MS,
	};

	return service_open_managed(agent, e) &&
		exchange_once(agent, true, &request, &response, e) &&
		read_json(agent, &response, &answer, e);
}

void
service_report(struct agent *agent, const char *phase, const char *row, const char *state,
	const struct error *why)
{
	autoarena(arena, ARENA_SMALL);
	struct buf body;
	struct error e;
	const struct json *answer;
	struct http_client_response response;
	bool managed = agent->managed_client != NULL;
	const char *path = managed
		? "/device/v1/events"
		: arena_printf(&arena, "/device/v1/deployments/%s/events",
			  agent->journal.deployment_id ? agent->journal.deployment_id : "-");

	diagnostics_note(agent, phase, row, state, why);
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
	struct http_client_request request = json_request(path, &body);
	if (!buf_ok(&body, &e) || !exchange_once(agent, managed, &request, &response, &e) ||
		!read_json(agent, &response, &answer, &e))
		log_warn("timeline: %s", e.message);
}
