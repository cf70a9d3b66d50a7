// SPDX-License-Identifier: Apache-2.0
// EnrollmentStatusTracking (behaviour X57-X59, mdm-wire.md section 9.1): how far the provider of
// policies and each tracked app are.
#include "agent/csp/csp.h"
#include "base/str.h"

enum { PARTS = 6, PATIENCE_MAX = 1440 };

static size_t
split(struct arena *arena, const char *path, const char **parts)
{
	size_t count = 0;

	while (*path && count < PARTS) {
		size_t len = strcspn(path, "/");
		parts[count++] = arena_strndup(arena, path, len);
		path += len + (path[len] == '/');
	}
	return *path ? 0 : count;
}

static int
set_number(struct csp_call *call, int64_t *out, uint64_t min, uint64_t max)
{
	uint64_t value;

	if (call->type == SYNCML_GET) {
		call->result = arena_printf(call->arena, "%lld", (long long)*out);
		return 200;
	}
	if (!str_to_u64(call->data, max, &value) || value < min) {
		error_set(&call->why, ERR_INVALID, "not %llu to %llu", (unsigned long long)min,
			(unsigned long long)max);
		return 400;
	}
	*out = (int64_t)value;
	return 200;
}

// DevicePreparation/PolicyProviders/<P>[/…]
static int
provider(struct csp_call *call, const char *const *parts, size_t count)
{
	struct esp_page *page = &call->agent->esp_page;

	if (count <= 3)
		return call->type == SYNCML_ADD ? 200 : 405;
	if (str_eq(parts[3], "InstallationState"))
		return set_number(call, &page->provider, ESP_NOT_INSTALLED, ESP_FAILED);
	if (str_eq(parts[3], "Timeout"))
		return set_number(call, &page->patience_minutes, 1, PATIENCE_MAX);
	return str_eq(parts[3], "LastError") || str_eq(parts[3], "TrackedResourceTypes") ? 200
											 : 404;
}

static int
app_member(struct csp_call *call, struct esp_tracked *app, const char *member)
{
	int64_t number;
	int status;

	if (str_eq(member, "TrackingUri")) {
		if (call->type == SYNCML_GET)
			call->result = app->uri ? app->uri : "";
		else
			app->uri = arena_strdup(call->agent->arena, call->data ? call->data : "");
		return 200;
	}
	if (str_eq(member, "InstallationState")) {
		// What is installed stays so: the service says it anew in each first session.
		number = app->state;
		status = set_number(call, &number, ESP_NOT_INSTALLED, ESP_FAILED);
		if (status == 200 && app->state != ESP_INSTALLED)
			app->state = (enum esp_install)number;
		return status;
	}
	if (!str_eq(member, "RebootRequired"))
		return 404;
	number = app->reboot;
	status = set_number(call, &number, ESP_REBOOT_NONE, ESP_REBOOT_HARD);
	// The restart for what is installed has been, or is on its way.
	if (app->state != ESP_INSTALLED)
		app->reboot = (enum esp_reboot)number;
	return status;
}

// Setup/Apps/Tracking/<P>/<App>/<member>
static int
tracking(struct csp_call *call, const char *const *parts, size_t count)
{
	struct esp_page *page = &call->agent->esp_page;

	if (count < 5)
		return call->type == SYNCML_ADD ? 200 : 405;
	struct esp_tracked *app = call->type == SYNCML_GET
		? esp_page_app(page, parts[4])
		: esp_page_app_add(call->agent->arena, page, parts[4]);
	if (!app)
		return call->type == SYNCML_GET ? 404 : 420;
	return count == 5 ? 200 : app_member(call, app, parts[5]);
}

int
csp_enrollment_status(struct csp_call *call)
{
	struct esp_page *page = &call->agent->esp_page;
	const char *parts[PARTS + 1] = {0};
	size_t count = split(
		call->arena, call->path + strlen("Vendor/MSFT/EnrollmentStatusTracking/"), parts);

	if (call->type != SYNCML_ADD && call->type != SYNCML_REPLACE && call->type != SYNCML_GET)
		return 405;
	if (count >= 2 && str_eq(parts[0], "DevicePreparation") &&
		str_eq(parts[1], "PolicyProviders"))
		return call->user ? 404 : provider(call, parts, count);
	if (count < 2 || !str_eq(parts[0], "Setup"))
		return 404;
	if (str_eq(parts[1], "HasProvisioningCompleted")) {
		bool done = call->user ? call->agent->user_done : call->agent->device_done;
		call->result = done ? "true" : "false";
		return call->type == SYNCML_GET ? 200 : 405;
	}
	if (count < 3 || !str_eq(parts[1], "Apps"))
		return 404;
	if (str_eq(parts[2], "Tracking"))
		return tracking(call, parts, count);
	if (!str_eq(parts[2], "PolicyProviders"))
		return 404;
	if (count == 5 && str_eq(parts[4], "TrackingPoliciesCreated"))
		page->tracking = str_eq(call->data, "true");
	return 200;
}
