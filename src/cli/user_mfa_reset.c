// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"

bool
user_mfa_reset(struct cli *cli, struct error *e)
{
	return api_send(cli, "POST", account_path(cli, "mfaReset"), NULL, NULL, e);
}
