// SPDX-License-Identifier: Apache-2.0
// Members and owners of groups that have no rule. A member is a device by its serial number, a user
// by name@domain, a group by its name, or anything by its id.
#include "base/str.h"
#include "cli/batch.h"
#include "cli/names.h"
#include "cli/progress.h"
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

// *out is NULL when there is none.
static bool
look(bool found, const struct json **out, struct error *e)
{
	if (!found)
		*out = NULL;
	return found || e->code == ERR_NOT_FOUND;
}

static bool
find_user(struct cli *cli, const char *name, const struct json **out, struct error *e)
{
	return api_send(cli, "GET",
		arena_printf(cli->arena, GRAPH "/users/%s", url_encode(cli->arena, name)), NULL,
		out, e);
}

// The id of a directory object. What two kinds of them are called is not guessed.
static bool
find_object(struct cli *cli, const char *text, const char **out, struct error *e)
{
	const struct json *one, *group;
	bool user = strchr(text, '@');

	*out = text;
	if (strlen(text) == 36 && text[8] == '-' && text[23] == '-')
		return true;
	if (!look(user ? find_user(cli, text, &one, e) : find_device(cli, text, &one, e), &one, e))
		return false;
	if (!look(resource_find(cli, &resource_group, text, &group, e), &group, e))
		return false;
	if (!one && !group)
		return error_set(
			e, ERR_NOT_FOUND, "there is no device, user or group \"%s\"", text);
	*out = json_str(one ? one : group, "id");
	return !one || !group ||
		error_set(e, ERR_CONFLICT,
			"\"%s\" is a %s (%s) and a group (%s): name it by its id", text,
			user ? "user" : "device", *out, json_str(group, "id"));
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

struct members {
	const char **names;
	size_t count;
};

// Everybody is looked up before anything is changed: a typing mistake leaves nothing half done.
static bool
find_all(struct cli *cli, const struct members *members, const char **ids, struct error *e)
{
	struct progress progress;
	bool ok = true;

	progress_begin(
		&progress, "look up", "members", members->count, cli->format != OUTPUT_TABLE);
	for (size_t i = 0; ok && i < members->count; i++) {
		ok = find_object(cli, members->names[i], &ids[i], e);
		progress_set(&progress, i + 1);
	}
	progress_end(&progress);
	return ok;
}

static const char *
reference(struct cli *cli, const char *id)
{
	struct buf body;

	buf_init(&body, cli->arena, 4096);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	// Only the id at its end counts; Graph's clients write the whole address.
	jsonw_str(&w, "@odata.id",
		arena_printf(
			cli->arena, "https://graph.microsoft.com/v1.0/directoryObjects/%s", id));
	jsonw_end_object(&w);
	return buf_text(&body);
}

static bool
change(struct cli *cli, const char *below, bool add, struct error *e)
{
	const struct json *group;
	struct members members;

	if (!names_read(cli, 1, &members.names, &members.count, e) ||
		!resource_find(cli, &resource_group, cli->operands[0], &group, e))
		return false;
	const char **ids = arena_array(cli->arena, members.count, sizeof *ids);
	struct batch_item *items = arena_array(cli->arena, members.count, sizeof *items);
	struct losses *losses = arena_new(cli->arena, struct losses);
	if (!find_all(cli, &members, ids, e))
		return false;
	for (size_t i = 0; i < members.count; i++) {
		const char *target = add ? arena_printf(cli->arena, "%s/$ref", below)
					 : arena_printf(cli->arena, "%s/%s/$ref", below, ids[i]);
		items[i] = (struct batch_item){.what = members.names[i],
			.method = add ? "POST" : "DELETE",
			.path = resource_address(cli, &resource_group, group, target),
			.body = add ? reference(cli, ids[i]) : NULL};
		losses_add(losses, cli->arena, "%s (%s)", members.names[i], ids[i]);
	}
	const char *what =
		arena_printf(cli->arena, "take %s from group \"%s\"", below, cli->operands[0]);
	return (add || confirm(cli, what, losses, e)) && batch_send(cli, items, members.count, e);
}

bool
group_add_member(struct cli *cli, struct error *e)
{
	return change(cli, "members", true, e);
}

bool
group_remove_member(struct cli *cli, struct error *e)
{
	return change(cli, "members", false, e);
}

bool
group_add_owner(struct cli *cli, struct error *e)
{
	return change(cli, "owners", true, e);
}

bool
group_remove_owner(struct cli *cli, struct error *e)
{
	return change(cli, "owners", false, e);
}
