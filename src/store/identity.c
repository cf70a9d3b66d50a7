// SPDX-License-Identifier: Apache-2.0
#include "store/identity.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/sign_in_step.h"
#include "pki/hash.h"
#include "store/queries.h"

// For how long a browser or an address counts as known.
#define KNOWN_FOR (180 * US_PER_DAY)
// Sessions are touched once a minute, not with every request.
#define TOUCH_EVERY US_PER_MIN

struct attempt_ctx {
	const struct work *w;
	const struct attempt *a;
	const char *source;
	time_us wait;
	bool good;
	bool known_browser;
};

static bool
is_known(struct db *db, struct attempt_ctx *c, const char *kind, const char *value, bool *known,
	struct error *e)
{
	autorows r = NULL;

	*known = false;
	if (!c->a->user_id || !value)
		return true;
	if (!db_query(db, Q_KNOWN_GET,
		    PARAMS(DB_TEXT(c->a->user_id), DB_TEXT(kind), DB_TEXT(value),
			    DB_INT(c->w->now - KNOWN_FOR)),
		    &r, e))
		return false;
	*known = db_next(r);
	return true;
}

// Names are hashed: an attacker must not choose how long a row is.
static char *
counter_name(struct attempt_ctx *c, int kind)
{
	struct arena *arena = c->w->arena;
	const struct attempt *a = c->a;
	const char *parts[THROTTLE_KINDS] = {
		[THROTTLE_DEVICE] = arena_printf(arena, "%s\n%s", a->account, a->browser_sha256),
		[THROTTLE_PAIR] = arena_printf(arena, "%s\n%s", a->account, c->source),
		[THROTTLE_ACCOUNT] = a->account,
		[THROTTLE_SOURCE] = c->source,
	};

	return sha256_hex(
		arena, slice_str(arena_printf(arena, "%s\n%d\n%s", a->purpose, kind, parts[kind])));
}

static bool
load_counter(struct db *db, const char *name, struct throttle_counter *out, struct error *e)
{
	autorows r = NULL;

	*out = (struct throttle_counter){0};
	if (!db_query(db, Q_THROTTLE_GET, PARAMS(DB_TEXT(name)), &r, e))
		return false;
	if (db_next(r))
		*out = (struct throttle_counter){.failures = db_int(r, "failures"),
			.last_at = db_int(r, "last_at"),
			.until = db_int(r, "until_at")};
	return true;
}

static bool
save_counter(struct db *db, const char *name, const struct throttle_counter *c, struct error *e)
{
	return db_run(db, Q_THROTTLE_PUT,
		PARAMS(DB_TEXT(name), DB_INT(c->failures), DB_INT(c->last_at), DB_INT(c->until)),
		NULL, e);
}

static bool
needed_counters(struct db *db, struct attempt_ctx *c, unsigned *needed, struct error *e)
{
	bool address;

	if (!is_known(db, c, "browser", c->a->browser_sha256, &c->known_browser, e) ||
		!is_known(db, c, "address", c->source, &address, e))
		return false;
	*needed = throttle_needed(c->known_browser, address);
	return true;
}

static bool
begin_tx(struct db *db, void *ctx, struct error *e)
{
	struct attempt_ctx *c = ctx;
	struct throttle_counter counters[THROTTLE_KINDS];
	unsigned needed;

	c->wait = 0;
	if (!needed_counters(db, c, &needed, e))
		return false;
	for (int kind = 0; kind < THROTTLE_KINDS; kind++)
		if (needed & THROTTLE_BIT(kind) &&
			!load_counter(db, counter_name(c, kind), &counters[kind], e))
			return false;
	for (int kind = 0; kind < THROTTLE_KINDS; kind++)
		if (needed & THROTTLE_BIT(kind) &&
			!throttle_take(
				(enum throttle_kind)kind, &counters[kind], c->w->now, &c->wait))
			return true; // nothing is saved: nothing was counted
	for (int kind = 0; kind < THROTTLE_KINDS; kind++)
		if (needed & THROTTLE_BIT(kind) &&
			!save_counter(db, counter_name(c, kind), &counters[kind], e))
			return false;
	return true;
}

bool
store_attempt_begin(const struct work *w, struct attempt *attempt, time_us *wait, struct error *e)
{
	struct attempt_ctx c = {
		.w = w, .a = attempt, .source = throttle_source(w->arena, attempt->address)};

	if (!store_write(w->session, begin_tx, &c, e))
		return false;
	*wait = c.wait;
	attempt->known_browser = c.known_browser;
	return true;
}

static bool
remember(struct db *db, struct attempt_ctx *c, const char *kind, const char *value, struct error *e)
{
	return !value || !c->a->user_id ||
		db_run(db, Q_KNOWN_PUT,
			PARAMS(DB_TEXT(c->a->user_id), DB_TEXT(kind), DB_TEXT(value),
				DB_TEXT(c->w->tenant_id), DB_INT(c->w->now)),
			NULL, e);
}

static bool
good_tx(struct db *db, void *ctx, struct error *e)
{
	struct attempt_ctx *c = ctx;
	struct throttle_counter counter;
	unsigned needed;

	if (!needed_counters(db, c, &needed, e))
		return false;
	for (int kind = 0; kind < THROTTLE_KINDS; kind++) {
		if (!(needed & THROTTLE_BIT(kind)))
			continue;
		if (!load_counter(db, counter_name(c, kind), &counter, e))
			return false;
		if (c->good)
			throttle_give_back((enum throttle_kind)kind, &counter, c->w->now);
		else
			throttle_void(&counter, c->w->now);
		if (!save_counter(db, counter_name(c, kind), &counter, e))
			return false;
	}
	if (!c->good)
		return true;
	return remember(db, c, "browser", c->a->browser_sha256, e) &&
		remember(db, c, "address", c->source, e);
}

bool
store_attempt_good(const struct work *w, const struct attempt *attempt, struct error *e)
{
	struct attempt_ctx c = {.w = w,
		.a = attempt,
		.source = throttle_source(w->arena, attempt->address),
		.good = true};

	return store_write(w->session, good_tx, &c, e);
}

bool
store_attempt_void(const struct work *w, const struct attempt *attempt, struct error *e)
{
	struct attempt_ctx c = {
		.w = w, .a = attempt, .source = throttle_source(w->arena, attempt->address)};

	return store_write(w->session, good_tx, &c, e);
}

// --- sessions ---

struct session_ctx {
	const struct work *w;
	const char *sha256, *address;
	const struct sign_in_session *in;
	struct sign_in_session *out;
	struct slice secret;
};

static bool
replace_tx(struct db *db, void *ctx, struct error *e)
{
	struct session_ctx *c = ctx;
	const struct sign_in_session *s = c->in;

	return (!c->sha256 || db_run(db, Q_SESSION_DELETE, PARAMS(DB_TEXT(c->sha256)), NULL, e)) &&
		db_run(db, Q_SESSION_INSERT,
			PARAMS(DB_TEXT(s->sha256), DB_TEXT(c->w->tenant_id), DB_TEXT(s->user_id),
				DB_BOOL(s->complete), DB_BOOL(s->strong), DB_TEXT(s->source),
				DB_TEXT(s->amr), DB_BLOB(s->pending), DB_INT(s->signed_in_at),
				DB_TEXT(c->address), DB_INT(c->w->now)),
			NULL, e);
}

bool
store_sign_in_replace(const struct work *w, const char *old_sha256,
	const struct sign_in_session *session, const char *address, struct error *e)
{
	struct session_ctx c = {.w = w, .sha256 = old_sha256, .in = session, .address = address};

	return store_write(w->session, replace_tx, &c, e);
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct session_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	if (!db_one(db, Q_SESSION_GET, PARAMS(DB_TEXT(c->sha256)), &r, e))
		return false;
	*c->out = (struct sign_in_session){
		.sha256 = c->sha256,
		.tenant_id = db_text(a, r, "tenant_id"),
		.user_id = db_text(a, r, "user_id"),
		.complete = db_bool(r, "complete"),
		.strong = db_bool(r, "strong"),
		.source = db_text(a, r, "source"),
		.amr = db_text(a, r, "amr"),
		.pending = db_blob(a, r, "pending"),
		.signed_in_at = db_int(r, "signed_in_at"),
		.last_at = db_int(r, "last_at"),
	};
	return true;
}

static bool
touch_tx(struct db *db, void *ctx, struct error *e)
{
	struct session_ctx *c = ctx;

	return db_run(db, Q_SESSION_TOUCH, PARAMS(DB_TEXT(c->sha256), DB_INT(c->w->now)), NULL, e);
}

static bool
is_over(const struct sign_in_session *s, time_us now)
{
	if (!s->complete)
		return now - s->signed_in_at > SESSION_UNFINISHED;
	return now - s->last_at > SESSION_IDLE || now - s->signed_in_at > SESSION_ABSOLUTE;
}

bool
store_sign_in_get(
	const struct work *w, const char *sha256, struct sign_in_session *out, struct error *e)
{
	struct session_ctx c = {.w = w, .sha256 = sha256, .out = out};

	if (!store_read(w->session, get_tx, &c, e))
		return e->code == ERR_NOT_FOUND
			? error_fault(e, ERR_NOT_FOUND, "session_expired", "there is no session")
			: false;
	if (is_over(out, w->now))
		return error_fault(e, ERR_NOT_FOUND, "session_expired", "the session is over");
	return w->now - out->last_at < TOUCH_EVERY || store_write(w->session, touch_tx, &c, e);
}

static bool
pending_tx(struct db *db, void *ctx, struct error *e)
{
	struct session_ctx *c = ctx;

	return db_run(
		db, Q_SESSION_PENDING, PARAMS(DB_TEXT(c->sha256), DB_BLOB(c->secret)), NULL, e);
}

bool
store_sign_in_pending(
	const struct work *w, const char *sha256, struct slice secret, struct error *e)
{
	struct session_ctx c = {.w = w, .sha256 = sha256, .secret = secret};

	return store_write(w->session, pending_tx, &c, e);
}

static bool
end_tx(struct db *db, void *ctx, struct error *e)
{
	struct session_ctx *c = ctx;

	return db_run(db, Q_SESSION_DELETE, PARAMS(DB_TEXT(c->sha256)), NULL, e);
}

bool
store_sign_in_end(const struct work *w, const char *sha256, struct error *e)
{
	struct session_ctx c = {.w = w, .sha256 = sha256};

	return store_write(w->session, end_tx, &c, e);
}

// --- the record ---

struct event_ctx {
	const struct work *w;
	const char *id;
	const struct sign_in_event *in;
	time_us before;
	int64_t limit;
	struct sign_in_event *list;
	size_t count, room;
};

static bool
event_tx(struct db *db, void *ctx, struct error *e)
{
	struct event_ctx *c = ctx;
	const struct sign_in_event *in = c->in;

	return db_run(db, Q_SIGN_IN_EVENT_INSERT,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_INT(c->w->now),
			DB_TEXT(in->user_id), DB_TEXT(in->upn), DB_TEXT(in->client_id),
			DB_TEXT(in->address), DB_TEXT(in->user_agent), DB_TEXT(in->method),
			DB_TEXT(in->result), DB_TEXT(in->reason)),
		NULL, e);
}

bool
store_sign_in_event(const struct work *w, const struct sign_in_event *event, struct error *e)
{
	struct event_ctx c = {.w = w, .id = uuid_new(w->arena), .in = event};

	return store_write(w->session, event_tx, &c, e);
}

static bool
events_tx(struct db *db, void *ctx, struct error *e)
{
	struct event_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows r = NULL;

	c->list = NULL;
	c->count = c->room = 0;
	if (!db_query(db, Q_SIGN_IN_EVENT_PAGE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_INT(c->before), DB_TEXT(c->id),
			    DB_INT(c->limit)),
		    &r, e))
		return false;
	while (db_next(r)) {
		c->list = arena_more(a, c->list, c->count, &c->room, sizeof *c->list);
		c->list[c->count++] = (struct sign_in_event){
			.event_id = db_text(a, r, "event_id"),
			.at = db_int(r, "at"),
			.user_id = db_text(a, r, "user_id"),
			.upn = db_text(a, r, "upn"),
			.client_id = db_text(a, r, "client_id"),
			.address = db_text(a, r, "address"),
			.user_agent = db_text(a, r, "user_agent"),
			.method = db_text(a, r, "method"),
			.result = db_text(a, r, "result"),
			.reason = db_text(a, r, "reason"),
		};
	}
	return true;
}

bool
store_sign_in_events(const struct work *w, time_us before, const char *before_id, int64_t limit,
	struct sign_in_event **out, size_t *count, struct error *e)
{
	struct event_ctx c = {
		.w = w, .before = before ? before : INT64_MAX, .id = before_id, .limit = limit};

	if (!store_read(w->session, events_tx, &c, e))
		return false;
	*out = c.list;
	*count = c.count;
	return true;
}

static bool
forget_tx(struct db *db, void *ctx, struct error *e)
{
	struct event_ctx *c = ctx;
	time_us now = c->w->now;

	return db_run(db, Q_THROTTLE_FORGET, PARAMS(DB_INT(now - THROTTLE_MEMORY)), NULL, e) &&
		db_run(db, Q_SESSION_FORGET, PARAMS(DB_INT(now - SESSION_ABSOLUTE)), NULL, e) &&
		db_run(db, Q_FEDERATED_FORGET, PARAMS(DB_INT(now)), NULL, e) &&
		db_run(db, Q_DEVICE_CODE_FORGET, PARAMS(DB_INT(now - US_PER_DAY)), NULL, e) &&
		db_run(db, Q_GRANT_FORGET, PARAMS(DB_INT(now - US_PER_DAY)), NULL, e);
}

bool
store_identity_forget(const struct work *w, struct error *e)
{
	struct event_ctx c = {.w = w};

	return store_write(w->session, forget_tx, &c, e);
}
