// SPDX-License-Identifier: Apache-2.0
#include "ferryd/graph.h"

#include "base/str.h"

enum { COLLECTION_MAX = 32 << 20, MAX_TARGETS = 100 };

struct jsonw
graph_collection(struct call *c, struct buf *body, const char *context)
{
	buf_init(body, c->arena, COLLECTION_MAX);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena, "%s/beta/$metadata#%s", c->service->base_url, context));
	jsonw_array(&w, "value");
	return w;
}

bool
graph_collection_send(struct call *c, struct jsonw *w, struct buf *body, struct error *e)
{
	jsonw_end_array(w);
	return call_send(c, 200, w, body, e);
}

static bool
read_target(const struct json *item, const char *kind, const char *object_id,
	struct new_assignment *out, struct error *e)
{
	static const struct {
		const char *type, *target;
	} types[] = {
		{"#microsoft.graph.groupAssignmentTarget", "group"},
		{"#microsoft.graph.exclusionGroupAssignmentTarget", "exclude"},
		{"#microsoft.graph.allDevicesAssignmentTarget", "all_devices"},
		{"#microsoft.graph.allLicensedUsersAssignmentTarget", "all_users"},
	};
	const struct json *target = json_get(item, "target");

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (!str_ieq(json_str(target, "@odata.type"), types[i].type))
			continue;
		*out = (struct new_assignment){
			.object_kind = kind, .object_id = object_id, .target = types[i].target};
		return i >= 2 || json_need_str(target, "groupId", 64, &out->group_id, e);
	}
	return error_set(e, ERR_INVALID, "a target needs one of the known @odata.type values");
}

bool
graph_assign(struct call *c, const char *object_kind, const char *object_id, struct error *e)
{
	static const char *const names[] = {
		"assignments", "enrollmentConfigurationAssignments", "mobileAppAssignments"};
	struct new_assignment targets[MAX_TARGETS];
	const struct json *body, *list = NULL;
	size_t count = 0;

	if (!call_json(c, &body, e))
		return false;
	if (json_get(body, "target") &&
		!read_target(body, object_kind, object_id, &targets[count++], e))
		return false;
	for (size_t i = 0; i < 3 && !list; i++)
		list = json_get(body, names[i]);
	for (const struct json *item = list ? list->first : NULL; item; item = item->next)
		if (count == MAX_TARGETS ||
			!read_target(item, object_kind, object_id, &targets[count++], e))
			return count == MAX_TARGETS ? error_set(e, ERR_LIMIT, "too many targets")
						    : false;
	if (!list && !count)
		return error_set(e, ERR_INVALID, "\"assignments\" is missing");
	return store_assign(&c->work, object_kind, object_id, targets, count, e) && call_done(c);
}

bool
graph_list(struct call *c, int query, const char *context,
	bool (*row)(struct db_rows *rows, const struct work *w, void *ctx, struct error *e),
	struct error *e)
{
	struct buf body;
	struct jsonw w = graph_collection(c, &body, context);

	return store_list(&c->work, query, row, &w, e) && graph_collection_send(c, &w, &body, e);
}
