// SPDX-License-Identifier: Apache-2.0
#include "store/partners.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/registration.h"
#include "store/assign.h"
#include "store/queries.h"

struct partner_ctx {
	const struct work *w;
	struct work customer;
	const char *key, *id, *actor;
	struct partner_consent *out;
	size_t found, room;
	const struct registration *rows;
	size_t count;
	struct registration_result *results;
};

// --- consent ---

static bool
offer_tx(struct db *db, void *ctx, struct error *e)
{
	struct partner_ctx *c = ctx;
	const struct work *w = c->w;

	return db_run(db, Q_CONSENT_OFFER,
		       PARAMS(DB_TEXT(c->id), DB_TEXT(w->tenant_id), DB_TEXT(c->key),
			       DB_INT(w->now + CONSENT_DAYS * US_PER_DAY), DB_INT(w->now)),
		       NULL, e) &&
		registration_audit(
			db, w, c->actor, "Create", "Ask for consent of a customer", c->id, "", e);
}

bool
store_consent_offer(const struct work *w, const char *code_sha256, const char *actor,
	const char **consent_id, struct error *e)
{
	struct partner_ctx c = {
		.w = w, .key = code_sha256, .id = uuid_ordered(w->arena), .actor = actor};

	*consent_id = c.id;
	return store_write(w->session, offer_tx, &c, e);
}

static bool
has_consent(struct db *db, const struct work *w, const char *partner, const char *customer,
	bool *out, struct error *e)
{
	autorows rows = NULL;

	(void)w;
	if (!db_query(db, Q_CONSENT_ACTIVE, PARAMS(DB_TEXT(partner), DB_TEXT(customer)), &rows, e))
		return false;
	*out = db_next(rows);
	return true;
}

// The offer that the code belongs to, as long as it stands.
static bool
find_offer(struct db *db, struct partner_ctx *c, struct error *e)
{
	struct arena *arena = c->w->arena;
	autorows rows = NULL;

	if (!db_query(db, Q_CONSENT_BY_CODE, PARAMS(DB_TEXT(c->key)), &rows, e))
		return false;
	if (!db_next(rows) || !str_eq(db_text(arena, rows, "state"), "offered") ||
		db_int(rows, "expires_at") <= c->w->now)
		return error_fault(e, ERR_NOT_FOUND, "partner_code_unknown",
			"no partner has offered this code, or it was used or is too old");
	*c->out = (struct partner_consent){.consent_id = db_text(arena, rows, "consent_id"),
		.partner = db_text(arena, rows, "partner"),
		.partner_tenant_id = db_text(arena, rows, "partner_tenant_id"),
		.state = "granted",
		.granted_by = c->actor,
		.revoked_by = "",
		.granted_at = c->w->now};
	return true;
}

static bool
grant_tx(struct db *db, void *ctx, struct error *e)
{
	struct partner_ctx *c = ctx;
	const struct work *w = c->w;
	bool there;

	if (!find_offer(db, c, e) ||
		!has_consent(db, w, c->out->partner_tenant_id, w->tenant_id, &there, e))
		return false;
	if (there || str_eq(c->out->partner_tenant_id, w->tenant_id))
		return error_set(
			e, ERR_CONFLICT, "%.60s may register devices already", c->out->partner);
	return db_run(db, Q_CONSENT_GRANT,
		       PARAMS(DB_TEXT(c->out->consent_id), DB_TEXT(w->tenant_id), DB_TEXT(c->actor),
			       DB_INT(w->now)),
		       NULL, e) &&
		registration_audit(db, w, c->actor, "Create", "Consent to a partner",
			c->out->consent_id, c->out->partner, e);
}

bool
store_consent_grant(const struct work *w, const char *code_sha256, const char *actor,
	struct partner_consent *out, struct error *e)
{
	struct partner_ctx c = {.w = w, .key = code_sha256, .actor = actor, .out = out};

	return store_write(w->session, grant_tx, &c, e);
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct partner_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	autorows rows = NULL;

	c->found = c->room = 0;
	c->out = NULL;
	if (!db_query(db, Q_CONSENT_LIST, PARAMS(DB_TEXT(c->w->tenant_id)), &rows, e))
		return false;
	while (db_next(rows)) {
		c->out = arena_more(arena, c->out, c->found, &c->room, sizeof *c->out);
		c->out[c->found++] = (struct partner_consent){
			.consent_id = db_text(arena, rows, "consent_id"),
			.partner = db_text(arena, rows, "partner"),
			.partner_tenant_id = db_text(arena, rows, "partner_tenant_id"),
			.state = db_text(arena, rows, "state"),
			.granted_by = db_text(arena, rows, "granted_by"),
			.revoked_by = db_text(arena, rows, "revoked_by"),
			.granted_at = db_int(rows, "granted_at"),
			.revoked_at = db_int(rows, "revoked_at"),
		};
	}
	return true;
}

bool
store_consent_list(
	const struct work *w, struct partner_consent **out, size_t *count, struct error *e)
{
	struct partner_ctx c = {.w = w};

	if (!store_read(w->session, list_tx, &c, e))
		return false;
	*out = c.out;
	*count = c.found;
	return true;
}

static bool
revoke_tx(struct db *db, void *ctx, struct error *e)
{
	struct partner_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_CONSENT_REVOKE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->actor),
			    DB_INT(c->w->now)),
		    &n, e))
		return false;
	if (n == 0)
		return error_set(e, ERR_NOT_FOUND, "no such consent");
	return registration_audit(
		db, c->w, c->actor, "Delete", "Revoke consent to a partner", c->id, "", e);
}

bool
store_consent_revoke(
	const struct work *w, const char *consent_id, const char *actor, struct error *e)
{
	struct partner_ctx c = {.w = w, .id = consent_id, .actor = actor};

	return store_write(w->session, revoke_tx, &c, e);
}

// --- registration for somebody else ---

// The registration of the same hardware, whosever it is; *id is NULL when there is none.
static bool
find_hardware(struct db *db, struct partner_ctx *c, const struct registration *r, const char **id,
	const char **owner, struct error *e)
{
	struct arena *arena = c->w->arena;
	autorows rows = NULL;
	bool ok = r->ek_id ? db_query(db, Q_DEVICE_ID_BY_EK, PARAMS(DB_TEXT(r->ek_id)), &rows, e)
		: str_empty(r->serial)
		? db_query(
			  db, Q_DEVICE_ID_BY_PRODUCT_KEY, PARAMS(DB_TEXT(r->product_key)), &rows, e)
		: db_query(db, Q_DEVICE_ID_BY_HARDWARE,
			  PARAMS(DB_TEXT(r->manufacturer), DB_TEXT(r->model),
				  DB_TEXT(registration_key(arena, r->serial, NULL))),
			  &rows, e);

	*id = *owner = NULL;
	if (ok && db_next(rows)) {
		*id = db_text(arena, rows, "device_id");
		*owner = db_text(arena, rows, "tenant_id");
	}
	return ok;
}

// What the partner knows of hardware of its own goes over to the customer.
static bool
take_from_stock(struct db *db, struct partner_ctx *c, const char *id, struct registration *r,
	struct error *e)
{
	const struct work *w = c->w;
	struct device d;

	if (!device_load(db, w, id, &d, e))
		return false;
	{
		autorows rows = NULL;
		if (!db_query(db, Q_DEVICE_HASH_GET, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(id)),
			    &rows, e))
			return false;
		if (db_next(rows))
			r->hardware_hash = db_blob(w->arena, rows, "hardware_hash");
	}
	r->serial = d.serial;
	r->manufacturer = d.manufacturer;
	r->model = d.model;
	r->product_key = d.product_key;
	r->ek_id = str_empty(d.ek_id) ? NULL : d.ek_id;
	return registration_remove(db, w, id, c->actor, e);
}

static bool
register_one(struct db *db, struct partner_ctx *c, const struct registration *in,
	struct registration_result *out, struct error *e)
{
	struct register_options options = {.actor = c->actor};
	struct registration r = *in;
	const char *id, *owner;

	*out = (struct registration_result){.device_id = ""};
	if (!find_hardware(db, c, in, &id, &owner, e))
		return false;
	if (!id && str_empty(in->serial)) {
		out->fault = "ztd_not_found"; // R11
		return true;
	}
	if (id && str_eq(owner, c->w->tenant_id)) {
		if (!take_from_stock(db, c, id, &r, e))
			return false;
	} else if (id && !str_eq(owner, c->customer.tenant_id)) {
		out->fault = "ztd_assigned_to_other_tenant";
		return true;
	}
	r.source = "partner";
	r.serial_key = NULL;
	return registration_insert(db, &c->customer, &r, 1, &options, out, e);
}

static bool
register_tx(struct db *db, void *ctx, struct error *e)
{
	struct partner_ctx *c = ctx;
	bool may;

	if (!has_consent(db, c->w, c->w->tenant_id, c->customer.tenant_id, &may, e))
		return false;
	if (!may)
		return error_fault(e, ERR_DENIED, "partner_consent_missing",
			"the organization has not agreed that this partner registers devices");
	for (size_t i = 0; i < c->count; i++)
		if (!register_one(db, c, &c->rows[i], &c->results[i], e))
			return false;
	const char *what = arena_printf(c->w->arena, "%zu devices", c->count);
	return registration_audit(db, &c->customer, c->actor, "Create", "Partner registers devices",
		       c->w->tenant_id, what, e) &&
		registration_audit(db, c->w, c->actor, "Create", "Register devices for a customer",
			c->customer.tenant_id, what, e);
}

bool
store_partner_register(const struct work *w, const char *customer_id,
	const struct registration *rows, size_t count, const char *actor,
	struct registration_result *out, struct error *e)
{
	struct partner_ctx c = {.w = w,
		.customer = *w,
		.actor = actor,
		.rows = rows,
		.count = count,
		.results = out};

	c.customer.tenant_id = customer_id;
	return store_write_bulk(w->session, register_tx, &c, e);
}
