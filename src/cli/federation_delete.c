// SPDX-License-Identifier: Apache-2.0
#include "cli/resource.h"

bool
federation_delete(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *found;

	if (!resource_find(cli, &resource_federation, cli->operands[0], &found, e))
		return false;
	losses_add(losses, cli->arena, "the sign-in of everybody who comes by way of it");
	const char *name = output_text(cli->arena, json_get(found, "displayName"));
	return confirm(cli,
		       arena_printf(cli->arena, "delete identity provider \"%s\" (%s)", name,
			       json_str(found, "id")),
		       losses, e) &&
		api_send(cli, "DELETE", resource_address(cli, &resource_federation, found, NULL),
			NULL, NULL, e);
}
