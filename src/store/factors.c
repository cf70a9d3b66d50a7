// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "store/people.h"
#include "store/people_internal.h"
#include "store/queries.h"

struct factors_ctx {
	const struct work *w;
	const char *user_id, *text, *text2;
	int64_t step;
	time_us start_at, end_at;
	bool flag, used;
	struct slice secret;
	const char *const *codes;
	size_t count;
	int query;
	struct factors *out;
};

static bool
factors_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_USER_FACTORS, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->user_id)), &r,
		    e))
		return e->code == ERR_NOT_FOUND
			? error_fault(e, ERR_NOT_FOUND, "user_unknown", "there is no such user")
			: false;
	const char *hash = db_text(c->w->arena, r, "hash");
	*c->out = (struct factors){
		.password_hash = hash ? hash : "",
		.must_change = db_bool(r, "must_change"),
		.totp_secret = db_blob(c->w->arena, r, "secret"),
		.totp_step = db_int(r, "last_step"),
		.recovery_codes = db_int(r, "recovery_codes"),
	};
	return true;
}

bool
store_factors(const struct work *w, const char *user_id, struct factors *out, struct error *e)
{
	struct factors_ctx c = {.w = w, .user_id = user_id, .out = out};

	return store_read(w->session, factors_tx, &c, e);
}

bool
person_end_everything(struct db *db, const struct work *w, const char *user_id, const char *why,
	const char *except_session, struct error *e)
{
	return db_run(db, Q_SESSION_DELETE_ALL,
		       PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(user_id), DB_TEXT(except_session)),
		       NULL, e) &&
		db_run(db, Q_GRANT_REVOKE_USER,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(user_id), DB_INT(w->now),
				DB_TEXT(why)),
			NULL, e) &&
		db_run(db, Q_KNOWN_CLEAR, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(user_id)), NULL, e);
}

static bool
password_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;

	return db_run(db, Q_PASSWORD_PUT,
		       PARAMS(DB_TEXT(c->user_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->text),
			       DB_BOOL(c->flag), DB_INT(c->w->now)),
		       NULL, e) &&
		person_end_everything(
			db, c->w, c->user_id, "password_changed", c->text2 ? c->text2 : "", e);
}

bool
store_password_put(const struct work *w, const char *user_id, const char *hash, bool must_change,
	const char *except_session, struct error *e)
{
	struct factors_ctx c = {.w = w,
		.user_id = user_id,
		.text = hash,
		.flag = must_change,
		.text2 = except_session};

	return store_write(w->session, password_tx, &c, e);
}

static bool
rehash_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;

	return db_run(db, Q_PASSWORD_REHASH,
		PARAMS(DB_TEXT(c->user_id), DB_TEXT(c->text), DB_TEXT(c->text2)), NULL, e);
}

bool
store_password_rehash(const struct work *w, const char *user_id, const char *old_hash,
	const char *new_hash, struct error *e)
{
	struct factors_ctx c = {.w = w, .user_id = user_id, .text = old_hash, .text2 = new_hash};

	return store_write(w->session, rehash_tx, &c, e);
}

static bool
totp_put_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;
	const char *tenant = c->w->tenant_id;

	if (!db_run(db, Q_TOTP_PUT,
		    PARAMS(DB_TEXT(c->user_id), DB_TEXT(tenant), DB_BLOB(c->secret),
			    DB_INT(c->step), DB_INT(c->w->now)),
		    NULL, e) ||
		!db_run(db, Q_RECOVERY_CLEAR, PARAMS(DB_TEXT(tenant), DB_TEXT(c->user_id)), NULL,
			e))
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (!db_run(db, Q_RECOVERY_ADD,
			    PARAMS(DB_TEXT(c->user_id), DB_TEXT(c->codes[i]), DB_TEXT(tenant)),
			    NULL, e))
			return false;
	return true;
}

bool
store_totp_put(const struct work *w, const char *user_id, struct slice secret, int64_t step,
	const char *const *codes, size_t count, struct error *e)
{
	struct factors_ctx c = {.w = w,
		.user_id = user_id,
		.secret = secret,
		.step = step,
		.codes = codes,
		.count = count};

	return store_write(w->session, totp_put_tx, &c, e);
}

static bool
totp_use_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;
	int64_t rows;

	if (!db_run(db, Q_TOTP_USE, PARAMS(DB_TEXT(c->user_id), DB_INT(c->step)), &rows, e))
		return false;
	c->used = rows == 1;
	return true;
}

bool
store_totp_use(const struct work *w, const char *user_id, int64_t step, bool *used, struct error *e)
{
	struct factors_ctx c = {.w = w, .user_id = user_id, .step = step};

	if (!store_write(w->session, totp_use_tx, &c, e))
		return false;
	*used = c.used;
	return true;
}

static bool
code_use_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;
	int64_t rows;

	if (!db_run(db, c->query, PARAMS(DB_TEXT(c->user_id), DB_TEXT(c->text), DB_INT(c->w->now)),
		    &rows, e))
		return false;
	c->used = rows == 1;
	return true;
}

static bool
use_code(const struct work *w, int query, const char *user_id, const char *sha256, bool *used,
	struct error *e)
{
	struct factors_ctx c = {.w = w, .query = query, .user_id = user_id, .text = sha256};

	if (!store_write(w->session, code_use_tx, &c, e))
		return false;
	*used = c.used;
	return true;
}

bool
store_recovery_use(const struct work *w, const char *user_id, const char *code_sha256, bool *used,
	struct error *e)
{
	return use_code(w, Q_RECOVERY_USE, user_id, code_sha256, used, e);
}

bool
store_pass_use(const struct work *w, const char *user_id, const char *code_sha256, bool *used,
	struct error *e)
{
	return use_code(w, Q_PASS_USE, user_id, code_sha256, used, e);
}

static bool
pass_put_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;

	return db_run(db, Q_PASS_PUT,
		PARAMS(DB_TEXT(c->user_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->text),
			DB_INT(c->start_at), DB_INT(c->end_at), DB_BOOL(c->flag)),
		NULL, e);
}

bool
store_pass_put(const struct work *w, const char *user_id, const char *code_sha256, time_us start_at,
	time_us end_at, bool one_time, struct error *e)
{
	struct factors_ctx c = {.w = w,
		.user_id = user_id,
		.text = code_sha256,
		.start_at = start_at,
		.end_at = end_at,
		.flag = one_time};

	return store_write(w->session, pass_put_tx, &c, e);
}

static bool
mfa_reset_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;
	struct db_params params = PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->user_id));

	return db_run(db, Q_TOTP_DELETE, params, NULL, e) &&
		db_run(db, Q_RECOVERY_CLEAR, params, NULL, e);
}

bool
store_mfa_reset(const struct work *w, const char *user_id, struct error *e)
{
	struct factors_ctx c = {.w = w, .user_id = user_id};

	return store_write(w->session, mfa_reset_tx, &c, e);
}

static bool
sign_out_tx(struct db *db, void *ctx, struct error *e)
{
	struct factors_ctx *c = ctx;

	return person_end_everything(db, c->w, c->user_id, c->text, "", e);
}

bool
store_sign_out_everywhere(
	const struct work *w, const char *user_id, const char *why, struct error *e)
{
	struct factors_ctx c = {.w = w, .user_id = user_id, .text = why};

	return store_write(w->session, sign_out_tx, &c, e);
}
