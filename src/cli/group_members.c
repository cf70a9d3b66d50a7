// SPDX-License-Identifier: Apache-2.0
// Members and owners of groups that have no rule. A member is a device by its serial number, a user
// by name@domain, a group by its name, or anything by its id.
#include "base/str.h"
#include "cli/resource.h"

static const struct column columns[] = {{"Type", "@odata.type"}, {"Name", "displayName"},
	{"User", "userPrincipalName"}, {"Id", "id"}, {0}};

static bool
find_device(struct cli *cli, const char *serial, const struct json **out, struct error *e)
{
	const struct json *device;
	struct json_list list;

	if (!api_device(cli, serial, &device, e))
		return false;
	const char *id = json_str(device, "azureActiveDirectoryDeviceId");
	const char *condition =
		arena_printf(cli->arena, "deviceId eq %s", api_quote(cli->arena, id ? id : ""));
	if (!api_list(cli,
		    arena_printf(cli->arena, GRAPH "/devices?$filter=%s",
			    url_encode(cli->arena, condition)),
		    &list, e))
		return false;
	if (list.count != 1)
		return error_set(e, ERR_NOT_FOUND, "device %s is not in the directory", serial);
	*out = list.items[0];
	return true;
}

// The id of a directory object.
static bool
find_object(struct cli *cli, const char *text, const char **out, struct error *e)
{
	const struct json *found = NULL;
	bool ok = true;

	*out = text;
	if (strlen(text) == 36 && text[8] == '-' && text[23] == '-')
		return true;
	if (strchr(text, '@'))
		ok = api_send(cli, "GET",
			arena_printf(cli->arena, GRAPH "/users/%s", url_encode(cli->arena, text)),
			NULL, &found, e);
	else if (!find_device(cli, text, &found, e))
		ok = e->code == ERR_NOT_FOUND &&
			resource_find(cli, &resource_group, text, &found, e);
	if (!ok && e->code == ERR_NOT_FOUND)
		return error_set(
			e, ERR_NOT_FOUND, "there is no device, user or group \"%s\"", text);
	*out = json_str(found, "id");
	return ok;
}

static bool
print_list(struct cli *cli, const char *below, struct error *e)
{
	static const struct resource members = {.columns = columns};
	const struct json *group;

	return resource_find(cli, &resource_group, cli->operands[0], &group, e) &&
		resource_print(
			cli, &members, resource_address(cli, &resource_group, group, below), e);
}

bool
group_members(struct cli *cli, struct error *e)
{
	return print_list(cli, cli_switch(cli, "nested") ? "transitiveMembers" : "members", e);
}

bool
group_owners(struct cli *cli, struct error *e)
{
	return print_list(cli, "owners", e);
}

static bool
add(struct cli *cli, const char *below, struct error *e)
{
	const struct json *group;

	if (!resource_find(cli, &resource_group, cli->operands[0], &group, e))
		return false;
	for (size_t i = 1; i < cli->operand_count; i++) {
		const char *id;
		struct buf body;
		if (!find_object(cli, cli->operands[i], &id, e))
			return false;
		buf_init(&body, cli->arena, 4096);
		struct jsonw w = jsonw_on(&body);
		jsonw_object(&w, NULL);
		// Only the id at its end counts; Graph's clients write the whole address.
		jsonw_str(&w, "@odata.id",
			arena_printf(cli->arena,
				"https://graph.microsoft.com/v1.0/directoryObjects/%s", id));
		jsonw_end_object(&w);
		const char *path = resource_address(
			cli, &resource_group, group, arena_printf(cli->arena, "%s/$ref", below));
		if (!api_send(cli, "POST", path, buf_text(&body), NULL, e))
			return error_wrap(e, "%s", cli->operands[i]);
	}
	return true;
}

static bool
take(struct cli *cli, const char *below, struct error *e)
{
	struct losses *losses = arena_new(cli->arena, struct losses);
	const char *ids[CLI_MAX_OPERANDS];
	const struct json *group;

	if (!resource_find(cli, &resource_group, cli->operands[0], &group, e))
		return false;
	for (size_t i = 1; i < cli->operand_count; i++) {
		if (!find_object(cli, cli->operands[i], &ids[i], e))
			return false;
		losses_add(losses, cli->arena, "%s (%s)", cli->operands[i], ids[i]);
	}
	if (!confirm(cli,
		    arena_printf(cli->arena, "take %s from group \"%s\"", below, cli->operands[0]),
		    losses, e))
		return false;
	for (size_t i = 1; i < cli->operand_count; i++) {
		const char *path = resource_address(cli, &resource_group, group,
			arena_printf(cli->arena, "%s/%s/$ref", below, ids[i]));
		if (!api_send(cli, "DELETE", path, NULL, NULL, e))
			return error_wrap(e, "%s", cli->operands[i]);
	}
	return true;
}

bool
group_add_member(struct cli *cli, struct error *e)
{
	return add(cli, "members", e);
}

bool
group_remove_member(struct cli *cli, struct error *e)
{
	return take(cli, "members", e);
}

bool
group_add_owner(struct cli *cli, struct error *e)
{
	return add(cli, "owners", e);
}

bool
group_remove_owner(struct cli *cli, struct error *e)
{
	return take(cli, "owners", e);
}
