// SPDX-License-Identifier: Apache-2.0
// How registrations end (behaviour D1-D7, B1-B4; pains 7, 17; threats row 20).
#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "store/actions.h"
#include "store/assign.h"
#include "store/queries.h"
#include "store/registration.h"

enum { ITEMS_MAX = 4 << 20, ITEMS_NODES = 200000 };

struct end_ctx {
	const struct work *w;
	const char *actor, *actor_id, *reason;
	bool dry_run, approve, actions; // actions: on managed devices, not deletions
	const char *const *keys;
	size_t count;
	struct deregistration *out;
	const char *id;
	struct deletion_request *request;
	struct deletion_request *requests;
	struct orphan_account *accounts;
	size_t found, room;
};

// --- one device ---

// By any of its ids, or by a serial number that only one device has: administrators begin with the
// registration, the directory device or the managed device, and all are the same record here.
static bool
find_one(struct db *db, const struct work *w, const char *key, const char **id, struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, Q_DEREGISTER_FIND,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(key), DB_TEXT(str_upper(w->arena, key))),
		    &rows, e))
		return false;
	if (!db_next(rows))
		return error_fault(e, ERR_NOT_FOUND, "device_not_registered",
			"no device has the id or serial number \"%.64s\"", key);
	*id = db_text(w->arena, rows, "device_id");
	return !db_next(rows) ||
		error_fault(e, ERR_CONFLICT, "serial_ambiguous",
			"several devices have the serial number \"%.64s\"", key);
}

static bool
look(struct db *db, const struct work *w, const char *id, struct deregistration *out,
	struct error *e)
{
	autorows r = NULL;
	struct arena *arena = w->arena;

	if (!db_one(db, Q_DEREGISTER_VIEW, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(id)), &r, e))
		return false;
	*out = (struct deregistration){
		.device_id = db_text(arena, r, "device_id"),
		.serial = db_text(arena, r, "serial"),
		.user = db_text(arena, r, "assigned_upn"),
		.directory_id = db_text(arena, r, "directory_id"),
		.managed_id = db_text(arena, r, "managed_id"),
		.computer_name = db_text(arena, r, "computer_name"),
		.dn = db_text(arena, r, "dn"),
		.domain = db_text(arena, r, "domain"),
		.enrollments = db_int(r, "enrollments"),
		.certificates = db_int(r, "certificates"),
		.deployments = db_int(r, "deployments"),
	};
	return true;
}

// All facets lie in one database, so there is no order to get wrong: what refers to the device goes
// with it. The account in Active Directory is another's: it is put down as work to be done.
static bool
remove_device(struct db *db, const struct work *w, const char *actor, struct deregistration *d,
	struct error *e)
{
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
	return registration_event_add(db, w, d->device_id, "deregistered", actor, detail, e);
}

static bool
remove_and_note(struct db *db, const struct work *w, const char *actor, struct deregistration *d,
	struct error *e)
{
	return remove_device(db, w, actor, d, e) &&
		registration_audit(db, w, actor, "Delete", "Delete WindowsAutopilotDeviceIdentity",
			d->device_id, d->serial, e);
}

bool
registration_remove(struct db *db, const struct work *w, const char *device_id, const char *actor,
	struct error *e)
{
	struct deregistration d;

	return look(db, w, device_id, &d, e) && remove_and_note(db, w, actor, &d, e);
}

static bool
end_one(struct db *db, struct end_ctx *c, const char *key, struct deregistration *out,
	struct error *e)
{
	const char *id;

	*out = (struct deregistration){.device_id = "", .serial = key};
	if (!find_one(db, c->w, key, &id, e)) {
		out->fault = e->fault;
		return e->code == ERR_NOT_FOUND || e->code == ERR_CONFLICT;
	}
	return look(db, c->w, id, out, e) &&
		(c->dry_run || remove_and_note(db, c->w, c->actor, out, e));
}

static bool
deregister_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++)
		if (!end_one(db, c, c->keys[i], &c->out[i], e))
			return false;
	return true;
}

bool
store_deregister(const struct work *w, const char *const *keys, size_t count, bool dry_run,
	const char *actor, struct deregistration *out, struct error *e)
{
	struct end_ctx c = {.w = w,
		.keys = keys,
		.count = count,
		.dry_run = dry_run,
		.actor = actor,
		.out = out};

	return dry_run ? store_read(w->session, deregister_tx, &c, e)
		       : store_write(w->session, deregister_tx, &c, e);
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	struct deregistration d;

	if (look(db, c->w, c->id, &d, e))
		return remove_device(db, c->w, c->actor, &d, e);
	return e->code == ERR_NOT_FOUND
		? error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device")
		: false;
}

bool
store_device_delete(const struct work *w, const char *device_id, const char *actor, struct error *e)
{
	struct end_ctx c = {.w = w, .id = device_id, .actor = actor};

	return store_write(w->session, delete_tx, &c, e);
}

// --- two persons ---

static const char *
what(const struct deletion_request *r)
{
	return *r->action ? r->action : "deletion";
}

static bool
request_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	const struct deletion_request *r = c->request;

	if (!db_run(db, Q_DELETION_INSERT,
		    PARAMS(DB_TEXT(r->request_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->actor),
			    DB_TEXT(r->items), DB_INT(r->count), DB_INT(r->created_at),
			    DB_INT(r->expires_at), DB_TEXT(c->actor_id), DB_TEXT(r->action),
			    DB_TEXT(r->data)),
		    NULL, e))
		return false;
	failpoint("store.deletion_requested");
	return registration_audit(db, c->w, c->actor, "Create",
		arena_printf(c->w->arena, "Request %s of devices", what(r)), r->request_id, "", e);
}

static bool
request(const struct work *w, const struct principal *who, const struct action_request *action,
	const char *const *keys, size_t count, struct deletion_request *out, struct error *e)
{
	struct end_ctx c = {.w = w, .actor = who->name, .actor_id = who->id, .request = out};
	struct buf items;

	buf_init(&items, w->arena, ITEMS_MAX);
	struct jsonw json = jsonw_on(&items);
	jsonw_array(&json, NULL);
	for (size_t i = 0; i < count; i++)
		jsonw_str(&json, NULL, keys[i]);
	jsonw_end_array(&json);
	if (!buf_ok(&items, e))
		return false;
	*out = (struct deletion_request){.request_id = uuid_ordered(w->arena),
		.requested_by = who->name,
		.requested_by_id = who->id,
		.decided_by = "",
		.state = "waiting",
		.items = buf_text(&items),
		.count = (int64_t)count,
		.created_at = w->now,
		.expires_at = w->now + DEREGISTER_HOURS * 60 * US_PER_MIN,
		.action = action ? device_action_row(action->action)->name : "",
		.data = action && action->data ? action->data : ""};
	return store_write(w->session, request_tx, &c, e);
}

bool
store_deletion_request(const struct work *w, const struct principal *who, const char *const *keys,
	size_t count, struct deletion_request *out, struct error *e)
{
	return request(w, who, NULL, keys, count, out, e);
}

bool
store_action_order(const struct work *w, const struct principal *who,
	const struct action_request *in, const char *const *ids, size_t count,
	struct deletion_request *out, struct error *e)
{
	return request(w, who, in, ids, count, out, e);
}

static struct deletion_request
read_request(const struct work *w, struct db_rows *r)
{
	struct arena *arena = w->arena;
	struct deletion_request out = {
		.request_id = db_text(arena, r, "request_id"),
		.requested_by = db_text(arena, r, "requested_by"),
		.requested_by_id = db_text(arena, r, "requested_by_id"),
		.decided_by = db_text(arena, r, "decided_by"),
		.state = db_text(arena, r, "state"),
		.items = db_text(arena, r, "items"),
		.count = db_int(r, "item_count"),
		.created_at = db_int(r, "created_at"),
		.expires_at = db_int(r, "expires_at"),
		.action = db_text(arena, r, "action"),
		.data = db_text(arena, r, "data"),
	};

	if (out.expires_at <= w->now && str_eq(out.state, "waiting"))
		out.state = "expired";
	return out;
}

static bool
load_request(struct db *db, struct end_ctx *c, struct error *e)
{
	autorows r = NULL;

	if (!db_one(db, Q_DELETION_GET,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_BOOL(c->actions)), &r, e))
		return e->code == ERR_NOT_FOUND ? error_fault(e, ERR_NOT_FOUND, "deletion_unknown",
							  "there is no such request")
						: false;
	*c->request = read_request(c->w, r);
	return true;
}

static bool
requests_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	autorows r = NULL;

	c->found = c->room = 0;
	c->requests = NULL;
	if (!db_query(db, Q_DELETION_LIST, PARAMS(DB_TEXT(c->w->tenant_id), DB_BOOL(c->actions)),
		    &r, e))
		return false;
	while (db_next(r)) {
		c->requests = arena_more(
			c->w->arena, c->requests, c->found, &c->room, sizeof *c->requests);
		c->requests[c->found++] = read_request(c->w, r);
	}
	return true;
}

static bool
requests(const struct work *w, bool actions, struct deletion_request **out, size_t *count,
	struct error *e)
{
	struct end_ctx c = {.w = w, .actions = actions};

	if (!store_read(w->session, requests_tx, &c, e))
		return false;
	*out = c.requests;
	*count = c.found;
	return true;
}

bool
store_deletions(const struct work *w, struct deletion_request **out, size_t *count, struct error *e)
{
	return requests(w, false, out, count, e);
}

bool
store_action_orders(
	const struct work *w, struct deletion_request **out, size_t *count, struct error *e)
{
	return requests(w, true, out, count, e);
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
	struct end_ctx c = {.w = w, .id = request_id, .request = out};

	return store_read(w->session, get_request_tx, &c, e);
}

bool
store_action_order_get(
	const struct work *w, const char *request_id, struct deletion_request *out, struct error *e)
{
	struct end_ctx c = {.w = w, .id = request_id, .request = out, .actions = true};

	return store_read(w->session, get_request_tx, &c, e);
}

// What was asked for is removed in the transaction that says so.
static bool
remove_items(struct db *db, struct end_ctx *c, struct error *e)
{
	static const struct json_limits limits = {
		.max_bytes = ITEMS_MAX, .max_depth = 2, .max_nodes = ITEMS_NODES};
	const struct json *list = json_parse(c->w->arena, slice_str(c->request->items), &limits, e);

	if (!list)
		return false;
	for (const struct json *item = list->first; item; item = item->next) {
		struct deregistration gone;
		if (!end_one(db, c, item->text, &gone, e))
			return false;
		c->request->removed += gone.done;
	}
	return true;
}

// Two names are not two persons: the same one may have several programs of one name, and be
// renamed.
static bool
is_same(const struct end_ctx *c)
{
	const struct deletion_request *r = c->request;

	return str_empty(r->requested_by_id) ? str_eq(r->requested_by, c->actor)
					     : str_eq(r->requested_by_id, c->actor_id);
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
	if (c->approve && is_same(c))
		return error_fault(e, ERR_DENIED, "second_person_needed",
			"who asks for the %s of %lld devices cannot agree to it", what(c->request),
			(long long)c->request->count);
	c->request->state = c->approve ? "done" : "refused";
	c->request->decided_by = c->actor;
	if (!db_run(db, Q_DELETION_DECIDE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->request->state),
			    DB_TEXT(c->actor)),
		    &n, e))
		return false;
	if (n == 0)
		return error_fault(e, ERR_CONFLICT, "deletion_decided", "the request is decided");
	failpoint("store.deletion_decided");
	return registration_audit(db, c->w, c->actor, "Action",
		       arena_printf(c->w->arena, "%s %s of devices",
			       c->approve ? "Approve" : "Refuse", what(c->request)),
		       c->id, "", e) &&
		(!c->approve || c->actions || remove_items(db, c, e));
}

static bool
decide(const struct work *w, const char *request_id, const struct principal *who, bool actions,
	bool approve, struct deletion_request *out, struct error *e)
{
	struct end_ctx c = {.w = w,
		.id = request_id,
		.actor = who->name,
		.actor_id = who->id,
		.approve = approve,
		.actions = actions,
		.request = out};

	return store_write(w->session, decide_tx, &c, e);
}

bool
store_deletion_decide(const struct work *w, const char *request_id, const struct principal *who,
	bool approve, struct deletion_request *out, struct error *e)
{
	return decide(w, request_id, who, false, approve, out, e);
}

bool
store_action_order_decide(const struct work *w, const char *request_id, const struct principal *who,
	bool approve, struct deletion_request *out, struct error *e)
{
	return decide(w, request_id, who, true, approve, out, e);
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

static bool
orphan_done_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_ORPHAN_DONE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e))
		return false;
	if (n == 0)
		return error_set(e, ERR_NOT_FOUND, "no account that waits has this objectGUID");
	return registration_audit(
		db, c->w, c->actor, "Action", "Account of a deleted device removed", c->id, "", e);
}

bool
store_orphan_done(const struct work *w, const char *object_guid, const char *actor, struct error *e)
{
	struct end_ctx c = {.w = w, .id = object_guid, .actor = actor};

	return store_write(w->session, orphan_done_tx, &c, e);
}

// --- re-use ---

static bool
block_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_DEVICE_BLOCK, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e))
		return false;
	if (n == 0)
		return error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device");
	return registration_event_add(db, c->w, c->id, "blocked", c->actor, c->reason, e);
}

bool
store_device_block(const struct work *w, const char *device_id, const char *actor,
	const char *reason, struct error *e)
{
	struct end_ctx c = {.w = w, .id = device_id, .actor = actor, .reason = reason};

	return store_write(w->session, block_tx, &c, e);
}

static bool
unblock_tx(struct db *db, void *ctx, struct error *e)
{
	struct end_ctx *c = ctx;
	struct device d;
	int64_t n;

	if (!db_run(db, Q_DEVICE_UNBLOCK, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e))
		return false;
	if (n == 0) {
		if (!device_load(db, c->w, c->id, &d, e))
			return false;
		return !str_eq(d.tenant_id, c->w->tenant_id)
			? error_fault(e, ERR_NOT_FOUND, "device_not_registered", "no such device")
			: str_eq(d.remediation, "pending")
			? error_fault(e, ERR_CONFLICT, "hardware_fix_pending",
				  "the device has not shown its new parts yet (behaviour B2)")
			: error_fault(e, ERR_CONFLICT, "hardware_mismatch",
				  "the device's hardware has changed (behaviour B2)");
	}
	return registration_event_add(db, c->w, c->id, "unblocked", c->actor, "", e);
}

bool
store_device_unblock(
	const struct work *w, const char *device_id, const char *actor, struct error *e)
{
	struct end_ctx c = {.w = w, .id = device_id, .actor = actor};

	return store_write(w->session, unblock_tx, &c, e);
}
