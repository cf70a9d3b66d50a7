// SPDX-License-Identifier: Apache-2.0
#include "store/preparation.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/assignment.h"
#include "store/cohort.h"
#include "store/deployments.h"
#include "store/devices.h"
#include "store/queries.h"

struct run_ctx {
	const struct work *w;
	const char *deployment_id, *device_id, *upn, *text;
	const struct preparation_choice *choice;
	struct preparation_run run;
	struct preparation_item *items;
	size_t count;
	bool personal;
};

// --- reading ---

static bool
load_run(struct db *db, struct run_ctx *c, struct error *e)
{
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_PREPARATION_RUN_GET, PARAMS(DB_TEXT(c->deployment_id)), &r, e))
		return false;
	c->run = (struct preparation_run){
		.deployment_id = db_text(a, r, "deployment_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.device_id = db_text(a, r, "device_id"),
		.policy_id = db_text(a, r, "policy_id"),
		.policy_name = db_text(a, r, "policy_name"),
		.policy_version = db_int(r, "policy_version"),
		.reached_by = db_text(a, r, "reached_by"),
		.automatic = db_bool(r, "automatic"),
		.administrator = db_bool(r, "administrator"),
		.timeout_minutes = db_int(r, "timeout_minutes"),
		.message = db_text(a, r, "message"),
		.allow_skip = db_bool(r, "allow_skip"),
		.diagnostics = db_bool(r, "diagnostics"),
		.trust_store = db_text(a, r, "trust_store"),
		.name_template = db_text(a, r, "name_template"),
		.group_id = db_text(a, r, "group_id"),
		.group_name = db_text(a, r, "group_name"),
		.upn = db_text(a, r, "upn"),
		.created_at = db_int(r, "created_at"),
		.placed_at = db_int(r, "placed_at"),
		.continued_at = db_int(r, "continued_at"),
		.phase = db_text(a, r, "phase"),
		.result = db_text(a, r, "result"),
		.fault = db_text(a, r, "fault"),
		.reason = db_text(a, r, "reason"),
		.finished_at = db_int(r, "finished_at"),
	};
	return true;
}

static bool
run_tx(struct db *db, void *ctx, struct error *e)
{
	return load_run(db, ctx, e);
}

bool
store_preparation_run(const struct work *w, const char *deployment_id, struct preparation_run *out,
	struct error *e)
{
	struct run_ctx c = {.w = w, .deployment_id = deployment_id};

	if (!store_read(w->session, run_tx, &c, e))
		return false;
	*out = c.run;
	return true;
}

static bool
load_items(struct db *db, struct run_ctx *c, struct error *e)
{
	struct arena *a = c->w->arena;
	size_t room = 0;
	autorows r = NULL;

	c->items = NULL;
	c->count = 0;
	if (!db_query(db, Q_PREPARATION_ITEMS,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->deployment_id)), &r, e))
		return false;
	while (db_next(r)) {
		c->items = arena_more(a, c->items, c->count, &room, sizeof *c->items);
		c->items[c->count++] = (struct preparation_item){
			.item_id = db_text(a, r, "item_id"),
			.kind = db_text(a, r, "kind"),
			.name = db_text(a, r, "name"),
			.stage = db_text(a, r, "stage"),
			.skipped = db_text(a, r, "skipped"),
			.state = db_text(a, r, "state"),
			.fault = db_text(a, r, "fault"),
			.reason = db_text(a, r, "reason"),
			.output = db_text(a, r, "output"),
			.ended = !db_is_null(r, "exit_code"),
			.exit_code = db_int(r, "exit_code"),
			.updated_at = db_int(r, "updated_at"),
		};
	}
	return true;
}

static bool
items_tx(struct db *db, void *ctx, struct error *e)
{
	return load_items(db, ctx, e);
}

bool
store_preparation_items(const struct work *w, const char *deployment_id,
	struct preparation_item **out, size_t *count, struct error *e)
{
	struct run_ctx c = {.w = w, .deployment_id = deployment_id};

	if (!store_read(w->session, items_tx, &c, e))
		return false;
	*out = c.items;
	*count = c.count;
	return true;
}

// --- what is set up ---

// The device group as it is now; ERR_CONFLICT when it takes nobody in (Z8).
static bool
find_group(struct db *db, const struct work *w, const struct preparation *policy,
	struct preparation_group *out, struct error *e)
{
	struct findings found = {.arena = w->arena};
	autorows r = NULL;

	*out = (struct preparation_group){.name = ""};
	if (!db_query(db, Q_POLICY_GROUP, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(policy->group_id)),
		    &r, e))
		return false;
	if (db_next(r))
		*out = (struct preparation_group){.exists = true,
			.name = db_text(w->arena, r, "name"),
			.dynamic = !db_is_null(r, "rule"),
			.synchronized = !str_eq(db_text(w->arena, r, "source"), "ferry")};
	preparation_check(policy, out, &found);
	for (size_t i = 0; i < found.count; i++)
		if (found.items[i].severity == SEVERITY_BLOCKING)
			return error_fault(
				e, ERR_CONFLICT, found.items[i].fault, "%s", found.items[i].text);
	return true;
}

// The policy's group, and the groups around it.
static bool
groups_around(struct db *db, const struct work *w, const char *group_id, struct id_list *out,
	struct error *e)
{
	struct assigner *assigner;

	*out = (struct id_list){0};
	ids_add(w->arena, out, group_id);
	if (!assigner_open(db, w, &assigner, e))
		return false;
	cohort_outer_groups(assigner, w->arena, out);
	return true;
}

// Ids of what is assigned to devices in these groups.
static bool
assigned_to(struct db *db, const struct work *w, const struct id_list *groups, struct id_list *out,
	struct error *e)
{
	struct assignment_row *rows = NULL;
	size_t count = 0, room = 0;
	autorows r = NULL;

	*out = (struct id_list){0};
	if (!db_query(db, Q_ASSIGNMENT_ITEMS, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		rows = arena_more(w->arena, rows, count, &room, sizeof *rows);
		rows[count++] = (struct assignment_row){
			.object_id = db_text(w->arena, r, "object_id"),
			.target = assignment_target(db_text(w->arena, r, "target")),
			.group_id = db_text(w->arena, r, "group_id"),
		};
		// What goes to people does not count here: it is not assigned to the group (Z5).
		if (rows[count - 1].target == TARGET_ALL_USERS)
			count--;
	}
	const char **ids = arena_array(w->arena, count + 1, sizeof *ids);
	size_t n = assignment_all(rows, count, groups->ids, groups->count, ids);
	for (size_t i = 0; i < n; i++)
		ids_add(w->arena, out, ids[i]);
	return true;
}

static bool
load_known(struct db *db, const struct work *w, const struct id_list *assigned,
	struct preparation_known **out, size_t *count, struct error *e)
{
	size_t room = 0;
	autorows r = NULL;

	*out = NULL;
	*count = 0;
	if (!db_query(db, Q_PREPARATION_ITEMS_KNOWN, PARAMS(DB_TEXT(w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		*out = arena_more(w->arena, *out, *count, &room, sizeof **out);
		struct preparation_known *k = &(*out)[(*count)++];
		*k = (struct preparation_known){
			.id = db_text(w->arena, r, "item_id"),
			.kind = db_text(w->arena, r, "kind"),
			.name = db_text(w->arena, r, "name"),
			.type = db_text(w->arena, r, "type"),
		};
		k->assigned = ids_has(assigned, k->id);
	}
	return true;
}

static bool
insert_items(struct db *db, const struct run_ctx *c, const struct preparation_step *steps,
	size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (!db_run(db, Q_PREPARATION_ITEM_INSERT,
			    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->deployment_id),
				    DB_INT((int64_t)i), DB_TEXT(steps[i].id),
				    DB_TEXT(steps[i].kind), DB_TEXT(steps[i].name),
				    DB_TEXT(preparation_stage_name(steps[i].stage)),
				    DB_TEXT(steps[i].skipped ? steps[i].skipped : "")),
			    NULL, e))
			return false;
	return true;
}

static bool
insert_run(struct db *db, const struct run_ctx *c, const char *group_name, struct error *e)
{
	const struct preparation *p = &c->choice->policy;

	return db_run(db, Q_PREPARATION_RUN_INSERT,
		PARAMS(DB_TEXT(c->deployment_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id),
			DB_TEXT(p->id), DB_TEXT(p->name), DB_INT(c->choice->version),
			DB_TEXT(c->choice->by_device ? "device" : "user"), DB_BOOL(p->automatic),
			DB_BOOL(p->administrator), DB_INT(p->timeout_minutes), DB_TEXT(p->message),
			DB_BOOL(p->allow_skip), DB_BOOL(p->show_diagnostics),
			DB_TEXT(p->trust_store), DB_TEXT(p->name_template), DB_TEXT(p->group_id),
			DB_TEXT(group_name), DB_TEXT(c->upn ? c->upn : ""), DB_INT(c->w->now)),
		NULL, e);
}

static bool
tell_choice(struct db *db, const struct run_ctx *c, const struct preparation_step *steps,
	size_t count, struct error *e)
{
	struct event event = {.source = "service",
		.phase = "flow",
		.row_name = "preparation",
		.claimed = true,
		.state = "policy",
		.reason = c->choice->reason};

	if (!event_add(db, c->w, c->deployment_id, &event, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!steps[i].skipped)
			continue;
		// Aside: what is left out fails nothing, but it is told (Z5).
		event.state = "skipped";
		event.reason = arena_printf(c->w->arena, "%s: %s", steps[i].name, steps[i].skipped);
		if (!event_add(db, c->w, c->deployment_id, &event, e))
			return false;
	}
	return true;
}

static bool
begin_tx(struct db *db, void *ctx, struct error *e)
{
	struct run_ctx *c = ctx;
	const struct work *w = c->w;
	const struct preparation *policy = &c->choice->policy;
	struct preparation_group group;
	struct id_list around, assigned;
	struct preparation_known *known;
	struct preparation_step *steps;
	size_t known_count;

	if (load_run(db, c, e) && c->run.placed_at)
		return true;
	if (!find_group(db, w, policy, &group, e) ||
		!groups_around(db, w, policy->group_id, &around, e) ||
		!assigned_to(db, w, &around, &assigned, e) ||
		!load_known(db, w, &assigned, &known, &known_count, e))
		return false;
	size_t count = preparation_plan(w->arena, policy, group.name, known, known_count, &steps);
	return db_run(db, Q_PREPARATION_RUN_DROP, PARAMS(DB_TEXT(c->deployment_id)), NULL, e) &&
		insert_run(db, c, group.name, e) && insert_items(db, c, steps, count, e) &&
		tell_choice(db, c, steps, count, e);
}

bool
store_preparation_begin(const struct work *w, const char *deployment_id, const char *device_id,
	const struct preparation_choice *choice, const char *upn, struct error *e)
{
	struct run_ctx c = {.w = w,
		.deployment_id = deployment_id,
		.device_id = device_id,
		.choice = choice,
		.upn = upn};

	return store_write(w->session, begin_tx, &c, e);
}

// --- the device group ---

static bool
join_group(struct db *db, const struct run_ctx *c, struct error *e)
{
	const struct work *w = c->w;
	struct assigner *assigner;

	return db_run(db, Q_GROUP_MEMBER_ADD,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->run.group_id),
			       DB_TEXT(c->run.device_id), DB_INT(0)),
		       NULL, e) &&
		db_run(db, Q_PREPARATION_OWNERSHIP,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->run.device_id),
				DB_TEXT(c->personal ? "Personal" : "Company")),
			NULL, e) &&
		assigner_open(db, w, &assigner, e) &&
		assigner_apply(assigner, db, c->run.device_id, e);
}

static bool
place_tx(struct db *db, void *ctx, struct error *e)
{
	struct run_ctx *c = ctx;
	const struct work *w = c->w;
	struct preparation_group group;
	struct event placed = {
		.source = "service", .phase = "flow", .row_name = "preparation", .state = "placed"};

	// Z15: set up anew, the device is no longer bound.
	if (!db_run(db, Q_ASSOCIATION_END, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->deployment_id)),
		    NULL, e))
		return false;
	if (!load_run(db, c, e))
		return e->code == ERR_NOT_FOUND;
	if (c->run.placed_at)
		return true;
	struct preparation policy = {.name = c->run.policy_name,
		.group_id = c->run.group_id,
		.timeout_minutes = c->run.timeout_minutes};
	if (!find_group(db, w, &policy, &group, e) || !join_group(db, c, e))
		return false;
	placed.reason =
		arena_printf(w->arena, "the device is in the device group \"%s\"", group.name);
	return db_run(db, Q_PREPARATION_RUN_PLACED,
		       PARAMS(DB_TEXT(c->deployment_id), DB_INT(w->now)), NULL, e) &&
		db_run(db, Q_ASSOCIATION_STATE,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->run.device_id),
				DB_TEXT("associated"), DB_INT(w->now)),
			NULL, e) &&
		event_add(db, w, c->deployment_id, &placed, e);
}

bool
store_preparation_place(
	const struct work *w, const char *deployment_id, bool personal, struct error *e)
{
	struct run_ctx c = {.w = w, .deployment_id = deployment_id, .personal = personal};

	return store_write(w->session, place_tx, &c, e);
}

// --- the end ---

static bool
continue_tx(struct db *db, void *ctx, struct error *e)
{
	struct run_ctx *c = ctx;
	struct event event = {.source = "device",
		.phase = "flow",
		.row_name = "preparation",
		.state = "continued",
		.reason = "the person continued although something failed"};

	if (!load_run(db, c, e))
		return false;
	if (c->run.continued_at || c->run.finished_at)
		return true;
	if (!c->run.allow_skip)
		return error_fault(e, ERR_DENIED, "preparation_not_continued",
			"\"%s\" does not allow to continue", c->run.policy_name);
	// The fault stays: the report tells what failed.
	return db_run(db, Q_PREPARATION_RUN_CONTINUED,
		       PARAMS(DB_TEXT(c->deployment_id), DB_INT(c->w->now)), NULL, e) &&
		db_run(db, Q_PREPARATION_RESUME, PARAMS(DB_TEXT(c->deployment_id)), NULL, e) &&
		event_add(db, c->w, c->deployment_id, &event, e);
}

bool
store_preparation_continue(const struct work *w, const char *deployment_id, struct error *e)
{
	struct run_ctx c = {.w = w, .deployment_id = deployment_id};

	return store_write(w->session, continue_tx, &c, e);
}

// What never got a result: its assignment was taken away, or the person did not wait for it.
static bool
skip_the_rest(struct db *db, struct run_ctx *c, struct error *e)
{
	const char *why = c->run.continued_at ? "the person continued without it"
					      : "its assignment was taken away meanwhile";

	if (!load_items(db, c, e))
		return false;
	for (size_t i = 0; i < c->count; i++) {
		const struct preparation_item *item = &c->items[i];
		if (!str_empty(item->skipped) || str_eq(item->state, "done") ||
			str_eq(item->state, "failed"))
			continue;
		if (!db_run(db, Q_PREPARATION_ITEM_SKIP,
			    PARAMS(DB_TEXT(c->deployment_id), DB_TEXT(item->item_id), DB_TEXT(why)),
			    NULL, e))
			return false;
	}
	return true;
}

static bool
finish_tx(struct db *db, void *ctx, struct error *e)
{
	struct run_ctx *c = ctx;
	struct event event = {
		.source = "service", .phase = "flow", .state = "success", .reason = c->text};

	if (!load_run(db, c, e))
		return false;
	if (c->run.finished_at)
		return true;
	if (c->run.continued_at)
		event.state = "finishedWithFailures";
	return skip_the_rest(db, c, e) &&
		db_run(db, Q_PREPARATION_FINISH,
			PARAMS(DB_TEXT(c->deployment_id),
				DB_TEXT(c->run.continued_at ? "failed" : "success"),
				DB_INT(c->w->now)),
			NULL, e) &&
		event_add(db, c->w, c->deployment_id, &event, e);
}

bool
store_preparation_finish(
	const struct work *w, const char *deployment_id, const char *reason, struct error *e)
{
	struct run_ctx c = {.w = w, .deployment_id = deployment_id, .text = reason};

	return store_write(w->session, finish_tx, &c, e);
}
