// SPDX-License-Identifier: Apache-2.0
#include "cli/assignment.h"

#include "base/str.h"
#include "cli/resource.h"

#define TYPE(name) "#microsoft.graph." name "AssignmentTarget"

const struct option_spec assignment_options[] = {
	{"group", "GROUP", "Assign to this group, by name or id; may be repeated"},
	{"exclude-group", "GROUP", "Not to this group; may be repeated"},
	{"all-devices", NULL, "Assign to all devices"},
	{"all-users", NULL, "Assign to all users"},
	{"strict", NULL, "Refuse if devices that it reaches could not be deployed"},
	{0},
};

// Option to Graph's type of target (graph-api.md section 6).
static const struct {
	const char *option, *type, *text;
	bool group;
} targets[] = {
	{"group", TYPE("group"), "group", true},
	{"exclude-group", TYPE("exclusionGroup"), "all but group", true},
	{"all-devices", TYPE("allDevices"), "all devices", false},
	{"all-users", TYPE("allLicensedUsers"), "all users", false},
};
enum { TARGETS = sizeof targets / sizeof *targets };

static bool
write_target(struct cli *cli, struct jsonw *w, const struct given_option *given, struct error *e)
{
	size_t i = 0;
	const struct json *group;

	while (i < TARGETS && !str_eq(targets[i].option, given->name))
		i++;
	if (i == TARGETS)
		return true;
	jsonw_object(w, NULL);
	jsonw_object(w, "target");
	jsonw_str(w, "@odata.type", targets[i].type);
	if (targets[i].group) {
		if (!resource_find(cli, &resource_group, given->value, &group, e))
			return false;
		jsonw_str(w, "groupId", json_str(group, "id"));
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
	return true;
}

bool
assignment_write(struct cli *cli, struct jsonw *w, bool *any, struct error *e)
{
	*any = false;
	for (size_t i = 0; i < cli->given_count; i++) {
		size_t before = w->out->len;
		if (!write_target(cli, w, &cli->given[i], e))
			return false;
		*any |= w->out->len > before;
	}
	return true;
}

bool
assignment_read(struct cli *cli, const char **body, struct error *e)
{
	struct buf out;
	bool any;

	buf_init(&out, cli->arena, 1 << 20);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "assignments");
	if (!assignment_write(cli, &w, &any, e))
		return false;
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	*body = any ? buf_text(&out) : NULL;
	return buf_ok(&out, e);
}

const char *
assignment_text(struct cli *cli, const struct json *assignment)
{
	const struct json *target = json_get(assignment, "target"), *group;
	const char *type = json_str(target, "@odata.type"), *id = json_str(target, "groupId");
	size_t i = 0;

	while (i < TARGETS && !str_eq(targets[i].type, type))
		i++;
	if (i == TARGETS)
		return "somebody unknown";
	if (!targets[i].group || !id)
		return targets[i].text;
	// A group that is gone still has an id.
	const char *path = arena_printf(cli->arena, "%s/%s", resource_group.path, id);
	struct error missing;
	const char *name = api_send(cli, "GET", path, NULL, &group, &missing)
		? json_str(group, "displayName")
		: id;
	return arena_printf(cli->arena, "%s %s", targets[i].text, name);
}

bool
assignment_losses(struct cli *cli, const char *path, struct losses *losses, struct error *e)
{
	struct json_list list;

	if (!api_list(cli, path, &list, e))
		return false;
	for (size_t i = 0; i < list.count; i++)
		losses_add(losses, cli->arena, "it is assigned to %s",
			assignment_text(cli, list.items[i]));
	return true;
}

bool
assignment_send(struct cli *cli, const char *path, const char *id, const char *action,
	const char *body, struct error *e)
{
	return !body ||
		api_send(cli, "POST",
			arena_printf(
				cli->arena, "%s/%s/%s", path, url_encode(cli->arena, id), action),
			body, NULL, e);
}

bool
create_and_assign(
	struct cli *cli, const char *path, const char *action, const char *body, struct error *e)
{
	const char *assignments;
	const struct json *made;

	if (!assignment_read(cli, &assignments, e) || !api_send(cli, "POST", path, body, &made, e))
		return false;
	const char *id = json_str(made, "id");
	if (!assignment_send(cli, path, id ? id : "", action, assignments, e))
		return error_wrap(e, "%s was made, but not assigned", id);
	return output_object(cli, output_made, made, e);
}
