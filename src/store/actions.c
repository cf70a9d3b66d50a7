// SPDX-License-Identifier: Apache-2.0
#include "store/actions.h"

#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "store/account_jobs.h"
#include "store/deployments.h"
#include "store/queries.h"
#include "store/registration.h"

enum { MAX_LISTED = 100, RESULTS_MAX = 64 << 10 };

struct action_ctx {
	const struct work *w;
	const struct action_request *in;
	struct device_action_entry *out;
	const char *id, *actor, *reason, *found, *domain;
	const struct action_end *end;
	const char **text;
	struct device_action_entry *list;
	size_t count;
	int query;
	bool flag;
};

// The enrolment that an action is about.
struct target {
	const char *enrollment_id, *device_id, *deployment_id, *state, *serial;
};

static struct device_action_entry
read_action(struct arena *a, struct db_rows *r)
{
	struct device_action_entry entry = {
		.action_id = db_text(a, r, "action_id"),
		.device_id = db_text(a, r, "device_id"),
		.enrollment_id = db_text(a, r, "enrollment_id"),
		.data = db_text(a, r, "data"),
		.state = db_text(a, r, "state"),
		.fault = db_text(a, r, "fault"),
		.reason = db_text(a, r, "reason"),
		.requested_by = db_text(a, r, "requested_by"),
		.requested_at = db_int(r, "requested_at"),
		.sent_at = db_int(r, "sent_at"),
		.finished_at = db_int(r, "finished_at"),
	};

	// A kind that a newer Ferry has stored does nothing here.
	if (!device_action_find(db_text(a, r, "kind"), &entry.action))
		entry.action = DEVICE_ACTION_SYNC;
	return entry;
}

static bool
load_target(struct db *db, const struct work *w, const char *enrollment_id, struct target *out,
	struct error *e)
{
	struct arena *a = w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_ACTION_ENROLLMENT, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(enrollment_id)),
		    &r, e))
		return e->code == ERR_NOT_FOUND
			? error_set(e, ERR_NOT_FOUND, "there is no such managed device")
			: false;
	*out = (struct target){
		.enrollment_id = db_text(a, r, "enrollment_id"),
		.device_id = db_text(a, r, "device_id"),
		.deployment_id = db_text(a, r, "deployment_id"),
		.state = db_text(a, r, "state"),
		.serial = db_text(a, r, "serial"),
	};
	return true;
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct action_ctx *c = ctx;
	size_t room = 0;
	autorows r = NULL;
	struct db_params of_device = PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id));
	struct db_params of_enrollment = PARAMS(DB_TEXT(c->id));

	c->list = NULL;
	c->count = 0;
	if (!db_query(db, c->query, c->query == Q_ACTION_OF_DEVICE ? of_device : of_enrollment, &r,
		    e))
		return false;
	while (c->count < MAX_LISTED && db_next(r)) {
		c->list = arena_more(c->w->arena, c->list, c->count, &room, sizeof *c->list);
		c->list[c->count++] = read_action(c->w->arena, r);
	}
	return true;
}

static bool
list(const struct work *w, int query, const char *id, struct device_action_entry **out,
	size_t *count, struct error *e)
{
	struct action_ctx c = {.w = w, .query = query, .id = id};

	if (!store_read(w->session, list_tx, &c, e))
		return false;
	*out = c.list;
	*count = c.count;
	return true;
}

bool
store_actions_open(const struct work *w, const char *enrollment_id,
	struct device_action_entry **out, size_t *count, struct error *e)
{
	return list(w, Q_ACTION_OPEN, enrollment_id, out, count, e);
}

bool
store_actions_of_device(const struct work *w, const char *device_id,
	struct device_action_entry **out, size_t *count, struct error *e)
{
	return list(w, Q_ACTION_OF_DEVICE, device_id, out, count, e);
}

// --- what Graph shows ---

// Graph's actionState of each of our states.
static const char *
action_state(const char *state)
{
	static const char *const words[][2] = {{"pending", "pending"}, {"sent", "active"},
		{"done", "done"}, {"failed", "failed"}, {"cancelled", "canceled"}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(state, words[i][0]))
			return words[i][1];
	return "none";
}

// managementState: what the newest action that ends something has become.
static const char *
management_state(const struct device_action_entry *actions, size_t count)
{
	static const struct {
		const char *state, *wipe, *retire;
	} words[] = {{"pending", "wipePending", "retirePending"},
		{"sent", "wipeIssued", "retireIssued"}, {"failed", "wipeFailed", "retireFailed"},
		{"cancelled", "wipeCanceled", "retireCanceled"}};

	for (size_t i = 0; i < count; i++) {
		enum device_action action = actions[i].action;
		if (action == DEVICE_ACTION_DELETE)
			return "deletePending";
		if (device_action_row(action)->effect != ACTION_ENDS)
			continue;
		for (size_t s = 0; s < sizeof words / sizeof *words; s++)
			if (str_eq(actions[i].state, words[s].state))
				return action == DEVICE_ACTION_RETIRE ? words[s].retire
								      : words[s].wipe;
	}
	return "managed";
}

static const char *
results_json(struct arena *arena, const struct device_action_entry *actions, size_t count)
{
	struct buf text;

	buf_init(&text, arena, RESULTS_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_array(&w, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct device_action_entry *a = &actions[i];
		time_us last = a->finished_at ? a->finished_at
			: a->sent_at	      ? a->sent_at
					      : a->requested_at;
		jsonw_object(&w, NULL);
		jsonw_str(&w, "actionName", device_action_row(a->action)->name);
		jsonw_str(&w, "actionState", action_state(a->state));
		jsonw_str(&w, "startDateTime", clock_rfc3339(arena, a->requested_at));
		jsonw_str(&w, "lastUpdatedDateTime", clock_rfc3339(arena, last));
		jsonw_str(&w, "ferryId", a->action_id);
		jsonw_str(&w, "ferryRequestedBy", a->requested_by);
		jsonw_str(&w, "ferryFault", a->fault);
		jsonw_str(&w, "ferryReason", a->reason);
		jsonw_end_object(&w);
	}
	jsonw_end_array(&w);
	return buf_text(&text);
}

static bool
write_results(struct db *db, const struct work *w, const char *enrollment_id, struct error *e)
{
	struct action_ctx c = {.w = w, .query = Q_ACTION_OF_ENROLLMENT, .id = enrollment_id};

	return list_tx(db, &c, e) &&
		db_run(db, Q_ACTION_RESULTS,
			PARAMS(DB_TEXT(enrollment_id),
				DB_TEXT(results_json(w->arena, c.list, c.count)),
				DB_TEXT(management_state(c.list, c.count))),
			NULL, e);
}

// --- a request ---

// Who waits for news of the device sees it (ferryd/device_events.c).
static bool
tell(struct db *db, const struct work *w, const char *deployment_id, const char *state,
	const char *reason, struct error *e)
{
	struct event event = {
		.source = "service", .phase = "action", .state = state, .reason = reason};

	return event_add(db, w, deployment_id, &event, e);
}

static bool
supersede(struct db *db, const struct work *w, const struct device_action_entry *by, bool sent_too,
	struct error *e)
{
	return db_run(db, Q_ACTION_SUPERSEDE,
		PARAMS(DB_TEXT(by->enrollment_id), DB_TEXT(by->action_id),
			DB_TEXT(arena_printf(w->arena, "%s came before it",
				device_action_row(by->action)->name)),
			DB_INT(w->now), DB_BOOL(sent_too)),
		NULL, e);
}

static bool
find_open(struct db *db, const struct action_ctx *c, struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, Q_ACTION_OPEN_OF_KIND,
		    PARAMS(DB_TEXT(c->in->enrollment_id),
			    DB_TEXT(device_action_row(c->in->action)->name)),
		    &r, e))
		return false;
	*c->out = read_action(c->w->arena, r);
	return true;
}

static bool
request_tx(struct db *db, void *ctx, struct error *e)
{
	struct action_ctx *c = ctx;
	const struct work *w = c->w;
	const char *name = device_action_row(c->in->action)->name;
	struct target target;
	int64_t added;

	if (!load_target(db, w, c->in->enrollment_id, &target, e))
		return false;
	if (!str_eq(target.state, "enrolled"))
		return error_set(e, ERR_NOT_FOUND, "there is no such managed device");
	if (!db_run(db, Q_ACTION_INSERT,
		    PARAMS(DB_TEXT(c->id), DB_TEXT(w->tenant_id), DB_TEXT(target.device_id),
			    DB_TEXT(target.enrollment_id), DB_TEXT(name),
			    DB_TEXT(c->in->data ? c->in->data : ""), DB_TEXT(c->in->actor),
			    DB_INT(w->now)),
		    &added, e) ||
		!find_open(db, c, e))
		return false;
	c->flag = added != 0;
	if (!added)
		return true;
	failpoint("store.action_requested");
	return (!device_action_destroys(c->in->action) || supersede(db, w, c->out, false, e)) &&
		(c->in->action != DEVICE_ACTION_DELETE ||
			db_run(db, Q_ACTION_HIDE, PARAMS(DB_TEXT(target.enrollment_id)), NULL,
				e)) &&
		tell(db, w, target.deployment_id, "requested",
			arena_printf(w->arena, "%s, asked for by %s", name, c->in->actor), e) &&
		write_results(db, w, target.enrollment_id, e);
}

bool
store_action_request(const struct work *w, const struct action_request *in,
	struct device_action_entry *out, bool *created, struct error *e)
{
	struct action_ctx c = {.w = w, .in = in, .out = out, .id = uuid_ordered(w->arena)};

	if (!store_write(w->session, request_tx, &c, e))
		return false;
	*created = c.flag;
	return true;
}

// --- what becomes of it ---

static bool
sent_tx(struct db *db, void *ctx, struct error *e)
{
	struct action_ctx *c = ctx;

	return db_run(db, Q_ACTION_SENT, PARAMS(DB_TEXT(c->out->action_id), DB_INT(c->w->now)),
		       NULL, e) &&
		write_results(db, c->w, c->out->enrollment_id, e);
}

bool
store_action_sent(const struct work *w, const struct device_action_entry *action, struct error *e)
{
	struct device_action_entry copy = *action;
	struct action_ctx c = {.w = w, .out = &copy};

	return store_write(w->session, sent_tx, &c, e);
}

// What the device had is not there any more: everything is assigned to it anew.
static bool
forget(struct db *db, const struct target *t, int items, struct error *e)
{
	struct db_params device = PARAMS(DB_TEXT(t->device_id));

	return db_run(db, items, device, NULL, e) &&
		db_run(db, Q_ACTION_FORGET_REPORTS, device, NULL, e) &&
		db_run(db, Q_ACTION_FORGET_COMPLIANCE, device, NULL, e);
}

static bool
unblock(struct db *db, const struct work *w, const struct target *t,
	const struct device_action_entry *action, struct error *e)
{
	return db_run(db, Q_DEVICE_UNBLOCK, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(t->device_id)),
		       NULL, e) &&
		registration_event_add(db, w, t->device_id, "unblocked", action->requested_by,
			device_action_row(action->action)->name, e);
}

// The account is another service's: a connector is asked (behaviour D5).
static bool
end_account(struct db *db, struct action_ctx *c, const struct target *t, const char *why,
	struct error *e)
{
	const char *job;

	return str_empty(c->end->account) || str_eq(c->end->account, "keep") ||
		account_retire(db, c->w, t->device_id, c->end->account, why, &job, &c->domain, e);
}

// Keys and certificates are gone from the device; the registration and the directory's object stay,
// and the computer account in Active Directory keeps its place for the next join (A8, A10, R18).
static bool
end_management(struct db *db, struct action_ctx *c, const struct target *t,
	const struct device_action_entry *action, struct error *e)
{
	const struct work *w = c->w;
	struct db_params device = PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(t->device_id));
	const char *why = arena_printf(w->arena, "%s, asked for by %s",
		device_action_row(action->action)->name, action->requested_by);
	bool reuse = str_eq(action->data, "rejoin") || action->action == DEVICE_ACTION_DELETE;

	return db_run(db, Q_ACTION_END_ENROLLMENT, PARAMS(DB_TEXT(t->enrollment_id)), NULL, e) &&
		db_run(db, Q_DEREGISTER_CERTIFICATES,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(t->device_id), DB_INT(w->now)), NULL,
			e) &&
		db_run(db, Q_ACTION_END_DIRECTORY, device, NULL, e) &&
		db_run(db, Q_ACTION_END_DEPLOYMENT,
			PARAMS(DB_TEXT(t->device_id), DB_TEXT(why), DB_INT(w->now)), NULL, e) &&
		forget(db, t, Q_ACTION_FORGET_ITEMS, e) &&
		db_run(db, Q_DEVICE_CONTACT,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(t->device_id), DB_INT(w->now),
				DB_TEXT("notContacted")),
			NULL, e) &&
		end_account(db, c, t, why, e) && supersede(db, w, action, true, e) &&
		(!reuse || unblock(db, w, t, action, e)) &&
		registration_event_add(db, w, t->device_id, "management_ended",
			action->requested_by, device_action_row(action->action)->name, e);
}

static bool
apply(struct db *db, struct action_ctx *c, const struct target *t,
	const struct device_action_entry *action, struct error *e)
{
	const struct work *w = c->w;
	struct db_params device = PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(t->device_id));

	switch (device_action_row(action->action)->effect) {
	case ACTION_NOTHING:
		return true;
	case ACTION_RENEWS:
		return forget(db, t, Q_ACTION_FORGET_ITEMS, e);
	case ACTION_RESETS: // behaviour A6: the next user becomes the primary one
		return db_run(db, Q_ACTION_FORGET_USER, device, NULL, e) &&
			db_run(db, Q_ACTION_FORGET_DIRECTORY_USER, device, NULL, e) &&
			db_run(db, Q_ACTION_FORGET_ENROLLMENT_USER,
				PARAMS(DB_TEXT(t->enrollment_id)), NULL, e);
	case ACTION_RENAMES:
		return db_run(db, Q_ACTION_RENAME,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(t->device_id), DB_TEXT(action->data)),
			NULL, e);
	case ACTION_ENDS:
		break;
	}
	return end_management(db, c, t, action, e);
}

static bool
finish_tx(struct db *db, void *ctx, struct error *e)
{
	struct action_ctx *c = ctx;
	const struct work *w = c->w;
	struct device_action_entry action;
	struct target target;
	int64_t changed;
	const char *fault = c->end->fault;

	{
		autorows r = NULL;
		c->domain = NULL;
		if (!db_one(db, Q_ACTION_GET, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->id)), &r, e))
			return false;
		action = read_action(w->arena, r);
	}
	if (!str_eq(action.enrollment_id, c->end->enrollment_id))
		return error_set(e, ERR_NOT_FOUND, "the device has no such action");
	if (!load_target(db, w, action.enrollment_id, &target, e) ||
		!db_run(db, Q_ACTION_FINISH,
			PARAMS(DB_TEXT(c->id), DB_TEXT(fault ? "failed" : "done"), DB_TEXT(fault),
				DB_TEXT(c->end->reason ? c->end->reason : ""), DB_INT(w->now)),
			&changed, e))
		return false;
	if (!changed)
		return true; // the device has said so before
	failpoint("store.action_finished");
	const char *name = device_action_row(action.action)->name;
	return tell(db, w, target.deployment_id, fault ? "failed" : "done",
		       fault ? arena_printf(w->arena, "%s: %s", name, c->end->reason) : name, e) &&
		(fault || apply(db, c, &target, &action, e)) &&
		write_results(db, w, target.enrollment_id, e);
}

bool
store_action_finish(
	const struct work *w, const struct action_end *end, const char **domain, struct error *e)
{
	struct action_ctx c = {.w = w, .id = end->action_id, .end = end};

	if (!store_write(w->session, finish_tx, &c, e))
		return false;
	*domain = c.domain;
	return true;
}

static bool
cancel_tx(struct db *db, void *ctx, struct error *e)
{
	struct action_ctx *c = ctx;
	const struct work *w = c->w;
	struct device_action_entry action;
	int64_t changed;

	if (!db_run(db, Q_ACTION_CANCEL,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->id),
			    DB_TEXT(arena_printf(w->arena, "taken back by %s", c->actor)),
			    DB_INT(w->now)),
		    &changed, e))
		return false;
	if (!changed)
		return error_fault(e, ERR_CONFLICT, "action_unknown",
			"no action that waits for its device has the id %.40s", c->id);
	autorows r = NULL;
	if (!db_one(db, Q_ACTION_GET, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->id)), &r, e))
		return false;
	action = read_action(w->arena, r);
	return write_results(db, w, action.enrollment_id, e);
}

bool
store_action_cancel(const struct work *w, const char *action_id, const char *actor, struct error *e)
{
	struct action_ctx c = {.w = w, .id = action_id, .actor = actor};

	return store_write(w->session, cancel_tx, &c, e);
}

// --- Autopilot Reset ---

static bool
reset_tx(struct db *db, void *ctx, struct error *e)
{
	struct action_ctx *c = ctx;
	const struct work *w = c->w;
	struct target t;
	struct deployment open;
	struct event started = {.source = "service",
		.phase = "flow",
		.state = "started",
		.reason = "autopilotReset"};

	if (!load_target(db, w, c->id, &t, e))
		return false;
	bool have = deployment_load(db, w, Q_DEPLOYMENT_OPEN, t.device_id, &open, e);
	if (!have && e->code != ERR_NOT_FOUND)
		return false;
	c->reason = have ? open.deployment_id : c->found;
	if (have && str_eq(open.mode, "autopilotReset") && open.proven)
		return true; // a repeated step
	if (have && (open.proven || str_eq(open.deployment_id, t.deployment_id)))
		return error_set(e, ERR_CONFLICT, "another deployment of the device is running");
	c->reason = c->found;
	// A claim that nobody has proven: whoever has a copy of the hash began it.
	if (have &&
		!db_run(db, Q_ACTION_END_DEPLOYMENT,
			PARAMS(DB_TEXT(t.device_id), DB_TEXT("the device was reset"),
				DB_INT(w->now)),
			NULL, e))
		return false;
	return db_run(db, Q_DEPLOYMENT_INSERT,
		       PARAMS(DB_TEXT(c->found), DB_TEXT(w->tenant_id), DB_TEXT(t.device_id),
			       DB_TEXT("autopilotReset"), DB_INT(w->now)),
		       NULL, e) &&
		db_run(db, Q_DEPLOYMENT_PROVEN,
			PARAMS(DB_TEXT(c->found), DB_TEXT(NULL), DB_TEXT(NULL)), NULL, e) &&
		event_add(db, w, c->found, &started, e) &&
		db_run(db, Q_ACTION_REBIND, PARAMS(DB_TEXT(t.enrollment_id), DB_TEXT(c->found)),
			NULL, e) &&
		forget(db, &t, Q_ACTION_FORGET_MOST_ITEMS, e);
}

bool
store_reset_begin(const struct work *w, const char *enrollment_id, const char **deployment_id,
	struct error *e)
{
	struct action_ctx c = {.w = w, .id = enrollment_id, .found = uuid_new(w->arena)};

	if (!store_write(w->session, reset_tx, &c, e))
		return false;
	*deployment_id = c.reason;
	return true;
}
