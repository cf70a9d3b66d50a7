// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/output.h"

// The service takes both settings together: the one that is not given keeps its value.
bool
profile_set(struct cli *cli, struct error *e)
{
	static const char path[] = DM "/windowsAutopilotDeploymentProfiles";
	const char *allow = cli_option(cli, "preprovisioning");
	const char *trust = cli_option(cli, "trust-store");
	const struct json *profile;
	struct buf body;

	if (!allow && !trust)
		return error_set(
			e, ERR_INVALID, "nothing to change: --preprovisioning or --trust-store");
	if (!api_find(cli, path, "profile", cli->operands[0], &profile, e))
		return false;
	bool allowed = json_bool(profile, "preprovisioningAllowed", false);
	if (allow && !cli_read_yes("preprovisioning", allow, &allowed, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "preprovisioningAllowed", allowed);
	jsonw_str(&w, "ferryTrustStore", trust ? trust : json_str(profile, "ferryTrustStore"));
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "PATCH",
			arena_printf(cli->arena, "%s/%s", path, json_str(profile, "id")),
			buf_text(&body), NULL, e) &&
		output_object(cli, output_made, profile, e);
}
