// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
group_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Id", "id"}, {"Name", "displayName"}, {"Rule", "membershipRule"}, {0}};
	struct json_list list;

	return api_list(cli, "/v1.0/groups", &list, e) && output_list(cli, columns, &list, e);
}
