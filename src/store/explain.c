// SPDX-License-Identifier: Apache-2.0
// Why a device is in its groups and gets what it gets: worked out when somebody asks, from the same
// rows and by the same functions that decided it.
#include "base/str.h"
#include "codec/json.h"
#include "store/cohort.h"
#include "store/devices.h"
#include "store/queries.h"

enum { EXPLANATION_MAX = 1 << 20 };

struct explain_ctx {
	const struct work *w;
	const char *device_id, *text;
};

static void
explain_choice(struct jsonw *json, const char *name, const struct assignment_choice *choice)
{
	jsonw_object(json, name);
	jsonw_str(json, "id", choice->object_id);
	jsonw_str(json, "name", choice->object_name);
	jsonw_str(json, "reason", choice->reason);
	jsonw_str(json, "lost", choice->lost);
	jsonw_end_object(json);
}

// The group inside this one through which the device is a member, or NULL.
static const struct known_group *
inner_group(const struct assigner *a, const struct known_group *group, const struct id_list *groups)
{
	for (size_t i = 0; i < a->edge_count; i++)
		if (str_eq(a->edges[i].parent, group->id) && ids_has(groups, a->edges[i].child))
			for (size_t k = 0; k < a->group_count; k++)
				if (str_eq(a->groups[k].id, a->edges[i].child))
					return &a->groups[k];
	return NULL;
}

static const char *
why_member(const struct assigner *a, const struct known_group *group, const struct id_list *groups,
	const struct id_list *assigned)
{
	if (ids_has(assigned, group->id))
		return "assigned member";
	if (group->rule)
		return arena_printf(a->w->arena, "matches the rule %s", group->rule_text);
	const struct known_group *inner = inner_group(a, group, groups);
	return inner ? arena_printf(a->w->arena, "through the group \"%s\" inside it", inner->name)
		     : "no longer: this is about to change";
}

// Every group the device is in, with the reason; their ids go to `out`.
static bool
explain_groups(struct db *db, struct assigner *a, struct explain_ctx *c, struct jsonw *json,
	struct id_list *out, struct error *e)
{
	struct arena *arena = c->w->arena;
	struct id_list assigned = {0};
	struct db_params device = PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id));

	{
		autorows rows = NULL;
		if (!db_query(db, Q_GROUP_MEMBER_OF_DEVICE, device, &rows, e))
			return false;
		while (db_next(rows))
			if (!db_bool(rows, "by_rule"))
				ids_add(arena, &assigned, db_text(arena, rows, "group_id"));
	}
	autorows rows = NULL;
	if (!db_query(db, Q_GROUP_OF_DEVICE, device, &rows, e))
		return false;
	while (db_next(rows))
		ids_add(arena, out, db_text(arena, rows, "group_id"));
	jsonw_array(json, "groups");
	for (size_t i = 0; i < a->group_count; i++) {
		const struct known_group *group = &a->groups[i];
		if (!ids_has(out, group->id))
			continue;
		jsonw_object(json, NULL);
		jsonw_str(json, "id", group->id);
		jsonw_str(json, "name", group->name);
		jsonw_str(json, "reason", why_member(a, group, out, &assigned));
		jsonw_end_object(json);
	}
	jsonw_end_array(json);
	return true;
}

static bool
explain_tx(struct db *db, void *ctx, struct error *e)
{
	struct explain_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	struct id_list groups = {0};
	struct assigner *a;
	struct buf out;

	buf_init(&out, arena, EXPLANATION_MAX);
	struct jsonw json = jsonw_on(&out);
	jsonw_object(&json, NULL);
	if (!assigner_open(db, c->w, &a, e) || !explain_groups(db, a, c, &json, &groups, e))
		return false;
	const struct {
		const char *name;
		const struct row_list *list;
	} choices[] = {
		{"profile", &a->profiles}, {"esp", &a->esps}, {"domainJoin", &a->domain_joins}};
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		struct assignment_choice choice = assignment_decide(arena, choices[i].list->rows,
			choices[i].list->count, groups.ids, groups.count);
		explain_choice(&json, choices[i].name, &choice);
	}
	jsonw_end_object(&json);
	c->text = buf_text(&out);
	return buf_ok(&out, e);
}

bool
store_device_explain(
	const struct work *w, const char *device_id, const char **json, struct error *e)
{
	struct explain_ctx c = {.w = w, .device_id = device_id};

	if (!store_read(w->session, explain_tx, &c, e))
		return false;
	*json = c.text;
	return true;
}
