// SPDX-License-Identifier: Apache-2.0
#include "store/queries.h"
#include "store/sync.h"

struct check_ctx {
	const struct work *w;
	const struct sync_check *in;
	struct sync_check *out;
	const char *id, *connector_id, *answer;
	bool found;
};

static bool
put_tx(struct db *db, void *ctx, struct error *e)
{
	struct check_ctx *c = ctx;
	time_us now = c->w->now;

	return db_run(db, Q_CHECK_EXPIRE, PARAMS(DB_INT(now - SYNC_CHECK_S * US_PER_S)), NULL, e) &&
		db_run(db, Q_CHECK_PUT,
			PARAMS(DB_TEXT(c->in->check_id), DB_TEXT(c->w->tenant_id),
				DB_TEXT(c->in->connector_id), DB_TEXT(c->in->kind),
				DB_BLOB(c->in->sealed), DB_INT(now)),
			NULL, e);
}

bool
store_check_put(const struct work *w, const struct sync_check *in, struct error *e)
{
	struct check_ctx c = {.w = w, .in = in};

	return store_write(w->session, put_tx, &c, e);
}

static bool
next(struct db *db, struct check_ctx *c, struct error *e)
{
	autorows r = NULL;

	c->found = db_one(db, Q_CHECK_NEXT,
		PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->connector_id),
			DB_INT(clock_now() - SYNC_CHECK_S * US_PER_S)),
		&r, e);
	if (c->found)
		c->id = db_text(c->w->arena, r, "check_id");
	return c->found || e->code == ERR_NOT_FOUND;
}

static bool
next_tx(struct db *db, void *ctx, struct error *e)
{
	return next(db, ctx, e);
}

static bool
take_tx(struct db *db, void *ctx, struct error *e)
{
	struct check_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!next(db, c, e) || !c->found)
		return !c->found && e->code == ERR_NOT_FOUND;
	if (!db_one(db, Q_CHECK_TAKE, PARAMS(DB_TEXT(c->id)), &r, e))
		return false;
	*c->out = (struct sync_check){
		.check_id = db_text(a, r, "check_id"),
		.connector_id = c->connector_id,
		.kind = db_text(a, r, "kind"),
		.sealed = db_blob(a, r, "sealed"),
	};
	return true;
}

bool
store_check_take(const struct work *w, const char *connector_id, bool *found,
	struct sync_check *out, struct error *e)
{
	struct check_ctx c = {.w = w, .connector_id = connector_id, .out = out};

	// Looked at often and found seldom: no writing transaction for nothing.
	if (!store_read(w->session, next_tx, &c, e) ||
		(c.found && !store_write(w->session, take_tx, &c, e)))
		return false;
	*found = c.found;
	return true;
}

static bool
withdraw_tx(struct db *db, void *ctx, struct error *e)
{
	struct check_ctx *c = ctx;
	int64_t removed;

	if (!db_run(db, Q_CHECK_WITHDRAW, PARAMS(DB_TEXT(c->id)), &removed, e))
		return false;
	c->found = removed > 0;
	return true;
}

bool
store_check_withdraw(const struct work *w, const char *check_id, bool *waiting, struct error *e)
{
	struct check_ctx c = {.w = w, .id = check_id};

	if (!store_write(w->session, withdraw_tx, &c, e))
		return false;
	*waiting = c.found;
	return true;
}

static bool
answer_tx(struct db *db, void *ctx, struct error *e)
{
	struct check_ctx *c = ctx;

	return db_run(db, Q_CHECK_ANSWER,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->connector_id),
			DB_TEXT(c->answer), DB_INT(c->w->now)),
		NULL, e);
}

bool
store_check_answer(const struct work *w, const char *check_id, const char *connector_id,
	const char *answer, struct error *e)
{
	struct check_ctx c = {
		.w = w, .id = check_id, .connector_id = connector_id, .answer = answer};

	return store_write(w->session, answer_tx, &c, e);
}

static bool
result_tx(struct db *db, void *ctx, struct error *e)
{
	struct check_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_CHECK_RESULT, PARAMS(DB_TEXT(c->id), DB_TEXT(c->connector_id)), &r, e))
		return false;
	c->answer = db_text(c->w->arena, r, "answer");
	return true;
}

bool
store_check_result(const struct work *w, const char *check_id, const char *connector_id,
	const char **answer, struct error *e)
{
	struct check_ctx c = {.w = w, .id = check_id, .connector_id = connector_id};

	if (!store_write(w->session, result_tx, &c, e))
		return false;
	*answer = c.answer;
	return true;
}
