// SPDX-License-Identifier: Apache-2.0
#include "store/settle.h"

#include "store/cohort.h"
#include "store/queries.h"
#include "store/user_groups.h"
#include <stdatomic.h>

// A portion ends when one of them is reached; others wait meanwhile, up to 50 ms for the steps.
enum { PORTION = 1024, PORTION_STEPS = 10 * RULE_MAX_STEPS };

// Up to `limit` devices of a cohort after `after`.
static bool
read_devices(struct db *db, const struct work *w, const char *cohort_id, const char *after,
	size_t limit, const char **ids, size_t *count, struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, Q_COHORT_DEVICES,
		    PARAMS(DB_TEXT(cohort_id), DB_TEXT(after), DB_INT((int64_t)limit)), &rows, e))
		return false;
	for (*count = 0; *count < limit && db_next(rows); (*count)++)
		ids[*count] = db_text(w->arena, rows, "device_id");
	return true;
}

// Ask until the rules took too many steps, at least one; *asked of them.
static bool
ask_devices(struct assigner *a, struct db *db, const char **ids, size_t count, size_t steps,
	size_t *asked, struct error *e)
{
	*asked = 0;
	while (*asked < count && (*asked == 0 || a->steps < steps)) {
		if (!assigner_apply(a, db, ids[*asked], e))
			return false;
		++*asked;
	}
	return true;
}

static atomic_ulong marks;

unsigned long
store_settle_marks(void)
{
	return atomic_load(&marks);
}

void
settle_marked(void)
{
	atomic_fetch_add(&marks, 1);
}

// The devices of the cohort after `after` wait.
static bool
mark(struct db *db, const struct work *w, const char *cohort_id, const char *after, struct error *e)
{
	settle_marked();
	return db_run(db, Q_COHORT_STALE_SET,
		PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(cohort_id), DB_BOOL(true), DB_TEXT(after)),
		NULL, e);
}

bool
settle_or_mark(struct assigner *a, struct db *db, const char *cohort_id, struct settle_limit *left,
	struct error *e)
{
	const struct work *w = a->w;
	const char **ids = arena_array(w->arena, left->devices + 1, sizeof *ids);
	size_t count, asked;

	if (!read_devices(db, w, cohort_id, "", left->devices + 1, ids, &count, e))
		return false;
	if (count > left->devices)
		return mark(db, w, cohort_id, "", e);
	if (!ask_devices(a, db, ids, count, left->steps, &asked, e))
		return false;
	left->devices = asked < count ? 0 : left->devices - count;
	return asked == count || mark(db, w, cohort_id, ids[asked - 1], e);
}

// How often a portion is halved: on PostgreSQL a long one does not come to its end while others
// write, each of which is shorter and goes first.
static atomic_uint halved;
enum { MAX_HALVED = 10 };

struct settle_ctx {
	const struct work *w;
	bool more;
	bool again;
	int64_t devices;
};

static bool
settle_tx(struct db *db, void *ctx, struct error *e)
{
	struct settle_ctx *c = ctx;
	struct work w = *c->w;
	const char *ids[PORTION], *cohort_id, *after;
	struct assigner *a;
	size_t count, asked;

	c->again = db_attempt(db) > 0;
	if (c->again && atomic_load(&halved) < MAX_HALVED)
		atomic_fetch_add(&halved, 1);
	const unsigned less = atomic_load(&halved);
	const struct settle_limit limit = {
		.devices = PORTION >> less, .steps = (size_t)PORTION_STEPS >> less};
	{
		autorows rows = NULL;
		if (!db_query(db, Q_COHORT_STALE_NEXT, NO_PARAMS, &rows, e))
			return false;
		c->more = db_next(rows);
		if (!c->more)
			return user_groups_settle(db, &w, &limit, &c->more, e);
		cohort_id = db_text(w.arena, rows, "cohort_id");
		w.tenant_id = db_text(w.arena, rows, "tenant_id");
		after = db_text(w.arena, rows, "stale_after");
	}
	if (!assigner_open(db, &w, &a, e) ||
		!read_devices(db, &w, cohort_id, after, limit.devices, ids, &count, e) ||
		!ask_devices(a, db, ids, count, limit.steps, &asked, e))
		return false;
	bool last = asked == count && count < limit.devices;
	return db_run(db, Q_COHORT_STALE_SET,
		PARAMS(DB_TEXT(w.tenant_id), DB_TEXT(cohort_id), DB_BOOL(!last),
			DB_TEXT(last ? "" : ids[asked - 1])),
		NULL, e);
}

bool
store_settle(const struct work *w, bool *more, struct error *e)
{
	struct settle_ctx c = {.w = w};

	if (!store_write(w->session, settle_tx, &c, e))
		return false;
	if (!c.again && atomic_load(&halved) > 0)
		atomic_fetch_sub(&halved, 1);
	*more = c.more;
	return true;
}

static bool
left_tx(struct db *db, void *ctx, struct error *e)
{
	struct settle_ctx *c = ctx;
	autorows rows = NULL;

	if (!db_one(db, Q_COHORT_STALE_LEFT, PARAMS(DB_TEXT(c->w->tenant_id)), &rows, e))
		return false;
	c->devices = db_int(rows, "devices");
	return true;
}

bool
store_settle_left(const struct work *w, int64_t *devices, struct error *e)
{
	struct settle_ctx c = {.w = w};

	if (!store_read(w->session, left_tx, &c, e))
		return false;
	*devices = c.devices;
	return true;
}
