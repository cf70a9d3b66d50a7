// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/output.h"

// Behaviour X61.
bool
device_fail(struct cli *cli, struct error *e)
{
	const char *reason;
	struct buf body;

	if (!cli_need_option(cli, "reason", &reason, e))
		return false;
	if (str_empty(reason))
		return error_set(e, ERR_INVALID, "--reason is empty");
	buf_init(&body, cli->arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "reason", reason);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send_maybe(cli, "POST",
			arena_printf(cli->arena, "/ferry/v1/devices/%s/fail",
				url_encode(cli->arena, cli->operands[0])),
			buf_text(&body), NULL, e);
}
