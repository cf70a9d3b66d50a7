// SPDX-License-Identifier: Apache-2.0
// Synchronization of Active Directory: a connector asks when, tells what it found, and an
// administrator looks how it went.
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/fault.h"
#include "ferryd/handlers.h"
#include "ferryd/sync_batch.h"
#include "store/queries.h"

enum { POLL_MS = 25000, MAX_INTERVAL_S = 86400, MAX_MESSAGE = 400, MAX_LIST = 2 << 20 };

static char *
sync_channel(struct call *c, const char *domain)
{
	return arena_printf(c->arena, "sync/%s/%s", c->work.tenant_id, str_lower(c->arena, domain));
}

// POST /connector/v1/directory/begin {"intervalSeconds"}: a run, or 204 after 25 seconds.
bool
directory_begin(struct call *c, struct error *e)
{
	const struct json *body;
	struct sync_order order;
	struct buf reply;
	bool due;

	if (!call_json(c, &body, e))
		return false;
	int64_t interval = json_int(body, "intervalSeconds", 0);
	if (interval < 1 || interval > MAX_INTERVAL_S)
		return error_set(e, ERR_INVALID, "intervalSeconds: 1 to %d", MAX_INTERVAL_S);
	if (!store_sync_begin(&c->work, &c->connector, interval * US_PER_S, &due, &order, e))
		return false;
	if (due) {
		struct jsonw w = call_object(c, &reply);
		jsonw_str(&w, "runId", order.run_id);
		jsonw_str(&w, "cursor", order.cursor);
		jsonw_bool(&w, "full", order.full);
		return call_send(c, 200, &w, &reply, e);
	}
	if (c->req->waited_ms >= POLL_MS || c->req->timed_out)
		return call_done(c);
	// Not longer than the interval, so that a short one is kept.
	int wait = interval * 1000 < POLL_MS ? (int)interval * 1000 : POLL_MS;
	http_response_park(c->resp, sync_channel(c, c->connector.domain), wait);
	return true;
}

// POST /connector/v1/directory
bool
directory_batch(struct call *c, struct error *e)
{
	struct sync_batch batch;

	if (!sync_batch_read(c->arena, c->req->body, &batch, e))
		return false;
	failpoint("ferryd.sync_before_store");
	bool ok = store_sync_batch(&c->work, &c->connector, &batch, e);
	struct error ignored;
	// A run that may not end stays visible until an administrator decides.
	if (!ok && str_eq(e->fault, "sync_too_many_gone") &&
		!store_sync_failed(
			&c->work, &c->connector, batch.run_id, e->fault, e->message, &ignored))
		log_warn("a refused synchronization was not noted: %s", ignored.message);
	if (!ok)
		return false;
	failpoint("ferryd.sync_after_store");
	if (batch.cursor)
		log_info("%s is synchronized (%s)", c->connector.domain,
			batch.full ? "everything" : "changes");
	return call_done(c);
}

// POST /connector/v1/directory/failed {"runId","fault","message"}
bool
directory_failed(struct call *c, struct error *e)
{
	const struct json *body;
	const char *run_id, *fault, *message;

	if (!call_json(c, &body, e) || !json_need_str(body, "runId", 36, &run_id, e) ||
		!json_need_str(body, "fault", 40, &fault, e) ||
		!json_need_str(body, "message", MAX_MESSAGE, &message, e))
		return false;
	const struct fault *known = fault_find(fault);
	log_warn("%s is not synchronized: %s", c->connector.domain, message);
	return store_sync_failed(&c->work, &c->connector, run_id,
		       known ? known->name : "sync_failed", message, e) &&
		call_done(c);
}

// --- for administrators

static void
write_time(struct call *c, struct jsonw *w, const char *name, struct db_rows *r, const char *column)
{
	jsonw_str(
		w, name, db_is_null(r, column) ? NULL : clock_rfc3339(c->arena, db_int(r, column)));
}

static void
write_fault(struct jsonw *w, const char *name)
{
	const struct fault *fault = fault_find(name);

	jsonw_str(w, "fault", name);
	jsonw_str(w, "title", fault ? fault->title : NULL);
	jsonw_str(w, "fix", fault ? fault->fix : NULL);
}

struct status_ctx {
	struct call *c;
	int query;
	void (*write)(struct call *c, struct jsonw *w, struct db_rows *r);
	struct buf list; // begun anew whenever the read is repeated
};

static void
write_state(struct call *c, struct jsonw *w, struct db_rows *r)
{
	struct arena *a = c->arena;
	const char *fault, *state = "idle";

	jsonw_object(w, NULL);
	jsonw_str(w, "domain", db_text(a, r, "domain"));
	bool running =
		!str_empty(db_text(a, r, "run_id")) && db_int(r, "lease_until") > c->work.now;
	fault = db_text(a, r, "fault");
	if (running)
		state = "running";
	else if (fault)
		state = "failed";
	else if (db_int(r, "requested") > 0)
		state = "requested";
	jsonw_str(w, "state", state);
	write_time(c, w, "startedDateTime", r, "started_at");
	write_time(c, w, "finishedDateTime", r, "finished_at");
	write_time(c, w, "comparedDateTime", r, "full_at");
	jsonw_int(w, "users", db_int(r, "users"));
	jsonw_int(w, "groups", db_int(r, "groups"));
	jsonw_int(w, "problems", db_int(r, "problems"));
	if (fault)
		write_fault(w, fault);
	jsonw_str(w, "message", db_text(a, r, "message"));
	jsonw_str(w, "connector", db_text(a, r, "connector_name"));
	jsonw_end_object(w);
}

static void
write_problem(struct call *c, struct jsonw *w, struct db_rows *r)
{
	struct arena *a = c->arena;

	jsonw_object(w, NULL);
	jsonw_str(w, "domain", db_text(a, r, "domain"));
	jsonw_str(w, "objectGuid", db_text(a, r, "object_guid"));
	jsonw_str(w, "name", db_text(a, r, "name"));
	write_fault(w, db_text(a, r, "fault"));
	jsonw_str(w, "message", db_text(a, r, "message"));
	write_time(c, w, "dateTime", r, "at");
	jsonw_end_object(w);
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct status_ctx *s = ctx;
	autorows r = NULL;

	buf_init(&s->list, s->c->arena, MAX_LIST);
	struct jsonw w = jsonw_on(&s->list);
	jsonw_array(&w, NULL);
	if (!db_query(db, s->query, PARAMS(DB_TEXT(s->c->work.tenant_id)), &r, e))
		return false;
	while (db_next(r))
		s->write(s->c, &w, r);
	jsonw_end_array(&w);
	return buf_ok(&s->list, e);
}

// GET /ferry/v1/sync
bool
sync_status(struct call *c, struct error *e)
{
	struct buf reply;
	struct jsonw w = call_object(c, &reply);
	struct status_ctx states = {.c = c, .query = Q_SYNC_LIST, .write = write_state};
	struct status_ctx problems = {.c = c, .query = Q_SYNC_PROBLEM_LIST, .write = write_problem};

	if (!store_read(c->work.session, list_tx, &states, e) ||
		!store_read(c->work.session, list_tx, &problems, e))
		return false;
	jsonw_raw(&w, "value", buf_text(&states.list));
	jsonw_raw(&w, "problems", buf_text(&problems.list));
	return call_send(c, 200, &w, &reply, e);
}

// POST /ferry/v1/sync {"domain","full","force"}
bool
sync_request(struct call *c, struct error *e)
{
	const struct json *body;
	const char *domain;

	if (!call_json(c, &body, e) || !json_need_str(body, "domain", 255, &domain, e) ||
		!store_sync_request(&c->work, domain, json_bool(body, "full", false),
			json_bool(body, "force", false), e))
		return false;
	http_server_wake(c->service->server, sync_channel(c, domain));
	http_response_set(c->resp, 202, "application/json", slice_str("{}"));
	return true;
}
