// SPDX-License-Identifier: Apache-2.0
#include "store/jobs.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/account_jobs.h"
#include "store/deployments.h"
#include "store/queries.h"

struct job_ctx {
	const struct work *w;
	const struct job *in;
	struct job *out;
	bool renew, flag;
	const char *job_id, *lease_id, *leased_by, *kind, *fault, *message;
	const struct job_outcome *outcome;
	const struct connector *connector;
	time_us lease_us;
	struct ad_account *account;
};

static struct job
read_job(struct arena *a, struct db_rows *r)
{
	struct job job = {
		.job_id = db_text(a, r, "job_id"),
		.device_id = db_text(a, r, "device_id"),
		.deployment_id = db_text(a, r, "deployment_id"),
		.kind = db_text(a, r, "kind"),
		.state = db_text(a, r, "state"),
		.domain = db_text(a, r, "domain"),
		.ou = db_text(a, r, "ou"),
		.computer_name = db_text(a, r, "computer_name"),
		.object_guid = db_text(a, r, "object_guid"),
		.attestation_id = db_text(a, r, "attestation_id"),
		.lease_id = db_text(a, r, "lease_id"),
		.leased_by = db_text(a, r, "leased_by"),
		.lease_until = db_int(r, "lease_until"),
		.attempts = db_int(r, "attempts"),
		.fault = db_text(a, r, "fault"),
		.message = db_text(a, r, "message"),
		.result = db_text(a, r, "result"),
		.sealed_blob = db_blob(a, r, "sealed_blob"),
		.delivered_at = db_int(r, "delivered_at"),
		.created_at = db_int(r, "created_at"),
		.finished_at = db_int(r, "finished_at"),
	};

	return job;
}

static bool
latest(struct db *db, const struct work *w, const char *deployment_id, const char *kind,
	struct job *out, struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, Q_JOB_LATEST, PARAMS(DB_TEXT(deployment_id), DB_TEXT(kind)), &r, e))
		return false;
	*out = read_job(w->arena, r);
	return true;
}

// The row of the Enrollment Status Page on which a job's progress shows.
static struct event
job_event(const char *kind, const char *state)
{
	bool odj = str_eq(kind, "odj");

	return (struct event){
		.source = "connector",
		.phase = odj ? "devicePreparation" : "accountSetup",
		.row_name = odj ? "joining" : "accountJoining",
		.state = state,
	};
}

static bool
insert_job(struct db *db, const struct work *w, const struct job *in, struct error *e)
{
	struct event event = job_event(in->kind, "waiting");
	int64_t added;

	event.reason = str_eq(in->kind, "odj")
		? arena_printf(w->arena, "waiting for a connector of %s to make %s", in->domain,
			  in->computer_name)
		: "waiting for a connector to check the account";
	if (!db_run(db, Q_JOB_INSERT,
		    PARAMS(DB_TEXT(uuid_new(w->arena)), DB_TEXT(w->tenant_id),
			    DB_TEXT(in->device_id), DB_TEXT(in->deployment_id), DB_TEXT(in->kind),
			    DB_TEXT(in->domain), DB_TEXT(in->ou), DB_TEXT(in->computer_name),
			    DB_TEXT(in->object_guid ? in->object_guid : ""),
			    DB_TEXT(in->attestation_id ? in->attestation_id : ""), DB_INT(w->now),
			    DB_INT(in->attempts)),
		    &added, e))
		return false;
	if (added == 0)
		return true;
	// Whoever deploys the device again wants its account: an order that would end it is void.
	return event_add(db, w, in->deployment_id, &event, e) &&
		(!str_eq(in->kind, "odj") || str_empty(in->object_guid) ||
			db_run(db, Q_ACCOUNT_JOB_SUPERSEDE,
				PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(in->object_guid),
					DB_INT(w->now)),
				NULL, e));
}

static bool
request_tx(struct db *db, void *ctx, struct error *e)
{
	struct job_ctx *c = ctx;
	bool have = latest(db, c->w, c->in->deployment_id, c->in->kind, c->out, e);

	if (!have && e->code != ERR_NOT_FOUND)
		return false;
	bool open = have && (str_eq(c->out->state, "queued") || str_eq(c->out->state, "leased"));
	bool done = have && str_eq(c->out->state, "done");
	c->flag = !open && (!done || c->renew);
	if (!c->flag)
		return true;
	return insert_job(db, c->w, c->in, e) &&
		latest(db, c->w, c->in->deployment_id, c->in->kind, c->out, e);
}

bool
store_job_request(
	const struct work *w, const struct job *in, struct job *out, bool *created, struct error *e)
{
	struct job_ctx c = {.w = w, .in = in, .out = out};

	if (!store_write(w->session, request_tx, &c, e))
		return false;
	*created = c.flag;
	return true;
}

bool
store_job_renew(const struct work *w, const struct job *in, struct job *out, struct error *e)
{
	struct job_ctx c = {.w = w, .in = in, .out = out, .renew = true};

	return store_write(w->session, request_tx, &c, e);
}

static bool
latest_tx(struct db *db, void *ctx, struct error *e)
{
	struct job_ctx *c = ctx;

	return latest(db, c->w, c->job_id, c->kind, c->out, e);
}

bool
store_job_latest(const struct work *w, const char *deployment_id, const char *kind, struct job *out,
	struct error *e)
{
	struct job_ctx c = {.w = w, .job_id = deployment_id, .kind = kind, .out = out};

	return store_read(w->session, latest_tx, &c, e);
}

static bool
fail_deployment(struct db *db, const struct work *w, const struct job *job, const char *fault,
	const char *message, struct error *e)
{
	struct event event = job_event(job->kind, "error");

	event.fault = fault;
	event.reason = message;
	return event_add(db, w, job->deployment_id, &event, e) &&
		db_run(db, Q_DEPLOYMENT_FAIL,
			PARAMS(DB_TEXT(job->deployment_id), DB_TEXT(fault), DB_TEXT(message)), NULL,
			e);
}

static bool
next_job(struct db *db, const struct job_ctx *c, struct job *out, bool *found, struct error *e)
{
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_query(db, Q_JOB_NEXT,
		    PARAMS(DB_TEXT(c->connector->tenant_id), DB_TEXT(c->connector->domain),
			    DB_INT(c->w->now)),
		    &r, e))
		return false;
	*found = db_next(r);
	if (!*found)
		return true;
	*out = (struct job){
		.job_id = db_text(a, r, "job_id"),
		.device_id = db_text(a, r, "device_id"),
		.deployment_id = db_text(a, r, "deployment_id"),
		.kind = db_text(a, r, "kind"),
		.domain = db_text(a, r, "domain"),
		.ou = db_text(a, r, "ou"),
		.computer_name = db_text(a, r, "computer_name"),
		.object_guid = db_text(a, r, "object_guid"),
		.attempts = db_int(r, "attempts"),
		.ek_certificate = db_blob(a, r, "ek_certificate"),
		.ak_public = db_blob(a, r, "ak_public"),
	};
	return true;
}

static bool
expire(struct db *db, const struct work *w, const struct job *job, const char *fault,
	const char *message, struct error *e)
{
	return db_run(db, Q_JOB_EXPIRE,
		       PARAMS(DB_TEXT(job->job_id), DB_TEXT(fault), DB_TEXT(message),
			       DB_INT(w->now)),
		       NULL, e) &&
		fail_deployment(db, w, job, fault, message, e);
}

// From here on an account with this job's mark may exist, whatever happens to connector and device.
static bool
note_order(struct db *db, const struct work *w, struct job *job, struct error *e)
{
	if (!str_eq(job->kind, "odj"))
		return true;
	return db_run(db, Q_MADE_ACCOUNT_BEGIN,
		       PARAMS(DB_TEXT(job->job_id), DB_TEXT(w->tenant_id), DB_TEXT(job->domain),
			       DB_TEXT(job->computer_name), DB_TEXT(job->device_id),
			       DB_INT(w->now)),
		       NULL, e) &&
		made_account_lost(db, w, job, &job->adopts, e);
}

static bool
lease_tx(struct db *db, void *ctx, struct error *e)
{
	struct job_ctx *c = ctx;
	struct event event;

	for (;;) {
		if (!next_job(db, c, c->out, &c->flag, e))
			return false;
		if (!c->flag || c->out->attempts < JOB_MAX_ATTEMPTS)
			break;
		if (!expire(db, c->w, c->out, "odj_timeout",
			    "the job was taken too often without result", e))
			return false;
	}
	if (!c->flag)
		return true;
	c->out->lease_id = uuid_new(c->w->arena);
	c->out->lease_until = c->w->now + c->lease_us;
	event = job_event(c->out->kind, "working");
	event.reason = arena_printf(c->w->arena, "connector %s took the job", c->connector->name);
	return db_run(db, Q_JOB_LEASE,
		       PARAMS(DB_TEXT(c->out->job_id), DB_TEXT(c->out->lease_id),
			       DB_TEXT(c->connector->connector_id), DB_INT(c->out->lease_until)),
		       NULL, e) &&
		note_order(db, c->w, c->out, e) &&
		event_add(db, c->w, c->out->deployment_id, &event, e);
}

bool
store_job_lease(const struct work *w, const struct connector *connector, time_us lease_us,
	struct job *out, bool *found, struct error *e)
{
	struct job_ctx c = {.w = w, .connector = connector, .lease_us = lease_us, .out = out};

	if (!store_write(w->session, lease_tx, &c, e))
		return false;
	*found = c.flag;
	return true;
}

static bool
finish_failure(struct db *db, struct job_ctx *c, const struct job *job, struct error *e)
{
	const struct job_outcome *o = c->outcome;
	int64_t changed;

	if (!db_run(db, Q_JOB_FAIL,
		    PARAMS(DB_TEXT(c->job_id), DB_TEXT(c->lease_id), DB_TEXT(o->fault),
			    DB_TEXT(o->message), DB_INT(c->w->now)),
		    &changed, e))
		return false;
	if (!changed)
		return error_set(e, ERR_CONFLICT, "the lease of this job was lost");
	// The count goes on with the next name, so that a template whose names are all taken comes
	// to an end.
	if (!o->next_name || job->attempts >= JOB_MAX_NAMES)
		return fail_deployment(db, c->w, job, o->fault, o->message, e);
	struct job again = *job;
	again.computer_name = o->next_name;
	return insert_job(db, c->w, &again, e);
}

static bool
finish_success(struct db *db, struct job_ctx *c, const struct job *job, struct error *e)
{
	const struct job_outcome *o = c->outcome;
	struct event event = job_event(job->kind, "working");
	int64_t changed;

	if (!db_run(db, Q_JOB_DONE,
		    PARAMS(DB_TEXT(c->job_id), DB_TEXT(c->lease_id),
			    DB_TEXT(o->result ? o->result : "{}"), DB_BLOB(o->sealed_blob),
			    DB_INT(c->w->now)),
		    &changed, e))
		return false;
	if (!changed)
		return error_set(e, ERR_CONFLICT, "the lease of this job was lost");
	event.reason = str_eq(job->kind, "odj")
		? arena_printf(c->w->arena, "computer account made: %s", o->dn)
		: "Active Directory was asked";
	if (!event_add(db, c->w, job->deployment_id, &event, e))
		return false;
	if (!str_eq(job->kind, "odj"))
		return true;
	return db_run(db, Q_AD_ACCOUNT_PUT,
		       PARAMS(DB_TEXT(job->device_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->job_id),
			       DB_TEXT(job->domain), DB_TEXT(job->computer_name), DB_TEXT(o->dn),
			       DB_TEXT(o->object_guid), DB_TEXT(o->sid), DB_INT(c->w->now)),
		       NULL, e) &&
		db_run(db, Q_MADE_ACCOUNT_KNOWN,
			PARAMS(DB_TEXT(c->job_id), DB_TEXT(o->object_guid)), NULL, e);
}

static bool
load_job(struct db *db, const struct work *w, const char *job_id, struct job *out, struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, Q_JOB_BY_ID, PARAMS(DB_TEXT(job_id)), &r, e))
		return false;
	*out = read_job(w->arena, r);
	return true;
}

static bool
finish_tx(struct db *db, void *ctx, struct error *e)
{
	struct job_ctx *c = ctx;
	struct job job;

	if (!load_job(db, c->w, c->job_id, &job, e))
		return false;
	if (!str_eq(job.leased_by, c->leased_by))
		return error_set(e, ERR_DENIED, "this job was leased by another connector");
	// The answer to an upload whose reply was lost is the same as to the first one.
	if (str_eq(job.state, "done") && !c->outcome->fault &&
		(job.delivered_at || slice_eq(job.sealed_blob, c->outcome->sealed_blob)))
		return true;
	return c->outcome->fault ? finish_failure(db, c, &job, e) : finish_success(db, c, &job, e);
}

bool
store_job_finish(const struct work *w, const char *connector_id, const char *job_id,
	const char *lease_id, const struct job_outcome *outcome, struct error *e)
{
	struct job_ctx c = {.w = w,
		.leased_by = connector_id,
		.job_id = job_id,
		.lease_id = lease_id,
		.outcome = outcome};

	return store_write(w->session, finish_tx, &c, e);
}

static bool
expire_tx(struct db *db, void *ctx, struct error *e)
{
	struct job_ctx *c = ctx;
	struct job job;

	if (!load_job(db, c->w, c->job_id, &job, e))
		return false;
	if (!str_eq(job.state, "queued") && !str_eq(job.state, "leased"))
		return true;
	return expire(db, c->w, &job, c->fault, c->message, e);
}

bool
store_job_expire(const struct work *w, const char *job_id, const char *fault, const char *message,
	struct error *e)
{
	struct job_ctx c = {.w = w, .job_id = job_id, .fault = fault, .message = message};

	return store_write(w->session, expire_tx, &c, e);
}

static bool
delivered_tx(struct db *db, void *ctx, struct error *e)
{
	struct job_ctx *c = ctx;
	struct event event = job_event("odj", "complete");
	int64_t changed;

	if (!db_run(db, Q_JOB_DELIVERED, PARAMS(DB_TEXT(c->in->job_id), DB_INT(c->w->now)),
		    &changed, e))
		return false;
	if (!changed)
		return true;
	event.source = "device";
	event.reason =
		arena_printf(c->w->arena, "joined %s as %s", c->in->domain, c->in->computer_name);
	return db_run(db, Q_AD_ACCOUNT_JOINED, PARAMS(DB_TEXT(c->in->device_id), DB_INT(c->w->now)),
		       NULL, e) &&
		event_add(db, c->w, c->in->deployment_id, &event, e);
}

bool
store_job_delivered(const struct work *w, const struct job *job, struct error *e)
{
	struct job_ctx c = {.w = w, .in = job};

	return store_write(w->session, delivered_tx, &c, e);
}

static bool
account_tx(struct db *db, void *ctx, struct error *e)
{
	struct job_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_AD_ACCOUNT_GET, PARAMS(DB_TEXT(c->job_id)), &r, e))
		return false;
	*c->account = (struct ad_account){
		.job_id = db_text(a, r, "job_id"),
		.domain = db_text(a, r, "domain"),
		.computer_name = db_text(a, r, "computer_name"),
		.dn = db_text(a, r, "dn"),
		.object_guid = db_text(a, r, "object_guid"),
		.sid = db_text(a, r, "sid"),
		.created_at = db_int(r, "created_at"),
		.joined_at = db_int(r, "joined_at"),
		.verified_at = db_int(r, "verified_at"),
	};
	return true;
}

bool
store_ad_account(
	const struct work *w, const char *device_id, struct ad_account *out, struct error *e)
{
	struct job_ctx c = {.w = w, .job_id = device_id, .account = out};

	return store_read(w->session, account_tx, &c, e);
}
