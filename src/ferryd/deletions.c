// SPDX-License-Identifier: Apache-2.0
#include "ferryd/deletions.h"

#include "base/log.h"
#include "ferryd/graph/collection.h"
#include "ferryd/graph/edge.h"
#include "store/registration.h"
#include "store/tally.h"

struct deleted {
	struct call *c;
	const char *who;
	int64_t count;
	bool too_many;
};

static bool
note_many(struct call *c, const char *who, struct error *e)
{
	struct graph_note note = {
		.operation = "Action",
		.action = "NoticeManyDeletions",
		.noun = graph_autopilot_devices.noun,
		.category = graph_autopilot_devices.category,
		.resource_id = who,
		.resource_name = c->actor,
	};

	return graph_note(c, &note, e);
}

// Whether these make them too many, and the note of it in the same transaction: whichever service
// does the deletion that is one too many tells it, and no other.
static bool
count_tx(void *ctx, struct error *e)
{
	struct deleted *d = ctx;
	int64_t total;

	if (!store_tally_add(
		    &d->c->work, "deletions", d->who, d->count, 60 * US_PER_MIN, &total, e))
		return false;
	d->too_many = total > DEREGISTER_ALONE && total - d->count <= DEREGISTER_ALONE;
	return !d->too_many || note_many(d->c, d->who, e);
}

void
deletions_done(struct call *c, size_t count)
{
	const char *who = c->user_id ? c->user_id : c->client_id;
	struct deleted d = {.c = c, .who = who ? who : "", .count = (int64_t)count};
	struct error e;

	if (!count)
		return;
	// The devices are gone: that this was not counted is no answer about them.
	if (!store_together(c->work.session, count_tx, &d, &e)) {
		log_failure("deletions are not counted", &e);
		return;
	}
	if (d.too_many)
		log_warn("%s has deleted, wiped or retired more than %d devices within an hour, "
			 "alone [%s]",
			c->actor, DEREGISTER_ALONE, c->request_id);
}
