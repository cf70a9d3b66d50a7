// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

bool
user_list(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"User name", "userPrincipalName"},
		{"Name", "displayName"}, {"Enabled", "accountEnabled"}, {"Source", "source"},
		{"Roles", "roles"}, {"Authenticator", "hasAuthenticator"}, {0}};
	struct json_list list;

	return api_list(cli, "/ferry/v1/users", &list, e) && output_list(cli, columns, &list, e);
}
