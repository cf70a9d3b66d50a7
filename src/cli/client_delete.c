// SPDX-License-Identifier: Apache-2.0
#include "cli/resource.h"

bool
client_delete(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *client;

	if (!resource_find(cli, &resource_client, cli->operands[0], &client, e))
		return false;
	losses_add(losses, cli->arena, "everything that was granted to it");
	const char *name = output_text(cli->arena, json_get(client, "displayName"));
	return confirm(cli,
		       arena_printf(cli->arena, "delete API client \"%s\" (%s)", name,
			       json_str(client, "id")),
		       losses, e) &&
		api_send(cli, "DELETE", resource_address(cli, &resource_client, client, NULL), NULL,
			NULL, e);
}
