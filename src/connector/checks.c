// SPDX-License-Identifier: Apache-2.0
#include "connector/checks.h"

#include "base/log.h"
#include "base/str.h"
#include "connector/guess_limit.h"
#include "connector/password_check.h"
#include "connector/service.h"
#include "connector/stop.h"
#include "connector/ticket_check.h"
#include "pki/envelope.h"
#include "pki/hash.h"
#include <pthread.h>

enum {
	THREADS = STOP_WHO - STOP_CHECKS,
	ASK_TIMEOUT_MS = 60000,
	TELL_TIMEOUT_MS = 10000,
	PAUSE_MS = 2000,
	// A controller that did not answer is not asked again for so long: people get their answer
	// at once instead of queueing.
	REST_MS = 3000,
	MAX_SECRET = 64 << 10,
};

struct checker {
	pthread_t thread;
	struct http_client *client;
	enum stop_who who;
	bool running;
};

struct check {
	const char *check_id, *kind;
	const char *account;	// of a password
	bool known;		// the account's owner signed in with this browser before
	struct slice secret;	// password or token; wiped
	struct slice end_point; // of a token
};

static struct {
	const struct connector_config *config;
	const struct connector_identity *identity;
	struct checker checkers[THREADS];
	pthread_mutex_t lock; // of what follows
	struct guess_limit throttle;
	int64_t rests_until_ms;
	struct error why_resting;
} checks = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool
resting(struct error *e)
{
	pthread_mutex_lock(&checks.lock);
	bool rests = clock_monotonic_ms() < checks.rests_until_ms;
	if (rests)
		*e = checks.why_resting;
	pthread_mutex_unlock(&checks.lock);
	return rests;
}

static void
rest(const struct error *why)
{
	pthread_mutex_lock(&checks.lock);
	checks.rests_until_ms = clock_monotonic_ms() + REST_MS;
	checks.why_resting = *why;
	pthread_mutex_unlock(&checks.lock);
}

static bool
may_try(const struct check *check, struct error *e)
{
	pthread_mutex_lock(&checks.lock);
	bool may =
		guess_limit_allow(&checks.throttle, check->account, check->known, clock_now(), e);
	pthread_mutex_unlock(&checks.lock);
	return may;
}

static void
tried(const char *account, enum guess_result result)
{
	pthread_mutex_lock(&checks.lock);
	guess_limit_result(&checks.throttle, account, result, clock_now());
	pthread_mutex_unlock(&checks.lock);
}

static enum verdict
check_password(const struct check *check, struct error *e)
{
	// Of an account that is locked or disabled the controller does not look at the password.
	static const enum guess_result counted_as[VERDICT_COUNT] = {
		[VERDICT_ACCEPTED] = GUESS_RIGHT,
		[VERDICT_DENIED] = GUESS_WRONG,
		[VERDICT_EXPIRED] = GUESS_RIGHT,
		[VERDICT_LOCKED] = GUESS_UNCHECKED,
		[VERDICT_DISABLED] = GUESS_UNCHECKED,
		[VERDICT_UNAVAILABLE] = GUESS_UNCHECKED,
	};

	if (!checks.config->sign_in.passwords) {
		error_fault(e, ERR_DENIED, "connector_refused",
			"the connector's configuration does not allow checks of passwords");
		return VERDICT_UNAVAILABLE;
	}
	if (resting(e) || !may_try(check, e))
		return VERDICT_UNAVAILABLE;
	// The library wants a text: a password with a NUL inside is another one.
	enum verdict verdict = memchr(check->secret.data, 0, check->secret.len)
		? VERDICT_DENIED
		: password_check(
			  checks.config, check->account, (const char *)check->secret.data, e);
	if (verdict == VERDICT_UNAVAILABLE)
		rest(e);
	tried(check->account, counted_as[verdict]);
	return verdict;
}

static enum verdict
check_ticket(
	struct arena *arena, const struct check *check, struct ticket_owner *owner, struct error *e)
{
	if (ticket_check(arena, checks.config, check->secret, check->end_point, owner, e))
		return VERDICT_ACCEPTED;
	return e->code == ERR_UNAVAILABLE ? VERDICT_UNAVAILABLE : VERDICT_DENIED;
}

// --- to and from the service

static bool
read_secret(struct arena *arena, struct slice plain, struct check *out, struct error *e)
{
	const struct json_limits limits = {.max_bytes = 2 * MAX_SECRET, .max_depth = 4};
	const struct json *in = json_parse(arena, plain, &limits, e);
	bool password = str_eq(out->kind, "password");

	if (!in ||
		!json_need_b64(
			arena, in, password ? "password" : "token", MAX_SECRET, &out->secret, e))
		return false;
	// A NUL behind it, for the libraries.
	out->secret.data = (const uint8_t *)arena_strndup(
		arena, (const char *)out->secret.data, out->secret.len);
	out->known = json_bool(in, "known", false);
	if (password)
		return json_need_str(in, "account", 256, &out->account, e);
	return str_empty(json_str(in, "endPoint")) ||
		json_need_b64(arena, in, "endPoint", 64, &out->end_point, e);
}

static bool
read_check(struct arena *arena, const struct json *in, struct check *out, struct error *e)
{
	struct slice sealed, plain;

	if (!json_need_str(in, "checkId", 36, &out->check_id, e) ||
		!json_need_str(in, "kind", 20, &out->kind, e) ||
		!json_need_b64(arena, in, "sealed", 4 * MAX_SECRET, &sealed, e))
		return false;
	if (!str_eq(out->kind, "password") && !str_eq(out->kind, "ticket"))
		return error_set(e, ERR_PROTOCOL, "a check of kind %s is unknown here", out->kind);
	const char *context = arena_printf(arena, "ferry-check\n%s\n%s\n%s", out->check_id,
		out->kind, checks.identity->connector_id);
	if (!envelope_open(arena, checks.identity->key, slice_str(context), sealed, &plain, e))
		return false;
	bool ok = read_secret(arena, plain, out, e);
	secret_wipe((void *)(uintptr_t)plain.data, plain.len);
	return ok;
}

static void
answer(struct arena *arena, struct checker *c, const struct check *check, enum verdict verdict,
	const struct ticket_owner *owner, const struct error *why)
{
	const struct json *ignored;
	struct error e;
	struct buf body;

	buf_init(&body, arena, 2 * MAX_SECRET);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "verdict", verdict_name(verdict));
	if (verdict != VERDICT_ACCEPTED) {
		jsonw_str(&w, "fault", why->fault ? why->fault : "ad_error");
		jsonw_str(&w, "message", why->message);
	} else if (owner->sid) {
		jsonw_str(&w, "sid", owner->sid);
		jsonw_str(&w, "principal", owner->principal);
		jsonw_b64(&w, "reply", owner->reply);
	}
	jsonw_end_object(&w);
	if (!service_post(arena, c->client,
		    arena_printf(arena, "/connector/v1/checks/%s/finish", check->check_id),
		    buf_text(&body), TELL_TIMEOUT_MS, &ignored, &e))
		log_debug("check %s: the answer was not taken: %s", check->check_id, e.message);
}

static void
do_check(struct arena *arena, struct checker *c, const struct json *in)
{
	struct check check = {0};
	struct ticket_owner owner = {0};
	struct error e = {0};
	int64_t begin = clock_monotonic_ms();
	enum verdict verdict = VERDICT_UNAVAILABLE;

	if (read_check(arena, in, &check, &e))
		verdict = str_eq(check.kind, "password") ? check_password(&check, &e)
							 : check_ticket(arena, &check, &owner, &e);
	else if (!check.check_id || !check.kind)
		return;
	// Neither the account nor what was checked: who signs in is written by the service.
	log_info("check %s %s: %s%s%s (%lld ms)", check.check_id, check.kind, verdict_name(verdict),
		verdict == VERDICT_UNAVAILABLE ? ": " : "",
		verdict == VERDICT_UNAVAILABLE ? e.message : "",
		(long long)(clock_monotonic_ms() - begin));
	answer(arena, c, &check, verdict, &owner, &e);
}

static void *
run_thread(void *arg)
{
	struct checker *c = arg;
	struct arena arena = {.cap = (size_t)16 << 20};
	const char *body = arena_printf(&arena, "{\"passwords\":%s,\"tickets\":%s}",
		checks.config->sign_in.passwords ? "true" : "false",
		checks.config->sign_in.sso_keytab ? "true" : "false");
	char hello[64];

	snprintf(hello, sizeof hello, "%s", body);
	while (!stop_requested()) {
		const struct json *in = NULL;
		struct error e;
		bool ok = stop_polling(c->who, c->client) &&
			service_post(&arena, c->client, "/connector/v1/checks/lease", hello,
				ASK_TIMEOUT_MS, &in, &e);
		stop_polling(c->who, NULL);
		if (in)
			do_check(&arena, c, in);
		else if (!ok && !stop_requested())
			stop_pause_ms(PAUSE_MS);
		// What passed through is gone when the next one comes, not merely forgotten.
		arena_wipe(&arena);
	}
	arena_finish(&arena);
	return NULL;
}

bool
checks_start(const struct connector_config *config, const struct connector_identity *identity,
	struct error *e)
{
	if (!config->sign_in.passwords && !config->sign_in.sso_keytab)
		return true;
	checks.config = config;
	checks.identity = identity;
	checks.throttle.max_wrong = config->sign_in.max_wrong;
	checks.throttle.max_per_minute = config->sign_in.max_per_minute;
	for (int i = 0; i < THREADS; i++) {
		struct checker *c = &checks.checkers[i];
		c->who = (enum stop_who)(STOP_CHECKS + i);
		if (!service_open(config, identity, &c->client, e))
			return false;
		if (pthread_create(&c->thread, NULL, run_thread, c) != 0)
			return error_set(e, ERR_INTERNAL, "cannot start a thread");
		c->running = true;
	}
	return true;
}

void
checks_join(void)
{
	for (int i = 0; i < THREADS; i++) {
		if (checks.checkers[i].running)
			pthread_join(checks.checkers[i].thread, NULL);
		http_client_close(checks.checkers[i].client);
	}
}
