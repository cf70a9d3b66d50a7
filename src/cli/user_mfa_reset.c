// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"
#include "cli/plan.h"

bool
user_mfa_reset(struct cli *cli, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);

	losses_add(losses, cli->arena, "the app, its recovery codes and every session");
	return confirm(cli,
		       arena_printf(
			       cli->arena, "remove the authenticator app of %s", cli->operands[0]),
		       losses, e) &&
		api_send(cli, "POST", account_path(cli, "mfaReset"), NULL, NULL, e);
}
