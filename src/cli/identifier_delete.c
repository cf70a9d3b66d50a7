// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
identifier_delete(struct cli *cli, struct error *e)
{
	const char *path =
		arena_printf(cli->arena, "/beta/deviceManagement/importedDeviceIdentities/%s",
			url_encode(cli->arena, cli->operands[0]));

	if (cli_switch(cli, "dry-run"))
		return api_send(cli, "GET", path, NULL, NULL, e) &&
			fprintf(stderr, "would be deleted: %s\n", cli->operands[0]) > 0;
	return api_send(cli, "DELETE", path, NULL, NULL, e);
}
