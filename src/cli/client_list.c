// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
client_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Name", "displayName"},
		{"Public", "public"}, {"Device code", "deviceCode"}, {"Created", "createdDateTime"},
		{0}};
	struct json_list list;

	return api_list(cli, "/ferry/v1/clients", &list, e) && output_list(cli, columns, &list, e);
}
