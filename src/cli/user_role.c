// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"
#include "cli/output.h"

bool
user_role(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"User name", "userPrincipalName"}, {"Roles", "roles"}, {0}};
	const struct json *made;
	struct buf body;

	if (!cli_option(cli, "role") && !cli_switch(cli, "none"))
		return error_set(e, ERR_INVALID, "--role is needed, or --none to take all roles");
	buf_init(&body, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	account_list(cli, &w, "roles", "role");
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", account_path(cli, "roles"), buf_text(&body), &made, e) &&
		output_object(cli, columns, made, e);
}
