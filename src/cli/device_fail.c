// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

// Behaviour X61.
bool
device_fail(struct cli *cli, struct error *e)
{
	const char *body;

	return cli_need_reason(cli, &body, e) &&
		api_send_maybe(cli, "POST",
			arena_printf(cli->arena, "/ferry/v1/devices/%s/fail",
				url_encode(cli->arena, cli->operands[0])),
			body, NULL, e);
}
