// SPDX-License-Identifier: Apache-2.0
// How registrations end (behaviour D1-D7, B1-B4; pains 7, 17; threats row 20).
#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "store/assign.h"
#include "store/audit.h"
#include "store/queries.h"
#include "store/registration.h"

struct end_ctx {
	const struct work *w;
	const char *key, *actor, *items;
	bool dry_run, approve;
	int64_t count;
	struct deregistration *out;
	struct deletion_request *request;
	struct orphan_account *accounts;
	struct device_transfer *transfers;
	size_t found, room;
};

bool
registration_audit(struct db *db, const struct work *w, const char *actor, const char *operation,
	const char *activity, const char *resource_id, const char *resource_name, struct error *e)
{
	struct buf who, what;

	buf_init(&who, w->arena, 4096);
	struct jsonw json = jsonw_on(&who);
	jsonw_object(&json, NULL);
	jsonw_str(&json, "userPrincipalName", actor ? actor : "service");
	jsonw_end_object(&json);
	buf_init(&what, w->arena, 8192);
	json = jsonw_on(&what);
	jsonw_array(&json, NULL);
	jsonw_object(&json, NULL);
	jsonw_str(&json, "resourceId", resource_id);
	jsonw_str(&json, "displayName", resource_name);
	jsonw_end_object(&json);
	jsonw_end_array(&json);
	struct audit_event event = {.name = activity,
		.component = "Enrollment",
		.category = "Enrollment",
		.activity = activity,
		.activity_type = activity,
		.operation = operation,
		.actor_name = actor ? actor : "service",
		.actor = buf_text(&who),
		.resource_id = resource_id,
		.resources = buf_text(&what)};
	return buf_ok(&who, e) && buf_ok(&what, e) && store_audit(db, w, &event, e);
}

// --- one device ---

// By id, or by a serial number that only one device has.
static bool
find_one(struct db *db, struct end_ctx *c, const char **id, struct error *e)
{
	autorows rows = NULL;
	struct arena *arena = c->w->arena;

	if (!db_query(db, Q_DEREGISTER_FIND,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key),
			    DB_TEXT(str_upper(arena, c->key))),
		    &rows, e))
		return false;
	if (!db_next(rows))
		return error_fault(e, ERR_NOT_FOUND, "device_not_registered",
			"no device has the id or serial number \"%.64s\"", c->key);
	*id = db_text(arena, rows, "device_id");
	return !db_next(rows) ||
		error_fault(e, ERR_CONFLICT, "serial_ambiguous",
			"several devices have the serial number \"%.64s\"", c->key);
}

static bool
look(struct db *db, struct end_ctx *c, const char *id, struct error *e)
{
	autorows r = NULL;
	struct arena *arena = c->w->arena;

	if (!db_one(db, Q_DEREGISTER_VIEW, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(id)), &r, e))
		return false;
	*c->out = (struct deregistration){
		.device_id = db_text(arena, r, "device_id"),
		.serial = db_text(arena, r, "serial"),
		.user = db_text(arena, r, "assigned_upn"),
		.directory_id = db_text(arena, r, "directory_id"),
		.computer_name = db_text(arena, r, "computer_name"),
		.dn = db_text(arena, r, "dn"),
		.domain = db_text(arena, r, "domain"),
		.enrollments = db_int(r, "enrollments"),
		.enrolled = db_int(r, "current") > 0,
		.deployments = db_int(r, "deployments"),
	};
	return true;
}

// All facets lie in one database, so there is no order to get wrong: what refers to the device goes
// with it. The account in Active Directory is another's, it is put down as work to be done.
static bool
remove_device(struct db *db, struct end_ctx *c, struct error *e)
{
	const struct work *w = c->w;
	struct deregistration *d = c->out;
	const char *detail = arena_printf(w->arena, "serial number %s%s%s", d->serial,
		*d->computer_name ? ", account " : "", d->computer_name);
	int64_t n;

	if (!db_run(db, Q_DEREGISTER_CERTIFICATES,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(d->device_id), DB_INT(w->now)),
		    &d->certificates, e) ||
		!db_run(db, Q_ORPHAN_INSERT,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(d->device_id), DB_TEXT(d->serial),
				DB_INT(w->now)),
			NULL, e) ||
		!db_run(db, Q_DEVICE_DELETE, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(d->device_id)),
			&n, e))
		return false;
	failpoint("store.deregistered");
	d->done = n == 1;
	return registration_event_add(db, w, d->device_id, "deregistered", c->actor, detail, e) &&
		registration_audit(db, w, c->actor, "Delete",
			"Delete WindowsAutopilotDeviceIdentity", d->device_id, d->serial, e);
}

static bool
deregister_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	const char *id;

	if (!find_one(db, c, &id, e) || !look(db, c, id, e))
		return false;
	return c->dry_run || remove_device(db, c, e);
}

bool
store_deregister(const struct work *w, const char *id_or_serial, bool dry_run, const char *actor,
	struct deregistration *out, struct error *e)
{
	struct end_ctx c = {
		.w = w, .key = id_or_serial, .dry_run = dry_run, .actor = actor, .out = out};

	return dry_run ? store_read(w->session, deregister_tx, &c, e)
		       : store_write(w->session, deregister_tx, &c, e);
}

// --- two persons ---

static bool
request_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	const struct deletion_request *r = c->request;

	return db_run(db, Q_DELETION_INSERT,
		       PARAMS(DB_TEXT(r->request_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->actor),
			       DB_TEXT(c->items), DB_INT(c->count), DB_INT(r->created_at),
			       DB_INT(r->expires_at)),
		       NULL, e) &&
		registration_audit(db, c->w, c->actor, "Create", "Request deletion of devices",
			r->request_id, "", e);
}

bool
store_deletion_request(const struct work *w, const char *actor, const char *items, int64_t count,
	struct deletion_request *out, struct error *e)
{
	struct end_ctx c = {.w = w, .actor = actor, .items = items, .count = count, .request = out};

	*out = (struct deletion_request){.request_id = uuid_ordered(w->arena),
		.requested_by = actor,
		.decided_by = "",
		.state = "waiting",
		.items = items,
		.count = count,
		.created_at = w->now,
		.expires_at = w->now + DEREGISTER_HOURS * 60 * US_PER_MIN};
	return store_write(w->session, request_tx, &c, e);
}

static bool
load_request(struct db *db, struct end_ctx *c, struct error *e)
{
	autorows r = NULL;
	struct arena *arena = c->w->arena;

	if (!db_one(db, Q_DELETION_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r, e))
		return false;
	*c->request = (struct deletion_request){
		.request_id = db_text(arena, r, "request_id"),
		.requested_by = db_text(arena, r, "requested_by"),
		.decided_by = db_text(arena, r, "decided_by"),
		.state = db_text(arena, r, "state"),
		.items = db_text(arena, r, "items"),
		.count = db_int(r, "item_count"),
		.created_at = db_int(r, "created_at"),
		.expires_at = db_int(r, "expires_at"),
	};
	if (c->request->expires_at <= c->w->now && str_eq(c->request->state, "waiting"))
		c->request->state = "expired";
	return true;
}

static bool
get_request_tx(struct db *db, void *ctx, struct error *e)
{
	return load_request(db, ctx, e);
}

bool
store_deletion_get(
	const struct work *w, const char *request_id, struct deletion_request *out, struct error *e)
{
	struct end_ctx c = {.w = w, .key = request_id, .request = out};

	return store_read(w->session, get_request_tx, &c, e);
}

static bool
decide_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	int64_t n;

	if (!load_request(db, c, e))
		return false;
	if (!str_eq(c->request->state, "waiting"))
		return error_fault(e, ERR_CONFLICT, "deletion_decided", "the request is %s",
			c->request->state);
	if (c->approve && str_eq(c->request->requested_by, c->actor))
		return error_fault(e, ERR_DENIED, "second_person_needed",
			"who asks for %lld deletions cannot agree to them",
			(long long)c->request->count);
	c->request->state = c->approve ? "approved" : "refused";
	c->request->decided_by = c->actor;
	return db_run(db, Q_DELETION_DECIDE,
		       PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key), DB_TEXT(c->request->state),
			       DB_TEXT(c->actor)),
		       &n, e) &&
		registration_audit(db, c->w, c->actor, "Action",
			c->approve ? "Approve deletion of devices" : "Refuse deletion of devices",
			c->key, "", e);
}

bool
store_deletion_decide(const struct work *w, const char *request_id, const char *actor, bool approve,
	struct deletion_request *out, struct error *e)
{
	struct end_ctx c = {
		.w = w, .key = request_id, .actor = actor, .approve = approve, .request = out};

	return store_write(w->session, decide_tx, &c, e);
}

static bool
done_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;

	return db_run(
		db, Q_DELETION_DONE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), NULL, e);
}

bool
store_deletion_done(const struct work *w, const char *request_id, struct error *e)
{
	struct end_ctx c = {.w = w, .key = request_id};

	return store_write(w->session, done_tx, &c, e);
}

// --- accounts that are left ---

static bool
orphans_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	struct arena *arena = c->w->arena;
	autorows r = NULL;

	c->found = c->room = 0;
	c->accounts = NULL;
	if (!db_query(db, Q_ORPHAN_LIST, PARAMS(DB_TEXT(c->w->tenant_id)), &r, e))
		return false;
	while (db_next(r)) {
		c->accounts =
			arena_more(arena, c->accounts, c->found, &c->room, sizeof *c->accounts);
		c->accounts[c->found++] = (struct orphan_account){
			.object_guid = db_text(arena, r, "object_guid"),
			.domain = db_text(arena, r, "domain"),
			.computer_name = db_text(arena, r, "computer_name"),
			.dn = db_text(arena, r, "dn"),
			.serial = db_text(arena, r, "serial"),
			.state = db_text(arena, r, "state"),
			.created_at = db_int(r, "created_at"),
		};
	}
	return true;
}

bool
store_orphan_accounts(
	const struct work *w, struct orphan_account **out, size_t *count, struct error *e)
{
	struct end_ctx c = {.w = w};

	if (!store_read(w->session, orphans_tx, &c, e))
		return false;
	*out = c.accounts;
	*count = c.found;
	return true;
}

// --- from one organization to another ---

static bool
ask_transfer_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;

	return db_run(db, Q_TRANSFER_INSERT,
		       PARAMS(DB_TEXT(c->items), DB_TEXT(c->w->tenant_id), DB_TEXT(c->key),
			       DB_TEXT(c->actor), DB_INT(c->w->now)),
		       NULL, e) &&
		registration_audit(db, c->w, c->actor, "Create", "Request transfer of a device",
			c->items, "", e);
}

bool
store_transfer_request(const struct work *w, const char *device_id, const char *actor,
	const char **transfer_id, struct error *e)
{
	struct end_ctx c = {
		.w = w, .key = device_id, .actor = actor, .items = uuid_ordered(w->arena)};

	*transfer_id = c.items;
	return store_write(w->session, ask_transfer_tx, &c, e);
}

static bool
transfers_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
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
	struct end_ctx c = {.w = w};

	if (!store_read(w->session, transfers_tx, &c, e))
		return false;
	*out = c.transfers;
	*count = c.found;
	return true;
}

// The old owner's record goes like any other; the new owner registers the device then. What was
// said to whom stays with both: the request, two events, and an audit event in each chain.
static bool
decide_transfer_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	struct deregistration gone;
	const char *id, *to;
	int64_t n;

	{
		autorows r = NULL;
		if (!db_one(db, Q_TRANSFER_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)),
			    &r, e))
			return false;
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
	struct work theirs = *c->w;
	theirs.tenant_id = to;
	if (!registration_event_add(db, &theirs, id,
		    c->approve ? "transferred" : "transfer_refused", c->actor, "", e) ||
		!registration_audit(db, &theirs, c->actor, "Action", "Decide transfer of a device",
			c->key, "", e))
		return false;
	if (!c->approve)
		return registration_audit(
			db, c->w, c->actor, "Action", "Refuse transfer of a device", c->key, "", e);
	struct end_ctx end = {.w = c->w, .key = id, .actor = c->actor, .out = &gone};
	return look(db, &end, id, e) && remove_device(db, &end, e);
}

bool
store_transfer_decide(const struct work *w, const char *transfer_id, const char *actor,
	bool approve, struct error *e)
{
	struct end_ctx c = {.w = w, .key = transfer_id, .actor = actor, .approve = approve};

	return store_write(w->session, decide_transfer_tx, &c, e);
}

// --- re-use ---

static bool
unblock_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	struct device d;
	int64_t n;

	if (!db_run(db, Q_DEVICE_UNBLOCK, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &n, e))
		return false;
	if (n == 0) {
		if (!device_load(db, c->w, c->key, &d, e))
			return false;
		return !str_eq(d.tenant_id, c->w->tenant_id)
			? error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device")
			: error_fault(e, ERR_CONFLICT, "hardware_mismatch",
				  "the device's hardware has changed (behaviour B2)");
	}
	return registration_event_add(db, c->w, c->key, "unblocked", c->actor, "", e) &&
		registration_audit(db, c->w, c->actor, "Action",
			"allowNextEnrollment WindowsAutopilotDeviceIdentity", c->key, "", e);
}

bool
store_device_allow(const struct work *w, const char *device_id, const char *actor, struct error *e)
{
	struct end_ctx c = {.w = w, .key = device_id, .actor = actor};

	return store_write(w->session, unblock_tx, &c, e);
}
