// SPDX-License-Identifier: Apache-2.0
// Vendor/Ferry/StatusPage: what Windows has no node for. A real PC answers 404 and loses nothing.
#include "agent/csp/csp.h"
#include "base/str.h"
#include "codec/json.h"

enum { NAME_MAX_BYTES = 256 };

static int
set_extra(struct csp_call *call)
{
	uint64_t minutes;

	if (!str_to_u64(call->data, 1440, &minutes)) {
		error_set(&call->why, ERR_INVALID, "HybridExtraMinutes is 0 to 1440");
		return 400;
	}
	call->agent->esp_page.hybrid_extra_minutes = (int64_t)minutes;
	return 200;
}

static int
set_policy(struct csp_call *call)
{
	if (strlen(call->data) != 64 || strspn(call->data, "0123456789abcdef") != 64) {
		error_set(&call->why, ERR_INVALID, "PolicyHash is a SHA-256");
		return 400;
	}
	call->agent->esp_page.policy = arena_strdup(call->agent->arena, call->data);
	return 200;
}

// Why there is nothing to do for the user: Autopilot would stand still at "Identifying" (X34).
static int
set_nothing(struct csp_call *call)
{
	call->agent->esp_page.nothing =
		*call->data ? arena_strndup(call->agent->arena, call->data, 300) : NULL;
	return 200;
}

// What the items are called by whoever made them: [{"uri", "name"}, …].
static int
set_names(struct csp_call *call)
{
	struct agent *agent = call->agent;
	const struct json *list = json_parse(agent->arena, slice_str(call->data), NULL, &call->why);
	size_t count = 0;

	if (!list || list->type != JSON_ARRAY || list->count > ESP_VIEW_EXPECTED) {
		error_set(&call->why, ERR_INVALID, "Names is a list of at most %d",
			ESP_VIEW_EXPECTED);
		return 400;
	}
	struct esp_name *names = arena_array(agent->arena, list->count + 1, sizeof *names);
	for (const struct json *in = list->first; in; in = in->next) {
		const char *uri = json_str(in, "uri"), *name = json_str(in, "name");
		if (uri && !str_empty(name) && strlen(name) <= NAME_MAX_BYTES)
			names[count++] = (struct esp_name){.loc_uri = uri, .name = name};
	}
	agent->esp.names = names;
	agent->esp.name_count = count;
	return 200;
}

int
csp_status_page(struct csp_call *call)
{
	static const struct {
		const char *name;
		int (*set)(struct csp_call *call);
	} nodes[] = {
		{"HybridExtraMinutes", set_extra},
		{"PolicyHash", set_policy},
		{"NothingForUser", set_nothing},
		{"Names", set_names},
	};
	const char *node = call->path + strlen("Vendor/Ferry/StatusPage/");

	if (call->type != SYNCML_REPLACE && call->type != SYNCML_ADD)
		return 405;
	if (!call->data)
		call->data = "";
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		if (str_eq(node, nodes[i].name))
			return nodes[i].set(call);
	return 404;
}
