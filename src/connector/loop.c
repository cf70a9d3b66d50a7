// SPDX-License-Identifier: Apache-2.0
#include "connector/loop.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "connector/ad_ldap.h"
#include "connector/checks.h"
#include "connector/job_gate.h"
#include "connector/rate.h"
#include "connector/reports.h"
#include "connector/service.h"
#include "connector/stop.h"
#include "connector/sync_loop.h"
#include "connector/work.h"
#include <systemd/sd-daemon.h>

enum { MAX_BACKOFF_MS = 30000, KEYS_TIMEOUT_MS = 20000, KEYS_EVERY_MS = 12 * 3600 * 1000 };

struct loop {
	const struct connector_config *config;
	struct http_client *client;
	struct worker worker;
	struct job_gate gate;
	struct arena arena; // of one turn
	int backoff_ms;
	int64_t keys_at;   // when the keys that sign jobs were asked for, monotonic
	bool service_down; // said once, not at every try
};

// --- the service's troubles

// 1, 2, 4 … 30 s, each between half and the whole of it: many connectors must not come back at
// once.
static void
back_off(struct loop *l, const char *doing, const struct error *why)
{
	uint16_t random;

	l->backoff_ms = l->backoff_ms ? l->backoff_ms * 2 : 1000;
	if (l->backoff_ms > MAX_BACKOFF_MS)
		l->backoff_ms = MAX_BACKOFF_MS;
	if (!l->service_down) {
		log_failure(doing, why);
		sd_notifyf(0, "STATUS=Cannot reach the service: %s", why->message);
	} else {
		log_debug("%s: %s", doing, why->message);
	}
	l->service_down = true;
	random_bytes(&random, sizeof random);
	stop_pause_ms(l->backoff_ms / 2 + random % (l->backoff_ms / 2));
}

static void
service_is_back(struct loop *l)
{
	if (l->service_down)
		log_info("the service answers again");
	if (l->service_down || !l->backoff_ms)
		sd_notify(0, "STATUS=Waiting for jobs");
	l->service_down = false;
	l->backoff_ms = 0;
}

// --- one job

static bool
never_taken(const struct error *e)
{
	// ERR_DENIED: another connector has the job since our lease was over.
	return e->code == ERR_CONFLICT || e->code == ERR_DENIED || e->code == ERR_INVALID ||
		e->code == ERR_NOT_FOUND || e->code == ERR_LIMIT;
}

// Send the answer until the service has it, will never take it, or we are told to stop: then the
// next start goes on here.
static bool
upload(struct loop *l, const struct connector_job *job, const char *answer, struct error *e)
{
	while (!service_finish(&l->arena, l->client, job->job_id, answer, e)) {
		if (never_taken(e)) {
			log_warn("job %s: the answer was not taken: %s", job->job_id, e->message);
			break;
		}
		if (stop_requested())
			return error_wrap(e, "job %s is left for the next start", job->job_id);
		sd_notify(0, "WATCHDOG=1");
		back_off(l, "uploading", e);
	}
	service_is_back(l);
	failpoint("connector.after_upload");
	return job_in_hand_drop(l->config->state_dir, e);
}

static bool
do_job(struct loop *l, struct job_in_hand *hand, const struct connector_job *job, struct error *e)
{
	struct work_result result = {0};
	int64_t begin = clock_monotonic_ms();

	work_do(&l->arena, &l->worker, job, hand->lease_until, &result);
	log_write(result.ok ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
		"job %s %s %s device %s: %s (%lld ms)", job->job_id, job_kind_name(job->kind),
		job->computer_name, job->device_id, result.what,
		(long long)(clock_monotonic_ms() - begin));
	hand->answer = result.answer;
	if (!job_in_hand_save(l->config->state_dir, hand, e))
		return false;
	failpoint("connector.before_upload");
	return upload(l, job, hand->answer, e);
}

// The keys that sign jobs change; those that are pinned say what the next ones are.
static void
ask_for_keys(struct loop *l)
{
	const struct json *answer = NULL;
	struct error e = {0};
	const char *statement = NULL;

	if (!service_post(&l->arena, l->client, "/connector/v1/keys", "{}", KEYS_TIMEOUT_MS,
		    &answer, &e) ||
		!json_need_str(answer, "statement", 32 << 10, &statement, &e) ||
		!job_gate_learn(&l->arena, &l->gate, statement, clock_now(), &e))
		log_warn("the keys that sign jobs: %s", e.message);
	l->keys_at = clock_monotonic_ms();
}

// A job that must not be done is answered all the same: whoever waits for it learns why.
static void
refuse_job(struct loop *l, const struct job_envelope *ids, const struct error *why)
{
	struct error e;

	log_warn("job %s is refused: %s: %s", ids->job_id, why->fault ? why->fault : "protocol",
		why->message);
	if (!uuid_valid(ids->job_id) ||
		!service_finish(&l->arena, l->client, ids->job_id,
			job_refused(&l->arena, ids->lease_id, ids->device_id, why), &e))
		back_off(l, "refusing a job", why);
}

// A job that seems too old is one because of a clock, when the service's own differs: it stays
// refused, and the cause is named (behaviour N7).
static void
blame_clock(struct loop *l, struct error *why)
{
	struct error ignored;
	int64_t ahead;

	if (!str_eq(why->fault, "job_expired") ||
		!service_probe(&l->arena, l->client, &ahead, &ignored) ||
		(ahead <= AD_MAX_CLOCK_SKEW && ahead >= -AD_MAX_CLOCK_SKEW))
		return;
	error_fault(why, ERR_UNAVAILABLE, "clock_skew",
		"the clock of the connector is %lld seconds %s the service's",
		(long long)(ahead < 0 ? -ahead : ahead), ahead < 0 ? "ahead of" : "behind");
}

static bool
begin_job(struct loop *l, const char *envelope, struct error *e)
{
	struct connector_job job;
	struct job_in_hand hand = {0};
	struct job_envelope ids;

	if (job_gate_needs_keys(&l->arena, &l->gate, slice_str(envelope)))
		ask_for_keys(l);
	if (!job_gate_check(
		    &l->arena, &l->gate, slice_str(envelope), clock_now(), &ids, &hand.job, e) ||
		!job_parse(&l->arena, slice_str(hand.job), &job, e)) {
		blame_clock(l, e);
		refuse_job(l, &ids, e);
		return true;
	}
	hand.lease_until = clock_now() + job.lease_seconds * US_PER_S;
	if (!job_in_hand_save(l->config->state_dir, &hand, e))
		return false;
	failpoint("connector.leased");
	return do_job(l, &hand, &job, e);
}

// What a run that died has left.
static bool
resume_job(struct loop *l, struct error *e)
{
	const char *dir = l->config->state_dir;
	struct job_in_hand hand;
	struct connector_job job;
	bool found;

	if (!job_in_hand_load(&l->arena, dir, &found, &hand, e))
		return false;
	if (!found)
		return true;
	if (!job_parse(&l->arena, slice_str(hand.job), &job, e))
		return false;
	if (hand.answer) {
		log_info("job %s: sending the answer of the last run", job.job_id);
		return upload(l, &job, hand.answer, e);
	}
	time_us left = hand.lease_until - clock_now();
	if (left <= 0 || left > job.lease_seconds * US_PER_S) {
		log_info("job %s of the last run is over time, the service gives it out again",
			job.job_id);
		return job_in_hand_drop(dir, e);
	}
	log_info("job %s: going on where the last run ended", job.job_id);
	return do_job(l, &hand, &job, e);
}

// --- the loop

static bool
turn(struct loop *l, struct error *e)
{
	const char *job = NULL;

	arena_wipe(&l->arena); // a machine's password passed through it
	bool asked =
		stop_polling(STOP_JOBS, l->client) && service_lease(&l->arena, l->client, &job, e);
	stop_polling(STOP_JOBS, NULL);
	if (!asked) {
		if (!stop_requested())
			back_off(l, "asking for work", e);
		return true;
	}
	service_is_back(l);
	return !job || begin_job(l, job, e);
}

static bool
serve(struct loop *l, struct error *e)
{
	if (!resume_job(l, e)) {
		// A job that cannot be read is given up: the service gives it out again.
		if (stop_requested())
			return true;
		log_failure("the job of the last run", e);
		if (!job_in_hand_drop(l->config->state_dir, e))
			return false;
	}
	ask_for_keys(l);
	while (!stop_requested()) {
		sd_notify(0, "WATCHDOG=1");
		if (clock_monotonic_ms() - l->keys_at > KEYS_EVERY_MS)
			ask_for_keys(l);
		if (!turn(l, e))
			return stop_requested();
	}
	log_info("stopped");
	return true;
}

static void
loop_finish(struct loop *l)
{
	job_gate_close(&l->gate);
	arena_finish(&l->arena);
}

bool
loop_run(struct arena *arena, const struct connector_config *config, struct error *e)
{
	CLEANUP(loop_finish)
	struct loop l = {.config = config,
		.arena = {.cap = ARENA_REQUEST},
		.worker = {.config = config, .arena = arena}};
	autoidentity identity = {0};
	autotrust *trust = NULL;
	autoclient *client = NULL;
	autoclose claim = -1;

	if (!state_claim(config->state_dir, &claim, e) ||
		!identity_load(arena, config->state_dir, &identity, e) ||
		!job_gate_open(&l.gate, config->state_dir, &identity, e) ||
		!rate_load(arena, config->state_dir, &config->allow, clock_now(), &l.worker.history,
			&l.worker.retired, e) ||
		!tpm_trust_store_load(config->trust_name, config->trust_store, &trust, e) ||
		!service_open(config, &identity, &client, e) || !stop_watch(e))
		return false;
	l.client = client;
	l.worker.trust = trust;
	log_info("connector %s (%s) of %s asks %s for work", identity.name, identity.connector_id,
		config->ad.domain, config->url);
	sd_notify(0, "READY=1\nSTATUS=Waiting for jobs");
	if (!sync_start(config, &identity, e) || !checks_start(config, &identity, e) ||
		!reports_start(config, &identity, e))
		return false;
	bool ok = serve(&l, e);
	stop_request();
	sync_join();
	checks_join();
	reports_join();
	return ok;
}
