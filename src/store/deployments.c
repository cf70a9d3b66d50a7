// SPDX-License-Identifier: Apache-2.0
#include "store/deployments.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/deployment_mode.h"
#include "store/queries.h"
#include "store/registration.h"

enum { MAX_EVENTS = 5000, MAX_DEPLOYMENTS = 200 };

static struct deployment
read_deployment(struct arena *a, struct db_rows *r)
{
	struct deployment d = {
		.deployment_id = db_text(a, r, "deployment_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.device_id = db_text(a, r, "device_id"),
		.mode = db_text(a, r, "mode"),
		.phase = db_text(a, r, "phase"),
		.result = db_text(a, r, "result"),
		.fault = db_text(a, r, "fault"),
		.reason = db_text(a, r, "reason"),
		.proven = db_bool(r, "proven"),
		.attempt = db_int(r, "attempt"),
		.started_at = db_int(r, "started_at"),
		.finished_at = db_int(r, "finished_at"),
		.upn = db_text(a, r, "upn"),
	};

	return d;
}

bool
deployment_load(struct db *db, const struct work *w, int query, const char *key,
	struct deployment *out, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, query, PARAMS(DB_TEXT(key)), &rows, e))
		return false;
	*out = read_deployment(w->arena, rows);
	return true;
}

// What anybody can bring about with a copy of a hash must not fill the database.
static bool
has_room(struct db *db, const char *deployment_id, bool *out, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, Q_EVENT_COUNT, PARAMS(DB_TEXT(deployment_id)), &rows, e))
		return false;
	*out = db_int(rows, "n") < MAX_CLAIMED_EVENTS;
	return true;
}

bool
event_add(struct db *db, const struct work *w, const char *deployment_id, const struct event *event,
	struct error *e)
{
	bool room = true;

	if (event->claimed && !has_room(db, deployment_id, &room, e))
		return false;
	if (!room)
		return true;
	return db_run(db, Q_EVENT_INSERT,
		PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(deployment_id),
			DB_INT(event->at ? event->at : w->now), DB_TEXT(event->source),
			DB_TEXT(event->phase), DB_TEXT(event->row_name ? event->row_name : ""),
			DB_TEXT(event->state), DB_TEXT(event->fault),
			DB_TEXT(event->reason ? event->reason : "")),
		NULL, e);
}

struct deployment_ctx {
	const struct work *w;
	const char *id, *text;
	struct deployment *out;
	const struct event *events;
	struct event *read;
	struct deployment *list;
	size_t count;
	int64_t after;
};

static bool
begin_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;
	int64_t added;
	const char *id = uuid_new(c->w->arena);

	if (!db_run(db, Q_DEPLOYMENT_INSERT,
		    PARAMS(DB_TEXT(id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->text),
			    DB_INT(c->w->now)),
		    &added, e))
		return false;
	struct event started = {
		.source = "service", .phase = "flow", .state = "started", .reason = c->text};
	if (added && !event_add(db, c->w, id, &started, e))
		return false;
	// What is proven goes another way only by another proof: store_attestation_proven().
	if (!added) {
		struct deployment open;
		if (!deployment_load(db, c->w, Q_DEPLOYMENT_OPEN, c->id, &open, e) ||
			!db_run(db, Q_DEPLOYMENT_MODE,
				PARAMS(DB_TEXT(open.deployment_id), DB_TEXT(c->text)), NULL, e))
			return false;
	}
	return deployment_load(db, c->w, Q_DEPLOYMENT_OPEN, c->id, c->out, e);
}

bool
store_deployment_begin(const struct work *w, const char *device_id, const char *mode,
	struct deployment *out, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = device_id, .text = mode, .out = out};

	return store_write(w->session, begin_tx, &c, e);
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;

	return deployment_load(db, c->w, Q_DEPLOYMENT_BY_ID, c->id, c->out, e);
}

bool
store_deployment_get(
	const struct work *w, const char *deployment_id, struct deployment *out, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id, .out = out};

	return store_read(w->session, get_tx, &c, e);
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;
	autorows rows = NULL;
	size_t room = 0;

	c->list = NULL;
	if (!db_query(db, Q_DEPLOYMENT_OF_DEVICE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)),
		    &rows, e))
		return false;
	for (c->count = 0; c->count < MAX_DEPLOYMENTS && db_next(rows); c->count++) {
		c->list = arena_more(c->w->arena, c->list, c->count, &room, sizeof *c->list);
		c->list[c->count] = read_deployment(c->w->arena, rows);
	}
	return true;
}

bool
store_deployments_of(const struct work *w, const char *device_id, struct deployment **out,
	size_t *count, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = device_id};

	if (!store_read(w->session, list_tx, &c, e))
		return false;
	*out = c.list;
	*count = c.count;
	return true;
}

static bool
check_claim(struct db *db, const struct deployment_ctx *c, struct error *e)
{
	struct deployment d;
	autorows rows = NULL;

	if (!deployment_load(db, c->w, Q_DEPLOYMENT_BY_ID, c->id, &d, e))
		return false;
	if (d.proven)
		return error_set(
			e, ERR_DENIED, "the deployment is proven: only the proven device reports");
	if (!db_one(db, Q_EVENT_COUNT_CLAIMS, PARAMS(DB_TEXT(c->id)), &rows, e))
		return false;
	if (db_int(rows, "n") + (int64_t)c->count > MAX_CLAIM_EVENTS)
		return error_set(e, ERR_LIMIT, "too many reports of an unproven device");
	return true;
}

static bool
add_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++) {
		const struct event *event = &c->events[i];
		if (str_eq(event->source, "claim") && !check_claim(db, c, e))
			return false;
		if (!event_add(db, c->w, c->id, event, e))
			return false;
		if (event->fault && !event->aside &&
			!db_run(db, Q_DEPLOYMENT_FAIL,
				PARAMS(DB_TEXT(c->id), DB_TEXT(event->fault),
					DB_TEXT(event->reason)),
				NULL, e))
			return false;
	}
	return true;
}

bool
store_events_add(const struct work *w, const char *deployment_id, const struct event *events,
	size_t count, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id, .events = events, .count = count};

	return store_write(w->session, add_tx, &c, e);
}

static bool
read_events(struct db *db, struct deployment_ctx *c, int query, struct db_params params,
	struct error *e)
{
	struct arena *a = c->w->arena;
	size_t room = 0;
	autorows r = NULL;

	c->read = NULL;
	if (!db_query(db, query, params, &r, e))
		return false;
	for (c->count = 0; c->count < MAX_EVENTS && db_next(r); c->count++) {
		c->read = arena_more(a, c->read, c->count, &room, sizeof *c->read);
		c->read[c->count] = (struct event){
			.seq = db_int(r, "seq"),
			.at = db_int(r, "at"),
			.source = db_text(a, r, "source"),
			.phase = db_text(a, r, "phase"),
			.row_name = db_text(a, r, "row_name"),
			.state = db_text(a, r, "state"),
			.fault = db_text(a, r, "fault"),
			.reason = db_text(a, r, "reason"),
		};
	}
	return true;
}

static bool
events_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;

	return read_events(db, c, Q_EVENT_LIST,
		PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_INT(c->after)), e);
}

static bool
warnings_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;

	return read_events(
		db, c, Q_EVENT_WARNINGS, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), e);
}

bool
store_device_warnings(const struct work *w, const char *device_id, struct event **out,
	size_t *count, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = device_id};

	if (!store_read(w->session, warnings_tx, &c, e))
		return false;
	*out = c.read;
	*count = c.count;
	return true;
}

bool
store_events(const struct work *w, const char *deployment_id, int64_t after_seq, struct event **out,
	size_t *count, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id, .after = after_seq};

	if (!store_read(w->session, events_tx, &c, e))
		return false;
	*out = c.read;
	*count = c.count;
	return true;
}

static bool
phase_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;
	struct deployment d;
	struct event entered = {.source = "service", .phase = "flow", .state = c->text};

	if (!deployment_load(db, c->w, Q_DEPLOYMENT_BY_ID, c->id, &d, e))
		return false;
	// A repeated step; or a device that lost power before it noted that all is done.
	if (d.finished_at || (str_eq(d.phase, c->text) && str_eq(d.result, "running")))
		return true;
	// What an administrator gave up goes on with Retry only, not with the power switch (X61).
	if (str_eq(d.result, "failed") && str_eq(d.fault, "esp_forced_failure"))
		return error_fault(e, ERR_CONFLICT, d.fault, "%s", d.reason);
	// What was tried in vain while a technician waited is tried again for the user (X13).
	if (str_eq(c->text, "user") &&
		!db_run(db, Q_ITEM_RETRY_FAILED, PARAMS(DB_TEXT(d.device_id)), NULL, e))
		return false;
	return db_run(db, Q_DEPLOYMENT_PHASE, PARAMS(DB_TEXT(c->id), DB_TEXT(c->text)), NULL, e) &&
		event_add(db, c->w, c->id, &entered, e);
}

bool
store_deployment_phase(
	const struct work *w, const char *deployment_id, const char *phase, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id, .text = phase};

	return store_write(w->session, phase_tx, &c, e);
}

static bool
retry_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;
	struct deployment d;
	int64_t changed;
	struct event again = {.source = "service", .phase = "flow", .state = "retry"};

	if (!deployment_load(db, c->w, Q_DEPLOYMENT_BY_ID, c->id, &d, e) ||
		!db_run(db, Q_DEPLOYMENT_RETRY, PARAMS(DB_TEXT(c->id)), &changed, e))
		return false;
	if (!changed)
		return true;
	again.claimed = !d.proven;
	return db_run(db, Q_ITEM_RETRY_FAILED, PARAMS(DB_TEXT(d.device_id)), NULL, e) &&
		event_add(db, c->w, c->id, &again, e);
}

bool
store_deployment_retry(const struct work *w, const char *deployment_id, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id};

	return store_write(w->session, retry_tx, &c, e);
}

static bool
finish_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;
	int64_t changed;
	struct event success = {
		.source = "service", .phase = "flow", .state = "success", .reason = c->text};

	struct deployment d;

	if (!deployment_load(db, c->w, Q_DEPLOYMENT_BY_ID, c->id, &d, e) ||
		!db_run(db, Q_DEPLOYMENT_FINISH,
			PARAMS(DB_TEXT(c->id), DB_TEXT("success"), DB_TEXT(c->text),
				DB_INT(c->w->now)),
			&changed, e))
		return false;
	if (!changed)
		return true;
	// A device that was deployed without a person may not enrol again by itself until an
	// administrator says so (behaviour B1).
	enum deployment_mode mode;
	bool once = mode_from_name(d.mode, &mode) && mode_traits(mode)->one_time;
	return event_add(db, c->w, c->id, &success, e) &&
		(!once ||
			(db_run(db, Q_DEVICE_REUSE,
				 PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(d.device_id),
					 DB_BOOL(true)),
				 NULL, e) &&
				registration_event_add(db, c->w, d.device_id, "reuse_blocked",
					"service", d.mode, e)));
}

bool
store_deployment_finish(
	const struct work *w, const char *deployment_id, const char *reason, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id, .text = reason};

	return store_write(w->session, finish_tx, &c, e);
}

static bool
continued_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;
	struct event chosen = {
		.source = "service", .phase = "flow", .state = "continued", .reason = c->text};
	int64_t changed;

	return db_run(db, Q_DEPLOYMENT_CONTINUED, PARAMS(DB_TEXT(c->id), DB_INT(c->w->now)),
		       &changed, e) &&
		(!changed || event_add(db, c->w, c->id, &chosen, e));
}

bool
store_deployment_continued(
	const struct work *w, const char *deployment_id, const char *reason, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id, .text = reason};

	return store_write(w->session, continued_tx, &c, e);
}

static bool
owner_tx(struct db *db, void *ctx, struct error *e)
{
	struct deployment_ctx *c = ctx;
	struct deployment d;
	struct event signed_in = {
		.source = "service", .phase = "flow", .state = "signedIn", .reason = c->text};

	if (!deployment_load(db, c->w, Q_DEPLOYMENT_BY_ID, c->id, &d, e))
		return false;
	if (d.finished_at || str_eq(d.upn, c->text))
		return true;
	// A reset at the device leaves it to whom it belongs; one from afar has taken that away
	// (A5, A6).
	bool reset = str_eq(d.mode, "autopilotReset");
	return db_run(db, Q_DEPLOYMENT_OWNER, PARAMS(DB_TEXT(c->id), DB_TEXT(c->text)), NULL, e) &&
		db_run(db, reset ? Q_ENROLLMENT_FIRST_OWNER : Q_ENROLLMENT_OWNER,
			PARAMS(DB_TEXT(c->id), DB_TEXT(c->text)), NULL, e) &&
		db_run(db, reset ? Q_DIRECTORY_FIRST_OWNER : Q_DIRECTORY_OWNER,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(d.device_id), DB_TEXT(c->text)),
			NULL, e) &&
		event_add(db, c->w, c->id, &signed_in, e);
}

bool
store_deployment_owner(
	const struct work *w, const char *deployment_id, const char *upn, struct error *e)
{
	struct deployment_ctx c = {.w = w, .id = deployment_id, .text = upn};

	return store_write(w->session, owner_tx, &c, e);
}
