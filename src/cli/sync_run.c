// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
sync_run(struct cli *cli, struct error *e)
{
	struct buf body;

	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "domain", cli->operands[0]);
	jsonw_bool(&w, "full", cli_option(cli, "full") != NULL);
	jsonw_bool(&w, "force", cli_option(cli, "force") != NULL);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", "/ferry/v1/sync", buf_text(&body), NULL, e);
}
