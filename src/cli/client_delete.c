// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
client_delete(struct cli *cli, struct error *e)
{
	const struct json *client;

	if (!api_find(cli, "/ferry/v1/clients", "client", cli->operands[0], &client, e))
		return false;
	const char *id = json_str(client, "id");
	if (cli_switch(cli, "dry-run")) {
		printf("would delete client %s (%s)\n", id,
			output_clean(cli->arena, json_str(client, "displayName")));
		return true;
	}
	return api_send(cli, "DELETE",
		arena_printf(cli->arena, "/ferry/v1/clients/%s", url_encode(cli->arena, id)), NULL,
		NULL, e);
}
