// SPDX-License-Identifier: Apache-2.0
// Who has what: assignments are added to and taken from a list that the API replaces as a whole.
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

static bool
has_target(const struct json *list, const struct json *item)
{
	for (const struct json *v = list ? list->first : NULL; v; v = v->next)
		if (same_target(v, item))
			return true;
	return false;
}

// An assignment goes back as it came, without what the service makes itself.
static void
put_old(struct jsonw *w, const struct json *item)
{
	jsonw_object(w, NULL);
	if (!str_empty(json_str(item, "intent")))
		jsonw_str(w, "intent", json_str(item, "intent"));
	jsonw_value(w, "target", json_get(item, "target"));
	jsonw_end_object(w);
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
replace(struct cli *cli, const struct json *object, const struct json_list *now,
	const struct json *without, const struct json *with, struct error *e)
{
	const struct resource *r = cli->verb->resource;
	struct buf out;

	buf_init(&out, cli->arena, BODY_MAX);
	struct jsonw w = jsonw_on(&out);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "assignments");
	for (size_t i = 0; i < now->count; i++)
		if (!has_target(without, now->items[i]) && !has_target(with, now->items[i]))
			put_old(&w, now->items[i]);
	for (const struct json *v = with ? with->first : NULL; v; v = v->next)
		jsonw_value(&w, NULL, v);
	jsonw_end_array(&w);
	jsonw_end_object(&w);
	return buf_ok(&out, e) &&
		assignment_send(cli, r->path, json_str(object, "id"), r->assign, buf_text(&out), e);
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

	return named(cli, &with, e) && find(cli, &object, &now, e) &&
		replace(cli, object, &now, NULL, with, e) && print_assignments(cli, object, e);
}

bool
resource_unassign(struct cli *cli, struct error *e)
{
	const struct json *object, *without;
	struct losses *losses = arena_new(cli->arena, struct losses);
	struct json_list now;

	if (!named(cli, &without, e) || !find(cli, &object, &now, e))
		return false;
	size_t found = 0;
	for (size_t i = 0; i < now.count; i++) {
		if (!has_target(without, now.items[i]))
			continue;
		found++;
		losses_add(losses, cli->arena, "no longer assigned to %s",
			assignment_text(cli, now.items[i]));
	}
	if (found < without->count)
		return error_set(e, ERR_NOT_FOUND, "it is not assigned to %s of these",
			found ? "all" : "any");
	return confirm(cli,
		       arena_printf(cli->arena, "take %s \"%s\" away", cli->verb->resource->what,
			       output_text(
				       cli->arena, json_get(object, cli->verb->resource->name))),
		       losses, e) &&
		replace(cli, object, &now, without, NULL, e) && print_assignments(cli, object, e);
}
