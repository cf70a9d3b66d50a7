// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "store/cohort.h"
#include "store/devices.h"
#include "store/queries.h"
#include "store/settle.h"

enum { PAGE = 500, AT_ONCE = 2000, AT_ONCE_STEPS = 40 * RULE_MAX_STEPS };

static bool
load_groups(struct db *db, struct assigner *a, const char *subject, struct error *e)
{
	autorows rows = NULL;
	struct arena *arena = a->w->arena;
	size_t room = 0;

	if (!db_query(db, Q_GROUP_LIST, PARAMS(DB_TEXT(a->w->tenant_id)), &rows, e))
		return false;
	while (a->group_count < COHORT_MAX_GROUPS && db_next(rows)) {
		a->groups = arena_more(arena, a->groups, a->group_count, &room, sizeof *a->groups);
		struct known_group *g = &a->groups[a->group_count++];
		*g = (struct known_group){.id = db_text(arena, rows, "group_id"),
			.name = db_text(arena, rows, "name"),
			.rule_text = db_text(arena, rows, "rule")};
		g->for_users = str_eq(db_text(arena, rows, "subject"), "user");
		g->paused = g->rule_text && !str_eq(db_text(arena, rows, "processing"), "On");
		if (!g->rule_text || g->paused || g->for_users != str_eq(subject, "user"))
			continue;
		if (!(g->rule = rule_compile(arena, g->rule_text, e)))
			return error_wrap(e, "group \"%s\"", g->name);
		a->has_rules = true;
	}
	return true;
}

static bool
load_edges(struct db *db, struct assigner *a, struct error *e)
{
	autorows rows = NULL;
	struct arena *arena = a->w->arena;
	size_t room = 0;

	if (!db_query(db, Q_GROUP_CHILDREN, PARAMS(DB_TEXT(a->w->tenant_id)), &rows, e))
		return false;
	while (db_next(rows)) {
		a->edges = arena_more(arena, a->edges, a->edge_count, &room, sizeof *a->edges);
		a->edges[a->edge_count++] =
			(struct group_edge){.parent = db_text(arena, rows, "group_id"),
				.child = db_text(arena, rows, "child_id")};
	}
	return true;
}

enum assignment_target
assignment_target(const char *name)
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
	while (list->count < COHORT_MAX_ROWS && db_next(rows)) {
		list->rows =
			arena_more(w->arena, list->rows, list->count, &room, sizeof *list->rows);
		list->rows[list->count++] = (struct assignment_row){
			.object_id = db_text(w->arena, rows, "object_id"),
			.object_name = db_text(w->arena, rows, "name"),
			.created_at = db_int(rows, "created_at"),
			.priority = (int)db_int(rows, "priority"),
			.target = assignment_target(db_text(w->arena, rows, "target")),
			.group_id = db_text(w->arena, rows, "group_id"),
			.group_name = db_text(w->arena, rows, "group_name"),
		};
	}
	return true;
}

bool
assigner_open_rules(struct db *db, const struct work *w, const char *subject, struct assigner **out,
	struct error *e)
{
	struct assigner *a = arena_new(w->arena, struct assigner);

	a->w = w;
	*out = a;
	return load_groups(db, a, subject, e) && load_edges(db, a, e);
}

bool
assigner_open(struct db *db, const struct work *w, struct assigner **out, struct error *e)
{
	struct assigner *a;

	if (!assigner_open_rules(db, w, "device", &a, e) ||
		!load_rows(db, w, Q_ASSIGNMENT_PROFILES, &a->profiles, e) ||
		!load_rows(db, w, Q_ASSIGNMENT_ESPS, &a->esps, e) ||
		!load_rows(db, w, Q_ASSIGNMENT_DOMAIN_JOINS, &a->domain_joins, e))
		return false;
	*out = a;
	return true;
}

bool
assigner_place(struct assigner *a, struct db *db, const struct device_facts *facts,
	struct placement *out, struct error *e)
{
	struct id_list own = {0}, undecided;

	if (!cohort_get(a, db, facts, &own, &out->cohort_id, &undecided, e))
		return false;
	out->undecided = undecided.count;
	return true;
}

// The groups a device was put into (assigned), and those a rule found it for (by_rule).
static bool
load_own_groups(struct assigner *a, struct db *db, const char *device_id, struct id_list *assigned,
	struct id_list *by_rule, struct error *e)
{
	struct arena *arena = a->w->arena;
	autorows rows = NULL;

	if (!db_query(db, Q_GROUP_MEMBER_OF_DEVICE,
		    PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(device_id)), &rows, e))
		return false;
	while (db_next(rows))
		ids_add(arena, db_bool(rows, "by_rule") ? by_rule : assigned,
			db_text(arena, rows, "group_id"));
	return true;
}

// Put the rules that its cohort leaves open to the device itself. A rule that is too slow for it
// does not match, as its evaluation tree says; the group whose rule is new is refused then.
static bool
ask_device(struct assigner *a, const struct device_facts *facts, const struct id_list *own,
	const struct id_list *undecided, struct id_list *found, struct error *e)
{
	struct rule_values values;

	facts_values(a->w->arena, facts, own->ids, own->count, &values);
	for (size_t i = 0; i < a->group_count; i++) {
		const struct known_group *group = &a->groups[i];
		enum rule_truth truth = RULE_FALSE;
		if (!group->rule || !ids_has(undecided, group->id))
			continue;
		if (!rule_evaluate_counted(group->rule, &values, &truth, &a->steps, e) &&
			(e->code != ERR_LIMIT || str_eq(group->id, a->new_group)))
			return error_wrap(
				e, "group \"%s\", device %s", group->name, facts->display_name);
		if (truth == RULE_TRUE)
			ids_add(a->w->arena, found, group->id);
	}
	return true;
}

// Make the members by rule in the database the ones that were found.
static bool
write_found(struct assigner *a, struct db *db, const char *device_id, const struct id_list *before,
	const struct id_list *found, struct error *e)
{
	for (size_t i = 0; i < before->count; i++)
		if (!ids_has(found, before->ids[i]) &&
			!db_run(db, Q_GROUP_MEMBER_REMOVE,
				PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(before->ids[i]),
					DB_TEXT(device_id)),
				NULL, e))
			return false;
	for (size_t i = 0; i < found->count; i++)
		if (!ids_has(before, found->ids[i]) &&
			!db_run(db, Q_GROUP_MEMBER_ADD,
				PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(found->ids[i]),
					DB_TEXT(device_id), DB_BOOL(true)),
				NULL, e))
			return false;
	return true;
}

bool
assigner_apply(struct assigner *a, struct db *db, const char *device_id, struct error *e)
{
	struct device_facts facts;
	struct id_list own = {0}, before = {0}, undecided, found = {0};
	const char *now_in, *belongs_to;

	if (!facts_load(db, a->w, device_id, &facts, &now_in, e) ||
		!load_own_groups(a, db, device_id, &own, &before, e) ||
		!cohort_get(a, db, &facts, &own, &belongs_to, &undecided, e))
		return false;
	if (undecided.count && !ask_device(a, &facts, &own, &undecided, &found, e))
		return false;
	if (!write_found(a, db, device_id, &before, &found, e))
		return false;
	for (size_t i = 0; i < found.count; i++)
		ids_add(a->w->arena, &own, found.ids[i]);
	if (found.count && !cohort_get(a, db, &facts, &own, &belongs_to, NULL, e))
		return false;
	return str_eq(now_in, belongs_to) ||
		db_run(db, Q_DEVICE_PLACE,
			PARAMS(DB_TEXT(a->w->tenant_id), DB_TEXT(device_id), DB_TEXT(belongs_to),
				DB_INT(a->w->now)),
			NULL, e);
}

// A cohort as it is in the database.
struct stored_cohort {
	const char *id, *attributes, *groups, *undecided;
	const char *profile_id, *esp_id, *domain_join_id;
	time_us assigned_at;
};

static bool
cohort_page(struct db *db, const struct work *w, const char *after, struct stored_cohort *out,
	size_t *count, struct error *e)
{
	struct arena *arena = w->arena;
	autorows r = NULL;

	if (!db_query(db, Q_COHORT_PAGE,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(after), DB_INT(PAGE)), &r, e))
		return false;
	for (*count = 0; *count < PAGE && db_next(r); (*count)++)
		out[*count] = (struct stored_cohort){
			.id = db_text(arena, r, "cohort_id"),
			.attributes = db_text(arena, r, "attributes"),
			.groups = db_text(arena, r, "groups"),
			.undecided = db_text(arena, r, "undecided"),
			.profile_id = db_text(arena, r, "profile_id"),
			.esp_id = db_text(arena, r, "esp_id"),
			.domain_join_id = db_text(arena, r, "domain_join_id"),
			.assigned_at = db_int(r, "assigned_at"),
		};
	return true;
}

static bool
same_id(const char *a, const char *b)
{
	return str_eq(a, b) || (!a && !b);
}

static bool
change_groups(struct db *db, const struct work *w, int query, const char *cohort_id,
	const struct id_list *list, const struct id_list *but, struct error *e)
{
	for (size_t i = 0; i < list->count; i++)
		if (!ids_has(but, list->ids[i]) &&
			!db_run(db, query,
				PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(cohort_id),
					DB_TEXT(list->ids[i])),
				NULL, e))
			return false;
	return true;
}

static bool
write_groups(struct db *db, const struct work *w, const char *cohort_id,
	const struct id_list *groups, struct error *e)
{
	struct id_list before = {0};

	{
		autorows rows = NULL;
		if (!db_query(db, Q_COHORT_GROUP_LIST,
			    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(cohort_id)), &rows, e))
			return false;
		while (db_next(rows))
			ids_add(w->arena, &before, db_text(w->arena, rows, "group_id"));
	}
	return change_groups(db, w, Q_COHORT_GROUP_REMOVE, cohort_id, &before, groups, e) &&
		change_groups(db, w, Q_COHORT_GROUP_ADD, cohort_id, groups, &before, e);
}

// Decide one cohort again. `ask`: its devices must be asked one by one.
static bool
refresh_cohort(struct assigner *a, struct db *db, const struct stored_cohort *c,
	const char *group_id, bool *ask, struct error *e)
{
	const struct work *w = a->w;
	struct device_facts facts;
	struct id_list own, undecided;
	struct verdict v;

	if (!facts_parse(w->arena, c->attributes, &facts, e) ||
		!ids_parse(w->arena, c->groups, &own, e) ||
		!ids_parse(w->arena, c->undecided, &undecided, e) ||
		!cohort_judge(a, &facts, &own, &v, e) || !write_groups(db, w, c->id, &v.groups, e))
		return false;
	*ask = !ids_equal(&undecided, &v.undecided) ||
		(group_id && ids_has(&v.undecided, group_id));
	bool same_profile = same_id(c->profile_id, v.profile_id);
	if (same_profile && same_id(c->esp_id, v.esp_id) &&
		same_id(c->domain_join_id, v.domain_join_id) && ids_equal(&undecided, &v.undecided))
		return true;
	time_us assigned_at = same_profile ? c->assigned_at : w->now;
	return db_run(db, Q_COHORT_DECIDE,
		PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->id),
			DB_TEXT(ids_text(w->arena, &v.undecided)), DB_TEXT(v.profile_id),
			DB_TEXT(v.esp_id), DB_TEXT(v.domain_join_id),
			v.profile_id ? DB_INT(assigned_at) : DB_NULL_INT),
		NULL, e);
}

// Decide all cohorts again; `ask`: those whose devices must be asked one by one.
static bool
refresh_all(struct assigner *a, struct db *db, const char *group_id, struct id_list *ask,
	struct error *e)
{
	struct arena *arena = a->w->arena;
	struct stored_cohort *page = arena_array(arena, PAGE, sizeof *page);
	const char *after = "";
	size_t count;

	do {
		if (!cohort_page(db, a->w, after, page, &count, e))
			return false;
		for (size_t i = 0; i < count; i++) {
			bool open;
			if (!refresh_cohort(a, db, &page[i], group_id, &open, e))
				return false;
			if (open)
				ids_add(arena, ask, page[i].id);
		}
		after = count ? page[count - 1].id : "";
	} while (count == PAGE);
	return true;
}

bool
assigner_refresh(struct db *db, const struct work *w, const char *group_id, struct error *e)
{
	struct assigner *a;
	struct id_list ask = {0};
	// Who collided with others does less the next time, and leaves more to later.
	unsigned attempt = db_attempt(db), less = attempt < 6 ? 2 * attempt : 12;
	struct settle_limit left = {
		.devices = AT_ONCE >> less, .steps = (size_t)AT_ONCE_STEPS >> less};

	if (!db_run(db, Q_COHORT_PRUNE, PARAMS(DB_TEXT(w->tenant_id)), NULL, e) ||
		!assigner_open(db, w, &a, e))
		return false;
	a->new_group = group_id;
	if (!refresh_all(a, db, group_id, &ask, e))
		return false;
	// Only now: what a device is asked stands in the cohort of its facts, which may come later
	// in the order of ids than the cohort it is in.
	for (size_t i = 0; i < ask.count; i++)
		if (!settle_or_mark(a, db, ask.ids[i], &left, e))
			return false;
	return true;
}
