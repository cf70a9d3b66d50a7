// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

static const struct column columns[] = {{"Id", "id"}, {"Serial", "serialNumber"},
	{"Enrolment without user", "userlessEnrollmentStatus"}, {0}};

// The registration keeps the reason among its events (behaviour B1).
bool
device_block(struct cli *cli, struct error *e)
{
	const struct json *device;
	const char *body;

	if (!cli_need_reason(cli, &body, e) || !api_device(cli, cli->operands[0], &device, e))
		return false;
	const char *id = json_str(device, "id");
	return api_send_maybe(cli, "POST",
		       arena_printf(cli->arena, "/ferry/v1/registrations/%s/block", id), body, NULL,
		       e) &&
		(cli->plan ||
			api_send(cli, "GET",
				arena_printf(
					cli->arena, DM "/windowsAutopilotDeviceIdentities/%s", id),
				NULL, &device, e)) &&
		output_object(cli, columns, device, e);
}

// allowNextEnrollment (behaviour B2).
bool
device_unblock(struct cli *cli, struct error *e)
{
	const struct json *device;

	if (!api_device(cli, cli->operands[0], &device, e))
		return false;
	const char *path = arena_printf(
		cli->arena, DM "/windowsAutopilotDeviceIdentities/%s", json_str(device, "id"));
	return api_send(cli, "POST", arena_printf(cli->arena, "%s/allowNextEnrollment", path), NULL,
		       NULL, e) &&
		(cli->plan || api_send(cli, "GET", path, NULL, &device, e)) &&
		output_object(cli, columns, device, e);
}
