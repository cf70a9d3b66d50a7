// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"
#include "store/jobs.h"
#include "store/queries.h"

struct connector_ctx {
	const struct work *w;
	const char *id, *name, *domain, *text;
	time_us time;
	struct connector *out;
	const struct issued_certificate *certificate;
	int64_t known;
};

static bool
create_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;

	return db_run(db, Q_CONNECTOR_INSERT,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->name),
			DB_TEXT(c->domain), DB_TEXT(c->text), DB_INT(c->time), DB_INT(c->w->now)),
		NULL, e);
}

bool
store_connector_create(const struct work *w, const char *name, const char *domain,
	const char *token_sha256, time_us expires_at, const char **id, struct error *e)
{
	struct connector_ctx c = {.w = w,
		.id = uuid_new(w->arena),
		.name = name,
		.domain = domain,
		.text = token_sha256,
		.time = expires_at};

	if (!store_write(w->session, create_tx, &c, e))
		return false;
	*id = c.id;
	return true;
}

static struct connector
read_connector(struct arena *a, struct db_rows *r)
{
	return (struct connector){
		.connector_id = db_text(a, r, "connector_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.name = db_text(a, r, "name"),
		.domain = db_text(a, r, "domain"),
	};
}

static bool
take_token_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_CONNECTOR_TAKE_TOKEN, PARAMS(DB_TEXT(c->text), DB_INT(c->w->now)), &r, e))
		return e->code == ERR_NOT_FOUND
			? error_set(e, ERR_UNAUTHENTICATED, "the token is unknown, used or too old")
			: false;
	*c->out = read_connector(c->w->arena, r);
	return true;
}

bool
store_connector_take_token(
	const struct work *w, const char *token_sha256, struct connector *out, struct error *e)
{
	struct connector_ctx c = {.w = w, .text = token_sha256, .out = out};

	return store_write(w->session, take_token_tx, &c, e);
}

static bool
certificate_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;

	return store_certificate_insert(db, c->w, c->certificate, e) &&
		db_run(db, Q_CONNECTOR_CERTIFICATE,
			PARAMS(DB_TEXT(c->id), DB_TEXT(c->certificate->sha256)), NULL, e);
}

bool
store_connector_certificate(const struct work *w, const char *connector_id,
	const struct issued_certificate *certificate, struct error *e)
{
	struct connector_ctx c = {.w = w, .id = connector_id, .certificate = certificate};

	return store_write(w->session, certificate_tx, &c, e);
}

// A certificate that we made and that names nobody any more: whoever holds it should hear why.
static bool
nobodys_certificate(struct db *db, const struct connector_ctx *c, struct error *e)
{
	autorows r = NULL;

	if (db_one(db, Q_CONNECTOR_CERTIFICATE_KNOWN, PARAMS(DB_TEXT(c->text)), &r, e))
		return error_fault(e, ERR_UNAUTHENTICATED, "connector_removed",
			"this connector was removed; enrol it again to use it");
	return e->code == ERR_NOT_FOUND &&
		error_set(e, ERR_UNAUTHENTICATED, "the client certificate belongs to no connector");
}

static bool
by_certificate_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_CONNECTOR_BY_CERTIFICATE, PARAMS(DB_TEXT(c->text)), &r, e))
		return e->code == ERR_NOT_FOUND && nobodys_certificate(db, c, e);
	*c->out = read_connector(c->w->arena, r);
	c->out->last_seen_at = db_int(r, "last_seen_at");
	return true;
}

bool
store_connector_by_certificate(
	const struct work *w, const char *sha256, struct connector *out, struct error *e)
{
	struct connector_ctx c = {.w = w, .text = sha256, .out = out};

	return store_read(w->session, by_certificate_tx, &c, e);
}

static bool
seen_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;

	return db_run(db, Q_CONNECTOR_SEEN,
		       PARAMS(DB_TEXT(c->id), DB_INT(c->w->now), DB_TEXT(c->text)), NULL, e) &&
		db_run(db, Q_JOB_GIVE_BACK, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), NULL,
			e) &&
		db_run(db, Q_ACCOUNT_JOB_GIVE_BACK,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), NULL, e);
}

bool
store_connector_seen(
	const struct work *w, const char *connector_id, const char *version, struct error *e)
{
	struct connector_ctx c = {.w = w, .id = connector_id, .text = version};

	return store_write(w->session, seen_tx, &c, e);
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_CONNECTOR_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &r, e))
		return false;
	*c->out = read_connector(a, r);
	c->out->version = db_text(a, r, "version");
	c->out->last_seen_at = db_int(r, "last_seen_at");
	c->out->created_at = db_int(r, "created_at");
	c->out->refused = db_text(a, r, "refused");
	c->out->check_report = db_text(a, r, "check_report");
	c->out->checked_at = db_int(r, "checked_at");
	return true;
}

bool
store_connector_get(const struct work *w, const char *id, struct connector *out, struct error *e)
{
	struct connector_ctx c = {.w = w, .id = id, .out = out};

	return store_read(w->session, get_tx, &c, e);
}

static bool
tested_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;

	return db_run(db, Q_CONNECTOR_CHECKED,
		PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_INT(c->w->now),
			DB_TEXT(c->text)),
		NULL, e);
}

bool
store_connector_tested(
	const struct work *w, const char *connector_id, const char *report, struct error *e)
{
	struct connector_ctx c = {.w = w, .id = connector_id, .text = report};

	return store_write(w->session, tested_tx, &c, e);
}

static bool
refuse_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;

	return db_run(db, Q_CONNECTOR_REFUSED,
		PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->text)), NULL, e);
}

bool
store_connector_refuse(
	const struct work *w, const char *connector_id, const char *fault, struct error *e)
{
	struct connector_ctx c = {.w = w, .id = connector_id, .text = fault};

	return store_write(w->session, refuse_tx, &c, e);
}

static bool
forget_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;

	return db_run(db, Q_CONNECTOR_GONE, PARAMS(DB_INT(c->time)), &c->known, e);
}

bool
store_connectors_forget(const struct work *w, time_us before, int64_t *gone, struct error *e)
{
	struct connector_ctx c = {.w = w, .time = before};

	if (!store_write(w->session, forget_tx, &c, e))
		return false;
	*gone = c.known;
	return true;
}

static bool
alive_tx(struct db *db, void *ctx, struct error *e)
{
	struct connector_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_CONNECTOR_ALIVE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->domain)), &r,
		    e))
		return false;
	c->known = db_int(r, "known");
	c->time = db_int(r, "last_seen_at");
	return true;
}

bool
store_connector_alive(const struct work *w, const char *domain, int64_t *known, time_us *last_seen,
	struct error *e)
{
	struct connector_ctx c = {.w = w, .domain = domain};

	if (!store_read(w->session, alive_tx, &c, e))
		return false;
	*known = c.known;
	*last_seen = c.time;
	return true;
}
