// SPDX-License-Identifier: Apache-2.0
#include "cli/assignment.h"
#include "cli/configuration.h"

bool
domainjoin_create(struct cli *cli, struct error *e)
{
	const char *domain, *name, *ou = cli_option(cli, "ou");
	struct buf body;

	if (!cli_need_option(cli, "domain", &domain, e) || !cli_need_option(cli, "name", &name, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.type", DOMAIN_JOIN_TYPE);
	jsonw_str(&w, "displayName", cli->operands[0]);
	jsonw_str(&w, "activeDirectoryDomainName", domain);
	jsonw_str(&w, "organizationalUnit", ou ? ou : "");
	jsonw_str(&w, "ferryNameTemplate", name);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		create_and_assign(cli, CONFIGURATIONS, "assign", buf_text(&body), e);
}
