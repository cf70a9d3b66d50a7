// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
identifier_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"},
		{"Identifier", "importedDeviceIdentifier"}, {"Type", "importedDeviceIdentityType"},
		{"Details", "description"}, {"State", "enrollmentState"}, {0}};
	struct json_list list;

	return api_list(cli, "/beta/deviceManagement/importedDeviceIdentities", &list, e) &&
		output_list(cli, columns, &list, e);
}
