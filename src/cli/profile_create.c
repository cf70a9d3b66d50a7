// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/api.h"
#include "cli/assignment.h"

bool
profile_create(struct cli *cli, struct error *e)
{
	const char *join, *trust = cli_option(cli, "trust-store");
	struct buf body;

	if (!cli_need_option(cli, "join", &join, e))
		return false;
	bool hybrid = str_eq(join, "hybrid");
	if (!hybrid && !str_eq(join, "directory"))
		return error_set(e, ERR_INVALID, "--join is hybrid or directory, not \"%s\"", join);
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.type",
		hybrid ? "#microsoft.graph.activeDirectoryWindowsAutopilotDeploymentProfile"
		       : "#microsoft.graph.azureADWindowsAutopilotDeploymentProfile");
	jsonw_str(&w, "displayName", cli->operands[0]);
	jsonw_bool(&w, "preprovisioningAllowed", cli_switch(cli, "preprovisioning"));
	if (trust)
		jsonw_str(&w, "ferryTrustStore", trust);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		create_and_assign(cli, DM "/windowsAutopilotDeploymentProfiles", "assignments",
			buf_text(&body), e);
}
