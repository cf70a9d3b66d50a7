// SPDX-License-Identifier: Apache-2.0
#include "store/preflight.h"

#include "base/str.h"
#include "domain/device_preparation.h"
#include "domain/domain_join_profile.h"
#include "domain/naming.h"
#include "store/conflicts.h"
#include "store/gate.h"
#include "store/policy.h"
#include "store/queries.h"

enum { COHORT_PAGE = 500 };

struct preflight_ctx {
	const struct work *w;
	const struct preflight_scope *scope;
	struct preflight_report report;
	size_t room;
	struct policy_set set;
	struct assigner *assigner;
	struct shared_settings shared;
	int64_t *profile_devices;	      // of each of set.profiles
	int64_t *join_devices;		      // that a hybrid profile leads to each of set.joins
	size_t *profile_serial, *join_serial; // the longest serial number among them
	struct cohort_user {
		const char *cohort_id;
		int64_t devices;
	} * users;
	size_t user_count;
	bool users_loaded;
};

struct cohort_row {
	const char *id, *attributes, *undecided, *profile_id, *esp_id, *domain_join_id;
};

// Does the scope want devices that get these?
static bool
in_scope(const struct preflight_scope *scope, const struct cohort_row *row)
{
	const char *only = scope->object_id;

	return !only || str_eq(only, row->profile_id) || str_eq(only, row->esp_id) ||
		str_eq(only, row->domain_join_id);
}

static struct preflight_finding *
report_find(struct preflight_ctx *c, const struct finding *f)
{
	struct preflight_report *r = &c->report;

	for (size_t i = 0; i < r->count; i++)
		if (str_eq(r->items[i].fault, f->fault) && str_eq(r->items[i].text, f->text))
			return &r->items[i];
	r->items = arena_more(c->w->arena, r->items, r->count, &c->room, sizeof *r->items);
	r->items[r->count] = (struct preflight_finding){
		.severity = f->severity, .fault = f->fault, .text = f->text};
	return &r->items[r->count++];
}

static void
report_objects(struct preflight_ctx *c, const struct findings *list)
{
	for (size_t i = 0; i < list->count; i++)
		report_find(c, &list->items[i]);
}

static bool
count_query(struct db *db, int query, const char *cohort_id, const char *column, int64_t *out,
	struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, query, PARAMS(DB_TEXT(cohort_id)), &r, e))
		return false;
	*out = db_int(r, column);
	return true;
}

// Devices with an assigned user, by cohort; asked for when a profile cares (G13).
static bool
users_of(struct db *db, struct preflight_ctx *c, const char *cohort_id, int64_t *out,
	struct error *e)
{
	size_t room = 0;

	*out = 0;
	if (!c->users_loaded) {
		autorows r = NULL;
		if (!db_query(db, Q_COHORT_USERS, PARAMS(DB_TEXT(c->w->tenant_id)), &r, e))
			return false;
		while (db_next(r)) {
			c->users = arena_more(
				c->w->arena, c->users, c->user_count, &room, sizeof *c->users);
			c->users[c->user_count++] = (struct cohort_user){
				.cohort_id = db_text(c->w->arena, r, "cohort_id"),
				.devices = db_int(r, "devices")};
		}
		c->users_loaded = true;
	}
	for (size_t i = 0; i < c->user_count; i++)
		if (str_eq(c->users[i].cohort_id, cohort_id))
			*out = c->users[i].devices;
	return true;
}

static bool
is_about_users(const char *fault)
{
	return str_starts(fault, "assigned_user_");
}

static bool
add_examples(struct db *db, struct preflight_ctx *c, const char *cohort_id,
	struct preflight_finding *f, struct error *e)
{
	int query = is_about_users(f->fault) ? Q_COHORT_USER_EXAMPLES : Q_COHORT_DEVICE_EXAMPLES;
	autorows r = NULL;

	if (f->example_count == PREFLIGHT_EXAMPLES)
		return true;
	if (!db_query(db, query, PARAMS(DB_TEXT(cohort_id)), &r, e))
		return false;
	while (f->example_count < PREFLIGHT_EXAMPLES && db_next(r))
		f->examples[f->example_count++] = db_text(c->w->arena, r, "serial");
	return true;
}

static bool
groups_of(struct db *db, const struct work *w, const char *cohort_id, struct id_list *out,
	struct error *e)
{
	autorows r = NULL;

	*out = (struct id_list){0};
	if (!db_query(db, Q_COHORT_GROUP_LIST, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(cohort_id)),
		    &r, e))
		return false;
	while (db_next(r))
		ids_add(w->arena, out, db_text(w->arena, r, "group_id"));
	return true;
}

// Remember how many devices each template has to name, and how long their serial numbers are.
static bool
count_names(struct db *db, struct preflight_ctx *c, const struct cohort_row *row, int64_t devices,
	struct error *e)
{
	const struct policy_profile *profile = policy_profile(&c->set, row->profile_id);
	const struct policy_join *join = policy_join(&c->set, row->domain_join_id);
	const char *text;
	size_t *longest;
	int64_t characters;

	if (!profile)
		return true;
	c->profile_devices[profile - c->set.profiles] += devices;
	if (profile->settings.hybrid && !join)
		return true;
	if (profile->settings.hybrid) {
		c->join_devices[join - c->set.joins] += devices;
		text = join->name_template;
		longest = &c->join_serial[join - c->set.joins];
	} else {
		text = profile->settings.name_template;
		longest = &c->profile_serial[profile - c->set.profiles];
	}
	if (!strstr(text, "%SERIAL%"))
		return true;
	if (!count_query(db, Q_COHORT_LONGEST_SERIAL, row->id, "characters", &characters, e))
		return false;
	if ((size_t)characters > *longest)
		*longest = (size_t)characters;
	return true;
}

// What stops or surprises the devices of one cohort.
static bool
judge_cohort(struct db *db, struct preflight_ctx *c, const struct cohort_row *row, int64_t devices,
	int64_t *with_user, struct findings *found, struct error *e)
{
	struct arena *arena = c->w->arena;
	struct id_list groups, undecided;
	struct device_facts facts;
	struct preflight_case one;

	if (!groups_of(db, c->w, row->id, &groups, e) ||
		!facts_parse(arena, row->attributes, &facts, e))
		return false;
	shared_settings_check(&c->shared, groups.ids, groups.count, found);
	// No deployment profile is for devices that nobody registered (Z2).
	if (c->scope->item_id || facts.unregistered)
		return true;
	if (!ids_parse(arena, row->undecided, &undecided, e) ||
		!count_names(db, c, row, devices, e))
		return false;
	policy_case(arena, &c->set, c->assigner, &groups, &undecided, c->scope->trust,
		c->scope->trust_count, &one);
	if ((one.hybrid || one.self_deploying) && !users_of(db, c, row->id, with_user, e))
		return false;
	one.with_user = *with_user > 0;
	preflight_check(&one, found);
	return true;
}

static bool
check_cohort(struct db *db, struct preflight_ctx *c, const struct cohort_row *row, struct error *e)
{
	struct findings found = {.arena = c->w->arena};
	int64_t devices, with_user = 0;

	if (!in_scope(c->scope, row))
		return true;
	if (!count_query(db, Q_COHORT_DEVICE_COUNT, row->id, "devices", &devices, e))
		return false;
	if (devices == 0)
		return true;
	if (!judge_cohort(db, c, row, devices, &with_user, &found, e))
		return false;
	c->report.devices += devices;
	c->report.ready += findings_block(&found) ? 0 : devices;
	for (size_t i = 0; i < found.count; i++) {
		struct preflight_finding *f = report_find(c, &found.items[i]);
		f->devices += is_about_users(f->fault) ? with_user : devices;
		if (!add_examples(db, c, row->id, f, e))
			return false;
	}
	return true;
}

static bool
read_page(struct db *db, const struct work *w, const char *after, struct cohort_row *page,
	size_t *count, struct error *e)
{
	autorows r = NULL;

	if (!db_query(db, Q_COHORT_PAGE,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(after), DB_INT(COHORT_PAGE)), &r, e))
		return false;
	for (*count = 0; *count < COHORT_PAGE && db_next(r); (*count)++)
		page[*count] = (struct cohort_row){
			.id = db_text(w->arena, r, "cohort_id"),
			.attributes = db_text(w->arena, r, "attributes"),
			.undecided = db_text(w->arena, r, "undecided"),
			.profile_id = db_text(w->arena, r, "profile_id"),
			.esp_id = db_text(w->arena, r, "esp_id"),
			.domain_join_id = db_text(w->arena, r, "domain_join_id"),
		};
	return true;
}

static bool
check_cohorts(struct db *db, struct preflight_ctx *c, struct error *e)
{
	struct cohort_row *page = arena_array(c->w->arena, COHORT_PAGE, sizeof *page);
	const char *after = "";
	size_t count;

	do {
		if (!read_page(db, c->w, after, page, &count, e))
			return false;
		for (size_t i = 0; i < count; i++)
			if (!check_cohort(db, c, &page[i], e))
				return false;
		after = count ? page[count - 1].id : "";
	} while (count == COHORT_PAGE);
	return true;
}

static void
check_profile(const struct preflight_ctx *c, size_t i, struct findings *out)
{
	const struct policy_profile *p = &c->set.profiles[i];

	if (p->document)
		profile_settings_check(p->document, c->set.branded, out);
	if (!c->profile_devices[i])
		finding_add(out, SEVERITY_NOTE, "profile_unused", "\"%s\" reaches no device",
			p->settings.name);
	else if (*p->settings.name_template)
		naming_findings(p->settings.name_template, (uint64_t)c->profile_devices[i],
			c->profile_serial[i], out);
}

// What refuses every device, whoever it is for (behaviour E1, E9).
static bool
check_gate(struct db *db, const struct work *w, struct findings *out, struct error *e)
{
	struct gate_device says = {.os_version = "", .edition = "", .userless = true};
	struct device anybody = {.assigned_upn = "", .manufacturer = "", .join_type = "hybrid"};
	struct gate_verdict verdict;

	if (!gate_in(db, w, &anybody, &says, &verdict, e))
		return false;
	if (!verdict.allowed)
		finding_add(out, SEVERITY_BLOCKING, verdict.fault, "no device can enrol: %s",
			verdict.reason);
	return true;
}

static void
check_objects(const struct preflight_ctx *c, struct findings *out)
{
	const struct policy_set *set = &c->set;
	const char *only = c->scope->object_id;

	for (size_t i = 0; i < set->profile_count; i++)
		if (!only || str_eq(only, set->profiles[i].id))
			check_profile(c, i, out);
	for (size_t i = 0; i < set->join_count; i++) {
		if (set->joins[i].document && (!only || str_eq(only, set->joins[i].id)))
			domain_join_check(set->joins[i].document, out);
		if (c->join_devices[i])
			naming_findings(set->joins[i].name_template, (uint64_t)c->join_devices[i],
				c->join_serial[i], out);
	}
	for (size_t i = 0; i < set->esp_count; i++)
		if (set->esps[i].document && (!only || str_eq(only, set->esps[i].id)))
			esp_settings_check(set->esps[i].document, out);
}

static const struct policy_group *
group_by_id(const struct policy_set *set, const char *id)
{
	for (size_t i = 0; i < set->group_count; i++)
		if (str_eq(set->groups[i].id, id))
			return &set->groups[i];
	return NULL;
}

// J5: an assignment of something that belongs to devices. `page`: users may have pages too.
static void
check_target(const struct preflight_ctx *c, const struct assignment_row *row, bool page,
	struct findings *out)
{
	const struct policy_group *g = group_by_id(&c->set, row->group_id);

	if (row->target == TARGET_ALL_USERS && !page)
		finding_add(out, SEVERITY_WARNING, "assignment_reaches_nobody",
			"\"%s\" is assigned to All users", row->object_name);
	if (row->target != TARGET_GROUP || !g)
		return;
	if (g->for_users && !page)
		finding_add(out, SEVERITY_WARNING, "assignment_reaches_nobody",
			"\"%s\" is assigned to \"%s\", a group of users", row->object_name,
			g->name);
	else if (g->paused)
		finding_add(out, SEVERITY_WARNING, "group_paused",
			"\"%s\" is assigned to \"%s\", whose rule is paused", row->object_name,
			g->name);
	else if (!g->has_devices && !g->for_users)
		finding_add(out, SEVERITY_NOTE, "group_empty",
			"\"%s\" is assigned to \"%s\", which has no devices", row->object_name,
			g->name);
}

static void
check_targets(const struct preflight_ctx *c, const struct row_list *list, bool pages,
	struct findings *out)
{
	const char *only = c->scope->object_id;

	for (size_t i = 0; i < list->count; i++)
		if (!only || str_eq(only, list->rows[i].object_id))
			check_target(c, &list->rows[i], pages, out);
}

// Device preparation policies and their groups (Z8).
static bool
check_preparation(struct db *db, const struct work *w, const struct json *document,
	struct findings *out, struct error *e)
{
	struct preparation policy;
	struct preparation_group group = {0};
	autorows r = NULL;

	if (!preparation_read(w->arena, document, &policy))
		return true;
	if (!db_query(db, Q_POLICY_GROUP, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(policy.group_id)),
		    &r, e))
		return false;
	if (db_next(r))
		group = (struct preparation_group){.exists = true,
			.name = db_text(w->arena, r, "name"),
			.dynamic = !db_is_null(r, "rule"),
			.synchronized = !str_eq(db_text(w->arena, r, "source"), "ferry")};
	preparation_check(&policy, &group, out);
	return true;
}

static bool
check_preparations(struct db *db, struct preflight_ctx *c, struct findings *out, struct error *e)
{
	const struct work *w = c->w;
	const struct json **documents = NULL;
	size_t count = 0, room = 0;

	{
		autorows r = NULL;
		if (!db_query(db, Q_POLICY_OBJECTS,
			    PARAMS(DB_TEXT(w->tenant_id),
				    DB_TEXT("deviceManagement/configurationPolicies")),
			    &r, e))
			return false;
		while (db_next(r)) {
			const struct json *document = json_parse(
				w->arena, slice_str(db_text(w->arena, r, "document")), NULL, e);
			if (!document)
				return false;
			documents =
				arena_more(w->arena, documents, count, &room, sizeof *documents);
			documents[count++] = document;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (!check_preparation(db, w, documents[i], out, e))
			return false;
	return true;
}

// The worst first; then in an order that does not hang on the ids of cohorts.
static bool
comes_before(const struct preflight_finding *a, const struct preflight_finding *b)
{
	int order = strcmp(a->fault, b->fault);

	if (a->severity != b->severity)
		return a->severity > b->severity;
	return order ? order < 0 : strcmp(a->text, b->text) < 0;
}

static void
sort_report(struct preflight_report *r)
{
	for (size_t i = 1; i < r->count; i++) {
		struct preflight_finding f = r->items[i];
		size_t k = i;
		for (; k > 0 && comes_before(&f, &r->items[k - 1]); k--)
			r->items[k] = r->items[k - 1];
		r->items[k] = f;
	}
}

// What two items of one node contradict in.
static bool
check_settings(struct db *db, struct preflight_ctx *c, struct error *e)
{
	struct findings found = {.arena = c->w->arena};

	if (!shared_settings_load(db, c->w, c->scope->item_id, &c->shared, e))
		return false;
	shared_settings_check_targets(&c->shared, &found);
	report_objects(c, &found);
	return true;
}

static bool
preflight_in(struct db *db, struct preflight_ctx *c, struct error *e)
{
	struct arena *arena = c->w->arena;
	struct findings found = {.arena = arena};

	c->report = (struct preflight_report){0};
	c->room = c->user_count = 0;
	c->users = NULL;
	c->users_loaded = false;
	c->shared = (struct shared_settings){0};
	if (!c->scope->object_id && !check_settings(db, c, e))
		return false;
	if (c->scope->item_id) {
		bool done = c->shared.count == 0 || check_cohorts(db, c, e);
		sort_report(&c->report);
		return done;
	}
	if (!assigner_open(db, c->w, &c->assigner, e) || !policy_load(db, c->assigner, &c->set, e))
		return false;
	c->profile_devices =
		arena_array(arena, c->set.profile_count + 1, sizeof *c->profile_devices);
	c->profile_serial = arena_array(arena, c->set.profile_count + 1, sizeof *c->profile_serial);
	c->join_devices = arena_array(arena, c->set.join_count + 1, sizeof *c->join_devices);
	c->join_serial = arena_array(arena, c->set.join_count + 1, sizeof *c->join_serial);
	if (!check_cohorts(db, c, e))
		return false;
	check_objects(c, &found);
	check_targets(c, &c->assigner->profiles, false, &found);
	check_targets(c, &c->assigner->domain_joins, false, &found);
	check_targets(c, &c->assigner->esps, true, &found);
	if (!check_gate(db, c->w, &found, e))
		return false;
	if (!c->scope->object_id && !check_preparations(db, c, &found, e))
		return false;
	report_objects(c, &found);
	sort_report(&c->report);
	return true;
}

static bool
preflight_tx(struct db *db, void *ctx, struct error *e)
{
	return preflight_in(db, ctx, e);
}

bool
store_preflight(const struct work *w, const struct preflight_scope *scope,
	struct preflight_report *out, struct error *e)
{
	struct preflight_ctx c = {.w = w, .scope = scope};

	if (!store_read(w->session, preflight_tx, &c, e))
		return false;
	*out = c.report;
	return true;
}

bool
preflight_blocks(const struct preflight_report *report)
{
	return report->count && report->items[0].severity == SEVERITY_BLOCKING;
}
