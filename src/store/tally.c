// SPDX-License-Identifier: Apache-2.0
#include "store/tally.h"

#include "store/db.h"
#include "store/queries.h"

struct tally_ctx {
	const struct work *w;
	const char *kind, *caller;
	int64_t n, total;
	time_us window;
};

// One statement: what two services add at the same time is added up by the database.
static bool
add_tx(struct db *db, void *ctx, struct error *e)
{
	struct tally_ctx *c = ctx;
	const struct work *w = c->w;
	autorows r = NULL;

	if (!db_one(db, Q_CALLER_TALLY_ADD,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c->kind), DB_TEXT(c->caller),
			    DB_INT(w->now), DB_INT(c->n), DB_INT(w->now - c->window)),
		    &r, e))
		return false;
	c->total = db_int(r, "tally");
	return true;
}

bool
store_tally_add(const struct work *w, const char *kind, const char *caller, int64_t n,
	time_us window, int64_t *total, struct error *e)
{
	struct tally_ctx c = {.w = w, .kind = kind, .caller = caller, .n = n, .window = window};

	if (!store_write(w->session, add_tx, &c, e))
		return false;
	*total = c.total;
	return true;
}
