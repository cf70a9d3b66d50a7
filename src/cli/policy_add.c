// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "cli/configuration.h"
#include "cli/input.h"

enum { VALUE_MAX = 1 << 20 };

static bool
read_value(struct cli *cli, const char **out, struct error *e)
{
	const char *file = cli_option(cli, "file");

	*out = cli_option(cli, "value");
	if (!*out == !file)
		return error_set(e, ERR_INVALID, "either --value or --file is needed");
	return !file || input_read_text(cli->arena, file, VALUE_MAX, out, e);
}

bool
policy_add(struct cli *cli, struct error *e)
{
	const char *uri, *value, *format = cli_option(cli, "format");

	return cli_need_option(cli, "uri", &uri, e) && read_value(cli, &value, e) &&
		configuration_add(cli, cli->operands[0], uri, format ? format : "chr", value, e);
}

bool
policy_set(struct cli *cli, struct error *e)
{
	const struct json *before;
	const char *value;

	return read_value(cli, &value, e) &&
		resource_find(cli, &resource_policy, cli->operands[0], &before, e) &&
		api_send(cli, "GET", resource_address(cli, &resource_policy, before, NULL), NULL,
			&before, e) &&
		configuration_set(cli, before, cli_option(cli, "format"), value, e);
}
