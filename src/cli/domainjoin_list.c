// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/configuration.h"

static bool
is_domain_join(const struct json *item)
{
	return str_eq(json_str(item, "@odata.type"), DOMAIN_JOIN_TYPE);
}

bool
domainjoin_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Name", "displayName"},
		{"Domain", "activeDirectoryDomainName"}, {"Computer names", "ferryNameTemplate"},
		{"Organizational unit", "organizationalUnit"}, {0}};

	return configuration_print(cli, CONFIGURATIONS, is_domain_join, columns, e);
}
