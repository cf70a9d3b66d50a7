// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"
#include "cli/output.h"

bool
user_delete(struct cli *cli, struct error *e)
{
	const struct json *user;

	if (!api_send(cli, "GET", account_user(cli), NULL, &user, e))
		return false;
	if (cli_switch(cli, "dry-run")) {
		printf("would delete user %s (%s)\n", json_str(user, "id"),
			output_clean(cli->arena, json_str(user, "userPrincipalName")));
		return true;
	}
	return api_send(cli, "DELETE", account_user(cli), NULL, NULL, e);
}
