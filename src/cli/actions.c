// SPDX-License-Identifier: Apache-2.0
// Verbs of one request each, beyond what a resource has in common.
#include "base/str.h"
#include "cli/resource.h"

bool
profile_devices(struct cli *cli, struct error *e)
{
	const struct json *profile;

	return resource_find(cli, &resource_profile, cli->operands[0], &profile, e) &&
		resource_print(cli, &resource_device,
			resource_address(cli, &resource_profile, profile, "assignedDevices"), e);
}

// Others move, so that priorities stay 1, 2, 3 … (behaviour X16).
bool
enrollment_set_priority(struct cli *cli, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	const struct json *object;
	uint64_t priority;

	if (!str_to_u64(cli->operands[1], INT32_MAX, &priority) || priority == 0)
		return error_set(e, ERR_INVALID, "a priority is a number from 1 on");
	return resource_find(cli, r, cli->operands[0], &object, e) &&
		api_send(cli, "POST", resource_address(cli, r, object, "setPriority"),
			arena_printf(
				cli->arena, "{\"priority\":%llu}", (unsigned long long)priority),
			NULL, e);
}

bool
organization_show(struct cli *cli, struct error *e)
{
	struct json_list list;

	if (!api_list(cli, resource_organization.path, &list, e))
		return false;
	if (list.count != 1)
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"the service names %zu organizations", list.count);
	return output_whole(cli, resource_organization.columns, list.items[0], e);
}

#define SETTINGS DM "/windowsAutopilotSettings"

bool
settings_show(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Sync", "syncStatus"},
		{"Last sync", "lastSyncDateTime"},
		{"Last asked for", "lastManualSyncTriggerDateTime"}, {0}};
	const struct json *settings;

	return api_send(cli, "GET", SETTINGS, NULL, &settings, e) &&
		output_object(cli, columns, settings, e);
}

bool
settings_sync(struct cli *cli, struct error *e)
{
	return api_send(cli, "POST", SETTINGS "/sync", NULL, NULL, e) &&
		(cli->plan || settings_show(cli, e));
}
