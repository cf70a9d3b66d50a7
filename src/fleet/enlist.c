// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/str.h"
#include <unistd.h>

enum { PART = 100, BODY_MAX = 4 << 20, TIMEOUT_MS = 120000 };

#define IMPORT "/beta/deviceManagement/importedWindowsAutopilotDeviceIdentities/import"

static void
put_form(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s%s=", out->len ? "&" : "", name);
	buf_put_escaped(out, value);
}

// Client credentials, as ferry(1) signs in.
static bool
sign_in(struct fleet *fleet, struct http_client *client, struct arena *arena, const char **token,
	struct error *e)
{
	const struct fleet_options *o = fleet->options;
	struct http_client_response response;
	const struct json *answer;
	struct buf form;

	buf_init(&form, arena, 8 << 10);
	put_form(&form, "grant_type", "client_credentials");
	put_form(&form, "client_id", o->client_id);
	put_form(&form, "client_secret", o->client_secret);
	put_form(&form, "scope", "https://graph.microsoft.com/.default");
	struct http_client_request request = {
		.method = "POST",
		.path = arena_printf(arena, "/%s/oauth2/v2.0/token", o->tenant),
		.content_type = "application/x-www-form-urlencoded",
		.body = buf_slice(&form),
	};
	if (!buf_ok(&form, e) || !http_client_send(client, arena, &request, &response, e))
		return false;
	if (response.status != 200)
		return error_fault(e, ERR_UNAUTHENTICATED, "sign_in_failed",
			"the service does not sign this program in (HTTP status %d)",
			response.status);
	return fleet_answer(arena, &response, &answer, e) &&
		json_need_str(answer, "access_token", 16 << 10, token, e);
}

static bool
write_part(struct fleet *fleet, struct arena *arena, unsigned first, unsigned count,
	struct buf *body, struct error *e)
{
	const struct fleet_options *o = fleet->options;

	buf_init(body, arena, BODY_MAX);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "importedWindowsAutopilotDeviceIdentities");
	for (unsigned i = 0; i < count; i++) {
		struct fleet_device d = {.fleet = fleet, .arena = arena};
		bool ok = fleet_identity(&d, first + i, e);
		tpm_soft_finish(&d.soft);
		if (!ok)
			return false;
		jsonw_object(&w, NULL);
		jsonw_str(&w, "serialNumber", d.serial);
		jsonw_str(&w, "hardwareIdentifier", d.hash);
		jsonw_str(&w, "groupTag", o->group_tag);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return buf_ok(body, e);
}

// One that was registered before (806) is as good as new.
static bool
check_part(const struct json *answer, struct error *e)
{
	const struct json *value = json_get(answer, "value");

	for (const struct json *v = value ? value->first : NULL; v; v = v->next) {
		const struct json *state = json_get(v, "state");
		int64_t code = json_int(state, "deviceErrorCode", 0);
		if (code && code != 806)
			return error_set(e, ERR_CONFLICT, "%s is not registered: %s",
				json_str(v, "serialNumber"), json_str(state, "deviceErrorName"));
	}
	return true;
}

static bool
send_part(struct http_client *client, struct arena *arena, const char *token,
	const struct buf *body, struct error *e)
{
	struct http_header header = {"Authorization", arena_printf(arena, "Bearer %s", token)};
	struct http_client_request request = {
		.method = "POST",
		.path = IMPORT,
		.content_type = "application/json",
		.body = buf_slice(body),
		.headers = &header,
		.header_count = 1,
		.timeout_ms = TIMEOUT_MS,
	};
	struct http_client_response response;
	const struct json *answer;

	return http_client_send(client, arena, &request, &response, e) &&
		fleet_answer(arena, &response, &answer, e) && check_part(answer, e);
}

static bool
enlist_all(struct fleet *fleet, struct http_client *client, struct error *e)
{
	const struct fleet_options *o = fleet->options;
	autoarena(outer, ARENA_REQUEST);
	const char *token;

	if (!sign_in(fleet, client, &outer, &token, e))
		return false;
	for (unsigned i = 0; i < o->devices; i += PART) {
		autoarena(arena, ARENA_REQUEST);
		unsigned count = o->devices - i < PART ? o->devices - i : PART;
		struct buf body;
		if (!write_part(fleet, &arena, o->first + i, count, &body, e) ||
			!send_part(client, &arena, token, &body, e))
			return false;
		if (!o->quiet)
			fprintf(stderr, "\rregistered %u of %u ", i + count, o->devices);
	}
	if (!o->quiet)
		fputc('\n', stderr);
	return true;
}

// The first time each key is made, on all processors.
static bool
make_key(void *context, unsigned index, struct error *e)
{
	struct fleet *fleet = context;
	struct fleet_device d;
	bool ok = fleet_device_make(fleet, fleet->options->first + index, &d, e);

	fleet_device_finish(&d);
	return ok;
}

bool
fleet_enlist(struct fleet *fleet, struct error *e)
{
	const struct fleet_options *o = fleet->options;
	struct http_client_options options = {.base_url = o->url, .ca = o->ca, .proxy = ""};
	struct http_client *client;

	if (!o->client_id || !o->client_secret || !o->tenant)
		return error_set(
			e, ERR_INVALID, "--register needs a --profile with a program's secret");
	if (!fleet_each(fleet, (unsigned)sysconf(_SC_NPROCESSORS_ONLN), make_key, fleet, e) ||
		!http_client_open(&options, &client, e))
		return false;
	bool ok = enlist_all(fleet, client, e);
	http_client_close(client);
	return ok;
}
