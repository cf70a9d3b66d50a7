// SPDX-License-Identifier: Apache-2.0
#include "store/explain.h"

#include "base/str.h"
#include "domain/naming.h"
#include "domain/rule_explain.h"
#include "store/devices.h"
#include "store/explain_view.h"
#include "store/gate.h"
#include "store/queries.h"

enum { EXPLANATION_MAX = 8 << 20 };

struct explain_ctx {
	const struct work *w;
	const struct explain_ask *ask;
	const char *rule_text, *text;
};

static bool
load_assigned(struct db *db, struct explain_view *v, struct error *e)
{
	autorows r = NULL;

	if (!db_query(db, Q_GROUP_MEMBER_OF_DEVICE,
		    PARAMS(DB_TEXT(v->w->tenant_id), DB_TEXT(v->device_id)), &r, e))
		return false;
	while (db_next(r))
		if (!db_bool(r, "by_rule"))
			ids_add(v->w->arena, &v->assigned, db_text(v->w->arena, r, "group_id"));
	return true;
}

// The groups that the device is in now: what it gets hangs on these. After a rule changed it may be
// that they are still being worked out.
static bool
load_current_groups(struct db *db, struct explain_view *v, struct error *e)
{
	struct id_list now = {0};
	autorows r = NULL;

	if (!db_query(db, Q_GROUP_OF_DEVICE,
		    PARAMS(DB_TEXT(v->w->tenant_id), DB_TEXT(v->device_id)), &r, e))
		return false;
	while (db_next(r))
		ids_add(v->w->arena, &now, db_text(v->w->arena, r, "group_id"));
	if (!ids_equal(&now, &v->verdict.groups))
		finding_add(&v->findings, SEVERITY_NOTE, "membership_pending",
			"the device will be in %zu groups, and is in %zu", v->verdict.groups.count,
			now.count);
	v->verdict.groups = now;
	return true;
}

// What is known of the device, and which groups follow. With its own facts nothing is undecided but
// a rule that is too slow.
static bool
load_view(struct db *db, const struct work *w, const struct explain_ask *ask,
	struct explain_view *v, struct error *e)
{
	struct device d;

	*v = (struct explain_view){
		.w = w, .device_id = ask->device_id, .findings = {.arena = w->arena}};
	if (!device_load(db, w, ask->device_id, &d, e) || !assigner_open(db, w, &v->a, e) ||
		!policy_load(db, v->a, &v->set, e) ||
		!facts_load(db, w, ask->device_id, &v->facts, NULL, e) || !load_assigned(db, v, e))
		return false;
	v->serial = d.serial;
	v->upn = ask->assigned_upn ? ask->assigned_upn : d.assigned_upn;
	v->hypothetical = ask->group_tag || ask->assigned_upn;
	if (ask->group_tag)
		v->facts.group_tag = ask->group_tag;
	return user_groups(db, v->w, v->upn, &v->user_groups, e) &&
		cohort_judge(v->a, &v->facts, &v->assigned, &v->verdict, e) &&
		(v->hypothetical || load_current_groups(db, v, e));
}

static struct assignment_choice
choose(const struct explain_view *v, const struct row_list *list)
{
	return assignment_decide(v->w->arena, list->rows, list->count, v->verdict.groups.ids,
		v->verdict.groups.count);
}

// X16: a page for the device, else one for its user, whom only some flows know in the device phase,
// else the organization's default.
static void
choose_pages(struct explain_view *v)
{
	static const struct assignment_choice fallback = {.object_name = "Default",
		.reason = "no page reaches the device or its user: the default of the organization",
		.lost = ""};
	const struct row_list *esps = &v->a->esps;
	struct assignment_choice device = choose(v, esps), user = device;
	bool user_known = explain_flow(v) == ESP_FLOW_USER_DRIVEN && !str_empty(v->upn);

	if (!device.object_id)
		user = assignment_decide_user(v->w->arena, esps->rows, esps->count,
			v->user_groups.ids, v->user_groups.count);
	if (!device.object_id && user_known)
		device = user;
	v->esp_device_default = !device.object_id;
	v->esp_user_default = !user.object_id;
	v->esp_device = device.object_id ? device : fallback;
	v->esp_user = user.object_id ? user : fallback;
}

// By which assignment an item reaches the device, or NULL when none does or a group excludes it.
static const char *
because_of(const struct explain_view *v, const struct assignment_row *row, bool *for_user)
{
	*for_user = row->target == TARGET_ALL_USERS ||
		(row->target == TARGET_GROUP && !ids_has(&v->verdict.groups, row->group_id));
	switch (row->target) {
	case TARGET_ALL_DEVICES:
		return "All devices";
	case TARGET_ALL_USERS:
		return "All users";
	case TARGET_GROUP:
		if (ids_has(&v->verdict.groups, row->group_id) ||
			ids_has(&v->user_groups, row->group_id))
			return arena_printf(v->w->arena, "group \"%s\"", row->group_name);
		return NULL;
	case TARGET_EXCLUDE_GROUP:
		break;
	}
	return NULL;
}

static bool
load_items(struct db *db, struct explain_view *v, struct error *e)
{
	struct arena *arena = v->w->arena;
	struct id_list excluded = {0};
	size_t room = 0;
	autorows r = NULL;

	if (!db_query(db, Q_POLICY_ITEMS, PARAMS(DB_TEXT(v->w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		struct assignment_row row = {.object_id = db_text(arena, r, "object_id"),
			.target = assignment_target(db_text(arena, r, "target")),
			.group_id = db_text(arena, r, "group_id"),
			.group_name = db_text(arena, r, "group_name")};
		struct explain_item item = {.id = row.object_id};
		if (row.target == TARGET_EXCLUDE_GROUP &&
			(ids_has(&v->verdict.groups, row.group_id) ||
				ids_has(&v->user_groups, row.group_id)))
			ids_add(arena, &excluded, row.object_id);
		item.because = because_of(v, &row, &item.for_user);
		if (!item.because ||
			(v->item_count && str_eq(v->items[v->item_count - 1].id, item.id)))
			continue;
		item.name = db_text(arena, r, "name");
		item.kind = db_text(arena, r, "kind");
		item.scope = db_text(arena, r, "scope");
		item.intent = db_text(arena, r, "intent");
		item.setting = (struct setting){.id = item.id,
			.name = item.name,
			.loc_uri = db_text(arena, r, "loc_uri"),
			.format = db_text(arena, r, "format"),
			.data = db_text(arena, r, "data")};
		v->items = arena_more(arena, v->items, v->item_count, &room, sizeof *v->items);
		v->items[v->item_count++] = item;
	}
	size_t kept = 0;
	for (size_t i = 0; i < v->item_count; i++)
		if (!ids_has(&excluded, v->items[i].id))
			v->items[kept++] = v->items[i];
	v->item_count = kept;
	return true;
}

// Of two values for one node the device gets one.
static void
find_conflicts(struct explain_view *v)
{
	struct arena *arena = v->w->arena;
	struct setting *list = arena_array(arena, v->item_count + 1, sizeof *list);

	for (size_t i = 0; i < v->item_count; i++)
		list[i] = v->items[i].setting;
	for (size_t i = 0; i < v->item_count; i++) {
		const struct setting *winner = setting_winner(list, v->item_count, i);
		if (!winner)
			continue;
		v->items[i].conflict = setting_conflict(arena, winner, &list[i]);
		finding_add(&v->findings, SEVERITY_WARNING, "policy_conflict", "%s",
			v->items[i].conflict);
	}
}

static bool
check_name_free(struct db *db, struct explain_view *v, struct error *e)
{
	const char *holder = NULL;

	{
		autorows r = NULL;
		if (!db_query(db, Q_NAME_HOLDER,
			    PARAMS(DB_TEXT(v->w->tenant_id),
				    DB_TEXT(str_lower(v->w->arena, v->example)),
				    DB_TEXT(v->device_id)),
			    &r, e))
			return false;
		if (db_next(r))
			holder = db_text(v->w->arena, r, "serial");
	}
	if (holder)
		finding_add(&v->findings, SEVERITY_WARNING, "name_taken",
			"%s would be the name, and the device %s has it", v->example, holder);
	return true;
}

// The name that the device has or would get (P15, P23).
static bool
load_name(struct db *db, struct explain_view *v, struct error *e)
{
	static const unsigned char random[NAME_RANDOM_DIGITS] = {
		4, 7, 1, 9, 2, 8, 3, 6, 5, 0, 4, 7, 1, 9, 2};
	const struct policy_profile *profile = explain_profile(v);
	const struct policy_join *join = policy_join(&v->set, v->join.object_id);
	char *example;
	struct error why;

	v->name = v->facts.display_name;
	if (!profile || (profile->settings.hybrid && !join))
		return true;
	v->template_text =
		profile->settings.hybrid ? join->name_template : profile->settings.name_template;
	v->name_from = profile->settings.hybrid ? "domain-join profile" : "deployment profile";
	if (!*v->template_text)
		return true;
	naming_findings(v->template_text, 1, naming_serial_length(v->serial), &v->findings);
	if (!naming_expand(v->w->arena, v->template_text, v->serial, random, &example, &why))
		return true; // naming_findings() has said why
	v->example = example;
	return naming_is_random(v->template_text) || check_name_free(db, v, e);
}

// Whether it could enrol as far as that is known before the device says what it runs (behaviour
// section 4).
static bool
load_gate(struct db *db, struct explain_view *v, struct error *e)
{
	const struct policy_profile *profile = explain_profile(v);
	struct gate_device says = {.os_version = "",
		.edition = "",
		.userless = explain_flow(v) != ESP_FLOW_USER_DRIVEN};
	struct device device = {
		.device_id = v->device_id,
		.assigned_upn = v->upn,
		.manufacturer = v->facts.manufacturer,
		.join_type = profile && profile->settings.hybrid ? "hybrid" : "directory",
	};

	if (!gate_in(db, v->w, &device, &says, &v->gate, e))
		return false;
	if (!v->gate.allowed)
		finding_add(&v->findings, SEVERITY_BLOCKING, v->gate.fault, "%s", v->gate.reason);
	return true;
}

static bool
explain_tx(struct db *db, void *ctx, struct error *e)
{
	struct explain_ctx *c = ctx;
	struct explain_view v;
	struct preflight_case one;
	struct buf out;

	if (!load_view(db, c->w, c->ask, &v, e))
		return false;
	v.profile = choose(&v, &v.a->profiles);
	v.join = choose(&v, &v.a->domain_joins);
	choose_pages(&v);
	policy_case(c->w->arena, &v.set, v.a, &v.verdict.groups, &v.verdict.undecided,
		c->ask->trust, c->ask->trust_count, &one);
	one.with_user = !str_empty(v.upn);
	if (!v.facts.unregistered) // Z2: no profile, no page
		preflight_check(&one, &v.findings);
	if (!load_items(db, &v, e))
		return false;
	find_conflicts(&v);
	if (!load_name(db, &v, e) || !load_gate(db, &v, e))
		return false;
	buf_init(&out, c->w->arena, EXPLANATION_MAX);
	struct jsonw json = jsonw_on(&out);
	jsonw_object(&json, NULL);
	jsonw_bool(&json, "hypothetical", v.hypothetical);
	jsonw_raw(&json, "facts", facts_text(c->w->arena, &v.facts));
	jsonw_str(&json, "user", v.upn);
	explain_write_groups(&json, &v);
	explain_write_choices(&json, &v);
	explain_write_items(&json, &v);
	jsonw_object(&json, "enrollment");
	jsonw_bool(&json, "allowed", v.gate.allowed);
	jsonw_str(&json, "reason", v.gate.reason);
	jsonw_end_object(&json);
	explain_write_findings(&json, &v.findings);
	jsonw_end_object(&json);
	c->text = buf_text(&out);
	return buf_ok(&out, e);
}

bool
store_explain(
	const struct work *w, const struct explain_ask *ask, const char **json, struct error *e)
{
	struct explain_ctx c = {.w = w, .ask = ask};

	if (!store_read(w->session, explain_tx, &c, e))
		return false;
	*json = c.text;
	return true;
}

bool
store_device_explain(
	const struct work *w, const char *device_id, const char **json, struct error *e)
{
	struct explain_ask ask = {.device_id = device_id};

	return store_explain(w, &ask, json, e);
}

static bool
rule_tx(struct db *db, void *ctx, struct error *e)
{
	struct explain_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	struct explain_view v;
	struct rule_values values;
	struct buf out, text;
	const struct rule *rule = rule_compile(arena, c->rule_text, e);

	if (!rule)
		return false;
	if (rule_subject(rule) != RULE_DEVICE)
		return error_set(e, ERR_INVALID, "the rule asks about users, not about devices");
	if (!load_view(db, c->w, c->ask, &v, e))
		return false;
	facts_values(arena, &v.facts, v.verdict.groups.ids, v.verdict.groups.count, &values);
	const struct rule_trace *trace = rule_explain(arena, rule, &values);
	buf_init(&out, arena, EXPLANATION_MAX);
	buf_init(&text, arena, EXPLANATION_MAX);
	rule_explain_text(&text, trace);
	struct jsonw json = jsonw_on(&out);
	jsonw_object(&json, NULL);
	jsonw_str(&json, "serial", v.serial);
	jsonw_str(&json, "result", trace->failure ? "error" : rule_truth_name(trace->truth));
	jsonw_str(&json, "error", trace->failure);
	rule_explain_json(&json, "tree", trace);
	jsonw_str(&json, "text", buf_text(&text));
	jsonw_end_object(&json);
	c->text = buf_text(&out);
	return buf_ok(&out, e);
}

bool
store_explain_rule(const struct work *w, const char *rule_text, const char *device_id,
	const char **json, struct error *e)
{
	struct explain_ask ask = {.device_id = device_id};
	struct explain_ctx c = {.w = w, .ask = &ask, .rule_text = rule_text};

	if (!store_read(w->session, rule_tx, &c, e))
		return false;
	*json = c.text;
	return true;
}
