// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
esp_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Name", "displayName"},
		{"Priority", "priority"}, {"Minutes", "installProgressTimeoutInMinutes"}, {0}};
	struct json_list list;

	return api_list(cli, DM "/deviceEnrollmentConfigurations", &list, e) &&
		output_list(cli, columns, &list, e);
}
