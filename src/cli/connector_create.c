// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

// The service keeps only a hash of the token: it is printed here once.
bool
connector_create(struct cli *cli, struct error *e)
{
	static const struct column columns[] = {
		{"Id", "id"}, {"Token", "token"}, {"Valid for seconds", "expiresInSeconds"}, {0}};
	const struct json *made;
	const char *domain;
	struct buf body;

	if (!cli_need_option(cli, "domain", &domain, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "name", cli->operands[0]);
	jsonw_str(&w, "domain", domain);
	jsonw_end_object(&w);
	return buf_ok(&body, e) &&
		api_send(cli, "POST", "/ferry/v1/connectors", buf_text(&body), &made, e) &&
		output_object(cli, columns, made, e);
}
