// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"
#include "cli/output.h"
#include "cli/plan.h"

bool
user_delete(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *user;

	if (!api_send(cli, "GET", account_user(cli), NULL, &user, e))
		return false;
	losses_add(losses, cli->arena, "everything that was granted in the user's name");
	return confirm(cli,
		       arena_printf(cli->arena, "delete user %s (%s)",
			       json_str(user, "userPrincipalName"), json_str(user, "id")),
		       losses, e) &&
		api_send(cli, "DELETE", account_user(cli), NULL, NULL, e);
}
