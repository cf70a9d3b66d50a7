// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/configuration.h"

static bool
is_setting(const struct json *item)
{
	const char *kind = json_str(item, "ferryKind");

	return kind && !str_eq(kind, "app");
}

bool
policy_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Name", "displayName"},
		{"Kind", "ferryKind"}, {"Scope", "ferryScope"}, {"Node", "omaUri"}, {0}};

	return configuration_print(cli, CONFIGURATIONS, is_setting, columns, e);
}
