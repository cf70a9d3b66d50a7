// SPDX-License-Identifier: Apache-2.0
#include "ferryd/deletions.h"

#include "base/log.h"
#include "base/str.h"
#include "ferryd/graph/collection.h"
#include "ferryd/graph/edge.h"
#include "store/registration.h"
#include <pthread.h>

enum { CALLERS = 256, KEY_SIZE = 128 };

// since: 0 for a place that nobody has.
static struct caller {
	char key[KEY_SIZE];
	time_us since;
	size_t count;
} callers[CALLERS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

// The caller's place, or the one that was taken longest ago.
static struct caller *
place_of(const char *key)
{
	struct caller *oldest = &callers[0];

	for (size_t i = 0; i < CALLERS; i++) {
		if (str_eq(callers[i].key, key))
			return &callers[i];
		if (callers[i].since < oldest->since)
			oldest = &callers[i];
	}
	*oldest = (struct caller){0};
	snprintf(oldest->key, sizeof oldest->key, "%s", key);
	return oldest;
}

// Whether these make them too many.
static bool
add(const char *key, size_t count, time_us now)
{
	pthread_mutex_lock(&lock);
	struct caller *caller = place_of(key);
	if (now - caller->since >= 60 * US_PER_MIN) {
		caller->since = now;
		caller->count = 0;
	}
	size_t before = caller->count;
	caller->count += count;
	bool too_many = before <= DEREGISTER_ALONE && caller->count > DEREGISTER_ALONE;
	pthread_mutex_unlock(&lock);
	return too_many;
}

void
deletions_done(struct call *c, size_t count)
{
	const char *who = c->user_id ? c->user_id : c->client_id;
	struct graph_note note = {
		.operation = "Action",
		.action = "NoticeManyDeletions",
		.noun = graph_autopilot_devices.noun,
		.category = graph_autopilot_devices.category,
		.resource_id = who,
		.resource_name = c->actor,
	};
	struct error e;

	if (!count || !add(who ? who : "", count, c->work.now))
		return;
	log_warn("%s has deleted more than %d devices within an hour, alone [%s]", c->actor,
		DEREGISTER_ALONE, c->request_id);
	// The devices are gone: that this was not noted is no answer about them.
	if (!graph_note(c, &note, &e))
		log_failure("many deletions are not in the audit log", &e);
}
