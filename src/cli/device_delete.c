// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
device_delete(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Serial", "serialNumber"},
		{"Manufacturer", "manufacturer"}, {"Model", "model"}, {0}};
	bool dry_run = cli_switch(cli, "dry-run");
	const struct json *device;

	if (!api_device(cli, cli->operands[0], &device, e))
		return false;
	if (!dry_run &&
		!api_send(cli, "DELETE",
			arena_printf(cli->arena, DM "/windowsAutopilotDeviceIdentities/%s",
				json_str(device, "id")),
			NULL, NULL, e))
		return false;
	fprintf(stderr, dry_run ? "would be deleted:\n" : "deleted:\n");
	return output_object(cli, columns, device, e);
}
