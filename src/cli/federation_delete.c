// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
federation_delete(struct cli *cli, struct error *e)
{
	const struct json *found;

	if (!api_find(
		    cli, "/ferry/v1/federations", "identity provider", cli->operands[0], &found, e))
		return false;
	const char *id = json_str(found, "id");
	if (cli_switch(cli, "dry-run")) {
		printf("would delete identity provider %s (%s)\n", id,
			output_clean(cli->arena, json_str(found, "displayName")));
		return true;
	}
	return api_send(cli, "DELETE",
		arena_printf(cli->arena, "/ferry/v1/federations/%s", url_encode(cli->arena, id)),
		NULL, NULL, e);
}
