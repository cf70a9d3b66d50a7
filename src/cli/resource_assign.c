// SPDX-License-Identifier: Apache-2.0
// Who has what: targets are added and taken away one by one, so that what somebody else assigns at
// the same time stays.
#include "base/str.h"
#include "cli/assignment.h"
#include "cli/resource.h"

enum { BODY_MAX = 1 << 20 };

static bool
find(struct cli *cli, const struct json **object, struct json_list *now, struct error *e)
{
	const struct resource *r = cli->verb->resource;

	return resource_find(cli, r, cli->operands[0], object, e) &&
		api_list(cli, resource_address(cli, r, *object, "assignments"), now, e);
}

static bool
same_target(const struct json *a, const struct json *b)
{
	const struct json *x = json_get(a, "target"), *y = json_get(b, "target");
	const char *group = json_str(x, "groupId"), *other = json_str(y, "groupId");

	return str_eq(json_str(x, "@odata.type"), json_str(y, "@odata.type")) &&
		(!group || str_ieq(group, other));
}

// The assignment to the same as `item`, or NULL.
static const struct json *
with_target(const struct json_list *list, const struct json *item)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_target(list->items[i], item))
			return list->items[i];
	return NULL;
}

static bool
is_exclusion(const struct json *item)
{
	return str_ends(json_str(json_get(item, "target"), "@odata.type"),
		"exclusionGroupAssignmentTarget");
}

// The targets of this command line, as JSON.
static bool
named(struct cli *cli, const struct json **out, struct error *e)
{
	const char *text;

	*out = NULL;
	if (!assignment_read(cli, &text, e))
		return false;
	if (!text)
		return error_set(e, ERR_INVALID,
			"whom? --group, --exclude-group, --all-devices or --all-users");
	const struct json *body = json_parse(cli->arena, slice_str(text), NULL, e);
	*out = json_get(body, "assignments");
	return body;
}

static bool
add_target(struct cli *cli, const struct json *object, const struct json *item, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	struct buf out;

	buf_init(&out, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_value(&w, NULL, item);
	return buf_ok(&out, e) &&
		assignment_send(
			cli, r->path, json_str(object, "id"), "assignments", buf_text(&out), e);
}

static bool
print_assignments(struct cli *cli, const struct json *object, struct error *e)
{
	static const struct column columns[] = {
		{"Assigned to", "who"}, {"Intent", "intent"}, {"Id", "id"}, {0}};
	const char *path = resource_address(cli, cli->verb->resource, object, "assignments");
	struct json_list list;

	if (cli->plan)
		return true;
	if (!api_list(cli, path, &list, e))
		return false;
	for (size_t i = 0; i < list.count && cli->format != OUTPUT_JSON; i++) {
		struct buf out;
		buf_init(&out, cli->arena, BODY_MAX);
		struct jsonw w = jsonw_on(&out);
		jsonw_object(&w, NULL);
		jsonw_str(&w, "who", assignment_text(cli, list.items[i]));
		for (const struct json *m = list.items[i]->first; m; m = m->next)
			jsonw_value(&w, m->name, m);
		jsonw_end_object(&w);
		if (!(list.items[i] = json_parse(cli->arena, buf_slice(&out), NULL, e)))
			return false;
	}
	return output_list(cli, columns, &list, e);
}

bool
resource_assignments(struct cli *cli, struct error *e)
{
	const struct json *object;

	return resource_find(cli, cli->verb->resource, cli->operands[0], &object, e) &&
		print_assignments(cli, object, e);
}

bool
resource_assign(struct cli *cli, struct error *e)
{
	const struct json *object, *with;
	struct json_list now;

	if (!named(cli, &with, e) || !find(cli, &object, &now, e))
		return false;
	// Exclusions go first: nobody has it even for a moment who must not.
	for (int exclusions = 1; exclusions >= 0; exclusions--)
		for (const struct json *v = with->first; v; v = v->next)
			if (is_exclusion(v) == exclusions && !with_target(&now, v) &&
				!add_target(cli, object, v, e))
				return false;
	return print_assignments(cli, object, e);
}

static bool
remove_targets(
	struct cli *cli, const struct json *object, const struct json_list *gone, struct error *e)
{
	const struct resource *r = cli->verb->resource;

	// And here they go last.
	for (int exclusions = 0; exclusions <= 1; exclusions++)
		for (size_t i = 0; i < gone->count; i++) {
			const char *id = json_str(gone->items[i], "id");
			const char *below = arena_printf(
				cli->arena, "assignments/%s", url_encode(cli->arena, id ? id : ""));
			if (is_exclusion(gone->items[i]) == exclusions &&
				!api_send(cli, "DELETE", resource_address(cli, r, object, below),
					NULL, NULL, e))
				return false;
		}
	return true;
}

bool
resource_unassign(struct cli *cli, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	struct losses *losses = arena_new(cli->arena, struct losses);
	const struct json *object, *without;
	struct json_list now, gone = {0};

	if (!named(cli, &without, e) || !find(cli, &object, &now, e))
		return false;
	gone.items = arena_array(cli->arena, without->count + 1, sizeof *gone.items);
	for (const struct json *v = without->first; v; v = v->next) {
		const struct json *old = with_target(&now, v);
		if (!old)
			return error_set(e, ERR_NOT_FOUND, "it is not assigned to %s",
				assignment_text(cli, v));
		gone.items[gone.count++] = old;
		losses_add(
			losses, cli->arena, "no longer assigned to %s", assignment_text(cli, old));
	}
	const char *name = output_text(cli->arena, json_get(object, r->name));
	return confirm(cli, arena_printf(cli->arena, "take %s \"%s\" away", r->what, name), losses,
		       e) &&
		remove_targets(cli, object, &gone, e) && print_assignments(cli, object, e);
}
