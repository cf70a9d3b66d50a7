// SPDX-License-Identifier: Apache-2.0
#include "store/grants.h"

#include "base/str.h"
#include "store/queries.h"

struct grants_ctx {
	const struct work *w;
	const char *key, *next, *why;
	time_us end_at;
	const struct grant *in;
	const struct authorization_code *code_in;
	struct authorization_code *code;
	struct grant *grant;
	const struct device_code *device_in;
	struct device_code *device;
	bool made;
	// Decided in the transaction, which must be committed to remember it.
	enum { TAKEN, UNKNOWN, SPENT, OVER } result;
};

static bool
insert_grant(struct db *db, const struct work *w, const struct grant *g, struct error *e)
{
	return db_run(db, Q_GRANT_INSERT,
		PARAMS(DB_TEXT(g->grant_id), DB_TEXT(w->tenant_id), DB_TEXT(g->client_id),
			DB_TEXT(g->user_id), DB_TEXT(g->flow), DB_TEXT(g->scope), DB_TEXT(g->amr),
			DB_INT(g->signed_in_at), DB_INT(g->end_at)),
		NULL, e);
}

// *good: it is neither revoked nor over.
static bool
load_grant(struct db *db, const struct work *w, const char *grant_id, struct grant *out, bool *good,
	struct error *e)
{
	struct arena *a = w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_GRANT_GET, PARAMS(DB_TEXT(grant_id)), &r, e))
		return false;
	*out = (struct grant){
		.grant_id = db_text(a, r, "grant_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.client_id = db_text(a, r, "client_id"),
		.user_id = db_text(a, r, "user_id"),
		.flow = db_text(a, r, "flow"),
		.scope = db_text(a, r, "scope"),
		.amr = db_text(a, r, "amr"),
		.signed_in_at = db_int(r, "signed_in_at"),
		.end_at = db_int(r, "end_at"),
	};
	*good = db_is_null(r, "revoked_at") && out->end_at > w->now;
	return true;
}

static bool
end_grant(
	struct db *db, const struct work *w, const char *grant_id, const char *why, struct error *e)
{
	return db_run(db, Q_GRANT_REVOKE, PARAMS(DB_TEXT(grant_id), DB_INT(w->now), DB_TEXT(why)),
		NULL, e);
}

static bool
revoke_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;

	return end_grant(db, c->w, c->key, c->why, e);
}

bool
store_grant_revoke(const struct work *w, const char *grant_id, const char *why, struct error *e)
{
	struct grants_ctx c = {.w = w, .key = grant_id, .why = why};

	return store_write(w->session, revoke_tx, &c, e);
}

// --- authorization codes ---

static bool
code_put_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;
	const struct authorization_code *code = c->code_in;

	return insert_grant(db, c->w, c->in, e) &&
		db_run(db, Q_CODE_INSERT,
			PARAMS(DB_TEXT(c->key), DB_TEXT(c->w->tenant_id), DB_TEXT(c->in->grant_id),
				DB_TEXT(code->redirect_uri), DB_TEXT(code->redirect_kind),
				DB_TEXT(code->challenge), DB_TEXT(code->nonce),
				DB_INT(code->end_at)),
			NULL, e);
}

bool
store_code_put(const struct work *w, const struct grant *grant, const char *code_sha256,
	const struct authorization_code *code, struct error *e)
{
	struct grants_ctx c = {.w = w, .in = grant, .key = code_sha256, .code_in = code};

	return store_write(w->session, code_put_tx, &c, e);
}

// Two that present it at the same time: one finds it spent.
static bool
spend(struct db *db, struct grants_ctx *c, int query, const char *grant_id, const char *why,
	struct error *e)
{
	int64_t rows;

	if (!db_run(db, query, PARAMS(DB_TEXT(c->key), DB_INT(c->w->now)), &rows, e))
		return false;
	if (rows)
		return true;
	c->result = SPENT;
	return end_grant(db, c->w, grant_id, why, e);
}

static bool
code_take_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;
	bool good;

	c->result = UNKNOWN;
	if (!db_query(db, Q_CODE_GET, PARAMS(DB_TEXT(c->key)), &r, e))
		return false;
	if (!db_next(r))
		return true;
	*c->code = (struct authorization_code){
		.redirect_uri = db_text(a, r, "redirect_uri"),
		.redirect_kind = db_text(a, r, "redirect_kind"),
		.challenge = db_text(a, r, "challenge"),
		.nonce = db_text(a, r, "nonce"),
		.end_at = db_int(r, "end_at"),
	};
	const char *grant_id = db_text(a, r, "grant_id");
	db_rows_close(r);
	r = NULL;
	c->result = TAKEN;
	if (!spend(db, c, Q_CODE_USE, grant_id, "code_reused", e) ||
		!load_grant(db, c->w, grant_id, c->grant, &good, e))
		return false;
	if (c->result == TAKEN && (!good || c->code->end_at <= c->w->now))
		c->result = OVER;
	return true;
}

bool
store_code_take(const struct work *w, const char *code_sha256, struct authorization_code *code,
	struct grant *grant, struct error *e)
{
	static const char *const says[] = {[UNKNOWN] = "the code is unknown",
		[SPENT] = "the code was redeemed before; what was granted with it is revoked",
		[OVER] = "the code has expired"};
	struct grants_ctx c = {.w = w, .key = code_sha256, .code = code, .grant = grant};

	if (!store_write(w->session, code_take_tx, &c, e))
		return false;
	return c.result == TAKEN ||
		error_fault(e, ERR_UNAUTHENTICATED, "oauth_code_invalid", "%s", says[c.result]);
}

// --- refresh tokens ---

static bool
refresh_state(struct db *db, struct grants_ctx *c, const char **grant_id, struct error *e)
{
	autorows r = NULL;
	bool good;

	c->result = UNKNOWN;
	*grant_id = NULL;
	if (!db_query(db, Q_REFRESH_GET, PARAMS(DB_TEXT(c->key)), &r, e))
		return false;
	if (!db_next(r))
		return true;
	*grant_id = db_text(c->w->arena, r, "grant_id");
	c->result = !db_is_null(r, "used_at")	   ? SPENT
		: db_int(r, "end_at") <= c->w->now ? OVER
						   : TAKEN;
	db_rows_close(r);
	r = NULL;
	if (!load_grant(db, c->w, *grant_id, c->grant, &good, e))
		return false;
	if (c->result == TAKEN && !good)
		c->result = OVER;
	return true;
}

static bool
refresh_refused(const struct grants_ctx *c, struct error *e)
{
	static const char *const says[] = {[UNKNOWN] = "the refresh token is unknown",
		[SPENT] = "the refresh token was used before; what was granted with it is revoked",
		[OVER] = "the refresh token has expired or was revoked"};

	return error_fault(e, ERR_UNAUTHENTICATED, "oauth_refresh_invalid", "%s", says[c->result]);
}

static bool
look_tx(struct db *db, void *ctx, struct error *e)
{
	const char *grant_id;

	return refresh_state(db, ctx, &grant_id, e);
}

bool
store_refresh_look(
	const struct work *w, const char *token_sha256, struct grant *grant, struct error *e)
{
	struct grants_ctx c = {.w = w, .key = token_sha256, .grant = grant};

	if (!store_read(w->session, look_tx, &c, e))
		return false;
	// A spent one goes on to store_refresh_rotate(), which revokes.
	return c.result == TAKEN || c.result == SPENT || refresh_refused(&c, e);
}

static bool
insert_refresh(struct db *db, const struct work *w, const char *grant_id, const char *sha256,
	time_us end_at, struct error *e)
{
	return db_run(db, Q_REFRESH_INSERT,
		PARAMS(DB_TEXT(sha256), DB_TEXT(w->tenant_id), DB_TEXT(grant_id), DB_INT(end_at)),
		NULL, e);
}

static bool
rotate_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;
	const char *grant_id;

	if (!refresh_state(db, c, &grant_id, e))
		return false;
	if (c->result == SPENT)
		return end_grant(db, c->w, grant_id, "refresh_reused", e);
	if (c->result != TAKEN)
		return true;
	return spend(db, c, Q_REFRESH_USE, grant_id, "refresh_reused", e) &&
		(c->result != TAKEN || insert_refresh(db, c->w, grant_id, c->next, c->end_at, e));
}

bool
store_refresh_rotate(const struct work *w, const char *token_sha256, const char *next_sha256,
	time_us end_at, struct error *e)
{
	struct grant grant;
	struct grants_ctx c = {.w = w,
		.key = token_sha256,
		.next = next_sha256,
		.end_at = end_at,
		.grant = &grant};

	return store_write(w->session, rotate_tx, &c, e) &&
		(c.result == TAKEN || refresh_refused(&c, e));
}

static bool
refresh_put_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;

	return insert_refresh(db, c->w, c->key, c->next, c->end_at, e);
}

bool
store_refresh_put(const struct work *w, const char *grant_id, const char *token_sha256,
	time_us end_at, struct error *e)
{
	struct grants_ctx c = {.w = w, .key = grant_id, .next = token_sha256, .end_at = end_at};

	return store_write(w->session, refresh_put_tx, &c, e);
}

// --- device codes ---

static bool
device_put_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;
	const struct device_code *in = c->device_in;
	int64_t rows;

	if (!db_run(db, Q_DEVICE_CODE_INSERT,
		    PARAMS(DB_TEXT(in->sha256), DB_TEXT(in->user_code), DB_TEXT(c->w->tenant_id),
			    DB_TEXT(in->client_id), DB_TEXT(in->scope), DB_TEXT(in->address),
			    DB_INT(c->w->now), DB_INT(in->end_at)),
		    &rows, e))
		return false;
	c->made = rows == 1;
	return true;
}

bool
store_device_code_put(
	const struct work *w, const struct device_code *in, bool *made, struct error *e)
{
	struct grants_ctx c = {.w = w, .device_in = in};

	if (!store_write(w->session, device_put_tx, &c, e))
		return false;
	*made = c.made;
	return true;
}

static void
read_device(struct arena *a, struct db_rows *r, struct device_code *out)
{
	*out = (struct device_code){
		.sha256 = db_text(a, r, "device_sha256"),
		.user_code = db_text(a, r, "user_code"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.client_id = db_text(a, r, "client_id"),
		.scope = db_text(a, r, "scope"),
		.address = db_text(a, r, "address"),
		.state = db_text(a, r, "state"),
		.grant_id = db_text(a, r, "grant_id"),
		.created_at = db_int(r, "created_at"),
		.end_at = db_int(r, "end_at"),
	};
}

static bool
no_user_code(struct error *e)
{
	return error_fault(e, ERR_NOT_FOUND, "user_code_unknown",
		"no program waits for this code, or no longer");
}

static bool
device_find_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;
	autorows r = NULL;

	if (!db_query(db, Q_DEVICE_CODE_BY_USER_CODE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key), DB_INT(c->w->now)), &r, e))
		return false;
	if (!db_next(r))
		return no_user_code(e);
	read_device(c->w->arena, r, c->device);
	c->device->client_name = db_text(c->w->arena, r, "client_name");
	return true;
}

bool
store_device_code_find(
	const struct work *w, const char *user_code, struct device_code *out, struct error *e)
{
	struct grants_ctx c = {.w = w, .key = user_code, .device = out};

	return store_read(w->session, device_find_tx, &c, e);
}

static bool
device_settle_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;
	int64_t rows;

	if (c->in && !insert_grant(db, c->w, c->in, e))
		return false;
	if (!db_run(db, Q_DEVICE_CODE_SETTLE,
		    PARAMS(DB_TEXT(c->key), DB_TEXT(c->in ? "approved" : "denied"),
			    DB_TEXT(c->in ? c->in->grant_id : NULL), DB_INT(c->w->now)),
		    &rows, e))
		return false;
	return rows == 1 || no_user_code(e);
}

bool
store_device_code_settle(
	const struct work *w, const char *sha256, const struct grant *grant, struct error *e)
{
	struct grants_ctx c = {.w = w, .key = sha256, .in = grant};

	return store_write(w->session, device_settle_tx, &c, e);
}

static bool
device_poll_tx(struct db *db, void *ctx, struct error *e)
{
	struct grants_ctx *c = ctx;
	autorows r = NULL;
	int64_t rows;
	bool good;

	c->result = UNKNOWN;
	if (!db_query(db, Q_DEVICE_CODE_GET, PARAMS(DB_TEXT(c->key)), &r, e))
		return false;
	if (!db_next(r))
		return true;
	read_device(c->w->arena, r, c->device);
	db_rows_close(r);
	r = NULL;
	if (!str_eq(c->device->client_id, c->why) || str_eq(c->device->state, "used"))
		return true;
	c->result = TAKEN;
	if (!str_eq(c->device->state, "approved"))
		return true;
	if (!db_run(db, Q_DEVICE_CODE_USE, PARAMS(DB_TEXT(c->key)), &rows, e) ||
		!load_grant(db, c->w, c->device->grant_id, c->grant, &good, e))
		return false;
	if (!rows || !good)
		c->result = SPENT;
	return true;
}

bool
store_device_code_poll(const struct work *w, const char *sha256, const char *client_id,
	struct device_code *out, struct grant *grant, struct error *e)
{
	struct grants_ctx c = {
		.w = w, .key = sha256, .why = client_id, .device = out, .grant = grant};

	if (!store_write(w->session, device_poll_tx, &c, e))
		return false;
	return c.result == TAKEN ||
		error_fault(e, ERR_UNAUTHENTICATED, "oauth_device_code_invalid",
			"the device code is unknown or was redeemed");
}
