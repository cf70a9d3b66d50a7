// SPDX-License-Identifier: Apache-2.0
#include "store/federations.h"

#include "base/uuid.h"
#include "store/queries.h"

struct federation_ctx {
	const struct work *w;
	const char *id, *metadata, *jwks;
	const struct federation *in;
	struct federation *out;
	size_t count;
};

static bool
create_tx(struct db *db, void *ctx, struct error *e)
{
	struct federation_ctx *c = ctx;
	const struct federation *in = c->in;
	int64_t added = 0;

	if (!db_run(db, Q_FEDERATION_INSERT,
		    PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->name),
			    DB_TEXT(in->issuer), DB_TEXT(in->client_id), DB_TEXT(in->client_secret),
			    DB_TEXT(in->user_claim), DB_TEXT(in->domains), DB_INT(in->link_users),
			    DB_TEXT(in->role_claim ? in->role_claim : ""),
			    DB_TEXT(in->role_map ? in->role_map : "{}"), DB_INT(c->w->now)),
		    &added, e))
		return false;
	return added == 1 ||
		error_set(e, ERR_CONFLICT, "this issuer is there with this client already");
}

bool
store_federation_create(
	const struct work *w, const struct federation *in, const char **id, struct error *e)
{
	struct federation_ctx c = {.w = w, .id = uuid_new(w->arena), .in = in};

	if (!store_write(w->session, create_tx, &c, e))
		return false;
	*id = c.id;
	return true;
}

static struct federation
read_row(struct arena *a, struct db_rows *r)
{
	return (struct federation){
		.federation_id = db_text(a, r, "federation_id"),
		.name = db_text(a, r, "name"),
		.issuer = db_text(a, r, "issuer"),
		.client_id = db_text(a, r, "client_id"),
		.client_secret = db_text(a, r, "client_secret"),
		.user_claim = db_text(a, r, "user_claim"),
		.domains = db_text(a, r, "domains"),
		.link_users = db_int(r, "link_users") != 0,
		.role_claim = db_text(a, r, "role_claim"),
		.role_map = db_text(a, r, "role_map"),
		.metadata = db_text(a, r, "metadata"),
		.jwks = db_text(a, r, "jwks"),
		.fetched_at = db_int(r, "fetched_at"),
	};
}

static bool
unknown(struct error *e)
{
	return error_fault(
		e, ERR_NOT_FOUND, "identity_provider_unknown", "no such identity provider");
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct federation_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_FEDERATION_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &r, e))
		return e->code == ERR_NOT_FOUND ? unknown(e) : false;
	*c->out = read_row(c->w->arena, r);
	return true;
}

bool
store_federation_get(
	const struct work *w, const char *federation_id, struct federation *out, struct error *e)
{
	struct federation_ctx c = {.w = w, .id = federation_id, .out = out};

	return store_read(w->session, get_tx, &c, e);
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct federation_ctx *c = ctx;
	size_t room = 0;
	autorows r = NULL;

	c->out = NULL;
	c->count = 0;
	if (!db_query(db, Q_FEDERATION_LIST, PARAMS(DB_TEXT(c->w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		c->out = arena_more(c->w->arena, c->out, c->count, &room, sizeof *c->out);
		c->out[c->count++] = read_row(c->w->arena, r);
	}
	return true;
}

bool
store_federation_list(const struct work *w, struct federation **out, size_t *count, struct error *e)
{
	struct federation_ctx c = {.w = w};

	if (!store_read(w->session, list_tx, &c, e))
		return false;
	*out = c.out;
	*count = c.count;
	return true;
}

static bool
learn_tx(struct db *db, void *ctx, struct error *e)
{
	struct federation_ctx *c = ctx;

	return db_run(db, Q_FEDERATION_LEARN,
		PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->metadata),
			DB_TEXT(c->jwks), DB_INT(c->w->now)),
		NULL, e);
}

bool
store_federation_learn(const struct work *w, const char *federation_id, const char *metadata,
	const char *jwks, struct error *e)
{
	struct federation_ctx c = {.w = w, .id = federation_id, .metadata = metadata, .jwks = jwks};

	return store_write(w->session, learn_tx, &c, e);
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct federation_ctx *c = ctx;
	int64_t gone = 0;

	if (!db_run(db, Q_FEDERATION_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)),
		    &gone, e))
		return false;
	return gone == 1 || unknown(e);
}

bool
store_federation_delete(const struct work *w, const char *federation_id, struct error *e)
{
	struct federation_ctx c = {.w = w, .id = federation_id};

	return store_write(w->session, delete_tx, &c, e);
}
