// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
profile_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Name", "displayName"},
		{"Type", "@odata.type"}, {"Pre-provisioning", "preprovisioningAllowed"},
		{"Trust store", "ferryTrustStore"}, {"Created", "createdDateTime"}, {0}};
	struct json_list list;

	return api_list(cli, DM "/windowsAutopilotDeploymentProfiles", &list, e) &&
		output_list(cli, columns, &list, e);
}
