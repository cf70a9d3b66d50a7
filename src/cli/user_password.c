// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"
#include "cli/account.h"
#include "cli/output.h"

bool
user_password(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"User name", "userPrincipalName"}, {"Password", "password"}, {0}};
	const char *file = cli_option(cli, "password-file");
	const struct json *made;
	char *password = NULL;
	struct buf body;

	if (file && !fs_read_line(cli->arena, file, &password, e))
		return false;
	buf_init(&body, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	if (password)
		jsonw_str(&w, "password", password);
	if (cli_switch(cli, "keep-password"))
		jsonw_bool(&w, "mustChangePassword", false);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", account_path(cli, "password"), buf_text(&body), &made, e) &&
		output_object(cli, columns, made, e);
}
