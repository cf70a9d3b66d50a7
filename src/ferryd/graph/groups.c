// SPDX-License-Identifier: Apache-2.0
// Groups, their members and owners (graph-api.md section 13).
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/groups.h"

enum { BINDINGS_MAX = 20, EXPAND_MAX = 20 };

static bool
expand_group(struct call *c, const struct odata_expand *expand, const struct json *object,
	struct json_maker *m, struct error *e)
{
	const struct odata_property *p = expand->path.properties[expand->path.count - 1];
	struct db_param group = DB_TEXT(json_str(object, "id"));
	struct view_request request = {
		.view = str_eq(p->name, "owners") ? &view_group_owners : &view_group_members,
		.collection = "expand",
		.params = &group,
		.param_count = 1,
		.page = EXPAND_MAX};
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	struct view_page page;

	if (!store_view_page(&c->work, &request, &page, e))
		return false;
	for (size_t i = 0; i < page.count; i++)
		json_put(&list, NULL, page.objects[i]);
	json_put(m, p->name, list.whole);
	return true;
}

const struct graph_collection graph_groups = {
	.path = "groups",
	.type = &graph_group,
	.view = &view_groups,
	.noun = "Group",
	.category = "Directory",
	.expand = expand_group,
};

struct group_ctx {
	struct call *c;
	const char *id;
	const struct json *sent, *bindings, *after;
	struct odata_body body;
	const char *action;
	bool (*change)(struct group_ctx *x, struct error *e);
	const char *member;
};

// Change it and note the difference: one transaction.
static bool
change_tx(void *ctx, struct error *e)
{
	struct group_ctx *x = ctx;
	struct call *c = x->c;
	bool makes = str_eq(x->action, "Create"), deletes = str_eq(x->action, "Delete");
	const struct json *before = NULL;

	x->after = NULL;
	if ((!makes && !graph_view_object(c, &graph_groups, x->id, &before, e)) ||
		!x->change(x, e) ||
		(!deletes && !graph_view_object(c, &graph_groups, x->id, &x->after, e)))
		return false;
	const struct json *named = before ? before : x->after;
	bool plain = makes || deletes || str_eq(x->action, "Patch");
	struct graph_note note = {
		.operation = plain ? x->action : "Action",
		.action = plain ? NULL : x->action,
		.noun = x->member ? arena_printf(c->arena, "Group member %s", x->member)
				  : graph_groups.noun,
		.category = graph_groups.category,
		.resource_id = x->id,
		.resource_name = json_str(named, "displayName"),
		.type = &graph_group,
		.before = before,
		.after = x->after,
	};
	return graph_note(c, &note, e);
}

static bool
run(struct call *c, struct group_ctx *x, struct error *e)
{
	x->c = c;
	if (!x->id)
		x->id = str_lower(c->arena, http_param(c->req, "id"));
	return store_together(c->work.session, change_tx, x, e);
}

static bool
send_group(struct group_ctx *x, int status, struct error *e)
{
	struct graph_answer answer = {
		.path = "groups", .type = &graph_group, .objects = &x->after, .count = 1};

	return graph_send_object(x->c, status, &answer, 0, e);
}

// Rules about users begin with "user.", about devices with "device." (behaviour G9).
static const char *
subject_of(const char *rule)
{
	return strcasestr(rule, "user.") ? "user" : "device";
}

static bool
is_dynamic(const struct json *document)
{
	const struct json *types = json_get(document, "groupTypes");

	for (const struct json *t = types ? types->first : NULL; t; t = t->next)
		if (str_ieq(t->text, "DynamicMembership"))
			return true;
	return false;
}

static bool
apply(const struct json *d, struct group *group, struct error *e)
{
	const char *text;

	if ((text = graph_text(d, "displayName")))
		group->name = text;
	if ((text = graph_text(d, "description")))
		group->description = text;
	if ((text = graph_text(d, "mailNickname")))
		group->mail_nickname = text;
	if ((text = graph_text(d, "membershipRule")))
		group->rule = str_empty(text) ? NULL : text;
	if ((text = graph_text(d, "membershipRuleProcessingState")) && !str_empty(text))
		group->processing = str_ieq(text, "Paused") ? "Paused" : "On";
	if (str_empty(group->name))
		return error_set(e, ERR_INVALID, "displayName is missing");
	if (json_get(d, "groupTypes") && json_get(d, "groupTypes")->type == JSON_ARRAY) {
		if (is_dynamic(d) && !group->rule)
			return error_set(e, ERR_INVALID, "a dynamic group needs a membershipRule");
		// Taking DynamicMembership away makes it an assigned group.
		if (!is_dynamic(d) && !json_get(d, "membershipRule"))
			group->rule = NULL;
	}
	group->subject = group->rule ? subject_of(group->rule) : "";
	return true;
}

// "members@odata.bind": at most 20.
static bool
bind_members(struct group_ctx *x, struct error *e)
{
	const struct json *list = x->bindings;

	if (!list)
		return true;
	if (list->type != JSON_ARRAY || list->count > BINDINGS_MAX)
		return error_set(
			e, ERR_INVALID, "members@odata.bind takes at most %d", BINDINGS_MAX);
	for (const struct json *item = list->first; item; item = item->next) {
		const char *slash = item->type == JSON_STRING ? strrchr(item->text, '/') : NULL;
		if (!slash)
			return error_set(e, ERR_INVALID, "members@odata.bind must hold addresses");
		if (!store_group_member_add(&x->c->work, x->id, slash + 1, e))
			return false;
	}
	return true;
}

static bool
create(struct group_ctx *x, struct error *e)
{
	struct group group = {
		.id = x->id, .description = "", .mail_nickname = "", .processing = "On"};

	return apply(x->body.document, &group, e) && store_group_insert(&x->c->work, &group, e) &&
		bind_members(x, e);
}

static const struct json *
find_bindings(const struct json *body, const char *name)
{
	for (const struct json *m = body->first; m; m = m->next)
		if (str_ieq(m->name, name))
			return m;
	return NULL;
}

bool
graph_group_create(struct call *c, struct error *e)
{
	struct group_ctx x = {.action = "Create", .change = create, .id = uuid_new(c->arena)};

	if (!graph_body(c, &x.sent, e) ||
		!odata_validate(c->arena, &graph_group, x.sent, ODATA_CREATE, &x.body, e))
		return false;
	x.bindings = find_bindings(x.sent, "members@odata.bind");
	return run(c, &x, e) && send_group(&x, 201, e);
}

static bool
patch(struct group_ctx *x, struct error *e)
{
	struct group group;

	return store_group(&x->c->work, x->id, &group, e) &&
		graph_if_match(x->c, group.version, e) && apply(x->body.document, &group, e) &&
		(x->body.document->count == 0 || store_group_update(&x->c->work, &group, e)) &&
		bind_members(x, e);
}

bool
graph_group_patch(struct call *c, struct error *e)
{
	struct group_ctx x = {.action = "Patch", .change = patch};

	if (!graph_body(c, &x.sent, e) ||
		!odata_validate(c->arena, &graph_group, x.sent, ODATA_PATCH, &x.body, e))
		return false;
	x.bindings = find_bindings(x.sent, "members@odata.bind");
	return run(c, &x, e) && send_group(&x, 200, e);
}

static bool delete (struct group_ctx *x, struct error *e)
{
	return store_group_delete(&x->c->work, x->id, e);
}

bool
graph_group_delete(struct call *c, struct error *e)
{
	struct group_ctx x = {.action = "Delete", .change = delete};

	return run(c, &x, e) && call_done(c);
}

// --- members ---

static bool
member_add(struct group_ctx *x, struct error *e)
{
	return store_group_member_add(&x->c->work, x->id, x->member, e);
}

static bool
member_remove(struct group_ctx *x, struct error *e)
{
	return store_group_member_remove(&x->c->work, x->id, x->member, e);
}

static bool
owner_add(struct group_ctx *x, struct error *e)
{
	return store_group_owner_add(&x->c->work, x->id, x->member, e);
}

static bool
owner_remove(struct group_ctx *x, struct error *e)
{
	return store_group_owner_remove(&x->c->work, x->id, x->member, e);
}

bool
graph_group_member_add(struct call *c, struct error *e)
{
	struct group_ctx x = {.action = "AddMember", .change = member_add};

	return graph_reference(c, &x.member, e) && run(c, &x, e) && call_done(c);
}

bool
graph_group_owner_add(struct call *c, struct error *e)
{
	struct group_ctx x = {.action = "AddOwner", .change = owner_add};

	return graph_reference(c, &x.member, e) && run(c, &x, e) && call_done(c);
}

bool
graph_group_member_remove(struct call *c, struct error *e)
{
	struct group_ctx x = {.action = "RemoveMember",
		.change = member_remove,
		.member = http_param(c->req, "member")};

	return run(c, &x, e) && call_done(c);
}

bool
graph_group_owner_remove(struct call *c, struct error *e)
{
	struct group_ctx x = {.action = "RemoveOwner",
		.change = owner_remove,
		.member = http_param(c->req, "member")};

	return run(c, &x, e) && call_done(c);
}

static bool
list_of(struct call *c, const struct view *view, struct error *e)
{
	const struct json *group;

	return graph_view_object(c, &graph_groups, http_param(c->req, "id"), &group, e) &&
		graph_list_view(c, view, "directoryObjects", json_str(group, "id"), e);
}

bool
graph_group_members(struct call *c, struct error *e)
{
	return list_of(c, &view_group_members, e);
}

bool
graph_group_all_members(struct call *c, struct error *e)
{
	return list_of(c, &view_group_all_members, e);
}

bool
graph_group_owners(struct call *c, struct error *e)
{
	return list_of(c, &view_group_owners, e);
}

bool
graph_group_groups(struct call *c, struct error *e)
{
	return list_of(c, &view_group_groups, e);
}
