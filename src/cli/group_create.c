// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
group_create(struct cli *cli, struct error *e)
{
	const char *rule = cli_option(cli, "rule");
	const struct json *made;
	struct buf body;

	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "displayName", cli->operands[0]);
	if (rule)
		jsonw_str(&w, "membershipRule", rule);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", "/v1.0/groups", buf_text(&body), &made, e) &&
		output_object(cli, output_made, made, e);
}
