// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"

#include "base/fs.h"
#include "cli/output.h"

// A password that the service made, or the pass, is printed here once.
bool
user_create(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"User name", "userPrincipalName"},
		{"Roles", "roles"}, {"Password", "password"}, {0}};
	const char *name = cli_option(cli, "name"), *file = cli_option(cli, "password-file");
	const struct json *made;
	char *password = NULL;
	struct buf body;

	if (file && !fs_read_line(cli->arena, file, &password, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "userPrincipalName", cli->operands[0]);
	if (name)
		jsonw_str(&w, "displayName", name);
	if (password)
		jsonw_str(&w, "password", password);
	if (cli_switch(cli, "passwordless"))
		jsonw_bool(&w, "passwordless", true);
	if (cli_switch(cli, "keep-password"))
		jsonw_bool(&w, "mustChangePassword", false);
	account_list(cli, &w, "roles", "role");
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", "/ferry/v1/users", buf_text(&body), &made, e) &&
		output_object(cli, columns, made, e);
}
