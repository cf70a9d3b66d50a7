// SPDX-License-Identifier: Apache-2.0
// A device goes from one organization to another when the one that has it agrees (threats row 1,
// behaviour R24).
#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "store/queries.h"
#include "store/registration.h"

struct transfer_ctx {
	const struct work *w;
	const char *key, *actor, *serial;
	const struct transfer_claim *claim;
	bool approve;
	struct device_transfer *transfers;
	size_t found, room;
};

// The device that the hash tells: by its TPM, else by maker, model and serial number.
static bool
find_theirs(struct db *db, struct transfer_ctx *c, const char **id, struct error *e)
{
	const struct transfer_claim *claim = c->claim;
	autorows rows = NULL;
	bool ok = claim->ek_id
		? db_query(db, Q_DEVICE_ID_BY_EK, PARAMS(DB_TEXT(claim->ek_id)), &rows, e)
		: db_query(db, Q_DEVICE_ID_BY_HARDWARE,
			  PARAMS(DB_TEXT(claim->manufacturer), DB_TEXT(claim->model),
				  DB_TEXT(claim->serial_key)),
			  &rows, e);

	*id = NULL;
	while (ok && !*id && db_next(rows))
		if (!str_eq(db_text(c->w->arena, rows, "tenant_id"), c->w->tenant_id))
			*id = db_text(c->w->arena, rows, "device_id");
	return ok &&
		(*id ||
			error_fault(e, ERR_NOT_FOUND, "device_not_registered",
				"no other organization has registered this hardware"));
}

static bool
ask_transfer_tx(struct db *db, void *ctx, struct error *e)
{
	struct transfer_ctx *c = ctx;
	const char *id;
	int64_t n;

	if (!find_theirs(db, c, &id, e) ||
		!db_run(db, Q_TRANSFER_INSERT,
			PARAMS(DB_TEXT(c->key), DB_TEXT(c->w->tenant_id), DB_TEXT(id),
				DB_TEXT(c->actor), DB_INT(c->w->now)),
			&n, e))
		return false;
	if (n == 0)
		return error_fault(e, ERR_CONFLICT, "transfer_waits",
			"this organization has asked for the device already");
	failpoint("store.transfer_requested");
	return registration_audit(
		db, c->w, c->actor, "Create", "Request transfer of a device", c->key, "", e);
}

bool
store_transfer_request(const struct work *w, const struct transfer_claim *claim, const char *actor,
	const char **transfer_id, struct error *e)
{
	struct transfer_ctx c = {
		.w = w, .claim = claim, .actor = actor, .key = uuid_ordered(w->arena)};

	*transfer_id = c.key;
	return store_write(w->session, ask_transfer_tx, &c, e);
}

static bool
transfers_tx(struct db *db, void *ctx, struct error *e)
{
	struct transfer_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	autorows r = NULL;

	c->found = c->room = 0;
	c->transfers = NULL;
	if (!db_query(db, Q_TRANSFER_LIST, PARAMS(DB_TEXT(c->w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		c->transfers =
			arena_more(arena, c->transfers, c->found, &c->room, sizeof *c->transfers);
		c->transfers[c->found++] = (struct device_transfer){
			.transfer_id = db_text(arena, r, "transfer_id"),
			.serial = db_text(arena, r, "serial"),
			.organization = db_text(arena, r, "organization"),
			.requested_by = db_text(arena, r, "requested_by"),
			.decided_by = db_text(arena, r, "decided_by"),
			.state = db_text(arena, r, "state"),
			.ours = db_bool(r, "ours"),
			.created_at = db_int(r, "created_at"),
		};
	}
	return true;
}

bool
store_transfers(const struct work *w, struct device_transfer **out, size_t *count, struct error *e)
{
	struct transfer_ctx c = {.w = w};

	if (!store_read(w->session, transfers_tx, &c, e))
		return false;
	*out = c.transfers;
	*count = c.found;
	return true;
}

// The old owner's record goes like any other; the new owner registers the device then. What was
// said to whom stays with both: the request, an event and an audit event in each chain.
static bool
tell_both(struct db *db, struct transfer_ctx *c, const char *id, const char *to, struct error *e)
{
	struct work theirs = *c->w;

	theirs.tenant_id = to;
	return registration_event_add(db, &theirs, id,
		       c->approve ? "transferred" : "transfer_refused", c->actor, "", e) &&
		registration_audit(db, &theirs, c->actor, "Action", "Transfer of a device decided",
			c->key, "", e) &&
		registration_audit(db, c->w, c->actor, "Action",
			c->approve ? "Approve transfer of a device" : "Refuse transfer of a device",
			c->key, "", e);
}

static bool
decide_transfer_tx(struct db *db, void *ctx, struct error *e)
{
	struct transfer_ctx *c = ctx;
	const char *id, *to;
	int64_t n;

	{
		autorows r = NULL;
		if (!db_one(db, Q_TRANSFER_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)),
			    &r, e))
			return e->code == ERR_NOT_FOUND
				? error_fault(e, ERR_NOT_FOUND, "transfer_unknown",
					  "no organization has asked for this")
				: false;
		id = db_text(c->w->arena, r, "device_id");
		to = db_text(c->w->arena, r, "tenant_id");
	}
	if (!db_run(db, Q_TRANSFER_DECIDE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key),
			    DB_TEXT(c->approve ? "approved" : "refused"), DB_TEXT(c->actor),
			    DB_INT(c->w->now)),
		    &n, e))
		return false;
	if (n == 0)
		return error_fault(
			e, ERR_CONFLICT, "deletion_decided", "the transfer was decided before");
	if (!tell_both(db, c, id, to, e))
		return false;
	failpoint("store.transfer_decided");
	if (!c->approve || registration_remove(db, c->w, id, c->actor, e))
		return true;
	// Its owner has deleted it meanwhile: that is what was asked for.
	return e->code == ERR_NOT_FOUND;
}

bool
store_transfer_decide(const struct work *w, const char *transfer_id, const char *actor,
	bool approve, struct error *e)
{
	struct transfer_ctx c = {.w = w, .key = transfer_id, .actor = actor, .approve = approve};

	return store_write(w->session, decide_transfer_tx, &c, e);
}
