// SPDX-License-Identifier: Apache-2.0
// DMClient/Provider/<P>/FirstSyncStatus: how the Enrollment Status Page behaves, what it expects,
// and when the service has finished (behaviour X50-X55).
#include "agent/csp/csp.h"
#include "base/failpoint.h"
#include "base/str.h"

enum { TEXT_MAX = 10000 };

static bool
read_bool(const char *value, bool *out)
{
	*out = str_eq(value, "true");
	return *out || str_eq(value, "false");
}

static int
refuse(struct csp_call *call, const char *what)
{
	error_set(&call->why, ERR_INVALID, "%s", what);
	return 400;
}

static int
set_skip_device(struct csp_call *call, const char *value)
{
	return read_bool(value, &call->agent->esp_page.skip_device) ? 200
								    : refuse(call, "true or false");
}

static int
set_skip_user(struct csp_call *call, const char *value)
{
	return read_bool(value, &call->agent->esp_page.skip_user) ? 200
								  : refuse(call, "true or false");
}

static int
set_logs(struct csp_call *call, const char *value)
{
	return read_bool(value, &call->agent->esp_page.logs) ? 200 : refuse(call, "true or false");
}

static int
set_block(struct csp_call *call, const char *value)
{
	uint64_t bits;

	if (!str_to_u64(value, 7, &bits))
		return refuse(call, "BlockInStatusPage is 0 to 7");
	call->agent->esp_page.block = (int64_t)bits;
	call->agent->esp_page.told = true;
	return 200;
}

static int
set_timeout(struct csp_call *call, const char *value)
{
	uint64_t minutes;

	if (!str_to_u64(value, 1440, &minutes) || minutes == 0)
		return refuse(call, "TimeOutUntilSyncFailure is 1 to 1440 minutes");
	call->agent->esp_page.timeout_minutes = (int64_t)minutes;
	return 200;
}

static int
set_text(struct csp_call *call, const char *value)
{
	if (strlen(value) > TEXT_MAX)
		return refuse(call, "CustomErrorText is too long");
	call->agent->esp_page.text = *value ? arena_strdup(call->agent->arena, value) : NULL;
	return 200;
}

// It cannot go back to false (behaviour X54).
static int
set_finished(struct csp_call *call, const char *value)
{
	struct agent *agent = call->agent;

	*(call->user ? &agent->user_done : &agent->device_done) |= str_eq(value, "true");
	failpoint(call->user ? "agent.user_done" : "agent.device_done");
	return 200;
}

// 0: the service gives this setup up (X61). That it went well is for this device to say.
static int
set_success(struct csp_call *call, const char *value)
{
	if (str_eq(value, "0"))
		call->agent->esp_page.forced = true;
	return str_eq(value, "0") || str_eq(value, "1") || str_eq(value, "2")
		? 200
		: refuse(call, "WasDeviceSuccessfullyProvisioned is 0, 1 or 2");
}

static int
set_sync_done(struct csp_call *call, const char *value)
{
	(void)value;
	(void)call;
	return 200;
}

static const struct {
	const char *name;
	bool device_only;
	int (*set)(struct csp_call *call, const char *value);
} nodes[] = {
	{"SkipDeviceStatusPage", true, set_skip_device},
	{"SkipUserStatusPage", true, set_skip_user},
	{"BlockInStatusPage", true, set_block},
	{"TimeOutUntilSyncFailure", false, set_timeout},
	{"AllowCollectLogsButton", false, set_logs},
	{"CustomErrorText", false, set_text},
	{"ServerHasFinishedProvisioning", false, set_finished},
	{"WasDeviceSuccessfullyProvisioned", false, set_success},
	{"IsSyncDone", false, set_sync_done},
};

static int
get(struct csp_call *call, const char *node)
{
	struct agent *agent = call->agent;
	const struct esp_page *page = &agent->esp_page;
	bool done = call->user ? agent->user_done : agent->device_done;
	const struct {
		const char *name, *value;
	} values[] = {
		{"SkipDeviceStatusPage", page->skip_device ? "true" : "false"},
		{"SkipUserStatusPage", page->skip_user ? "true" : "false"},
		{"BlockInStatusPage", arena_printf(call->arena, "%lld", (long long)page->block)},
		{"TimeOutUntilSyncFailure",
			arena_printf(call->arena, "%lld", (long long)page->timeout_minutes)},
		{"AllowCollectLogsButton", page->logs ? "true" : "false"},
		{"CustomErrorText", page->text ? page->text : ""},
		{"ServerHasFinishedProvisioning", done ? "true" : "false"},
		{"IsSyncDone", done ? "true" : "false"},
		{"WasDeviceSuccessfullyProvisioned",
			page->forced   ? "0"
				: done ? "1"
				       : "2"},
	};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (str_eq(values[i].name, node)) {
			call->result = values[i].value;
			return 200;
		}
	return 404;
}

int
csp_dmclient(struct csp_call *call)
{
	const char *node = strstr(call->path, "/FirstSyncStatus/");
	const char *value = call->data ? call->data : "";

	if (!node)
		return 404;
	node += strlen("/FirstSyncStatus/");
	if (call->type == SYNCML_GET)
		return get(call, node);
	if (call->type != SYNCML_ADD && call->type != SYNCML_REPLACE)
		return 405;
	if (str_starts(node, "Expected")) {
		esp_view_expect(&call->agent->esp, call->agent->arena, call->user, node, value);
		return 200;
	}
	for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
		if (str_eq(node, nodes[i].name))
			return call->user && nodes[i].device_only ? 404 : nodes[i].set(call, value);
	return 404;
}
