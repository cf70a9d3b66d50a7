// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/configuration.h"

// The service replaces all three settings: what is not given is sent as it is.
static void
put(struct jsonw *w, const struct cli *cli, const struct json *now, const char *option,
	const char *member)
{
	const char *text = cli_option(cli, option);

	jsonw_str(w, member, text ? text : json_str(now, member));
}

bool
domainjoin_set(struct cli *cli, struct error *e)
{
	const struct json *now;
	struct buf body;

	if (!cli_option(cli, "domain") && !cli_option(cli, "ou") && !cli_option(cli, "name"))
		return error_set(e, ERR_INVALID, "nothing to change: --domain, --ou or --name");
	if (!api_find(cli, CONFIGURATIONS, "domain-join profile", cli->operands[0], &now, e))
		return false;
	if (!str_eq(json_str(now, "@odata.type"), DOMAIN_JOIN_TYPE))
		return error_set(
			e, ERR_INVALID, "\"%s\" is not a domain-join profile", cli->operands[0]);
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	put(&w, cli, now, "domain", "activeDirectoryDomainName");
	put(&w, cli, now, "ou", "organizationalUnit");
	put(&w, cli, now, "name", "ferryNameTemplate");
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "PATCH",
			arena_printf(cli->arena, CONFIGURATIONS "/%s", json_str(now, "id")),
			buf_text(&body), NULL, e) &&
		output_object(cli, output_made, now, e);
}
