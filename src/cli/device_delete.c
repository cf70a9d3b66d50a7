// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/resource.h"

#define NO_ID "00000000-0000-0000-0000-000000000000"

static bool
is_there(const char *id)
{
	return !str_empty(id) && !str_eq(id, NO_ID);
}

// behaviour D4: registration, directory and management are facets of one record.
bool
device_delete(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Serial", "serialNumber"},
		{"Manufacturer", "manufacturer"}, {"Model", "model"}, {0}};
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *device;

	if (!api_device(cli, cli->operands[0], &device, e))
		return false;
	const char *managed = json_str(device, "managedDeviceId");
	const char *directory = json_str(device, "azureActiveDirectoryDeviceId");
	const char *user = json_str(device, "userPrincipalName");
	if (is_there(managed))
		losses_add(losses, cli->arena, "it is under management (%s)", managed);
	if (is_there(directory))
		losses_add(losses, cli->arena, "it is in the directory (%s)", directory);
	if (!str_empty(user))
		losses_add(losses, cli->arena, "it is assigned to %s", user);
	if (!confirm(cli,
		    arena_printf(cli->arena, "delete the registration of %s (%s)",
			    json_str(device, "serialNumber"), json_str(device, "id")),
		    losses, e) ||
		!api_send(cli, "DELETE", resource_address(cli, &resource_device, device, NULL),
			NULL, NULL, e))
		return false;
	if (!cli->plan)
		fprintf(stderr, "deleted:\n");
	return output_object(cli, columns, device, e);
}
