// SPDX-License-Identifier: Apache-2.0
// What can be changed of a registration: its tag, its name, its user.
#include "base/str.h"
#include "cli/resource.h"

static bool
print_now(struct cli *cli, const struct json *device, struct error *e)
{
	static const struct column columns[] = {{"Id", "id"}, {"Serial", "serialNumber"},
		{"Group tag", "groupTag"}, {"Name", "displayName"}, {"User", "userPrincipalName"},
		{"Greeting", "addressableUserName"}, {0}};

	return cli->plan ||
		(api_send(cli, "GET", resource_address(cli, &resource_device, device, NULL), NULL,
			 &device, e) &&
			output_object(cli, columns, device, e));
}

static bool
act(struct cli *cli, const char *action, const struct json *device, const char *body,
	struct error *e)
{
	return api_send(cli, "POST", resource_address(cli, &resource_device, device, action), body,
		       NULL, e) &&
		print_now(cli, device, e);
}

bool
device_set(struct cli *cli, struct error *e)
{
	const struct json *device;
	struct buf body;

	if (!resource_given(cli))
		return error_set(
			e, ERR_INVALID, "nothing to change: --group-tag, --name or --user");
	if (!api_device(cli, cli->operands[0], &device, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	resource_put(cli, NULL, &w);
	jsonw_end_object(&w);
	return act(cli, "updateDeviceProperties", device, buf_text(&body), e);
}

bool
device_assign_user(struct cli *cli, struct error *e)
{
	const struct json *device;
	const char *greeting = cli_option(cli, "greeting");
	struct buf body;

	if (!api_device(cli, cli->operands[0], &device, e))
		return false;
	buf_init(&body, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "userPrincipalName", cli->operands[1]);
	jsonw_str(&w, "addressableUserName", greeting ? greeting : "");
	jsonw_end_object(&w);
	return act(cli, "assignUserToDevice", device, buf_text(&body), e);
}

bool
device_unassign_user(struct cli *cli, struct error *e)
{
	const struct json *device;

	return api_device(cli, cli->operands[0], &device, e) &&
		act(cli, "unassignUserFromDevice", device, NULL, e);
}
