// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"

#include "base/str.h"

char *
account_user(struct cli *cli)
{
	return arena_printf(
		cli->arena, "/ferry/v1/users/%s", url_encode(cli->arena, cli->operands[0]));
}

char *
account_path(struct cli *cli, const char *action)
{
	return arena_printf(cli->arena, "/ferry/v1/users/%s/%s",
		url_encode(cli->arena, cli->operands[0]), action);
}

void
account_list(struct cli *cli, struct jsonw *w, const char *member, const char *option)
{
	jsonw_array(w, member);
	for (size_t i = 0; i < cli->given_count; i++)
		if (str_eq(cli->given[i].name, option))
			jsonw_str(w, NULL, cli->given[i].value);
	jsonw_end_array(w);
}
