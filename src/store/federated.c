// SPDX-License-Identifier: Apache-2.0
#include "store/federated.h"

#include "base/uuid.h"
#include "store/queries.h"
#include "store/user_groups.h"

struct federated_ctx {
	const struct work *w;
	const char *key, *fresh_id, *user_id;
	const struct federated_user *in_user;
	const struct federated_sign_in *in;
	struct federated_sign_in *out;
};

static bool
put_tx(struct db *db, void *ctx, struct error *e)
{
	struct federated_ctx *c = ctx;
	const struct federated_sign_in *in = c->in;

	// Anybody may begin: what nobody came back for does not pile up.
	return db_run(db, Q_FEDERATED_FORGET, PARAMS(DB_INT(c->w->now)), NULL, e) &&
		db_run(db, Q_FEDERATED_INSERT,
			PARAMS(DB_TEXT(c->key), DB_TEXT(c->w->tenant_id),
				DB_TEXT(in->federation_id), DB_TEXT(in->browser_sha256),
				DB_TEXT(in->nonce), DB_TEXT(in->verifier), DB_TEXT(in->query),
				DB_INT(in->end_at)),
			NULL, e);
}

bool
store_federated_put(const struct work *w, const char *state_sha256,
	const struct federated_sign_in *in, struct error *e)
{
	struct federated_ctx c = {.w = w, .key = state_sha256, .in = in};

	return store_write(w->session, put_tx, &c, e);
}

static bool
take_tx(struct db *db, void *ctx, struct error *e)
{
	struct federated_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_FEDERATED_TAKE, PARAMS(DB_TEXT(c->key)), &r, e))
		return e->code == ERR_NOT_FOUND
			? error_fault(e, ERR_NOT_FOUND, "federated_answer_unexpected",
				  "no sign-in waits for this answer")
			: false;
	*c->out = (struct federated_sign_in){
		.tenant_id = db_text(a, r, "tenant_id"),
		.federation_id = db_text(a, r, "federation_id"),
		.browser_sha256 = db_text(a, r, "browser_sha256"),
		.nonce = db_text(a, r, "nonce"),
		.verifier = db_text(a, r, "verifier"),
		.query = db_text(a, r, "query"),
		.end_at = db_int(r, "end_at"),
	};
	return true;
}

bool
store_federated_take(const struct work *w, const char *state_sha256, struct federated_sign_in *out,
	struct error *e)
{
	struct federated_ctx c = {.w = w, .key = state_sha256, .out = out};

	if (!store_write(w->session, take_tx, &c, e))
		return false;
	return out->end_at > w->now ||
		error_fault(e, ERR_NOT_FOUND, "federated_answer_unexpected",
			"the answer came too late");
}

static bool
known_user(struct db *db, struct federated_ctx *c, bool *known, struct error *e)
{
	autorows r = NULL;

	if (!db_query(db, Q_FEDERATED_USER,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->in_user->issuer),
			    DB_TEXT(c->in_user->subject)),
		    &r, e))
		return false;
	*known = db_next(r);
	if (*known)
		c->user_id = db_text(c->w->arena, r, "user_id");
	return true;
}

static bool
refuse(struct error *e)
{
	return error_fault(e, ERR_DENIED, "federated_user_refused",
		"there is a user of this name already, who is somebody else");
}

// Somebody who was there before, without any role, whom this issuer has not claimed yet: a subject
// that is given a used name again does not become its former holder.
static bool
link_user(struct db *db, struct federated_ctx *c, struct error *e)
{
	struct arena *a = c->w->arena;
	autorows r = NULL;
	autorows claimed = NULL;

	if (!c->in_user->may_link)
		return refuse(e);
	if (!db_query(db, Q_FEDERATED_CANDIDATE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->in_user->upn)), &r, e))
		return false;
	if (!db_next(r))
		return refuse(e);
	c->user_id = db_text(a, r, "user_id");
	if (!db_query(db, Q_FEDERATED_OF_USER,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->in_user->issuer),
			    DB_TEXT(c->user_id)),
		    &claimed, e))
		return false;
	return !db_next(claimed) || refuse(e);
}

static bool
user_tx(struct db *db, void *ctx, struct error *e)
{
	struct federated_ctx *c = ctx;
	const struct federated_user *in = c->in_user;
	int64_t made;
	bool known;

	if (!known_user(db, c, &known, e) || known)
		return known;
	c->user_id = c->fresh_id;
	if (!db_run(db, Q_USER_INSERT_FEDERATED,
		    PARAMS(DB_TEXT(c->fresh_id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->upn),
			    DB_TEXT(in->display_name ? in->display_name : in->upn),
			    DB_INT(c->w->now)),
		    &made, e))
		return false;
	if (made ? !user_groups_apply(db, c->w, c->fresh_id, e) : !link_user(db, c, e))
		return false;
	return db_run(db, Q_FEDERATED_USER_INSERT,
		PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(in->issuer), DB_TEXT(in->subject),
			DB_TEXT(c->user_id)),
		NULL, e);
}

bool
store_federated_user(const struct work *w, const struct federated_user *in, const char **user_id,
	struct error *e)
{
	struct federated_ctx c = {.w = w, .in_user = in, .fresh_id = uuid_new(w->arena)};

	if (!store_write(w->session, user_tx, &c, e))
		return false;
	*user_id = c.user_id;
	return true;
}
