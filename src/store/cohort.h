// SPDX-License-Identifier: Apache-2.0
// How a cohort is found, made and decided. Only the store includes this.
#pragma once

#include "domain/assignment.h"
#include "store/assign.h"

enum { COHORT_MAX_GROUPS = 15000, COHORT_MAX_ROWS = 20000 }; // behaviour G5
// Steps that a new rule may take for all cohorts together, about a second, while other writers
// wait. What is less than reading and writing the cohort costs does not count.
enum { COHORT_MAX_STEPS = 200 * RULE_MAX_STEPS, COHORT_USUAL_STEPS = 500 };

struct known_group {
	const char *id, *name, *rule_text;
	const struct rule *rule; // NULL: assigned members only, or processing is paused
	bool paused;
	bool for_users; // a rule about users; policy_load() adds assigned groups that hold users
			// only
};

struct group_edge {
	const char *parent, *child;
};

struct row_list {
	struct assignment_row *rows;
	size_t count;
};

struct seen_cohort;

struct assigner {
	const struct work *w;
	struct known_group *groups;
	size_t group_count;
	bool has_rules; // that are in force
	struct group_edge *edges;
	size_t edge_count;
	struct row_list profiles, esps, domain_joins;
	const char *new_group;	   // whose rule has just changed, or NULL
	size_t steps;		   // that rules put to single devices took (RULE_MAX_STEPS)
	size_t new_steps;	   // that the rule of new_group put to cohorts took
	struct seen_cohort **seen; // hash table of the cohorts of this transaction
};

// A list of group ids, sorted, each once.
struct id_list {
	const char **ids;
	size_t count, room;
};

void ids_add(struct arena *arena, struct id_list *list, const char *id);
bool ids_has(const struct id_list *list, const char *id);
bool ids_equal(const struct id_list *a, const struct id_list *b);
const char *ids_text(struct arena *arena, const struct id_list *list); // JSON array
bool ids_parse(
	struct arena *arena, const char *text, struct id_list *out, struct error *e) MUST_CHECK;

// What follows for a cohort from its attributes and the groups its devices were put into.
struct verdict {
	struct id_list groups; // all it is in
	struct id_list undecided;
	const char *profile_id, *esp_id, *domain_join_id;
};

// Read groups and edges only, with the rules of one subject, "device" or "user"; in assign.c.
bool assigner_open_rules(struct db *db, const struct work *w, const char *subject,
	struct assigner **out, struct error *e) MUST_CHECK;

// Members of a group inside a group are members of the outer one, at any depth.
void cohort_outer_groups(const struct assigner *a, struct arena *arena, struct id_list *groups);

bool cohort_judge(struct assigner *a, const struct device_facts *facts, const struct id_list *own,
	struct verdict *out, struct error *e) MUST_CHECK;

// The cohort with these attributes and own groups, made when it is new. `undecided` may be NULL.
bool cohort_get(struct assigner *a, struct db *db, const struct device_facts *facts,
	const struct id_list *own, const char **cohort_id, struct id_list *undecided,
	struct error *e) MUST_CHECK;

// "group", "exclude", "all_users", "all_devices" of an assignment.
enum assignment_target assignment_target(const char *name);
