// SPDX-License-Identifier: Apache-2.0
#include "cli/naming.h"
#include "cli/resource.h"

bool
profile_preview(struct cli *cli, struct error *e)
{
	const struct json *profile;
	struct buf body;

	if (!resource_find(cli, &resource_profile, cli->operands[0], &profile, e))
		return false;
	buf_init(&body, cli->arena, 4 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "profileId", json_str(profile, "id"));
	return naming_preview_send(cli, &w, &body, e);
}
