// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/configuration.h"

static bool
is_app(const struct json *item)
{
	return str_eq(json_str(item, "ferryKind"), "app");
}

bool
app_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Id", "id"}, {"Name", "displayName"}, {"File", "fileName"}, {0}};

	return configuration_print(cli, "/v1.0/deviceAppManagement/mobileApps", is_app, columns, e);
}
