// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/str.h"
#include "domain/fault.h"
#include <time.h>

enum { TIMEOUT_MS = 60000, FIRST_PAUSE_MS = 200, LAST_PAUSE_MS = 3000, PATIENCE_MS = 30000 };

static bool
passes_by_itself(const struct error *e)
{
	static const char *const faults[] = {"service_unreachable", "service_connection_lost",
		"service_timeout", "service_tls_failed"};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (str_eq(e->fault, faults[i]))
			return true;
	return false;
}

// After its patience a device shows a page; whoever stands before it may press Retry.
static bool
press_retry(struct fleet_device *d)
{
	if (d->result->pages == d->fleet->options->retry)
		return false;
	d->result->pages++;
	return true;
}

// A service that is busy (503) or away for a moment does not end a flow; the device's own agent is
// as patient.
bool
fleet_send(struct fleet_device *d, bool managed, const struct http_client_request *request,
	struct http_client_response *out, struct error *e)
{
	struct http_client *client = managed ? d->managed : d->open;
	int64_t until = clock_monotonic_ms() + PATIENCE_MS;

	for (int pause = FIRST_PAUSE_MS;;
		pause = pause * 2 > LAST_PAUSE_MS ? LAST_PAUSE_MS : pause * 2) {
		bool ok = http_client_send(client, d->arena, request, out, e);
		int64_t now = clock_monotonic_ms();
		if (ok ? out->status != 503 : !passes_by_itself(e))
			return ok;
		if (now + pause > d->deadline_ms || (now + pause > until && !press_retry(d)))
			return ok;
		if (now + pause > until)
			until = now + PATIENCE_MS;
		struct timespec wait = {.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000L};
		d->result->retries++;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
	}
}

bool
fleet_answer(struct arena *arena, const struct http_client_response *response,
	const struct json **out, struct error *e)
{
	struct error ignored;
	const struct json *json =
		response->body.len ? json_parse(arena, response->body, NULL, &ignored) : NULL;

	if (response->status >= 200 && response->status < 300) {
		*out = json;
		return json || !response->body.len ||
			error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
				"the answer is not JSON");
	}
	const struct json *error = json_get(json, "error");
	const struct fault *fault = fault_find(json_str(json_get(error, "innerError"), "fault"));
	const char *message = json_str(error, "message");
	return error_fault(e, response->status >= 500 ? ERR_UNAVAILABLE : ERR_CONFLICT,
		fault ? fault->name : "service_error", "%s",
		message ? message : arena_printf(arena, "HTTP status %d", response->status));
}

bool
fleet_post(struct fleet_device *d, bool managed, const char *path, const struct buf *body,
	const struct json **out, struct error *e)
{
	struct http_client_request request = {
		.method = "POST",
		.path = path,
		.content_type = "application/json",
		.body = body ? buf_slice(body) : slice_str("{}"),
		.timeout_ms = TIMEOUT_MS,
	};
	struct http_client_response response;

	return (!body || buf_ok(body, e)) && fleet_send(d, managed, &request, &response, e) &&
		fleet_answer(d->arena, &response, out, e);
}

bool
fleet_get(struct fleet_device *d, const char *path, const struct json **out, struct error *e)
{
	struct http_client_request request = {.path = path, .timeout_ms = TIMEOUT_MS};
	struct http_client_response response;

	return fleet_send(d, true, &request, &response, e) &&
		fleet_answer(d->arena, &response, out, e);
}
