// SPDX-License-Identifier: Apache-2.0
#include "store/device_logs.h"

#include "base/str.h"
#include "base/uuid.h"
#include "pki/hash.h"
#include "store/deployments.h"
#include "store/queries.h"

struct log_ctx {
	const struct work *w;
	const char *device_id, *deployment_id, *log_id, *text;
	struct slice content;
	struct device_log *out;
	size_t count;
	time_us until;
};

static struct device_log
read_log(struct arena *a, struct db_rows *r)
{
	return (struct device_log){
		.log_id = db_text(a, r, "log_id"),
		.device_id = db_text(a, r, "device_id"),
		.state = db_text(a, r, "state"),
		.requested_by = db_text(a, r, "requested_by"),
		.fault = db_text(a, r, "fault"),
		.sha256 = db_text(a, r, "sha256"),
		.requested_at = db_int(r, "requested_at"),
		.received_at = db_int(r, "received_at"),
		.size = db_int(r, "size"),
	};
}

static time_us
oldest(const struct work *w)
{
	return w->now - DEVICE_LOG_DAYS * US_PER_DAY;
}

// What is too old or too much goes when another comes.
static bool
tidy(struct db *db, const struct log_ctx *c, struct error *e)
{
	return db_run(db, Q_DEVICE_LOG_OLD, PARAMS(DB_TEXT(c->device_id), DB_INT(oldest(c->w))),
		       NULL, e) &&
		db_run(db, Q_DEVICE_LOG_SURPLUS,
			PARAMS(DB_TEXT(c->device_id), DB_INT(DEVICE_LOGS_KEPT)), NULL, e);
}

static bool
request_tx(struct db *db, void *ctx, struct error *e)
{
	struct log_ctx *c = ctx;
	struct event asked = {.source = "service",
		.phase = "flow",
		.state = "diagnosticsRequested",
		.reason = c->text};

	if (!db_run(db, Q_DEVICE_LOG_REQUEST,
		    PARAMS(DB_TEXT(c->log_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id),
			    DB_TEXT(c->text), DB_INT(c->w->now)),
		    NULL, e) ||
		(c->deployment_id && !event_add(db, c->w, c->deployment_id, &asked, e)))
		return false;
	return tidy(db, c, e);
}

bool
store_log_request(const struct work *w, const char *device_id, const char *deployment_id,
	const char *by, struct device_log *out, struct error *e)
{
	struct log_ctx c = {.w = w,
		.device_id = device_id,
		.deployment_id = deployment_id,
		.log_id = uuid_new(w->arena),
		.text = by};

	if (!store_write(w->session, request_tx, &c, e))
		return false;
	*out = (struct device_log){.log_id = c.log_id,
		.device_id = device_id,
		.state = "pending",
		.requested_by = by,
		.requested_at = w->now};
	return true;
}

static bool
check_size(struct slice content, struct error *e)
{
	if (content.len == 0)
		return error_set(e, ERR_INVALID, "the bundle is empty");
	return content.len <= DEVICE_LOG_MAX ||
		error_set(e, ERR_LIMIT, "a bundle has at most %d bytes", DEVICE_LOG_MAX);
}

static bool
receive_tx(struct db *db, void *ctx, struct error *e)
{
	struct log_ctx *c = ctx;
	autorows rows = NULL;
	int64_t changed;

	if (!db_run(db, Q_DEVICE_LOG_RECEIVE,
		    PARAMS(DB_TEXT(c->log_id), DB_TEXT(c->device_id), DB_INT(c->w->now),
			    DB_INT((int64_t)c->content.len),
			    DB_TEXT(sha256_hex(c->w->arena, c->content)), DB_BLOB(c->content)),
		    &changed, e))
		return false;
	return changed ||
		db_one(db, Q_DEVICE_LOG_DONE, PARAMS(DB_TEXT(c->log_id), DB_TEXT(c->device_id)),
			&rows, e);
}

bool
store_log_receive(const struct work *w, const char *device_id, const char *log_id,
	struct slice content, struct error *e)
{
	struct log_ctx c = {.w = w, .device_id = device_id, .log_id = log_id, .content = content};

	return check_size(content, e) && store_write(w->session, receive_tx, &c, e);
}

static bool
last_own(struct db *db, const struct log_ctx *c, time_us *at, struct error *e)
{
	autorows rows = NULL;

	if (!db_one(db, Q_DEVICE_LOG_LAST_OWN, PARAMS(DB_TEXT(c->device_id)), &rows, e))
		return false;
	*at = db_int(rows, "at");
	return true;
}

static bool
own_tx(struct db *db, void *ctx, struct error *e)
{
	struct log_ctx *c = ctx;
	time_us last;

	if (!last_own(db, c, &last, e))
		return false;
	if (last > c->w->now - US_PER_DAY)
		return error_set(e, ERR_CONFLICT, "one bundle a day is enough");
	return db_run(db, Q_DEVICE_LOG_OWN,
		       PARAMS(DB_TEXT(c->log_id), DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id),
			       DB_TEXT(c->text), DB_INT(c->w->now), DB_INT((int64_t)c->content.len),
			       DB_TEXT(sha256_hex(c->w->arena, c->content)), DB_BLOB(c->content)),
		       NULL, e) &&
		tidy(db, c, e);
}

bool
store_log_own(const struct work *w, const char *device_id, const char *fault, struct slice content,
	struct device_log *out, struct error *e)
{
	struct log_ctx c = {.w = w,
		.device_id = device_id,
		.log_id = uuid_new(w->arena),
		.text = fault,
		.content = content};

	if (!check_size(content, e) || !store_write(w->session, own_tx, &c, e))
		return false;
	*out = (struct device_log){
		.log_id = c.log_id, .device_id = device_id, .state = "completed"};
	return true;
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct log_ctx *c = ctx;
	autorows rows = NULL;

	c->out = arena_array(c->w->arena, DEVICE_LOGS_KEPT + 1, sizeof *c->out);
	if (!db_query(db, Q_DEVICE_LOG_LIST,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->device_id), DB_INT(oldest(c->w))),
		    &rows, e))
		return false;
	for (c->count = 0; c->count <= DEVICE_LOGS_KEPT && db_next(rows); c->count++)
		c->out[c->count] = read_log(c->w->arena, rows);
	return true;
}

bool
store_logs(const struct work *w, const char *device_id, struct device_log **out, size_t *count,
	struct error *e)
{
	struct log_ctx c = {.w = w, .device_id = device_id};

	if (!store_read(w->session, list_tx, &c, e))
		return false;
	*out = c.out;
	*count = c.count;
	return true;
}

static bool
pending_tx(struct db *db, void *ctx, struct error *e)
{
	struct log_ctx *c = ctx;
	autorows rows = NULL;

	c->log_id = NULL;
	if (!db_query(db, Q_DEVICE_LOG_PENDING, PARAMS(DB_TEXT(c->device_id), DB_INT(oldest(c->w))),
		    &rows, e))
		return false;
	if (db_next(rows))
		c->log_id = db_text(c->w->arena, rows, "log_id");
	return true;
}

bool
store_log_pending(const struct work *w, const char *device_id, const char **log_id, struct error *e)
{
	struct log_ctx c = {.w = w, .device_id = device_id};

	if (!store_read(w->session, pending_tx, &c, e))
		return false;
	*log_id = c.log_id;
	return true;
}

static bool
link_tx(struct db *db, void *ctx, struct error *e)
{
	struct log_ctx *c = ctx;
	int64_t changed;

	return db_run(db, Q_DEVICE_LOG_LINK,
		       PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->log_id), DB_TEXT(c->text),
			       DB_INT(c->until), DB_TEXT(c->device_id)),
		       &changed, e) &&
		(changed ||
			error_set(e, ERR_NOT_FOUND,
				"there is no such bundle, or it has not come yet"));
}

bool
store_log_link(const struct work *w, const char *device_id, const char *log_id,
	const char *link_sha256, time_us until, struct error *e)
{
	struct log_ctx c = {.w = w,
		.device_id = device_id,
		.log_id = log_id,
		.text = link_sha256,
		.until = until};

	return store_write(w->session, link_tx, &c, e);
}

static bool
by_link_tx(struct db *db, void *ctx, struct error *e)
{
	struct log_ctx *c = ctx;
	autorows rows = NULL;

	if (!db_one(db, Q_DEVICE_LOG_BY_LINK, PARAMS(DB_TEXT(c->text), DB_INT(c->w->now)), &rows,
		    e))
		return false;
	*c->out = read_log(c->w->arena, rows);
	c->out->content = db_blob(c->w->arena, rows, "content");
	return true;
}

bool
store_log_by_link(
	const struct work *w, const char *link_sha256, struct device_log *out, struct error *e)
{
	struct log_ctx c = {.w = w, .text = link_sha256, .out = out};

	return store_read(w->session, by_link_tx, &c, e);
}
