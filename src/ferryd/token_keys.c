// SPDX-License-Identifier: Apache-2.0
#include "ferryd/token_keys.h"

#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "ferryd/signer_client.h"
#include "pki/jwt.h"
#include <pthread.h>
#include <stdlib.h>

enum {
	MAX_KEYS = 32,
	FRESH_MS = 10 * 1000, // a revoked key is accepted no longer than this
	RETRY_MS = 2 * 1000,
	MAX_CACHE_S = 3600,
};

// Unchanging once it is published; freed by whoever gives it back last.
struct key_set {
	struct arena arena;
	struct jwk_set jwks;
	const char *json;
	int64_t good_until_ms; // monotonic
	unsigned users;	       // under token_keys.lock
};

struct token_keys {
	const char *signer_path;
	pthread_mutex_t lock; // over what follows; held for moments
	struct key_set *now;
	int64_t learnt_ms, tried_ms;
	pthread_mutex_t learning; // one asks the signer at a time
};

static void
free_set(struct key_set *set)
{
	jwk_set_free(&set->jwks);
	arena_finish(&set->arena);
	free(set);
}

static void
give_back(struct token_keys *keys, struct key_set *set)
{
	pthread_mutex_lock(&keys->lock);
	bool last = --set->users == 0;
	pthread_mutex_unlock(&keys->lock);
	if (last)
		free_set(set);
}

static struct key_set *
take(struct token_keys *keys, int64_t *learnt_ms)
{
	pthread_mutex_lock(&keys->lock);
	struct key_set *set = keys->now;
	set->users++;
	*learnt_ms = keys->learnt_ms;
	pthread_mutex_unlock(&keys->lock);
	return set;
}

static bool
ask_signer(const char *path, struct key_set *set, struct error *e)
{
	const struct json *info;
	struct buf text;
	int64_t seconds;

	if (!signer_info(&set->arena, path, &info, e) ||
		!jwk_set_read(&set->arena, json_get(info, "jwks"), MAX_KEYS, &set->jwks, e))
		return false;
	seconds = json_int(info, "cacheUntil", 0) - clock_now() / US_PER_S;
	seconds = seconds < 0 ? 0 : seconds > MAX_CACHE_S ? MAX_CACHE_S : seconds;
	set->good_until_ms = clock_monotonic_ms() + seconds * 1000;
	buf_init(&text, &set->arena, 64 << 10);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, json_get(info, "jwks"));
	set->json = buf_text(&text);
	return buf_ok(&text, e);
}

static bool
learn(struct token_keys *keys, struct error *e)
{
	struct key_set *set = calloc(1, sizeof *set), *old = NULL;

	if (!set)
		abort();
	arena_init(&set->arena, ARENA_SMALL);
	set->users = 1;
	bool ok = ask_signer(keys->signer_path, set, e);
	pthread_mutex_lock(&keys->lock);
	keys->tried_ms = clock_monotonic_ms();
	if (ok) {
		keys->learnt_ms = keys->tried_ms;
		old = keys->now;
		keys->now = set;
	}
	pthread_mutex_unlock(&keys->lock);
	if (old)
		give_back(keys, old);
	if (!ok)
		free_set(set);
	return ok;
}

static int64_t
since_last_try(struct token_keys *keys)
{
	pthread_mutex_lock(&keys->lock);
	int64_t since = clock_monotonic_ms() - keys->tried_ms;
	pthread_mutex_unlock(&keys->lock);
	return since;
}

// Learn the set if nobody has tried for `rest_ms`. The old set stays when that fails.
static void
learn_if_rested(struct token_keys *keys, int64_t rest_ms)
{
	struct error e;

	if (since_last_try(keys) >= rest_ms && !learn(keys, &e))
		log_warn("token keys: %s", e.message);
}

// Whoever meets an old set renews it; the others go on with what they have.
static void
renew_in_time(struct token_keys *keys)
{
	if (pthread_mutex_trylock(&keys->learning) != 0)
		return;
	learn_if_rested(keys, RETRY_MS);
	pthread_mutex_unlock(&keys->learning);
}

// Wait for a newer set than the one without this key, if one can be had.
static void
look_for_newer(struct token_keys *keys, int64_t rest_ms)
{
	http_server_waits();
	pthread_mutex_lock(&keys->learning);
	learn_if_rested(keys, rest_ms);
	pthread_mutex_unlock(&keys->learning);
}

static struct key_set *
borrow(struct token_keys *keys, struct error *e)
{
	int64_t learnt_ms;
	struct key_set *set = take(keys, &learnt_ms);

	if (clock_monotonic_ms() - learnt_ms >= FRESH_MS) {
		give_back(keys, set);
		renew_in_time(keys);
		set = take(keys, &learnt_ms);
	}
	if (clock_monotonic_ms() < set->good_until_ms)
		return set;
	give_back(keys, set);
	error_fault(e, ERR_UNAVAILABLE, "signer_unavailable",
		"signer: its keys have not been confirmed for too long");
	return NULL;
}

bool
token_keys_open(const char *signer_path, struct token_keys **out, struct error *e)
{
	struct token_keys *keys = calloc(1, sizeof *keys);

	if (!keys)
		abort();
	keys->signer_path = signer_path;
	pthread_mutex_init(&keys->lock, NULL);
	pthread_mutex_init(&keys->learning, NULL);
	if (!learn(keys, e)) {
		token_keys_close(keys);
		return false;
	}
	*out = keys;
	return true;
}

void
token_keys_close(struct token_keys *keys)
{
	if (!keys)
		return;
	if (keys->now)
		give_back(keys, keys->now);
	pthread_mutex_destroy(&keys->lock);
	pthread_mutex_destroy(&keys->learning);
	free(keys);
}

// Names that our signer gives (RFC 7638): others are not worth a question.
static bool
is_name(const char *kid)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	return kid && strlen(kid) == 43 && strspn(kid, letters) == 43;
}

// One verdict over the set as it is now; *unknown says that a newer set might change it.
static bool
judge(struct call *c, struct slice token, const struct jwt_expect *expect,
	const struct json **claims, bool *unknown, struct error *e)
{
	struct key_set *set = borrow(c->service->tokens, e);

	*unknown = false;
	if (!set)
		return false;
	bool ok = jwt_verify(c->arena, token, &set->jwks, expect, claims, e);
	if (!ok) {
		const char *kid = jwt_kid(c->arena, token);
		*unknown = is_name(kid) && !jwk_find(&set->jwks, kid);
	}
	give_back(c->service->tokens, set);
	return ok;
}

bool
token_verify_within(struct call *c, struct slice token, const char *audience,
	int64_t max_lifetime_s, const struct json **claims, struct error *e)
{
	struct jwt_expect expect = {.issuer = c->service->base_url,
		.audience = audience,
		.now = c->work.now,
		.max_lifetime_s = max_lifetime_s};
	const struct json *read;
	bool unknown;
	bool ok = judge(c, token, &expect, &read, &unknown, e);

	if (unknown) {
		look_for_newer(c->service->tokens, RETRY_MS);
		ok = judge(c, token, &expect, &read, &unknown, e);
	}
	if (!ok)
		return false;
	// In one spelling only: it is compared as text from here on.
	const char *tenant = json_str(read, "tid");
	if (!tenant || !uuid_valid(tenant) || !str_eq(tenant, str_lower(c->arena, tenant)))
		return error_fault(
			e, ERR_UNAUTHENTICATED, "token_invalid", "token: it names no tenant");
	*claims = read;
	return true;
}

bool
token_verify(struct call *c, const char *token, const char *audience, const struct json **claims,
	struct error *e)
{
	return token_verify_within(c, slice_str(token), audience, TOKEN_MAX_SECONDS, claims, e);
}

bool
token_keys_json(struct call *c, const char **jwks, int64_t *max_age_s, struct error *e)
{
	struct key_set *set = borrow(c->service->tokens, e);

	if (!set)
		return false;
	*jwks = arena_strdup(c->arena, set->json);
	*max_age_s = (set->good_until_ms - clock_monotonic_ms()) / 1000;
	give_back(c->service->tokens, set);
	return true;
}

void
token_keys_expect(struct token_keys *keys, const char *kid)
{
	int64_t learnt_ms;
	struct key_set *set = take(keys, &learnt_ms);
	bool known = !kid || jwk_find(&set->jwks, kid);

	give_back(keys, set);
	if (!known)
		look_for_newer(keys, 0);
}
