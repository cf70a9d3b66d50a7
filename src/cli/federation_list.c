// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
federation_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Name", "displayName"},
		{"Issuer", "issuer"}, {"Domains", "domains"}, {"Redirect URI", "redirectUri"}, {0}};
	struct json_list list;

	return api_list(cli, "/ferry/v1/federations", &list, e) &&
		output_list(cli, columns, &list, e);
}
