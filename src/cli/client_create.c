// SPDX-License-Identifier: Apache-2.0
#include "cli/account.h"

#include "cli/output.h"

// The secret is kept as a hash: it is printed here once.
bool
client_create(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Id", "id"}, {"Name", "displayName"}, {"Secret", "clientSecret"}, {0}};
	const char *scopes = cli_option(cli, "scopes");
	const struct json *made;
	struct buf body;

	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "displayName", cli->operands[0]);
	jsonw_bool(&w, "public", cli_switch(cli, "public"));
	jsonw_bool(&w, "deviceCode", cli_switch(cli, "device-code"));
	if (scopes)
		jsonw_str(&w, "scopes", scopes);
	account_list(cli, &w, "permissions", "permission");
	account_list(cli, &w, "webRedirectUris", "redirect-uri");
	account_list(cli, &w, "spaRedirectUris", "spa-redirect-uri");
	account_list(cli, &w, "nativeRedirectUris", "native-redirect-uri");
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", "/ferry/v1/clients", buf_text(&body), &made, e) &&
		output_object(cli, columns, made, e);
}
