// SPDX-License-Identifier: Apache-2.0
#include "store/sync.h"

#include "base/failpoint.h"
#include "base/str.h"
#include "base/uuid.h"
#include "store/sync_internal.h"

enum { OBJECTS_AT_ONCE = 50, MEMBERS_AT_ONCE = 1000, UNSEEN_AT_ONCE = 100 };

struct sync_ctx {
	const struct work *w;
	const struct connector *connector;
	const char *domain, *run_id, *fault, *message;
	time_us interval;
	bool full, force, due;
	int64_t known, unseen;
	struct sync_order *order;
	const struct sync_batch *batch;
	size_t from, to; // the part of the batch that one transaction takes
	bool (*part)(
		struct db *db, const struct sync_tx *t, const struct sync_ctx *c, struct error *e);
	const char *sid;
	struct sync_person *person;
	struct sync_connector *connectors;
	size_t count, room;
};

// --- begin

static bool
may_begin(const struct sync_ctx *c, struct db_rows *r)
{
	autoarena(arena, ARENA_SMALL);
	time_us now = c->w->now, started = db_int(r, "started_at");
	const char *holder = db_text(&arena, r, "connector_id");
	bool under_way = !str_empty(db_text(&arena, r, "run_id"));

	if (under_way && db_int(r, "lease_until") > now &&
		!str_eq(holder, c->connector->connector_id))
		return false;
	// A run that did not end, or ended badly, is repeated as soon as somebody can.
	return under_way || !db_is_null(r, "fault") || db_int(r, "requested") > 0 || started == 0 ||
		now - started >= c->interval || started > now;
}

static bool
begin_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	const struct work *w = c->w;
	autorows r = NULL;

	if (!db_run(db, Q_SYNC_MAKE, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->domain)), NULL, e) ||
		!db_one(db, Q_SYNC_GET, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->domain)), &r, e))
		return false;
	c->due = may_begin(c, r);
	if (!c->due)
		return true;
	c->order->run_id = c->run_id;
	c->order->cursor = db_text(w->arena, r, "cursor");
	c->order->full = db_int(r, "requested") > 1;
	return db_run(db, Q_SYNC_BEGIN,
		PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->domain), DB_TEXT(c->run_id),
			DB_TEXT(c->connector->connector_id),
			DB_INT(w->now + SYNC_LEASE_S * US_PER_S), DB_INT(w->now)),
		NULL, e);
}

// Most questions are answered with "not yet": they need no writer.
static bool
look_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	autorows r = NULL;

	c->due = true;
	if (!db_one(db, Q_SYNC_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->domain)), &r, e))
		return e->code == ERR_NOT_FOUND;
	c->due = may_begin(c, r);
	return true;
}

bool
store_sync_begin(const struct work *w, const struct connector *connector, time_us interval,
	bool *due, struct sync_order *out, struct error *e)
{
	struct sync_ctx c = {.w = w,
		.connector = connector,
		.domain = str_lower(w->arena, connector->domain),
		.run_id = uuid_new(w->arena),
		.interval = interval,
		.order = out};

	if (!store_read(w->session, look_tx, &c, e))
		return false;
	if (c.due && !store_write(w->session, begin_tx, &c, e))
		return false;
	*due = c.due;
	return true;
}

// --- the lease

static bool
superseded(struct error *e)
{
	return error_fault(e, ERR_CONFLICT, "sync_superseded",
		"this run is over: another one has begun, or it took too long");
}

static bool
renew(struct db *db, const struct sync_ctx *c, struct error *e)
{
	int64_t changed;

	if (!db_run(db, Q_SYNC_RENEW,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->domain), DB_TEXT(c->run_id),
			    DB_TEXT(c->connector->connector_id),
			    DB_INT(clock_now() + SYNC_LEASE_S * US_PER_S)),
		    &changed, e))
		return false;
	return changed == 1 || superseded(e);
}

// --- a batch

static bool
part_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	struct assigner *users = NULL;
	struct sync_tx t = {.w = c->w,
		.connector = c->connector,
		.domain = c->domain,
		.run_id = c->run_id,
		.users = &users};
	autorows r = NULL;

	if (!renew(db, c, e) ||
		!db_one(db, Q_SYNC_TENANT_DOMAIN, PARAMS(DB_TEXT(c->w->tenant_id)), &r, e))
		return false;
	t.tenant_domain = str_lower(c->w->arena, db_text(c->w->arena, r, "domain"));
	return c->part(db, &t, c, e);
}

static bool
put_users(struct db *db, const struct sync_tx *t, const struct sync_ctx *c, struct error *e)
{
	for (size_t i = c->from; i < c->to; i++)
		if (!sync_put_user(db, t, &c->batch->users[i], e))
			return false;
	return true;
}

static bool
put_gone(struct db *db, const struct sync_tx *t, const struct sync_ctx *c, struct error *e)
{
	for (size_t i = c->from; i < c->to; i++)
		if (!sync_put_gone(db, t, &c->batch->gone[i], e))
			return false;
	return true;
}

// One group, of which from..to are the members that this transaction takes.
static bool
put_group(struct db *db, const struct sync_tx *t, const struct sync_ctx *c, struct error *e)
{
	struct sync_group part = *c->batch->groups;

	part.more = part.more || c->to < part.member_count;
	part.members += c->from;
	part.member_count = c->to - c->from;
	return sync_put_group(db, t, &part, e);
}

static bool
in_parts(struct sync_ctx *c, size_t count, size_t at_once, struct error *e)
{
	for (c->from = 0; c->from < count; c->from = c->to) {
		c->to = count - c->from > at_once ? c->from + at_once : count;
		if (!store_write(c->w->session, part_tx, c, e))
			return false;
		failpoint("ferryd.sync_part_stored");
	}
	return true;
}

static bool
put_groups(struct sync_ctx *c, const struct sync_batch *batch, struct error *e)
{
	struct sync_batch one = *batch;
	bool ok = true;

	c->part = put_group;
	c->batch = &one;
	for (size_t i = 0; ok && i < batch->group_count; i++, one.groups++) {
		size_t members = one.groups->member_count;
		c->from = c->to = 0;
		ok = members == 0 ? store_write(c->w->session, part_tx, c, e)
				  : in_parts(c, members, MEMBERS_AT_ONCE, e);
	}
	c->batch = batch;
	return ok;
}

// --- the end of a run

static bool
counts_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	autorows counts = NULL;
	autorows state = NULL;
	const char *tenant = c->w->tenant_id;

	if (!db_one(db, Q_SYNC_OBJECT_COUNTS,
		    PARAMS(DB_TEXT(tenant), DB_TEXT(c->domain), DB_TEXT(c->run_id)), &counts, e))
		return false;
	c->known = db_int(counts, "known");
	c->unseen = db_int(counts, "unseen");
	if (!db_one(db, Q_SYNC_GET, PARAMS(DB_TEXT(tenant), DB_TEXT(c->domain)), &state, e))
		return false;
	c->force = db_bool(state, "force");
	return true;
}

static bool
unseen_part(struct db *db, const struct sync_tx *t, const struct sync_ctx *c, struct error *e)
{
	struct sync_gone gone[UNSEEN_AT_ONCE] = {0};
	size_t count = 0;
	autorows r = NULL;

	(void)c;
	if (!db_query(db, Q_SYNC_OBJECT_UNSEEN,
		    PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(t->domain), DB_TEXT(t->run_id)), &r,
		    e))
		return false;
	// All are read before any is removed from what is read.
	while (count < UNSEEN_AT_ONCE && db_next(r))
		gone[count++].guid = db_text(t->w->arena, r, "object_guid");
	db_rows_close(r);
	r = NULL;
	for (size_t i = 0; i < count; i++)
		if (!sync_put_gone(db, t, &gone[i], e))
			return false;
	return true;
}

// A connector that suddenly sees little has lost rights, or looks elsewhere: that must not empty
// the directory.
static bool
remove_unseen(struct sync_ctx *c, struct error *e)
{
	if (!store_read(c->w->session, counts_tx, c, e))
		return false;
	if (!c->force && c->unseen > SYNC_GONE_FEW &&
		c->unseen * 100 > c->known * SYNC_GONE_PERCENT)
		return error_fault(e, ERR_DENIED, "sync_too_many_gone",
			"%lld of %lld users and groups of %s are gone; nothing was removed",
			(long long)c->unseen, (long long)c->known, c->domain);
	c->part = unseen_part;
	for (int64_t before = -1; c->unseen != before && c->unseen > 0;) {
		before = c->unseen;
		if (!store_write(c->w->session, part_tx, c, e) ||
			!store_read(c->w->session, counts_tx, c, e))
			return false;
		failpoint("ferryd.sync_part_removed");
	}
	return true;
}

static bool
finished_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	int64_t changed;

	if (!db_run(db, Q_SYNC_FINISHED,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->domain), DB_TEXT(c->run_id),
			    DB_TEXT(c->connector->connector_id), DB_TEXT(c->batch->cursor),
			    DB_INT(c->w->now), DB_INT(c->full ? 1 : 0)),
		    &changed, e))
		return false;
	return changed == 1 || superseded(e);
}

bool
store_sync_batch(const struct work *w, const struct connector *connector,
	const struct sync_batch *batch, struct error *e)
{
	struct sync_ctx c = {.w = w,
		.connector = connector,
		.domain = str_lower(w->arena, connector->domain),
		.run_id = batch->run_id,
		.full = batch->full,
		.batch = batch,
		.part = put_gone};

	// First what is gone: a name may have passed on to somebody else.
	if (!in_parts(&c, batch->gone_count, OBJECTS_AT_ONCE, e))
		return false;
	c.part = put_users;
	if (!in_parts(&c, batch->user_count, OBJECTS_AT_ONCE, e) || !put_groups(&c, batch, e))
		return false;
	c.batch = batch;
	if (!batch->cursor)
		return true;
	if (batch->full && !remove_unseen(&c, e))
		return false;
	return store_write(w->session, finished_tx, &c, e);
}

static bool
failed_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	int64_t changed;

	if (!db_run(db, Q_SYNC_FAILED,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->domain), DB_TEXT(c->run_id),
			    DB_TEXT(c->connector->connector_id), DB_TEXT(c->fault),
			    DB_TEXT(c->message)),
		    &changed, e))
		return false;
	return changed == 1 || superseded(e);
}

bool
store_sync_failed(const struct work *w, const struct connector *connector, const char *run_id,
	const char *fault, const char *message, struct error *e)
{
	struct sync_ctx c = {.w = w,
		.connector = connector,
		.domain = str_lower(w->arena, connector->domain),
		.run_id = run_id,
		.fault = fault,
		.message = message};

	return store_write(w->session, failed_tx, &c, e);
}

// --- for administrators and sign-in

static bool
request_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	const char *tenant = c->w->tenant_id;
	autorows r = NULL;

	if (!db_one(db, Q_CONNECTOR_ALIVE, PARAMS(DB_TEXT(tenant), DB_TEXT(c->domain)), &r, e))
		return false;
	if (db_int(r, "known") == 0)
		return error_fault(
			e, ERR_NOT_FOUND, "connector_missing", "no connector serves %s", c->domain);
	return db_run(db, Q_SYNC_MAKE, PARAMS(DB_TEXT(tenant), DB_TEXT(c->domain)), NULL, e) &&
		db_run(db, Q_SYNC_REQUEST,
			PARAMS(DB_TEXT(tenant), DB_TEXT(c->domain), DB_INT(c->full ? 2 : 1),
				DB_INT(c->force ? 1 : 0)),
			NULL, e);
}

bool
store_sync_request(const struct work *w, const char *domain, bool full, bool force, struct error *e)
{
	struct sync_ctx c = {.w = w,
		.domain = str_lower(w->arena, domain),
		.full = full || force,
		.force = force};

	return store_write(w->session, request_tx, &c, e);
}

static bool
person_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_SYNC_USER_BY_SID,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->sid), DB_TEXT(c->domain)), &r, e))
		return false;
	*c->person = (struct sync_person){
		.user_id = db_text(c->w->arena, r, "user_id"),
		.upn = db_text(c->w->arena, r, "upn"),
		.enabled = db_bool(r, "account_enabled"),
	};
	return true;
}

bool
store_sync_person(const struct work *w, const char *domain, const char *sid,
	struct sync_person *out, struct error *e)
{
	struct sync_ctx c = {
		.w = w, .domain = str_lower(w->arena, domain), .sid = sid, .person = out};

	return store_read(w->session, person_tx, &c, e);
}

static bool
connectors_tx(struct db *db, void *ctx, struct error *e)
{
	struct sync_ctx *c = ctx;
	autorows r = NULL;

	c->count = 0;
	if (!db_query(db, Q_CONNECTORS_OF_DOMAIN,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->domain)), &r, e))
		return false;
	while (db_next(r)) {
		c->connectors = arena_more(
			c->w->arena, c->connectors, c->count, &c->room, sizeof *c->connectors);
		c->connectors[c->count++] = (struct sync_connector){
			.connector_id = db_text(c->w->arena, r, "connector_id"),
			.domain = db_text(c->w->arena, r, "domain"),
			.certificate = db_blob(c->w->arena, r, "der"),
			.last_seen_at = db_int(r, "last_seen_at"),
		};
	}
	return true;
}

bool
store_sync_connectors(const struct work *w, const char *domain, struct sync_connector **out,
	size_t *count, struct error *e)
{
	struct sync_ctx c = {.w = w, .domain = domain};

	if (!store_read(w->session, connectors_tx, &c, e))
		return false;
	*out = c.connectors;
	*count = c.count;
	return true;
}
