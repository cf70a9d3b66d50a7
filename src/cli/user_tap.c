// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/account.h"
#include "cli/output.h"

enum { MINUTES_MAX = 100000 };

bool
user_tap(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"User name", "userPrincipalName"},
		{"Temporary Access Pass", "temporaryAccessPass"}, {"From", "startDateTime"},
		{"For minutes", "lifetimeInMinutes"}, {"Once", "isUsableOnce"}, {0}};
	const char *minutes = cli_option(cli, "minutes"), *start = cli_option(cli, "start");
	const struct json *made;
	uint64_t number = 0;
	struct buf body;

	if (minutes && !str_to_u64(minutes, MINUTES_MAX, &number))
		return error_set(e, ERR_INVALID, "--minutes must be a number");
	buf_init(&body, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	if (minutes)
		jsonw_int(&w, "lifetimeInMinutes", (int64_t)number);
	if (start)
		jsonw_str(&w, "startDateTime", start);
	if (cli_switch(cli, "reusable"))
		jsonw_bool(&w, "isUsableOnce", false);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", account_path(cli, "temporaryAccessPass"), buf_text(&body),
			&made, e) &&
		output_object(cli, columns, made, e);
}
