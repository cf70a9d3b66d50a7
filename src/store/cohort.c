// SPDX-License-Identifier: Apache-2.0
#include "store/cohort.h"

#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "pki/hash.h"
#include "store/queries.h"

enum { SEEN_SLOTS = 1024, IDS_MAX_BYTES = 1 << 20 };

struct seen_cohort {
	struct seen_cohort *next;
	const char *key, *cohort_id;
	struct id_list undecided;
};

void
ids_add(struct arena *arena, struct id_list *list, const char *id)
{
	size_t at = 0;

	while (at < list->count && strcmp(list->ids[at], id) < 0)
		at++;
	if (at < list->count && str_eq(list->ids[at], id))
		return;
	list->ids = arena_more(arena, list->ids, list->count, &list->room, sizeof *list->ids);
	memmove(&list->ids[at + 1], &list->ids[at], (list->count - at) * sizeof *list->ids);
	list->ids[at] = id;
	list->count++;
}

bool
ids_has(const struct id_list *list, const char *id)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(list->ids[middle], id);
		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool
ids_equal(const struct id_list *a, const struct id_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!str_eq(a->ids[i], b->ids[i]))
			return false;
	return true;
}

const char *
ids_text(struct arena *arena, const struct id_list *list)
{
	struct buf text;

	if (list->count == 0)
		return "[]";
	buf_init(&text, arena, IDS_MAX_BYTES);
	struct jsonw w = jsonw_on(&text);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < list->count; i++)
		jsonw_str(&w, NULL, list->ids[i]);
	jsonw_end_array(&w);
	return buf_text(&text);
}

bool
ids_parse(struct arena *arena, const char *text, struct id_list *out, struct error *e)
{
	struct json_limits limits = {.max_bytes = IDS_MAX_BYTES};

	*out = (struct id_list){0};
	if (str_eq(text, "[]"))
		return true;
	const struct json *list = json_parse(arena, slice_str(text), &limits, e);
	if (!list)
		return error_wrap(e, "groups of a cohort");
	for (const struct json *id = list->first; id; id = id->next)
		if (id->type == JSON_STRING)
			ids_add(arena, out, id->text);
	return true;
}

void
cohort_outer_groups(const struct assigner *a, struct arena *arena, struct id_list *groups)
{
	size_t before;

	do {
		before = groups->count;
		for (size_t i = 0; i < a->edge_count; i++)
			if (ids_has(groups, a->edges[i].child))
				ids_add(arena, groups, a->edges[i].parent);
	} while (groups->count != before);
}

static const struct known_group *
find_group(const struct assigner *a, const char *id)
{
	for (size_t i = 0; i < a->group_count; i++)
		if (str_eq(a->groups[i].id, id))
			return &a->groups[i];
	return NULL;
}

static const char *
best_of(const struct row_list *list, const struct id_list *groups)
{
	const struct assignment_row *row =
		assignment_best(list->rows, list->count, groups->ids, groups->count);

	return row ? row->object_id : NULL;
}

static bool
asks_for_groups(const struct rule *rule)
{
	return rule_properties(rule) & (UINT64_C(1) << RULE_MEMBER_OF);
}

// A rule that is just fast enough for one value may be too slow for a fleet of many kinds.
static bool
count_new(struct assigner *a, const struct known_group *group, size_t used, struct error *e)
{
	if (!str_eq(group->id, a->new_group) || used <= COHORT_USUAL_STEPS)
		return true;
	a->new_steps += used;
	if (a->new_steps <= COHORT_MAX_STEPS)
		return true;
	error_fault(e, ERR_LIMIT, "membership_rule_too_slow",
		"group \"%s\": more than %d steps of work for all kinds of devices", group->name,
		COHORT_MAX_STEPS);
	return error_hint(e, "Write -startsWith or -eq instead of -match.");
}

// Put the rules to a cohort: those that ask for other groups, or those that do not.
static bool
ask_rules(struct assigner *a, const struct device_facts *facts, bool for_groups, struct verdict *v,
	struct error *e)
{
	struct arena *arena = a->w->arena;
	struct rule_values values;

	facts_values(arena, facts, v->groups.ids, v->groups.count, &values);
	for (size_t i = 0; i < a->group_count; i++) {
		enum rule_truth truth = RULE_UNKNOWN;
		if (!a->groups[i].rule || asks_for_groups(a->groups[i].rule) != for_groups)
			continue;
		// Too slow with what is known: the devices are asked one by one.
		size_t used = 0;
		if (!rule_evaluate_counted(a->groups[i].rule, &values, &truth, &used, e) &&
			e->code != ERR_LIMIT)
			return error_wrap(e, "group \"%s\"", a->groups[i].name);
		if (!count_new(a, &a->groups[i], used, e))
			return false;
		if (truth == RULE_TRUE)
			ids_add(arena, &v->groups, a->groups[i].id);
		if (truth == RULE_UNKNOWN)
			ids_add(arena, &v->undecided, a->groups[i].id);
	}
	return true;
}

bool
cohort_judge(struct assigner *a, const struct device_facts *facts, const struct id_list *own,
	struct verdict *out, struct error *e)
{
	struct arena *arena = a->w->arena;
	struct verdict v = {0};

	// A group that was deleted may still stand in the key of a cohort.
	for (size_t i = 0; i < own->count; i++)
		if (find_group(a, own->ids[i]))
			ids_add(arena, &v.groups, own->ids[i]);
	if (!ask_rules(a, facts, false, &v, e))
		return false;
	cohort_outer_groups(a, arena, &v.groups);
	// What a rule found for a device alone stands in its own groups, so memberOf sees it here.
	if (!ask_rules(a, facts, true, &v, e))
		return false;
	cohort_outer_groups(a, arena, &v.groups);
	v.profile_id = best_of(&a->profiles, &v.groups);
	v.esp_id = best_of(&a->esps, &v.groups);
	v.domain_join_id = best_of(&a->domain_joins, &v.groups);
	*out = v;
	return true;
}

static bool
make_cohort(struct assigner *a, struct db *db, const struct device_facts *facts,
	const struct id_list *own, const char *attributes, struct seen_cohort *cohort,
	struct error *e)
{
	const struct work *w = a->w;
	struct verdict v;

	if (!cohort_judge(a, facts, own, &v, e))
		return false;
	cohort->cohort_id = uuid_new(w->arena);
	cohort->undecided = v.undecided;
	if (!db_run(db, Q_COHORT_INSERT,
		    PARAMS(DB_TEXT(cohort->cohort_id), DB_TEXT(w->tenant_id),
			    DB_TEXT(sha256_hex(w->arena, slice_str(cohort->key))),
			    DB_TEXT(attributes), DB_TEXT(ids_text(w->arena, own)),
			    DB_TEXT(ids_text(w->arena, &v.undecided)), DB_TEXT(v.profile_id),
			    DB_TEXT(v.esp_id), DB_TEXT(v.domain_join_id),
			    v.profile_id ? DB_INT(w->now) : DB_NULL_INT),
		    NULL, e))
		return false;
	for (size_t i = 0; i < v.groups.count; i++)
		if (!db_run(db, Q_COHORT_GROUP_ADD,
			    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(cohort->cohort_id),
				    DB_TEXT(v.groups.ids[i])),
			    NULL, e))
			return false;
	return true;
}

// In the database, or new.
static bool
load_cohort(struct assigner *a, struct db *db, const struct device_facts *facts,
	const struct id_list *own, const char *attributes, struct seen_cohort *cohort,
	struct error *e)
{
	const struct work *w = a->w;

	{
		autorows rows = NULL;
		if (!db_query(db, Q_COHORT_FIND,
			    PARAMS(DB_TEXT(w->tenant_id),
				    DB_TEXT(sha256_hex(w->arena, slice_str(cohort->key)))),
			    &rows, e))
			return false;
		if (db_next(rows)) {
			cohort->cohort_id = db_text(w->arena, rows, "cohort_id");
			return ids_parse(w->arena, db_text(w->arena, rows, "undecided"),
				&cohort->undecided, e);
		}
	}
	return make_cohort(a, db, facts, own, attributes, cohort, e);
}

// FNV-1a: which slot of the table of cohorts that were seen.
static size_t
slot_of(const char *key)
{
	uint64_t hash = 1469598103934665603u;

	for (; *key; key++)
		hash = (hash ^ (uint8_t)*key) * 1099511628211u;
	return (size_t)(hash % SEEN_SLOTS);
}

bool
cohort_get(struct assigner *a, struct db *db, const struct device_facts *facts,
	const struct id_list *own, const char **cohort_id, struct id_list *undecided,
	struct error *e)
{
	struct arena *arena = a->w->arena;
	const char *attributes = facts_text(arena, facts);
	const char *key = own->count
		? arena_printf(arena, "%s\n%s", attributes, ids_text(arena, own))
		: attributes;
	struct seen_cohort **slot, *cohort;

	if (!a->seen)
		a->seen = arena_array(arena, SEEN_SLOTS, sizeof *a->seen);
	slot = &a->seen[slot_of(key)];
	for (cohort = *slot; cohort && !str_eq(cohort->key, key);)
		cohort = cohort->next;
	if (!cohort) {
		cohort = arena_new(arena, struct seen_cohort);
		cohort->key = key;
		// The cohort's rules are asked without what is each device's own.
		struct device_facts common = *facts;
		common.device_id = common.directory_id = common.display_name = NULL;
		if (!load_cohort(a, db, &common, own, attributes, cohort, e))
			return false;
		cohort->next = *slot;
		*slot = cohort;
	}
	*cohort_id = cohort->cohort_id;
	if (undecided)
		*undecided = cohort->undecided;
	return true;
}
