// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"
#include "cli/resource.h"

static const struct column check_columns[] = {{"Check", "name"}, {"Light", "level"},
	{"Found", "detail"}, {"Fault", "fault"}, {"What to do", "hint"}, {0}};

static bool
print_checks(struct cli *cli, const struct json *report, struct error *e)
{
	const struct json *checks = json_get(report, "checks");
	struct json_list list = {0};

	if (!checks)
		return error_set(e, ERR_PROTOCOL, "the connector has told no self-test yet");
	list.items = arena_array(cli->arena, checks->count + 1, sizeof *list.items);
	for (const struct json *c = checks->first; c; c = c->next)
		list.items[list.count++] = c;
	cli->exit_code = json_bool(report, "ok", false) ? 0 : 1;
	return output_list(cli, check_columns, &list, e);
}

// `ferry connector test`: the connector looks, now; or with --last what it said when it started.
bool
connector_test(struct cli *cli, struct error *e)
{
	const struct json *connector, *answer;
	const char *path;

	if (!resource_find(cli, &resource_connector, cli->operands[0], &connector, e))
		return false;
	path = arena_printf(cli->arena, "/ferry/v1/connectors/%s",
		url_encode(cli->arena, json_str(connector, "id")));
	bool ok = cli_switch(cli, "last")
		? api_send(cli, "GET", path, NULL, &answer, e)
		: api_ask(cli, arena_printf(cli->arena, "%s/check", path), "{}", &answer, e);
	return ok && print_checks(cli, json_get(answer, "check"), e);
}
