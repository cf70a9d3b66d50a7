// SPDX-License-Identifier: Apache-2.0
#include "connector/sync_loop.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "connector/service.h"
#include "connector/stop.h"
#include "connector/sync.h"
#include <pthread.h>

enum { ASK_TIMEOUT_MS = 60000, TELL_TIMEOUT_MS = 20000, MAX_BACKOFF_MS = 30000 };

static struct {
	const struct connector_config *config;
	struct http_client *client;
	pthread_t thread;
	bool running;
	int backoff_ms;
} sync_thread;

// The failure belongs to where an administrator looks. The service may be what failed: then it has
// its own words for a run that did not end.
static void
tell_failure(struct arena *arena, const char *run_id, const struct error *why)
{
	const struct json *answer;
	struct error ignored;
	struct buf body;

	log_failure("synchronizing", why);
	buf_init(&body, arena, 8 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "runId", run_id);
	jsonw_str(&w, "fault", why->fault ? why->fault : "sync_failed");
	jsonw_str(&w, "message", why->message);
	jsonw_end_object(&w);
	if (!service_post(arena, sync_thread.client, "/connector/v1/directory/failed",
		    buf_text(&body), TELL_TIMEOUT_MS, &answer, &ignored))
		log_debug("the failure was not told: %s", ignored.message);
}

static void
back_off(void)
{
	uint16_t random;

	sync_thread.backoff_ms = sync_thread.backoff_ms ? 2 * sync_thread.backoff_ms : 1000;
	if (sync_thread.backoff_ms > MAX_BACKOFF_MS)
		sync_thread.backoff_ms = MAX_BACKOFF_MS;
	random_bytes(&random, sizeof random);
	stop_pause_ms(sync_thread.backoff_ms / 2 + random % (sync_thread.backoff_ms / 2));
}

// Wait until a run is due; NULL when the time is over or the service does not answer.
static const struct json *
ask(struct arena *arena)
{
	const struct json *order = NULL;
	struct error e;
	const char *body = arena_printf(
		arena, "{\"intervalSeconds\":%u}", sync_thread.config->sync.interval_s);

	bool ok = stop_polling(STOP_SYNC, sync_thread.client) &&
		service_post(arena, sync_thread.client, "/connector/v1/directory/begin", body,
			ASK_TIMEOUT_MS, &order, &e);
	stop_polling(STOP_SYNC, NULL);
	if (!ok && !stop_requested()) {
		log_debug("asking for a synchronization: %s", e.message);
		back_off();
	}
	return ok ? order : NULL;
}

static void
turn(struct arena *arena)
{
	const struct json *in = ask(arena);
	struct sync_order order = {
		.cursor = json_str(in, "cursor"), .full = json_bool(in, "full", false)};
	struct error e = {0};

	if (!in || !json_need_str(in, "runId", 36, &order.run_id, &e))
		return;
	if (sync_run(sync_thread.config, sync_thread.client, &order, &e)) {
		sync_thread.backoff_ms = 0;
		return;
	}
	if (stop_requested())
		return;
	tell_failure(arena, order.run_id, &e);
	back_off();
}

static void *
run_thread(void *arg)
{
	struct arena arena = {.cap = ARENA_REQUEST};

	(void)arg;
	while (!stop_requested()) {
		turn(&arena);
		arena_reset(&arena);
	}
	arena_finish(&arena);
	return NULL;
}

bool
sync_start(const struct connector_config *config, const struct connector_identity *identity,
	struct error *e)
{
	if (config->sync.base_count == 0)
		return true;
	sync_thread.config = config;
	if (!service_open(config, identity, &sync_thread.client, e))
		return false;
	if (pthread_create(&sync_thread.thread, NULL, run_thread, NULL) != 0)
		return error_set(e, ERR_INTERNAL, "cannot start a thread");
	sync_thread.running = true;
	return true;
}

void
sync_join(void)
{
	if (sync_thread.running)
		pthread_join(sync_thread.thread, NULL);
	http_client_close(sync_thread.client);
}
