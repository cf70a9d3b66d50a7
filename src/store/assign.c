// SPDX-License-Identifier: Apache-2.0
#include "store/assign.h"

#include "base/str.h"
#include "codec/json.h"
#include "domain/assignment.h"
#include "domain/membership_rule.h"
#include "store/devices.h"
#include "store/queries.h"

enum { MAX_GROUPS = 15000, MAX_ROWS = 4000, PAGE = 500 };

struct compiled_group {
	const char *id, *name;
	const struct rule *rule; // NULL: assigned members only
};

struct row_list {
	struct assignment_row *rows;
	size_t count;
};

struct assigner {
	const struct work *w;
	struct compiled_group *groups;
	size_t group_count;
	struct row_list profiles, esps, domain_joins;
};

static bool
load_groups(struct db *db, struct assigner *a, struct error *e)
{
	autorows rows = NULL;
	struct arena *arena = a->w->arena;
	size_t room = 0;

	if (!db_query(db, Q_GROUP_LIST, PARAMS(DB_TEXT(a->w->tenant_id)), &rows, e))
		return false;
	while (a->group_count < MAX_GROUPS && db_next(rows)) {
		a->groups = arena_more(arena, a->groups, a->group_count, &room, sizeof *a->groups);
		struct compiled_group *g = &a->groups[a->group_count++];
		*g = (struct compiled_group){.id = db_text(arena, rows, "group_id"),
			.name = db_text(arena, rows, "name")};
		const char *rule = db_text(arena, rows, "rule");
		if (rule && !(g->rule = rule_compile(arena, rule, e)))
			return error_wrap(e, "group \"%s\"", g->name);
	}
	return true;
}

static enum assignment_target
target_of(const char *name)
{
	return str_eq(name, "group")	    ? TARGET_GROUP
		: str_eq(name, "exclude")   ? TARGET_EXCLUDE_GROUP
		: str_eq(name, "all_users") ? TARGET_ALL_USERS
					    : TARGET_ALL_DEVICES;
}

static bool
load_rows(struct db *db, const struct work *w, int query, struct row_list *list, struct error *e)
{
	autorows rows = NULL;
	size_t room = 0;

	*list = (struct row_list){0};
	if (!db_query(db, query, PARAMS(DB_TEXT(w->tenant_id)), &rows, e))
		return false;
	while (list->count < MAX_ROWS && db_next(rows)) {
		list->rows =
			arena_more(w->arena, list->rows, list->count, &room, sizeof *list->rows);
		list->rows[list->count++] = (struct assignment_row){
			.object_id = db_text(w->arena, rows, "object_id"),
			.object_name = db_text(w->arena, rows, "name"),
			.created_at = db_int(rows, "created_at"),
			.priority = (int)db_int(rows, "priority"),
			.target = target_of(db_text(w->arena, rows, "target")),
			.group_id = db_text(w->arena, rows, "group_id"),
			.group_name = db_text(w->arena, rows, "group_name"),
		};
	}
	return true;
}

bool
assigner_open(struct db *db, const struct work *w, struct assigner **out, struct error *e)
{
	struct assigner *a = arena_new(w->arena, struct assigner);

	a->w = w;
	if (!load_groups(db, a, e) || !load_rows(db, w, Q_ASSIGNMENT_PROFILES, &a->profiles, e) ||
		!load_rows(db, w, Q_ASSIGNMENT_ESPS, &a->esps, e) ||
		!load_rows(db, w, Q_ASSIGNMENT_DOMAIN_JOINS, &a->domain_joins, e))
		return false;
	*out = a;
	return true;
}

// What the directory says about a registered device (behaviour R12, R14, R15).
static struct rule_device
rule_view(struct arena *arena, const struct device *d)
{
	const char **ids = arena_array(arena, 4, sizeof *ids);
	size_t n = 0;

	ids[n++] = arena_printf(arena, "[ZTDId]:%s", d->device_id);
	if (!str_empty(d->group_tag))
		ids[n++] = arena_printf(arena, "[OrderID]:%s", d->group_tag);
	return (struct rule_device){
		.display_name = d->serial,
		.device_id = d->directory_id,
		.manufacturer = d->manufacturer,
		.model = d->model,
		.os_type = "Linux",
		.ownership = "Company",
		.trust_type = str_empty(d->trust_type) ? NULL : d->trust_type,
		.profile_name = str_empty(d->profile_name) ? NULL : d->profile_name,
		.physical_ids = ids,
	};
}

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

// Membership of one device: dynamic groups whose rule matches, and the assigned groups it was put
// into.
static bool
member_groups(struct assigner *a, struct db *db, const struct device *d, const char **ids,
	size_t *count, struct jsonw *json, struct error *e)
{
	struct rule_device view = rule_view(a->w->arena, d);

	if (!db_run(db, Q_GROUP_MEMBER_CLEAR,
		    PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(d->device_id)), NULL, e))
		return false;
	for (size_t i = 0; i < a->group_count; i++) {
		if (!a->groups[i].rule || !rule_matches(a->groups[i].rule, &view))
			continue;
		if (!db_run(db, Q_GROUP_MEMBER_ADD,
			    PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(a->groups[i].id),
				    DB_TEXT(d->device_id)),
			    NULL, e))
			return false;
	}
	autorows rows = NULL;
	if (!db_query(db, Q_GROUP_OF_DEVICE,
		    PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(d->device_id)), &rows, e))
		return false;
	jsonw_array(json, "groups");
	for (*count = 0; *count < a->group_count && db_next(rows); (*count)++) {
		const char *rule = db_text(a->w->arena, rows, "rule");
		ids[*count] = db_text(a->w->arena, rows, "group_id");
		jsonw_object(json, NULL);
		jsonw_str(json, "id", ids[*count]);
		jsonw_str(json, "name", db_text(a->w->arena, rows, "name"));
		jsonw_str(json, "reason",
			rule ? arena_printf(a->w->arena, "matches the rule %s", rule)
			     : "assigned member");
		jsonw_end_object(json);
	}
	jsonw_end_array(json);
	return true;
}

bool
assigner_apply(struct assigner *a, struct db *db, const char *device_id, struct error *e)
{
	struct arena *arena = a->w->arena;
	struct device d;
	struct buf out;
	size_t count = 0;
	const char **ids = arena_array(arena, a->group_count + 1, sizeof *ids);

	if (!device_load(db, a->w, device_id, &d, e))
		return false;
	buf_init(&out, arena, 64 << 10);
	struct jsonw json = jsonw_on(&out);
	jsonw_object(&json, NULL);
	if (!member_groups(a, db, &d, ids, &count, &json, e))
		return false;
	struct assignment_choice profile =
		assignment_decide(arena, a->profiles.rows, a->profiles.count, ids, count);
	struct assignment_choice esp =
		assignment_decide(arena, a->esps.rows, a->esps.count, ids, count);
	struct assignment_choice join =
		assignment_decide(arena, a->domain_joins.rows, a->domain_joins.count, ids, count);
	explain_choice(&json, "profile", &profile);
	explain_choice(&json, "esp", &esp);
	explain_choice(&json, "domainJoin", &join);
	jsonw_end_object(&json);
	if (!buf_ok(&out, e))
		return false;
	return db_run(db, Q_DEVICE_ASSIGN,
		PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(device_id), DB_TEXT(profile.object_id),
			DB_TEXT(esp.object_id), DB_TEXT(join.object_id), DB_TEXT(buf_text(&out)),
			profile.object_id ? DB_INT(a->w->now) : DB_NULL_INT),
		NULL, e);
}

// The ids of one page; the rows must be read before devices of the page are written.
static bool
read_page(struct db *db, const struct work *w, const char *after, const char **ids, size_t *count,
	struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, Q_DEVICE_IDS, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(after), DB_INT(PAGE)),
		    &rows, e))
		return false;
	for (*count = 0; *count < PAGE && db_next(rows); (*count)++)
		ids[*count] = db_text(w->arena, rows, "device_id");
	return true;
}

bool
assigner_apply_all(struct db *db, const struct work *w, struct error *e)
{
	struct assigner *a;
	const char *ids[PAGE], *after = "";
	size_t count;

	if (!assigner_open(db, w, &a, e))
		return false;
	do {
		if (!read_page(db, w, after, ids, &count, e))
			return false;
		for (size_t i = 0; i < count; i++)
			if (!assigner_apply(a, db, ids[i], e))
				return false;
		after = count ? ids[count - 1] : "";
	} while (count == PAGE);
	return true;
}
