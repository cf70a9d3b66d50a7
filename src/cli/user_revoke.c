// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"

bool
user_revoke(struct cli *cli, struct error *e)
{
	return api_send(cli, "POST", account_path(cli, "revokeSessions"), NULL, NULL, e);
}
