// SPDX-License-Identifier: Apache-2.0
#include "cli/assignment.h"

#include "base/str.h"
#include "cli/api.h"
#include "cli/output.h"

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
	const char *option, *type;
	bool group;
} targets[] = {
	{"group", TYPE("group"), true},
	{"exclude-group", TYPE("exclusionGroup"), true},
	{"all-devices", TYPE("allDevices"), false},
	{"all-users", TYPE("allLicensedUsers"), false},
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
		if (!api_find(cli, "/v1.0/groups", "group", given->value, &group, e))
			return false;
		jsonw_str(w, "groupId", json_str(group, "id"));
	}
	jsonw_end_object(w);
	jsonw_end_object(w);
	return true;
}

bool
assignment_read(struct cli *cli, const char **body, struct error *e)
{
	struct buf out;
	bool any = false;

	buf_init(&out, cli->arena, 64 << 10);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "assignments");
	for (size_t i = 0; i < cli->given_count; i++) {
		size_t before = out.len;
		if (!write_target(cli, &w, &cli->given[i], e))
			return false;
		any |= out.len > before;
	}
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	*body = any ? buf_text(&out) : NULL;
	return true;
}

// What the service found but did not refuse, on standard error.
static void
print_findings(struct cli *cli, const struct json *answer)
{
	const struct json *list = json_get(answer, "@ferry.findings");

	for (const struct json *f = list ? list->first : NULL; f; f = f->next)
		fprintf(stderr, "ferry: %s: %s\n  fix: %s\n",
			output_text(cli->arena, json_get(f, "severity")),
			output_text(cli->arena, json_get(f, "text")),
			output_text(cli->arena, json_get(f, "fix")));
}

bool
assignment_send(struct cli *cli, const char *path, const char *id, const char *action,
	const char *body, struct error *e)
{
	const char *target = arena_printf(cli->arena, "%s/%s/%s%s", path, id, action,
		cli_switch(cli, "strict") ? "?ferryStrict=true" : "");
	const struct json *answer = NULL;

	if (!body)
		return true;
	if (!api_send_maybe(cli, "POST", target, body, &answer, e))
		return false;
	print_findings(cli, answer);
	return true;
}

bool
create_and_assign(
	struct cli *cli, const char *path, const char *action, const char *body, struct error *e)
{
	const char *assignments;
	const struct json *made;

	if (!assignment_read(cli, &assignments, e) || !api_send(cli, "POST", path, body, &made, e))
		return false;
	if (!assignment_send(cli, path, json_str(made, "id"), action, assignments, e))
		return error_wrap(e, "%s was made, but not assigned", json_str(made, "id"));
	return output_object(cli, output_made, made, e);
}
