// SPDX-License-Identifier: Apache-2.0
#include "store/clients.h"

#include "base/str.h"
#include "store/queries.h"

struct clients_ctx {
	const struct work *w;
	const char *key;
	int64_t limit;
	const struct client *in;
	struct client *out, *list;
	size_t count, room;
	struct tenant *tenant;
	bool known;
};

static bool
load_redirects(struct db *db, struct arena *a, struct client *client, struct error *e)
{
	struct redirect *list = NULL;
	size_t count = 0, room = 0;
	autorows r = NULL;

	if (!db_query(db, Q_REDIRECT_LIST, PARAMS(DB_TEXT(client->client_id)), &r, e))
		return false;
	while (db_next(r)) {
		list = arena_more(a, list, count, &room, sizeof *list);
		list[count].uri = db_text(a, r, "uri");
		list[count++].kind = redirect_kind_find(db_text(a, r, "kind"));
	}
	client->redirects = list;
	client->redirect_count = count;
	return true;
}

static struct client
read_client(struct arena *a, struct db_rows *r)
{
	return (struct client){
		.client_id = db_text(a, r, "client_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.name = db_text(a, r, "name"),
		.secret_sha256 = db_text(a, r, "secret_sha256"),
		.roles = db_text(a, r, "roles"),
		.is_public = db_bool(r, "public"),
		.scopes = db_text(a, r, "scopes"),
		.device_code = db_bool(r, "device_code"),
		.created_at = db_int(r, "created_at"),
	};
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_CLIENT_GET, PARAMS(DB_TEXT(c->key)), &r, e))
		return e->code == ERR_NOT_FOUND
			? error_fault(e, ERR_UNAUTHENTICATED, "oauth_client_unknown",
				  "no application has this client_id")
			: false;
	*c->out = read_client(a, r);
	c->out->tenant_domain = db_text(a, r, "tenant_domain");
	c->out->tenant_name = db_text(a, r, "tenant_name");
	if (db_int(r, "redirects") == 0)
		return true;
	db_rows_close(r);
	r = NULL;
	return load_redirects(db, a, c->out, e);
}

bool
store_client_get(const struct work *w, const char *client_id, struct client *out, struct error *e)
{
	struct clients_ctx c = {.w = w, .key = client_id, .out = out};

	return store_read(w->session, get_tx, &c, e);
}

static bool
page_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	autorows r = NULL;

	c->list = NULL;
	c->count = c->room = 0;
	if (!db_query(db, Q_CLIENT_PAGE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key), DB_INT(c->limit)), &r, e))
		return false;
	while (db_next(r)) {
		c->list = arena_more(c->w->arena, c->list, c->count, &c->room, sizeof *c->list);
		c->list[c->count++] = read_client(c->w->arena, r);
	}
	db_rows_close(r);
	r = NULL;
	for (size_t i = 0; i < c->count; i++)
		if (!load_redirects(db, c->w->arena, &c->list[i], e))
			return false;
	return true;
}

bool
store_client_page(const struct work *w, const char *after, int64_t limit, struct client **out,
	size_t *count, struct error *e)
{
	struct clients_ctx c = {.w = w, .key = after, .limit = limit};

	if (!store_read(w->session, page_tx, &c, e))
		return false;
	*out = c.list;
	*count = c.count;
	return true;
}

static bool
put_redirects(struct db *db, struct clients_ctx *c, struct error *e)
{
	const struct client *in = c->in;
	const char *tenant = c->w->tenant_id;

	if (!db_run(db, Q_REDIRECT_CLEAR, PARAMS(DB_TEXT(tenant), DB_TEXT(in->client_id)), NULL, e))
		return false;
	for (size_t i = 0; i < in->redirect_count; i++) {
		const struct redirect *r = &in->redirects[i];
		if (!db_run(db, Q_REDIRECT_INSERT,
			    PARAMS(DB_TEXT(in->client_id), DB_TEXT(tenant), DB_TEXT(r->uri),
				    DB_TEXT(redirect_kind_name(r->kind)),
				    DB_TEXT(uri_origin(c->w->arena, r->uri))),
			    NULL, e))
			return false;
	}
	return true;
}

static bool
create_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	const struct client *in = c->in;
	int64_t made;

	if (!db_run(db, Q_CLIENT_INSERT,
		    PARAMS(DB_TEXT(in->client_id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->name),
			    DB_TEXT(in->secret_sha256), DB_TEXT(in->roles), DB_INT(c->w->now),
			    DB_BOOL(in->is_public), DB_TEXT(in->scopes), DB_BOOL(in->device_code)),
		    &made, e))
		return false;
	if (!made)
		return error_set(e, ERR_CONFLICT, "there is a client of this id already");
	return put_redirects(db, c, e);
}

bool
store_client_create(const struct work *w, const struct client *in, struct error *e)
{
	struct clients_ctx c = {.w = w, .in = in};

	return store_write(w->session, create_tx, &c, e);
}

static bool
update_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	const struct client *in = c->in;
	int64_t changed;

	if (!db_run(db, Q_CLIENT_UPDATE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(in->client_id), DB_TEXT(in->name),
			    DB_TEXT(in->roles), DB_TEXT(in->scopes), DB_BOOL(in->device_code),
			    DB_TEXT(in->secret_sha256)),
		    &changed, e))
		return false;
	if (!changed)
		return error_set(e, ERR_NOT_FOUND, "there is no such client");
	return put_redirects(db, c, e);
}

bool
store_client_update(const struct work *w, const struct client *in, struct error *e)
{
	struct clients_ctx c = {.w = w, .in = in};

	return store_write(w->session, update_tx, &c, e);
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	int64_t gone;

	if (!db_run(db, Q_CLIENT_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &gone,
		    e))
		return false;
	return gone || error_set(e, ERR_NOT_FOUND, "there is no such client");
}

bool
store_client_delete(const struct work *w, const char *client_id, struct error *e)
{
	struct clients_ctx c = {.w = w, .key = client_id};

	return store_write(w->session, delete_tx, &c, e);
}

static bool
spa_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_REDIRECT_SPA_ORIGIN, PARAMS(DB_TEXT(c->key)), &r, e))
		return false;
	c->known = db_int(r, "known") > 0;
	return true;
}

bool
store_spa_origin(const struct work *w, const char *origin, bool *known, struct error *e)
{
	struct clients_ctx c = {.w = w, .key = origin};

	if (!store_read(w->session, spa_tx, &c, e))
		return false;
	*known = c.known;
	return true;
}

static struct tenant
read_tenant(struct arena *a, struct db_rows *r)
{
	return (struct tenant){.tenant_id = db_text(a, r, "tenant_id"),
		.name = db_text(a, r, "name"),
		.domain = db_text(a, r, "domain")};
}

static bool
no_tenant(struct error *e)
{
	return error_fault(e, ERR_NOT_FOUND, "tenant_unknown", "there is no such tenant");
}

static bool
tenant_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	autorows r = NULL;

	if (!db_query(db, Q_TENANT_BY_DOMAIN, PARAMS(DB_TEXT(c->key)), &r, e))
		return false;
	if (!db_next(r))
		return no_tenant(e);
	*c->tenant = read_tenant(c->w->arena, r);
	return true;
}

bool
store_tenant(const struct work *w, const char *id_or_domain, struct tenant *out, struct error *e)
{
	struct clients_ctx c = {.w = w, .key = id_or_domain, .tenant = out};

	return store_read(w->session, tenant_tx, &c, e);
}

static bool
single_tx(struct db *db, void *ctx, struct error *e)
{
	struct clients_ctx *c = ctx;
	autorows r = NULL;

	if (!db_query(db, Q_TENANT_LIST, NO_PARAMS, &r, e))
		return false;
	if (!db_next(r))
		return no_tenant(e);
	*c->tenant = read_tenant(c->w->arena, r);
	return !db_next(r) || no_tenant(e);
}

bool
store_tenant_single(const struct work *w, struct tenant *out, struct error *e)
{
	struct clients_ctx c = {.w = w, .tenant = out};

	return store_read(w->session, single_tx, &c, e);
}
