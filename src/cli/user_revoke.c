// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"
#include "cli/plan.h"

bool
user_revoke(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);

	losses_add(losses, cli->arena, "every session and refresh token");
	return confirm(cli, arena_printf(cli->arena, "sign %s out everywhere", cli->operands[0]),
		       losses, e) &&
		api_send(cli, "POST", account_path(cli, "revokeSessions"), NULL, NULL, e);
}
