// SPDX-License-Identifier: Apache-2.0
#include "ferryd/settle.h"

#include "base/log.h"
#include "base/wait.h"
#include "domain/connector_version.h"
#include "store/jobs.h"
#include "store/settle.h"
#include <pthread.h>

enum { LOOK_AGAIN_SECONDS = 30, AFTER_ERROR_SECONDS = 5, FORGET_EVERY_MS = 3600 * 1000 };

static pthread_t thread;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed;
static bool stopping, wanted;

// Wait until there may be work; false when the thread must end.
static bool
wait_for_work(unsigned seconds)
{
	struct timespec until = wait_until(1000LL * seconds);

	pthread_mutex_lock(&lock);
	while (!stopping && !wanted)
		if (pthread_cond_timedwait(&changed, &lock, &until) != 0)
			break;
	wanted = false;
	bool go_on = !stopping;
	pthread_mutex_unlock(&lock);
	return go_on;
}

static bool
stop_is_wanted(void)
{
	pthread_mutex_lock(&lock);
	bool stop = stopping;
	pthread_mutex_unlock(&lock);
	return stop;
}

// Portion after portion until nothing waits. False after an error.
static bool
settle_all(struct store_session *session)
{
	bool more = true;

	while (more && !stop_is_wanted()) {
		autoarena(arena, ARENA_REQUEST);
		struct work work = {.arena = &arena, .session = session, .now = clock_now()};
		struct error e = {0};
		if (!store_settle(&work, &more, &e)) {
			log_failure("membership of devices", &e);
			return false;
		}
	}
	return true;
}

// Connectors that nobody has seen for a month are removed (behaviour K11); not before the service
// has been up for an hour, because none could reach it while it was away.
static void
forget_connectors(struct store_session *session, int64_t *due_ms)
{
	autoarena(arena, ARENA_SMALL);
	struct work work = {.arena = &arena, .session = session, .now = clock_now()};
	struct error e = {0};
	int64_t gone;

	if (clock_monotonic_ms() < *due_ms)
		return;
	*due_ms = clock_monotonic_ms() + FORGET_EVERY_MS;
	if (!store_connectors_forget(&work, work.now - CONNECTOR_GONE_DAYS * US_PER_DAY, &gone, &e))
		log_failure("old connectors", &e);
	else if (gone)
		log_warn("%lld connectors were removed: unseen for %d days", (long long)gone,
			CONNECTOR_GONE_DAYS);
}

static void *
run(void *arg)
{
	struct service *service = arg;
	struct store_session *session = NULL;
	struct error e = {0};
	unsigned pause = 0;
	int64_t forget_ms = clock_monotonic_ms() + FORGET_EVERY_MS;

	while (pause == 0 || wait_for_work(pause)) {
		if (!session && !store_session_open(service->store, &session, &e)) {
			log_failure("membership of devices", &e);
			pause = AFTER_ERROR_SECONDS;
			continue;
		}
		forget_connectors(session, &forget_ms);
		pause = settle_all(session) ? LOOK_AGAIN_SECONDS : AFTER_ERROR_SECONDS;
	}
	store_session_close(session);
	return NULL;
}

bool
settle_start(struct service *service, struct error *e)
{
	wait_condition(&changed);
	stopping = wanted = false;
	if (pthread_create(&thread, NULL, run, service) != 0)
		return error_set(e, ERR_UNAVAILABLE, "no thread can be started");
	return true;
}

void
settle_stop(void)
{
	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
}

void
settle_wake(void)
{
	pthread_mutex_lock(&lock);
	wanted = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
}
