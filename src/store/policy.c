// SPDX-License-Identifier: Apache-2.0
#include "store/policy.h"

#include "base/str.h"
#include "store/queries.h"

// The document of a row, or NULL. What Ferry wrote itself can be read.
static bool
read_document(struct arena *arena, struct db_rows *rows, const struct json **out, struct error *e)
{
	const char *text = db_text(arena, rows, "document");

	*out = NULL;
	return str_empty(text) || (*out = json_parse(arena, slice_str(text), NULL, e)) != NULL;
}

static bool
load_profiles(struct db *db, const struct work *w, struct policy_set *set, struct error *e)
{
	autorows r = NULL;
	struct arena *arena = w->arena;
	size_t room = 0;

	if (!db_query(db, Q_POLICY_PROFILES, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		set->profiles = arena_more(
			arena, set->profiles, set->profile_count, &room, sizeof *set->profiles);
		struct policy_profile *p = &set->profiles[set->profile_count++];
		*p = (struct policy_profile){.id = db_text(arena, r, "profile_id")};
		p->settings = (struct profile_settings){
			.name = db_text(arena, r, "name"),
			.description = "",
			.hybrid = str_eq(db_text(arena, r, "join_type"), "hybrid"),
			.preprovisioning = db_bool(r, "preprovisioning"),
			.trust_store = db_text(arena, r, "trust_store"),
			.locale = "os-default",
			.name_template = "",
			.device_type = "windowsPc",
		};
		if (!read_document(arena, r, &p->document, e))
			return error_wrap(e, "deployment profile %s", p->id);
		if (p->document)
			profile_settings_read(arena, p->document, &p->settings);
	}
	return true;
}

static bool
load_esps(struct db *db, const struct work *w, struct policy_set *set, struct error *e)
{
	autorows r = NULL;
	struct arena *arena = w->arena;
	size_t room = 0;

	if (!db_query(db, Q_POLICY_ESPS, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		set->esps = arena_more(arena, set->esps, set->esp_count, &room, sizeof *set->esps);
		struct policy_esp *p = &set->esps[set->esp_count++];
		*p = (struct policy_esp){.id = db_text(arena, r, "esp_id")};
		p->settings = esp_settings_default();
		p->settings.name = db_text(arena, r, "name");
		p->settings.show = true;
		p->settings.timeout_minutes = db_int(r, "timeout_minutes");
		p->settings.hybrid_extra_minutes = db_int(r, "hybrid_extra_minutes");
		if (!read_document(arena, r, &p->document, e))
			return error_wrap(e, "status page %s", p->id);
		if (p->document)
			esp_settings_read(arena, p->document, &p->settings);
	}
	return true;
}

static bool
load_default_page(struct db *db, const struct work *w, struct policy_set *set, struct error *e)
{
	autorows r = NULL;
	const char *id = arena_printf(w->arena, "%s_" ESP_DEFAULT_KEY, w->tenant_id);
	const struct json *document;

	set->default_page = esp_settings_default();
	if (!db_query(db, Q_POLICY_DEFAULT_ESP, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(id)), &r, e))
		return false;
	if (!db_next(r))
		return true;
	if (!read_document(w->arena, r, &document, e))
		return error_wrap(e, "the default status page");
	if (document)
		esp_settings_read(w->arena, document, &set->default_page);
	return true;
}

static bool
load_joins(struct db *db, const struct work *w, struct policy_set *set, struct error *e)
{
	autorows r = NULL;
	struct arena *arena = w->arena;
	size_t room = 0;

	if (!db_query(db, Q_POLICY_JOINS, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		set->joins =
			arena_more(arena, set->joins, set->join_count, &room, sizeof *set->joins);
		struct policy_join *join = &set->joins[set->join_count++];
		*join = (struct policy_join){
			.id = db_text(arena, r, "domain_join_id"),
			.name = db_text(arena, r, "name"),
			.domain = db_text(arena, r, "domain"),
			.ou = db_text(arena, r, "ou"),
			.name_template = db_text(arena, r, "name_template"),
		};
		if (!read_document(arena, r, &join->document, e))
			return error_wrap(e, "domain-join profile %s", join->id);
	}
	return true;
}

// The connector of a domain that was heard of last speaks for all of them (K9).
static bool
load_connectors(struct db *db, const struct work *w, struct policy_set *set, struct error *e)
{
	autorows r = NULL;
	time_us *seen = arena_array(w->arena, set->join_count + 1, sizeof *seen);

	if (!db_query(db, Q_POLICY_CONNECTORS, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		const char *name = db_text(w->arena, r, "name");
		const char *domain = db_text(w->arena, r, "domain");
		time_us at = db_int(r, "last_seen_at");
		for (size_t i = 0; i < set->join_count; i++) {
			struct policy_join *join = &set->joins[i];
			if (!str_ieq(join->domain, domain) ||
				(join->connector != CONNECTOR_NONE && at <= seen[i]))
				continue;
			seen[i] = at;
			join->connector = connector_state_of(true, at, w->now);
			join->connector_name = name;
		}
	}
	return true;
}

static bool
last_job(struct db *db, const struct work *w, const struct policy_join *join, const char *state,
	time_us *at, const char **fault, struct error *e)
{
	autorows r = NULL;

	*at = 0;
	*fault = NULL;
	if (!db_query(db, Q_POLICY_LAST_JOB,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(join->domain), DB_TEXT(state),
			    DB_TEXT(join->ou)),
		    &r, e))
		return false;
	if (db_next(r)) {
		*at = db_int(r, "created_at");
		*fault = db_text(w->arena, r, "fault");
	}
	return true;
}

// What the directory itself said to the last job of a unit: only a cause that the next job will
// meet as well counts.
static bool
load_refusals(struct db *db, const struct work *w, struct policy_set *set, struct error *e)
{
	static const char *const lasting[] = {"ou_denied", "ou_missing", "account_quota",
		"connector_credentials", "connector_refused", "ad_domain_unresolvable"};

	for (size_t i = 0; i < set->join_count; i++) {
		time_us failed, done;
		const char *fault, *none;
		if (!last_job(db, w, &set->joins[i], "failed", &failed, &fault, e) ||
			!last_job(db, w, &set->joins[i], "done", &done, &none, e))
			return false;
		for (size_t k = 0; k < sizeof lasting / sizeof *lasting; k++)
			if (failed > done && str_eq(fault, lasting[k]))
				set->joins[i].fault = lasting[k];
	}
	return true;
}

static bool
load_groups(struct db *db, struct assigner *a, struct policy_set *set, struct error *e)
{
	autorows r = NULL;
	struct arena *arena = a->w->arena;
	size_t room = 0;

	if (!db_query(db, Q_POLICY_GROUPS, PARAMS(DB_TEXT(a->w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		set->groups = arena_more(
			arena, set->groups, set->group_count, &room, sizeof *set->groups);
		struct policy_group *g = &set->groups[set->group_count++];
		*g = (struct policy_group){.id = db_text(arena, r, "group_id"),
			.name = db_text(arena, r, "name"),
			.dynamic = !db_is_null(r, "rule"),
			.for_users = str_eq(db_text(arena, r, "subject"), "user"),
			.paused = str_eq(db_text(arena, r, "processing"), "Paused"),
			.has_devices = db_bool(r, "has_devices"),
			.has_users = db_bool(r, "has_users")};
		g->paused = g->paused && g->dynamic;
		g->for_users = g->for_users || (g->has_users && !g->has_devices);
		for (size_t i = 0; i < a->group_count; i++)
			if (str_eq(a->groups[i].id, g->id))
				a->groups[i].for_users = g->for_users;
	}
	return true;
}

bool
policy_load(struct db *db, struct assigner *a, struct policy_set *out, struct error *e)
{
	const struct work *w = a->w;

	*out = (struct policy_set){0};
	if (!load_profiles(db, w, out, e) || !load_esps(db, w, out, e) ||
		!load_default_page(db, w, out, e) || !load_joins(db, w, out, e) ||
		!load_connectors(db, w, out, e) || !load_refusals(db, w, out, e) ||
		!load_groups(db, a, out, e))
		return false;
	autorows r = NULL;
	if (!db_one(db, Q_POLICY_BRANDED, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	out->branded = db_int(r, "found") > 0;
	return true;
}

const struct policy_profile *
policy_profile(const struct policy_set *set, const char *id)
{
	for (size_t i = 0; i < set->profile_count; i++)
		if (str_eq(set->profiles[i].id, id))
			return &set->profiles[i];
	return NULL;
}

const struct policy_esp *
policy_esp(const struct policy_set *set, const char *id)
{
	for (size_t i = 0; i < set->esp_count; i++)
		if (str_eq(set->esps[i].id, id))
			return &set->esps[i];
	return NULL;
}

const struct policy_join *
policy_join(const struct policy_set *set, const char *id)
{
	for (size_t i = 0; i < set->join_count; i++)
		if (str_eq(set->joins[i].id, id))
			return &set->joins[i];
	return NULL;
}

// What lost to the profile that won: one that joins differently (P31), and one for All devices that
// an exclusion takes away (P18).
static void
case_losers(struct arena *arena, const struct policy_set *set, const struct assigner *a,
	const struct id_list *groups, const struct assignment_choice *choice,
	struct preflight_case *out)
{
	struct assignment_loser *losers;
	const struct policy_profile *won = policy_profile(set, choice->object_id);
	size_t count = assignment_losers(arena, a->profiles.rows, a->profiles.count, groups->ids,
		groups->count, choice, &losers);

	for (size_t i = 0; i < count; i++) {
		const struct policy_profile *lost = policy_profile(set, losers[i].row->object_id);
		bool excluded = strstr(losers[i].reason, "excluded") != NULL;
		if (excluded && losers[i].row->target == TARGET_ALL_DEVICES)
			out->excluded = losers[i].row->object_name;
		// All devices is the default (C1): a group that joins differently is the very use.
		if (!excluded && won && lost && losers[i].row->target == TARGET_GROUP &&
			lost->settings.hybrid != won->settings.hybrid)
			out->other_join = losers[i].row->object_name;
	}
}

// A page that would reach some user: there is no knowing whom, so any assignment to users counts.
static const char *
page_for_users(const struct assigner *a, const struct id_list *groups)
{
	for (size_t i = 0; i < a->esps.count; i++) {
		const struct assignment_row *row = &a->esps.rows[i];
		if (row->target == TARGET_ALL_USERS)
			return row->object_name;
		for (size_t k = 0; row->target == TARGET_GROUP && k < a->group_count; k++)
			if (str_eq(a->groups[k].id, row->group_id) && a->groups[k].for_users &&
				!ids_has(groups, row->group_id))
				return row->object_name;
	}
	return NULL;
}

void
policy_case(struct arena *arena, const struct policy_set *set, const struct assigner *a,
	const struct id_list *groups, const struct id_list *undecided,
	const struct trust_fact *trust, size_t trust_count, struct preflight_case *out)
{
	struct assignment_choice choice = assignment_decide(
		arena, a->profiles.rows, a->profiles.count, groups->ids, groups->count);
	const struct assignment_row *esp =
		assignment_best(a->esps.rows, a->esps.count, groups->ids, groups->count);
	const struct assignment_row *join = assignment_best(
		a->domain_joins.rows, a->domain_joins.count, groups->ids, groups->count);
	const struct policy_profile *profile = policy_profile(set, choice.object_id);
	const struct policy_join *found = join ? policy_join(set, join->object_id) : NULL;

	*out = (struct preflight_case){.esp = esp ? esp->object_name
			: set->default_page.show  ? set->default_page.name
						  : NULL,
		.esp_user = page_for_users(a, groups),
		.trust_known = trust == NULL,
		.trust_roots = 1};
	case_losers(arena, set, a, groups, &choice, out);
	for (size_t i = 0; undecided && i < a->group_count; i++)
		if (ids_has(undecided, a->groups[i].id))
			out->undecided = a->groups[i].name;
	if (found) {
		out->domain_join = found->name;
		out->domain = found->domain;
		out->ou = found->ou;
		out->connector = found->connector;
		out->connector_fault = found->fault;
	}
	if (!profile)
		return;
	out->profile = profile->settings.name;
	out->hybrid = profile->settings.hybrid;
	out->preprovisioning = profile->settings.preprovisioning;
	out->self_deploying = profile->settings.mode == PROFILE_SELF_DEPLOYING;
	out->trust_store = profile->settings.trust_store;
	for (size_t i = 0; i < trust_count; i++)
		if (str_eq(trust[i].name, out->trust_store)) {
			out->trust_known = true;
			out->trust_roots = trust[i].roots;
		}
}

bool
user_groups(
	struct db *db, const struct work *w, const char *upn, struct id_list *out, struct error *e)
{
	autorows r = NULL;

	*out = (struct id_list){0};
	if (str_empty(upn))
		return true;
	if (!db_query(db, Q_POLICY_USER_GROUPS,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(str_lower(w->arena, upn))), &r, e))
		return false;
	while (db_next(r))
		ids_add(w->arena, out, db_text(w->arena, r, "group_id"));
	return true;
}
