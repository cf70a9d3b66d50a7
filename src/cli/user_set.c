// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/account.h"
#include "cli/output.h"

bool
user_set(struct cli *cli, struct error *e)
{
	static const struct {
		const char *option, *member;
	} texts[] = {{"name", "displayName"}, {"mail", "mail"}, {"department", "department"},
		{"title", "jobTitle"}, {"location", "usageLocation"}};
	static const struct column columns[] = {{"User name", "userPrincipalName"},
		{"Name", "displayName"}, {"Department", "department"},
		{"Enabled", "accountEnabled"}, {0}};
	const struct json *user;
	struct buf body;

	buf_init(&body, cli->arena, 16 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (cli_option(cli, texts[i].option))
			jsonw_str(&w, texts[i].member, cli_option(cli, texts[i].option));
	if (cli_option(cli, "enabled"))
		jsonw_bool(&w, "accountEnabled", str_eq(cli_option(cli, "enabled"), "yes"));
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "PATCH", account_user(cli), buf_text(&body), &user, e) &&
		output_object(cli, columns, user, e);
}
