// SPDX-License-Identifier: Apache-2.0
#include "store/account_jobs.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/queries.h"

enum { FIRST_PAUSE_S = 30, LAST_PAUSE_S = 3600 };

struct account_ctx {
	const struct work *w;
	const char *key, *mode, *reason; // key: device or objectGUID
	const char *job_id, *domain;	 // results
	const struct connector *connector;
	struct account_job *out;
	time_us lease_us;
	bool by_guid, found;
	const char *lease_id, *fault, *message, *result;
};

static bool
known_mode(const char *mode)
{
	return str_eq(mode, "disable") || str_eq(mode, "enable") || str_eq(mode, "delete");
}

static bool
insert_job(struct db *db, const struct work *w, const struct account_job *job, struct error *e)
{
	return db_run(db, Q_ACCOUNT_JOB_INSERT,
		PARAMS(DB_TEXT(job->job_id), DB_TEXT(w->tenant_id), DB_TEXT(job->kind),
			DB_TEXT(job->domain), DB_TEXT(job->connector_id), DB_TEXT(job->device_id),
			DB_TEXT(job->object_guid), DB_TEXT(job->computer_name),
			DB_TEXT(job->made_by), DB_TEXT(job->reason), DB_INT(w->now)),
		NULL, e);
}

// --- orders

// The row of made_account under the cursor becomes an order.
static bool
order(struct db *db, struct account_ctx *c, struct db_rows *r, struct error *e)
{
	const struct work *w = c->w;
	struct account_job job = {
		.job_id = uuid_new(w->arena),
		.kind = c->mode,
		.domain = db_text(w->arena, r, "domain"),
		.connector_id = "",
		.device_id = db_text(w->arena, r, "device_id"),
		.object_guid = db_text(w->arena, r, "object_guid"),
		.computer_name = db_text(w->arena, r, "computer_name"),
		.made_by = "",
		.reason = c->reason ? c->reason : "",
	};

	c->job_id = job.job_id;
	c->domain = job.domain;
	return db_run(db, Q_ACCOUNT_JOB_SUPERSEDE,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(job.object_guid), DB_INT(w->now)),
		       NULL, e) &&
		insert_job(db, w, &job, e);
}

static bool
retire_tx(struct db *db, void *ctx, struct error *e)
{
	struct account_ctx *c = ctx;
	autorows r = NULL;

	c->job_id = c->domain = NULL;
	if (!known_mode(c->mode))
		return error_set(e, ERR_INVALID, "an account is disabled, enabled or deleted");
	if (!db_query(db, c->by_guid ? Q_MADE_ACCOUNT_BY_GUID : Q_MADE_ACCOUNT_BY_DEVICE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r, e))
		return false;
	return !db_next(r) || order(db, c, r, e);
}

bool
account_retire(struct db *db, const struct work *w, const char *device_id, const char *mode,
	const char *reason, const char **job_id, const char **domain, struct error *e)
{
	struct account_ctx c = {.w = w, .key = device_id, .mode = mode, .reason = reason};

	if (!retire_tx(db, &c, e))
		return false;
	*job_id = c.job_id;
	*domain = c.domain;
	return true;
}

bool
store_account_retire(const struct work *w, const char *device_id, const char *mode,
	const char *reason, const char **job_id, const char **domain, struct error *e)
{
	struct account_ctx c = {.w = w, .key = device_id, .mode = mode, .reason = reason};

	if (!store_write(w->session, retire_tx, &c, e))
		return false;
	*job_id = c.job_id;
	*domain = c.domain;
	return true;
}

bool
store_account_retire_guid(const struct work *w, const char *object_guid, const char *mode,
	const char *reason, const char **job_id, const char **domain, struct error *e)
{
	struct account_ctx c = {
		.w = w, .key = object_guid, .mode = mode, .reason = reason, .by_guid = true};

	if (!store_write(w->session, retire_tx, &c, e))
		return false;
	*job_id = c.job_id;
	*domain = c.domain;
	return c.job_id ||
		error_fault(e, ERR_NOT_FOUND, "account_not_ours",
			"no account with the objectGUID %s was made by this service", object_guid);
}

static bool
check_tx(struct db *db, void *ctx, struct error *e)
{
	struct account_ctx *c = ctx;
	struct arena *a = c->w->arena;
	const struct connector *to = c->connector;
	autorows r = NULL;
	struct account_job job = {
		.job_id = uuid_new(a),
		.kind = "check",
		.domain = to->domain,
		.connector_id = to->connector_id,
		.device_id = "",
		.object_guid = "",
		.computer_name = "",
		.made_by = "",
		.reason = "",
	};

	c->job_id = job.job_id;
	if (!db_query(db, Q_ACCOUNT_JOB_OPEN,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT("check"), DB_TEXT(""),
			    DB_TEXT(to->connector_id)),
		    &r, e))
		return false;
	if (!db_next(r))
		return insert_job(db, c->w, &job, e);
	c->job_id = db_text(a, r, "job_id");
	return true;
}

bool
store_check_request(const struct work *w, const struct connector *connector, const char **job_id,
	struct error *e)
{
	struct account_ctx c = {.w = w, .connector = connector};

	if (!store_write(w->session, check_tx, &c, e))
		return false;
	*job_id = c.job_id;
	return true;
}

// --- reading

static struct account_job
read_job(struct arena *a, struct db_rows *r)
{
	return (struct account_job){
		.job_id = db_text(a, r, "job_id"),
		.kind = db_text(a, r, "kind"),
		.state = db_text(a, r, "state"),
		.domain = db_text(a, r, "domain"),
		.connector_id = db_text(a, r, "connector_id"),
		.device_id = db_text(a, r, "device_id"),
		.object_guid = db_text(a, r, "object_guid"),
		.computer_name = db_text(a, r, "computer_name"),
		.reason = db_text(a, r, "reason"),
		.lease_id = db_text(a, r, "lease_id"),
		.leased_by = db_text(a, r, "leased_by"),
		.attempts = db_int(r, "attempts"),
		.fault = db_text(a, r, "fault"),
		.message = db_text(a, r, "message"),
		.result = db_text(a, r, "result"),
		.created_at = db_int(r, "created_at"),
		.finished_at = db_int(r, "finished_at"),
	};
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct account_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, c->by_guid ? Q_ACCOUNT_JOB_LATEST : Q_ACCOUNT_JOB_GET,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r, e))
		return false;
	*c->out = read_job(c->w->arena, r);
	return true;
}

bool
store_account_job_get(
	const struct work *w, const char *job_id, struct account_job *out, struct error *e)
{
	struct account_ctx c = {.w = w, .key = job_id, .out = out};

	return store_read(w->session, get_tx, &c, e);
}

bool
store_account_job_latest(
	const struct work *w, const char *device_id, struct account_job *out, struct error *e)
{
	struct account_ctx c = {.w = w, .key = device_id, .out = out, .by_guid = true};

	return store_read(w->session, get_tx, &c, e);
}

// --- leases

static bool
lease_tx(struct db *db, void *ctx, struct error *e)
{
	struct account_ctx *c = ctx;
	struct arena *a = c->w->arena;
	const struct connector *by = c->connector;
	autorows r = NULL;

	if (!db_query(db, Q_ACCOUNT_JOB_NEXT,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(by->domain), DB_TEXT(by->connector_id),
			    DB_INT(c->w->now)),
		    &r, e))
		return false;
	c->found = db_next(r);
	if (!c->found)
		return true;
	*c->out = (struct account_job){
		.job_id = db_text(a, r, "job_id"),
		.kind = db_text(a, r, "kind"),
		.domain = db_text(a, r, "domain"),
		.device_id = db_text(a, r, "device_id"),
		.object_guid = db_text(a, r, "object_guid"),
		.computer_name = db_text(a, r, "computer_name"),
		.made_by = db_text(a, r, "made_by"),
		.attempts = db_int(r, "attempts") + 1,
		.lease_id = uuid_new(a),
	};
	return db_run(db, Q_ACCOUNT_JOB_LEASE,
		PARAMS(DB_TEXT(c->out->job_id), DB_TEXT(c->out->lease_id),
			DB_TEXT(by->connector_id), DB_INT(c->w->now + c->lease_us)),
		NULL, e);
}

bool
store_account_job_lease(const struct work *w, const struct connector *connector, time_us lease_us,
	struct account_job *out, bool *found, struct error *e)
{
	struct account_ctx c = {.w = w, .connector = connector, .lease_us = lease_us, .out = out};

	if (!store_write(w->session, lease_tx, &c, e))
		return false;
	*found = c.found;
	return true;
}

// --- answers

// Nobody has to do anything about the order itself: the domain comes back, or its connector's key
// table is mended.
static bool
passes(const char *fault)
{
	static const char *const list[] = {"ad_domain_unresolvable", "dc_unreachable", "dc_timeout",
		"clock_skew", "connector_credentials", "odj_timeout"};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (str_eq(list[i], fault))
			return true;
	return false;
}

static time_us
next_try(const struct work *w, int64_t attempts)
{
	int64_t pause = FIRST_PAUSE_S;

	while (attempts-- > 1 && pause < LAST_PAUSE_S)
		pause *= 2;
	return w->now + (pause < LAST_PAUSE_S ? pause : LAST_PAUSE_S) * US_PER_S;
}

static bool
write_answer(struct db *db, const struct account_ctx *c, const struct account_job *job,
	int64_t *changed, struct error *e)
{
	bool again = passes(c->fault) && !str_eq(job->kind, "check");

	if (c->fault)
		return db_run(db, Q_ACCOUNT_JOB_FAILED,
			PARAMS(DB_TEXT(c->key), DB_TEXT(c->lease_id), DB_TEXT(c->fault),
				DB_TEXT(c->message), again ? DB_NULL_INT : DB_INT(c->w->now),
				DB_TEXT(again ? "queued" : "failed"),
				DB_INT(again ? next_try(c->w, job->attempts) : 0)),
			changed, e);
	return db_run(db, Q_ACCOUNT_JOB_DONE,
		PARAMS(DB_TEXT(c->key), DB_TEXT(c->lease_id), DB_TEXT(c->message),
			DB_TEXT(c->result), DB_INT(c->w->now)),
		changed, e);
}

static bool
finish_tx(struct db *db, void *ctx, struct error *e)
{
	struct account_ctx *c = ctx;
	struct account_job job;
	autorows r = NULL;
	int64_t changed;

	if (!db_one(db, Q_ACCOUNT_JOB_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r,
		    e))
		return false;
	job = read_job(c->w->arena, r);
	if (!str_eq(job.leased_by, c->connector->connector_id))
		return error_set(e, ERR_DENIED, "this job was leased by another connector");
	// The answer whose reply was lost comes again.
	if (str_eq(job.state, "done") && !c->fault)
		return true;
	if (!write_answer(db, c, &job, &changed, e))
		return false;
	if (!changed)
		return error_set(e, ERR_CONFLICT, "the lease of this job was lost");
	// An account of a device that was deregistered waits for nobody any more, and a device that
	// is deregistered later has none to be listed.
	struct db_params gone = PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(job.object_guid));
	if (!c->fault && str_eq(job.kind, "delete") &&
		(!db_run(db, Q_ORPHAN_DONE, gone, NULL, e) ||
			!db_run(db, Q_AD_ACCOUNT_DELETED, gone, NULL, e)))
		return false;
	return c->fault || !str_eq(job.kind, "check") ||
		db_run(db, Q_CONNECTOR_CHECKED,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->connector->connector_id),
				DB_INT(c->w->now), DB_TEXT(c->result)),
			NULL, e);
}

bool
store_account_job_finish(const struct work *w, const char *connector_id, const char *job_id,
	const char *lease_id, const char *fault, const char *message, const char *result,
	struct error *e)
{
	const struct connector by = {.connector_id = connector_id};
	struct account_ctx c = {
		.w = w,
		.key = job_id,
		.connector = &by,
		.lease_id = lease_id,
		.fault = fault,
		.message = message ? message : "",
		.result = result ? result : "{}",
	};

	return store_write(w->session, finish_tx, &c, e);
}

static bool
expire_tx(struct db *db, void *ctx, struct error *e)
{
	struct account_ctx *c = ctx;

	return db_run(db, Q_ACCOUNT_JOB_EXPIRE,
		PARAMS(DB_TEXT(c->key), DB_TEXT(c->fault), DB_TEXT(c->message), DB_INT(c->w->now)),
		NULL, e);
}

bool
store_account_job_expire(const struct work *w, const char *job_id, const char *fault,
	const char *message, struct error *e)
{
	struct account_ctx c = {.w = w, .key = job_id, .fault = fault, .message = message};

	return store_write(w->session, expire_tx, &c, e);
}
