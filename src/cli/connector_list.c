// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
connector_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Name", "displayName"},
		{"Domain", "domain"}, {"State", "state"}, {"Last seen", "lastConnectionDateTime"},
		{"Version", "version"}, {0}};
	struct json_list list;

	return api_list(cli, DM "/domainJoinConnectors", &list, e) &&
		output_list(cli, columns, &list, e);
}
