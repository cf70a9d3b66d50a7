// SPDX-License-Identifier: Apache-2.0
// To whom something goes (graph-api.md section 6), for every collection that can be assigned.
#include "ferryd/findings.h"
#include "ferryd/graph/chosen.h"
#include "ferryd/graph/edge.h"

#include "base/log.h"
#include "base/str.h"
#include "store/groups.h"

enum { MAX_TARGETS = 200 };

// What Microsoft writes in the place of a group.
#define ALL_DEVICES "adadadad-808e-44e2-905a-0b7873a8a531"
#define ALL_USERS "acacacac-9df4-4c7d-9d50-4ef0226f57a9"

static const struct {
	const struct odata_type *type;
	const char *target, *id;
} targets[] = {
	{&graph_target_group, "group", NULL},
	{&graph_target_exclusion, "exclude", NULL},
	{&graph_target_devices, "all_devices", ALL_DEVICES},
	{&graph_target_users, "all_users", ALL_USERS},
};
enum { TARGETS = sizeof targets / sizeof *targets };

static size_t
target_index(const char *target)
{
	for (size_t i = 0; i < TARGETS; i++)
		if (str_eq(targets[i].target, target))
			return i;
	return 0;
}

static const struct json *
assignment_json(struct call *c, const struct graph_collection *collection,
	const struct object *object, const struct assignment *a)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);
	struct json_maker target = json_make(c->arena, JSON_OBJECT);
	size_t kind = target_index(a->target);
	const char *to = a->group_id ? a->group_id : targets[kind].id;

	json_put_str(&target, "@odata.type", targets[kind].type->name);
	if (a->group_id)
		json_put_str(&target, "groupId", a->group_id);
	json_put_str(&m, "id",
		arena_printf(c->arena, "%s_%s_%d", graph_id(c, collection, object), to,
			str_eq(a->target, "exclude")));
	json_put_str(&m, "source", "direct");
	json_put_str(&m, "sourceId", graph_id(c, collection, object));
	json_put_str(&m, "intent", a->intent);
	json_put(&m, "target", target.whole);
	return m.whole;
}

bool
graph_assignments(struct call *c, const struct graph_collection *collection,
	const struct object *object, const struct json **out, struct error *e)
{
	struct json_maker list = json_make(c->arena, JSON_ARRAY);
	struct assignment *found;
	size_t count;

	if (!store_assignments(&c->work, object->id, &found, &count, e))
		return false;
	for (size_t i = 0; i < count; i++)
		json_put(&list, NULL, assignment_json(c, collection, object, &found[i]));
	*out = list.whole;
	return true;
}

// --- reading targets ---

// A filter that was ignored would let an assignment reach more than it should (behaviour X15).
static bool
no_filter(const struct json *target, struct error *e)
{
	const char *id = json_str(target, "deviceAndAppManagementAssignmentFilterId");
	const char *type = json_str(target, "deviceAndAppManagementAssignmentFilterType");

	if (str_empty(id) || str_ieq(type, "none") || str_eq(id, GRAPH_NO_GUID))
		return true;
	error_fault(e, ERR_UNSUPPORTED, "not_offered_yet", "assignment filters are not offered");
	return error_hint(e, "assign it to a dynamic group whose rule says the same");
}

static bool
read_target(struct call *c, const struct json *item, struct new_assignment *out, struct error *e)
{
	const struct json *target = json_get(item, "target");
	const char *type = json_str(target, "@odata.type");
	struct group group;

	if (!target)
		return error_set(e, ERR_INVALID, "an assignment needs a \"target\"");
	if (!no_filter(target, e))
		return false;
	for (size_t i = 0; i < TARGETS; i++) {
		if (!type || !str_ieq(type + (*type == '#'), targets[i].type->name + 1))
			continue;
		out->target = targets[i].target;
		out->intent = json_str(item, "intent");
		if (targets[i].id)
			return true;
		const char *id = json_str(target, "groupId");
		if (str_empty(id))
			return error_set(e, ERR_INVALID, "target/groupId is missing");
		out->group_id = str_lower(c->arena, id);
		if (store_group(&c->work, out->group_id, &group, e))
			return true;
		return e->code == ERR_NOT_FOUND
			? error_set(e, ERR_INVALID, "there is no group with the id %.40s", id)
			: false;
	}
	return error_set(e, ERR_INVALID, "a target needs one of the known @odata.type values");
}

static const struct json *
find_list(const struct json *body)
{
	static const char *const names[] = {"assignments", "enrollmentConfigurationAssignments",
		"mobileAppAssignments", "deviceManagementScriptAssignments"};

	for (const struct json *m = body->first; m; m = m->next)
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (str_ieq(m->name, names[i]) && m->type == JSON_ARRAY)
				return m;
	return NULL;
}

// --- writing ---

static bool
note_assignment(struct call *c, const struct graph_collection *collection,
	const struct object *object, const struct json *before, struct error *e)
{
	static const struct odata_property assignments[] = {
		{.name = "assignments", .kind = OD_ANY, .flags = OD_LIST}};
	static const struct odata_type type = {.name = "#", OD_PROPERTIES(assignments)};
	struct json_maker was = json_make(c->arena, JSON_OBJECT), is = was;
	const struct json *after;

	is = json_make(c->arena, JSON_OBJECT);
	if (!graph_assignments(c, collection, object, &after, e))
		return false;
	json_put(&was, "assignments", before);
	json_put(&is, "assignments", after);
	struct graph_note note = {
		.operation = "Patch",
		.action = "Assign",
		.noun = collection->noun,
		.category = collection->category,
		.resource_id = graph_id(c, collection, object),
		.resource_name = object->name,
		.type = &type,
		.before = was.whole,
		.after = is.whole,
	};
	return graph_note(c, &note, e);
}

// Apps and policies are read when a device asks; the others are decided now.
static bool
decide(struct call *c, const char *kind, struct error *e)
{
	return str_eq(kind, "item") || store_decide(&c->work, NULL, e);
}

bool
graph_look_at(struct call *c, const struct object *object, bool committed, struct error *e)
{
	const struct graph_collection *collection = c->collection;

	if (!collection || !collection->assigned || call_is_strict(c) == committed)
		return true;
	if (collection->assigned(c, object, e))
		return true;
	if (!committed)
		return false;
	// What is done is done: the answer only says less.
	log_info("%s %s: %s", collection->path, object->id, e->message);
	return true;
}

static bool
read_targets(struct call *c, const struct graph_collection *collection, const struct object *object,
	const struct json *list, struct new_assignment *out, size_t *count, struct error *e)
{
	const char *kind = collection->kind(graph_type_of(collection, object));

	*count = 0;
	for (const struct json *item = list->first; item; item = item->next) {
		if (*count == MAX_TARGETS)
			return error_set(e, ERR_LIMIT, "more than %d targets", MAX_TARGETS);
		out[*count] = (struct new_assignment){.object_kind = kind, .object_id = object->id};
		if (!read_target(c, item, &out[(*count)++], e))
			return false;
	}
	return !collection->may_assign || collection->may_assign(c, object, out, *count, e);
}

bool
graph_assign_to(struct call *c, const struct graph_collection *collection,
	const struct object *object, const struct json *list, struct error *e)
{
	struct new_assignment *in = arena_array(c->arena, MAX_TARGETS, sizeof *in);
	struct assignment *old;
	const struct json *before;
	size_t count, old_count;

	if (!graph_assignments(c, collection, object, &before, e) ||
		!read_targets(c, collection, object, list, in, &count, e) ||
		!store_assignments(&c->work, object->id, &old, &old_count, e))
		return false;
	for (size_t i = 0; i < old_count; i++)
		if (!store_assignment_remove(&c->work, old[i].id, e))
			return false;
	for (size_t i = 0; i < count; i++)
		if (!store_assignment_add(&c->work, &in[i], e))
			return false;
	return decide(c, collection->kind(graph_type_of(collection, object)), e) &&
		graph_look_at(c, object, false, e) &&
		note_assignment(c, collection, object, before, e);
}

struct assign_ctx {
	struct call *c;
	const struct json *body, *list, *result, *made;
	struct object object;
	const char *assignment_id;
};

static bool
find_object(struct assign_ctx *a, struct error *e)
{
	struct call *c = a->c;

	if (!graph_find(c, c->collection, http_param(c->req, "id"), &a->object, e))
		return false;
	if (a->object.version == 0)
		return error_set(e, ERR_INVALID, "a default goes to everybody already");
	return true;
}

static bool
replace_tx(void *ctx, struct error *e)
{
	struct assign_ctx *a = ctx;

	return find_object(a, e) &&
		graph_assign_to(a->c, a->c->collection, &a->object, a->list, e) &&
		graph_assignments(a->c, a->c->collection, &a->object, &a->result, e);
}

static bool
same_target(const struct assignment *a, const struct new_assignment *b)
{
	return str_eq(a->target, b->target) && (!a->group_id || str_eq(a->group_id, b->group_id));
}

// One more target; one that is there already stays.
static bool
add_tx(void *ctx, struct error *e)
{
	struct assign_ctx *a = ctx;
	struct call *c = a->c;
	struct json_maker one = json_make(c->arena, JSON_ARRAY);
	struct new_assignment in;
	struct assignment *old, *now;
	const struct json *before;
	size_t count, old_count, now_count;

	json_put(&one, NULL, a->body);
	if (!find_object(a, e) || !graph_assignments(c, c->collection, &a->object, &before, e) ||
		!read_targets(c, c->collection, &a->object, one.whole, &in, &count, e) ||
		!store_assignments(&c->work, a->object.id, &old, &old_count, e))
		return false;
	bool there = false;
	for (size_t i = 0; i < old_count; i++)
		there |= same_target(&old[i], &in);
	if (!there &&
		(!store_assignment_add(&c->work, &in, e) || !decide(c, in.object_kind, e) ||
			!graph_look_at(c, &a->object, false, e) ||
			!note_assignment(c, c->collection, &a->object, before, e)))
		return false;
	if (!store_assignments(&c->work, a->object.id, &now, &now_count, e))
		return false;
	for (size_t i = 0; i < now_count; i++)
		if (same_target(&now[i], &in))
			a->made = assignment_json(c, c->collection, &a->object, &now[i]);
	return true;
}

// POST …/assignments: one target makes one assignment; a list replaces all, as /assign does.
bool
graph_assignments_add(struct call *c, struct error *e)
{
	struct assign_ctx a = {.c = c};

	if (!graph_body(c, &a.body, e))
		return false;
	a.list = find_list(a.body);
	if (a.list)
		return store_together(c->work.session, replace_tx, &a, e) &&
			graph_look_at(c, &a.object, true, e) && graph_send_value(c, a.result, e);
	if (!store_together(c->work.session, add_tx, &a, e) ||
		!graph_look_at(c, &a.object, true, e))
		return false;
	struct graph_answer answer = {
		.path = arena_printf(c->arena, "%s/%s/assignments", c->collection->path,
			http_param(c->req, "id")),
		.type = &graph_assignment,
		.objects = &a.made,
		.count = 1,
	};
	return graph_send_object(c, 201, &answer, 0, e);
}

bool
graph_assign_all(struct call *c, struct error *e)
{
	struct assign_ctx a = {.c = c};
	struct json_maker one = json_make(c->arena, JSON_ARRAY);

	if (!graph_body(c, &a.body, e))
		return false;
	a.list = find_list(a.body);
	if (!a.list && json_get(a.body, "target")) {
		json_put(&one, NULL, a.body);
		a.list = one.whole;
	}
	const struct json *devices = json_get(a.body, "deviceIds");
	if (!a.list && devices && c->collection == &graph_profiles)
		return graph_assign_devices(c, devices, e);
	if (!a.list)
		return error_set(e, ERR_INVALID, "\"assignments\" is missing");
	return store_together(c->work.session, replace_tx, &a, e) &&
		graph_look_at(c, &a.object, true, e) && graph_send_value(c, a.result, e);
}

bool
graph_assignments_list(struct call *c, struct error *e)
{
	struct assign_ctx a = {.c = c};
	struct odata_query *query;
	size_t n = 0;

	if (!graph_query(c, &graph_assignment, &query, e) ||
		!graph_find(c, c->collection, http_param(c->req, "id"), &a.object, e) ||
		!graph_assignments(c, c->collection, &a.object, &a.result, e))
		return false;
	const struct json **objects = arena_array(c->arena, a.result->count + 1, sizeof *objects);
	for (const struct json *item = a.result->first; item; item = item->next)
		objects[n++] = item;
	struct graph_answer answer = {
		.path = arena_printf(c->arena, "%s('%s')/assignments", c->collection->path,
			http_param(c->req, "id")),
		.type = &graph_assignment,
		.query = query,
		.objects = objects,
		.count = n,
		.total = (int64_t)n,
	};
	return graph_send_list(c, &answer, e);
}

// "<profileId>_<groupId>_0", also without "_0" (graph-api.md section 5).
static bool
is_assignment(const struct json *item, const char *id)
{
	const char *own = json_str(item, "id");
	size_t len = strlen(id);

	return str_ieq(own, id) ||
		(strncasecmp(own, id, len) == 0 &&
			(str_eq(own + len, "_0") || str_eq(own + len, "_1")));
}

static bool
find_assignment(struct assign_ctx *a, size_t *index, struct error *e)
{
	const struct json *item;

	*index = 0;
	if (!find_object(a, e) ||
		!graph_assignments(a->c, a->c->collection, &a->object, &a->result, e))
		return false;
	for (item = a->result->first; item; item = item->next, ++*index)
		if (is_assignment(item, a->assignment_id)) {
			a->made = item;
			return true;
		}
	return error_set(e, ERR_NOT_FOUND, "there is no such assignment");
}

bool
graph_assignment_get(struct call *c, struct error *e)
{
	struct assign_ctx a = {.c = c, .assignment_id = http_param(c->req, "assignment")};
	size_t index;

	if (!find_assignment(&a, &index, e))
		return false;
	struct graph_answer answer = {.path = arena_printf(c->arena, "%s('%s')/assignments",
					      c->collection->path, http_param(c->req, "id")),
		.type = &graph_assignment,
		.objects = &a.made,
		.count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

// What was sent over what is there.
static const struct json *
patched(struct assign_ctx *a)
{
	struct json_maker one = json_make(a->c->arena, JSON_OBJECT);
	static const char *const members[] = {"target", "intent"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const struct json *sent = json_get(a->body, members[i]);
		json_put(&one, members[i], sent ? sent : json_get(a->made, members[i]));
	}
	return one.whole;
}

// One assignment gives way to another; the target may not be there already.
static bool
change_tx(void *ctx, struct error *e)
{
	struct assign_ctx *a = ctx;
	struct call *c = a->c;
	struct json_maker one = json_make(c->arena, JSON_ARRAY);
	struct new_assignment in;
	struct assignment *old, *now;
	size_t index, count, old_count, now_count;

	if (!find_assignment(a, &index, e))
		return false;
	json_put(&one, NULL, patched(a));
	if (!read_targets(c, c->collection, &a->object, one.whole, &in, &count, e) ||
		!store_assignments(&c->work, a->object.id, &old, &old_count, e))
		return false;
	for (size_t i = 0; i < old_count; i++)
		if (i != index && same_target(&old[i], &in))
			return error_set(e, ERR_CONFLICT, "it is assigned to this target already");
	if (!store_assignment_remove(&c->work, old[index].id, e) ||
		!store_assignment_add(&c->work, &in, e) || !decide(c, in.object_kind, e) ||
		!graph_look_at(c, &a->object, false, e) ||
		!note_assignment(c, c->collection, &a->object, a->result, e) ||
		!store_assignments(&c->work, a->object.id, &now, &now_count, e))
		return false;
	for (size_t i = 0; i < now_count; i++)
		if (same_target(&now[i], &in))
			a->made = assignment_json(c, c->collection, &a->object, &now[i]);
	return true;
}

// PATCH …/assignments/{id}: its id follows from its target, so the answer has another.
bool
graph_assignment_patch(struct call *c, struct error *e)
{
	struct assign_ctx a = {.c = c, .assignment_id = http_param(c->req, "assignment")};

	if (!graph_body(c, &a.body, e) || !store_together(c->work.session, change_tx, &a, e) ||
		!graph_look_at(c, &a.object, true, e))
		return false;
	struct graph_answer answer = {.path = arena_printf(c->arena, "%s('%s')/assignments",
					      c->collection->path, http_param(c->req, "id")),
		.type = &graph_assignment,
		.objects = &a.made,
		.count = 1};
	return graph_send_object(c, 200, &answer, 0, e);
}

static bool
remove_tx(void *ctx, struct error *e)
{
	struct assign_ctx *a = ctx;
	struct call *c = a->c;
	struct assignment *old;
	size_t index, count;

	return find_assignment(a, &index, e) &&
		store_assignments(&c->work, a->object.id, &old, &count, e) &&
		store_assignment_remove(&c->work, old[index].id, e) &&
		decide(c, old[index].object_kind, e) &&
		note_assignment(c, c->collection, &a->object, a->result, e);
}

bool
graph_assignment_delete(struct call *c, struct error *e)
{
	struct assign_ctx a = {.c = c, .assignment_id = http_param(c->req, "assignment")};

	return store_together(c->work.session, remove_tx, &a, e) && call_done(c);
}
