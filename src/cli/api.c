// SPDX-License-Identifier: Apache-2.0
#include "cli/api.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "cli/findings.h"
#include "cli/plan.h"
#include "cli/profile_file.h"
#include "domain/fault.h"
#include "http/client.h"
#include <stdlib.h>
#include <time.h>

enum {
	ANSWER_MAX = 32 << 20,
	ANSWER_NODES = 2000000,
	PUT_TIMEOUT_MS = 30 * 60 * 1000,
	// How often and how long a service that asks for patience gets it.
	ASK_AGAIN = 6,
	LONGEST_WAIT_S = 120,
};

struct api {
	struct arena arena; // outlives any single answer
	struct settings settings;
	struct http_client *http;
	const char *authorization; // "Bearer …"; NULL until signed in
};

void
api_close(struct api *api)
{
	if (!api)
		return;
	http_client_close(api->http);
	arena_finish(&api->arena);
	free(api);
}

static bool
api_open(struct cli *cli, struct error *e)
{
	if (cli->api)
		return true;
	struct api *api = calloc(1, sizeof *api);
	if (!api)
		return error_set(e, ERR_INTERNAL, "out of memory");
	arena_init(&api->arena, ARENA_REQUEST);
	// From here on the caller of the verb closes it.
	cli->api = api;
	if (!settings_read(&api->arena, cli, &api->settings, e))
		return false;
	struct http_client_options options = {.base_url = api->settings.url,
		.ca = api->settings.ca,
		.max_body = ANSWER_MAX,
		.connect_timeout_ms = cli->timeout_ms,
		.total_timeout_ms = cli->timeout_ms};
	if (http_client_open(&options, &api->http, e))
		return true;
	return error_wrap(e, "%s", api->settings.url);
}

char *
url_encode(struct arena *arena, const char *text)
{
	struct buf out;

	buf_init(&out, arena, 3 * strlen(text) + 1);
	buf_put_escaped(&out, text);
	return arena_strdup(arena, buf_text(&out));
}

// --- answers ---

// What a status means to a program; the exit code follows from it.
static enum error_code
code_of_status(int status)
{
	static const struct {
		int status;
		enum error_code code;
	} table[] = {
		{400, ERR_INVALID},
		{401, ERR_UNAUTHENTICATED},
		{403, ERR_DENIED},
		{404, ERR_NOT_FOUND},
		{405, ERR_UNSUPPORTED},
		{409, ERR_CONFLICT},
		{412, ERR_CONFLICT},
		{413, ERR_LIMIT},
		{429, ERR_UNAVAILABLE},
		{501, ERR_UNSUPPORTED},
		{502, ERR_UNAVAILABLE},
		{503, ERR_UNAVAILABLE},
		{504, ERR_TIMEOUT},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].status == status)
			return table[i].code;
	return status >= 500 ? ERR_UNAVAILABLE : ERR_PROTOCOL;
}

bool
api_refused(int status, const struct json *body, struct error *e)
{
	const struct json *error = json_get(body, "error"), *inner = json_get(error, "innerError");
	// The sign-in's errors have OAuth's form.
	const char *message = error && error->type == JSON_STRING
		? json_str(body, "error_description")
		: json_str(error, "message");
	const char *hint = json_str(inner, "hint");
	const struct fault *fault = fault_find(json_str(inner, "fault"));

	enum error_code code = code_of_status(status);
	const char *name = fault ? fault->name : NULL;
	if (message)
		error_fault(e, code, name, "%s", message);
	else
		error_fault(e, code, name, "the service answered %d", status);
	if (hint)
		error_hint(e, "%s", hint);
	else if (status >= 500)
		error_hint(e, "look for this request in the service's log");
	return false;
}

static bool
read_answer(struct arena *arena, const struct http_client_response *answer, const struct json **out,
	struct error *e)
{
	struct json_limits limits = {.max_bytes = ANSWER_MAX, .max_nodes = ANSWER_NODES};
	const struct json *body = NULL;

	if (answer->body.len && !(body = json_parse(arena, answer->body, &limits, e)) &&
		answer->status < 400)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service's answer is not JSON; is this the address of a Ferry "
			"service?");
	if (answer->status >= 400)
		return api_refused(answer->status, body, e);
	if (out)
		*out = body;
	return true;
}

// --- patience ---

// Seconds after which the service wants to be asked again, or -1: not at all. A number or a date
// (RFC 9110 section 10.2.3).
static int64_t
patience(const struct http_client_response *answer, int attempt)
{
	const char *text = http_client_header(answer, "Retry-After");
	uint64_t seconds;
	time_us at;

	if (answer->status != 429 && answer->status != 503)
		return -1;
	if (text && str_to_u64(text, INT32_MAX, &seconds))
		return (int64_t)seconds;
	if (text && clock_parse_http_date(text, &at))
		return at > clock_now() ? (at - clock_now()) / US_PER_S + 1 : 0;
	return answer->status == 429 ? (int64_t)1 << attempt : -1;
}

// The service was not reached. The catalogue speaks to whoever stands before a device; here the
// authority may only not have been named.
static bool
not_reached(const struct api *api, struct error *e)
{
	if (!str_eq(e->fault, "service_certificate_untrusted") || !str_empty(api->settings.ca))
		return false;
	e->fault = NULL;
	return error_hint(e,
		"name the authority that its certificate comes from: --ca FILE, or \"ca\" in the "
		"profile");
}

// A refusal for now was not worked on: every method may be sent again.
static bool
send_patiently(struct cli *cli, const struct http_client_request *request,
	struct http_client_response *answer, struct error *e)
{
	int64_t waited = 0;

	for (int attempt = 0;; attempt++) {
		if (!http_client_send(cli->api->http, cli->arena, request, answer, e))
			return not_reached(cli->api, e);
		int64_t wait = patience(answer, attempt);
		if (wait < 0 || cli->timeout_ms || attempt + 1 == ASK_AGAIN ||
			waited + wait > LONGEST_WAIT_S)
			return true;
		waited += wait;
		fprintf(stderr, "ferry: the service is busy: waiting %lld s\n", (long long)wait);
		nanosleep(&(struct timespec){.tv_sec = wait}, NULL);
	}
}

// --- sign-in ---

bool
api_settings(struct cli *cli, const struct settings **out, struct error *e)
{
	if (!api_open(cli, e))
		return false;
	*out = &cli->api->settings;
	return true;
}

bool
api_form(struct cli *cli, const char *path, const char *form, const struct json **out,
	struct error *e)
{
	struct http_client_response answer;
	struct http_client_request request = {
		.method = "POST",
		.path = path,
		.content_type = "application/x-www-form-urlencoded",
		.body = slice_str(form),
	};

	if (!api_open(cli, e))
		return false;
	struct api *api = cli->api;
	return (http_client_send(api->http, &api->arena, &request, &answer, e) ||
		       not_reached(api, e)) &&
		read_answer(&api->arena, &answer, out, e);
}

bool
api_token(struct cli *cli, const char *form, const struct json **out, struct error *e)
{
	if (!api_open(cli, e))
		return false;
	struct arena *arena = &cli->api->arena;
	return api_form(cli,
		arena_printf(arena, "/%s/oauth2/v2.0/token",
			url_encode(arena, cli->api->settings.tenant)),
		form, out, e);
}

static const char *
secret_form(struct api *api)
{
	struct settings *s = &api->settings;
	struct arena *arena = &api->arena;

	return arena_printf(arena,
		"grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s",
		url_encode(arena, s->client_id), url_encode(arena, s->client_secret),
		"https%3A%2F%2Fgraph.microsoft.com%2F.default");
}

// A person's sign-in: spend the refresh token, and keep the next one before it is needed.
static bool
refresh(struct cli *cli, const struct json **body, struct error *e)
{
	struct settings *s = &cli->api->settings;
	struct arena *arena = &cli->api->arena;
	const char *token, *next;
	autoclose lock = -1;

	if (!profile_file_lock(s, &lock, e) || !profile_file_token(arena, s, &token, e) ||
		!api_token(cli,
			arena_printf(arena,
				"grant_type=refresh_token&client_id=%s&refresh_token=%s",
				url_encode(arena, s->client_id), url_encode(arena, token)),
			body, e))
		return error_hint(e, "sign in again: ferry login");
	next = json_str(*body, "refresh_token");
	return str_empty(next) || profile_file_write(arena, s, next, e);
}

static bool
sign_in(struct cli *cli, struct error *e)
{
	struct api *api = cli->api;
	const struct json *body;
	bool program = !str_empty(api->settings.client_secret);

	if (!(program ? api_token(cli, secret_form(api), &body, e) : refresh(cli, &body, e))) {
		if (e->code == ERR_UNAUTHENTICATED || e->code == ERR_DENIED)
			error_wrap(e, "sign-in was refused");
		if (!e->fault && e->code == ERR_UNAUTHENTICATED)
			error_hint(e, "check the client id and its secret");
		return false;
	}
	const char *token = json_str(body, "access_token");
	if (str_empty(token))
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service's sign-in gave no token");
	api->authorization = arena_printf(&api->arena, "Bearer %s", token);
	return true;
}

static bool
send_request(struct cli *cli, struct http_client_request *request, const struct json **out,
	struct error *e)
{
	struct http_client_response answer;

	if (!api_open(cli, e))
		return false;
	struct api *api = cli->api;
	// A token lives an hour; a long import may outlive it, so a refused one is renewed once.
	for (int attempt = 0; attempt < 2; attempt++) {
		bool fresh = !api->authorization;
		if (fresh && !sign_in(cli, e))
			return false;
		struct http_header headers[3] = {{"Authorization", api->authorization}};
		request->headers = headers;
		request->header_count = 1;
		if (cli->if_match)
			headers[request->header_count++] =
				(struct http_header){"If-Match", cli->if_match};
		if (cli_switch(cli, "strict"))
			headers[request->header_count++] =
				(struct http_header){"Prefer", "handling=strict"};
		if (!send_patiently(cli, request, &answer, e))
			return false;
		if (answer.status != 401 || fresh)
			break;
		api->authorization = NULL;
	}
	request->headers = NULL;
	request->header_count = 0;
	const char *id = http_client_header(&answer, "request-id");
	cli->request_id = id ? arena_strdup(&api->arena, id) : NULL;
	if (!read_answer(cli->arena, &answer, out, e))
		return false;
	if (out && *out)
		findings_warn(cli, json_get(*out, "@ferry.findings"));
	return true;
}

bool
api_send_maybe(struct cli *cli, const char *method, const char *path, const char *body,
	const struct json **out, struct error *e)
{
	struct http_client_request request = {
		.method = method,
		.path = path,
		.content_type = body ? "application/json" : NULL,
		.body = slice_str(body),
	};

	const struct json *answer = NULL;
	if (cli->plan && !str_eq(method, "GET")) {
		answer = plan_request(cli, method, path, body);
		if (out)
			*out = answer;
		return true;
	}
	if (!send_request(cli, &request, &answer, e))
		return false;
	if (out)
		*out = answer;
	return true;
}

bool
api_send(struct cli *cli, const char *method, const char *path, const char *body,
	const struct json **out, struct error *e)
{
	if (!api_send_maybe(cli, method, path, body, out, e))
		return false;
	return !out || *out ||
		error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service's answer is empty");
}

bool
api_ask(struct cli *cli, const char *path, const char *body, const struct json **out,
	struct error *e)
{
	struct plan *plan = cli->plan;

	cli->plan = NULL;
	bool ok = api_send(cli, "POST", path, body, out, e);
	cli->plan = plan;
	return ok;
}

bool
api_patch(struct cli *cli, const char *path, const char *body, const struct json *before,
	const struct json **out, struct error *e)
{
	cli->if_match = json_str(before, "@odata.etag");
	bool ok = api_send_maybe(cli, "PATCH", path, body, out, e);
	cli->if_match = NULL;
	return ok;
}

bool
api_put(struct cli *cli, const char *path, struct slice bytes, const struct json **out,
	struct error *e)
{
	struct http_client_request request = {
		.method = "PUT",
		.path = path,
		.content_type = "application/octet-stream",
		.body = bytes,
		.timeout_ms = PUT_TIMEOUT_MS,
	};

	if (cli->plan) {
		const struct json *answer = plan_request(cli, "PUT", path, NULL);
		if (out)
			*out = answer;
		return true;
	}
	return send_request(cli, &request, out, e);
}

// --- collections ---

// The next page's address is absolute; only its path is followed, so that no answer can lead the
// token to another host.
static const char *
path_of_link(const struct api *api, const char *link)
{
	size_t len = strlen(api->settings.url);

	while (len && api->settings.url[len - 1] == '/')
		len--;
	if (strncmp(link, api->settings.url, len) == 0 && link[len] == '/')
		return link + len;
	const char *host = strstr(link, "://");
	return host ? strchr(host + 3, '/') : NULL;
}

bool
api_page(struct cli *cli, const char **path, const struct json **value, struct error *e)
{
	const struct json *page;

	if (!api_send(cli, "GET", *path, NULL, &page, e))
		return false;
	*value = json_get(page, "value");
	if (!*value || (*value)->type != JSON_ARRAY)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service's answer is not a collection");
	const char *link = json_str(page, "@odata.nextLink");
	const char *next = link ? path_of_link(cli->api, link) : NULL;
	if (next && str_eq(next, *path))
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service's pages do not end");
	*path = next;
	return true;
}

bool
api_each(struct cli *cli, const char *path,
	bool (*each)(struct cli *cli, const struct json *item, void *context, struct error *e),
	void *context, struct error *e)
{
	const struct json *value;

	while (path) {
		if (!api_page(cli, &path, &value, e))
			return false;
		for (const struct json *item = value->first; item; item = item->next)
			if (!each(cli, item, context, e))
				return false;
	}
	return true;
}

struct growing_list {
	struct json_list *list;
	size_t room;
};

static bool
keep_item(struct cli *cli, const struct json *item, void *context, struct error *e)
{
	struct growing_list *g = context;

	(void)e;
	if (g->list->count == g->room) {
		size_t room = g->room ? 2 * g->room : 64;
		const struct json **items = arena_array(cli->arena, room, sizeof *items);
		if (g->list->count)
			memcpy(items, g->list->items, g->list->count * sizeof *items);
		g->list->items = items;
		g->room = room;
	}
	g->list->items[g->list->count++] = item;
	return true;
}

bool
api_list(struct cli *cli, const char *path, struct json_list *out, struct error *e)
{
	struct growing_list g = {.list = out};

	*out = (struct json_list){0};
	return api_each(cli, path, keep_item, &g, e);
}

// A text in an OData literal: its quotes are doubled.
char *
api_quote(struct arena *arena, const char *text)
{
	struct buf out;

	buf_init(&out, arena, 2 * strlen(text) + 4);
	buf_putc(&out, '\'');
	for (; *text; text++)
		buf_printf(&out, "%s%c", *text == '\'' ? "'" : "", *text);
	buf_putc(&out, '\'');
	return arena_strdup(arena, buf_text(&out));
}

bool
api_device(struct cli *cli, const char *serial, const struct json **out, struct error *e)
{
	struct json_list list;
	const char *condition =
		arena_printf(cli->arena, "serialNumber eq %s", api_quote(cli->arena, serial));

	if (!api_list(cli,
		    arena_printf(cli->arena, DM "/windowsAutopilotDeviceIdentities?$filter=%s",
			    url_encode(cli->arena, condition)),
		    &list, e))
		return false;
	const struct json *found = NULL;
	for (size_t i = 0; i < list.count; i++) {
		if (!str_ieq(json_str(list.items[i], "serialNumber"), serial) &&
			!str_ieq(json_str(list.items[i], "id"), serial))
			continue;
		if (found)
			return error_fault(e, ERR_CONFLICT, "serial_ambiguous",
				"several devices have the serial number %s", serial);
		found = list.items[i];
	}
	*out = found;
	return found ||
		error_fault(e, ERR_NOT_FOUND, "device_not_registered",
			"no device has the serial number %s", serial);
}
