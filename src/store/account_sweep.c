// SPDX-License-Identifier: Apache-2.0
#include "store/account_jobs.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/queries.h"

enum { MAX_LOST = 16 };

struct sweep_ctx {
	const struct work *w;
	const struct connector *connector;
	const struct marked_account *accounts;
	size_t count;
	int64_t ordered, strange;
};

enum claim { CLAIM_HELD, CLAIM_NOBODYS, CLAIM_STRANGE };

// Whose is the account that carries the mark of this job?
static bool
judge(struct db *db, const struct sweep_ctx *c, const struct marked_account *account,
	enum claim *out, struct error *e)
{
	autorows known = NULL;
	autorows job = NULL;
	const char *tenant = c->w->tenant_id;

	// Reported once, for whatever device: its end is ordered by whoever ends the device.
	*out = CLAIM_HELD;
	if (!db_query(db, Q_MADE_ACCOUNT_BY_GUID,
		    PARAMS(DB_TEXT(tenant), DB_TEXT(account->object_guid)), &known, e))
		return false;
	if (db_next(known))
		return true;
	if (!db_query(db, Q_MADE_ACCOUNT_CLAIM,
		    PARAMS(DB_TEXT(tenant), DB_TEXT(account->job_id),
			    DB_TEXT(c->connector->domain)),
		    &job, e))
		return false;
	if (!db_next(job)) {
		*out = CLAIM_STRANGE;
		return true;
	}
	const char *state = db_text(c->w->arena, job, "state");
	// Whoever takes the job again adopts the account by its mark.
	if (!str_eq(state, "queued") && !str_eq(state, "leased"))
		*out = CLAIM_NOBODYS;
	return true;
}

static bool
order_end(struct db *db, struct sweep_ctx *c, const struct marked_account *account, struct error *e)
{
	const struct work *w = c->w;
	autorows open = NULL;

	if (!db_query(db, Q_ACCOUNT_JOB_OPEN,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT("delete"), DB_TEXT(account->object_guid),
			    DB_TEXT("")),
		    &open, e))
		return false;
	if (db_next(open))
		return true;
	c->ordered++;
	return db_run(db, Q_ACCOUNT_JOB_INSERT,
		PARAMS(DB_TEXT(uuid_new(w->arena)), DB_TEXT(w->tenant_id), DB_TEXT("delete"),
			DB_TEXT(c->connector->domain), DB_TEXT(""), DB_TEXT(""),
			DB_TEXT(account->object_guid), DB_TEXT(account->computer_name),
			DB_TEXT(account->job_id),
			DB_TEXT("its deployment ended before the account was reported"),
			DB_INT(w->now)),
		NULL, e);
}

static bool
sweep_tx(struct db *db, void *ctx, struct error *e)
{
	struct sweep_ctx *c = ctx;
	enum claim claim;

	c->ordered = c->strange = 0;
	for (size_t i = 0; i < c->count; i++) {
		if (!judge(db, c, &c->accounts[i], &claim, e))
			return false;
		if (claim == CLAIM_NOBODYS && !order_end(db, c, &c->accounts[i], e))
			return false;
		c->strange += claim == CLAIM_STRANGE;
	}
	return true;
}

bool
store_accounts_sweep(const struct work *w, const struct connector *connector,
	const struct marked_account *accounts, size_t count, int64_t *ordered, int64_t *strange,
	struct error *e)
{
	struct sweep_ctx c = {.w = w, .connector = connector, .accounts = accounts, .count = count};

	if (!store_write(w->session, sweep_tx, &c, e))
		return false;
	*ordered = c.ordered;
	*strange = c.strange;
	return true;
}

bool
made_account_lost(struct db *db, const struct work *w, const struct job *job,
	const char *const **out, struct error *e)
{
	const char **list = arena_array(w->arena, MAX_LOST + 1, sizeof *list);
	autorows r = NULL;

	if (!db_query(db, Q_MADE_ACCOUNT_LOST,
		    PARAMS(DB_TEXT(job->device_id), DB_TEXT(job->domain), DB_TEXT(job->job_id)), &r,
		    e))
		return false;
	for (size_t i = 0; i < MAX_LOST && db_next(r); i++)
		list[i] = db_text(w->arena, r, "job_id");
	*out = list;
	return true;
}
