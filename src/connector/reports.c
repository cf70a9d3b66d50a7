// SPDX-License-Identifier: Apache-2.0
#include "connector/reports.h"

#include "base/log.h"
#include "base/str.h"
#include "codec/json.h"
#include "connector/ad_health.h"
#include "connector/self_test.h"
#include "connector/service.h"
#include "connector/stop.h"
#include <pthread.h>

enum {
	TELL_TIMEOUT_MS = 20000,
	BATCH = 500,
	MAX_BODY = 256 << 10,
	RECENT_S = 86400, // what changed since; everything is told once a day
};

static struct {
	const struct connector_config *config;
	struct http_client *client;
	pthread_t thread;
	bool running;
	time_us all_at; // when everything was told last
} reports;

static bool
tell(struct arena *arena, const char *path, const char *body, const struct json **answer,
	struct error *e)
{
	bool ok = stop_polling(STOP_REPORTS, reports.client) &&
		service_post(arena, reports.client, path, body, TELL_TIMEOUT_MS, answer, e);
	stop_polling(STOP_REPORTS, NULL);
	return ok;
}

static void
tell_self_test(struct arena *arena)
{
	const struct json *answer;
	struct error e = {0};
	bool ok;
	const char *report = self_test_report(arena, reports.config, &ok);

	if (!ok)
		log_warn("the self-test found something wrong: ferry-connector --self-test");
	if (!tell(arena, "/connector/v1/self-test", report, &answer, &e) && !stop_requested())
		log_warn("the self-test was not told: %s", e.message);
}

// --- accounts

struct batch {
	struct arena *arena;
	struct buf body;
	struct jsonw w;
	size_t count;
};

static void
begin_batch(struct batch *b)
{
	arena_reset(b->arena);
	buf_init(&b->body, b->arena, MAX_BODY);
	b->w = jsonw_on(&b->body);
	jsonw_object(&b->w, NULL);
	jsonw_array(&b->w, "accounts");
	b->count = 0;
}

static bool
send_batch(struct batch *b, struct error *e)
{
	const struct json *answer;

	if (b->count == 0)
		return true;
	jsonw_end_array(&b->w);
	jsonw_end_object(&b->w);
	if (!buf_ok(&b->body, e) ||
		!tell(b->arena, "/connector/v1/accounts", buf_text(&b->body), &answer, e))
		return false;
	if (json_int(answer, "ordered", 0))
		log_info("%lld accounts that no device has will be deleted",
			(long long)json_int(answer, "ordered", 0));
	if (json_int(answer, "strange", 0))
		log_debug("%lld accounts carry the mark of another service",
			(long long)json_int(answer, "strange", 0));
	begin_batch(b);
	return true;
}

static bool
add_account(void *ctx, const struct ad_marked *account, struct error *e)
{
	struct batch *b = ctx;

	if (stop_requested())
		return error_set(e, ERR_UNAVAILABLE, "the connector stops");
	jsonw_object(&b->w, NULL);
	jsonw_str(&b->w, "objectGuid", account->guid);
	jsonw_str(&b->w, "job", account->job);
	jsonw_str(&b->w, "name", account->name);
	jsonw_end_object(&b->w);
	return ++b->count < BATCH || send_batch(b, e);
}

static bool
tell_units(struct arena *arena, struct batch *b, int64_t seconds, struct error *e)
{
	CLEANUP(ad_close_p) struct ad_session *session = NULL;
	const struct allow_list *allow = &reports.config->allow;

	if (!ad_connect(arena, &reports.config->ad, &session, e))
		return false;
	for (size_t i = 0; i < allow->ou_count; i++) {
		const char *unit = str_eq(allow->ous[i], ALLOW_DEFAULT_CONTAINER)
			? ad_domain(session)->computers_dn
			: allow->ous[i];
		// One that is missing is the self-test's business, and the others' none.
		if (unit && !ad_each_marked(session, unit, seconds, add_account, b, e) &&
			e->code != ERR_NOT_FOUND)
			return false;
	}
	return send_batch(b, e);
}

static void
tell_accounts(struct arena *arena)
{
	autoarena(own, ARENA_REQUEST);
	struct batch b = {.arena = &own};
	struct error e = {0};
	time_us now = clock_now();
	bool all = !reports.all_at || now - reports.all_at > US_PER_DAY || now < reports.all_at;

	begin_batch(&b);
	if (tell_units(arena, &b, all ? 0 : RECENT_S, &e)) {
		if (all)
			reports.all_at = now;
	} else if (!stop_requested()) {
		log_debug("looking for accounts without a device: %s", e.message);
	}
}

static void *
run_thread(void *arg)
{
	struct arena arena = {.cap = ARENA_REQUEST};

	(void)arg;
	tell_self_test(&arena);
	while (!stop_requested()) {
		arena_reset(&arena);
		tell_accounts(&arena);
		stop_pause_ms((int)reports.config->sweep_s * 1000);
	}
	arena_finish(&arena);
	return NULL;
}

bool
reports_start(const struct connector_config *config, const struct connector_identity *identity,
	struct error *e)
{
	reports.config = config;
	if (!service_open(config, identity, &reports.client, e))
		return false;
	if (pthread_create(&reports.thread, NULL, run_thread, NULL) != 0)
		return error_set(e, ERR_INTERNAL, "cannot start a thread");
	reports.running = true;
	return true;
}

void
reports_join(void)
{
	if (reports.running)
		pthread_join(reports.thread, NULL);
	http_client_close(reports.client);
}
