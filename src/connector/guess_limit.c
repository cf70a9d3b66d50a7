// SPDX-License-Identifier: Apache-2.0
#include "connector/guess_limit.h"

#include "base/str.h"
#include "pki/hash.h"

enum { PROBES = 8 };

// Not the name itself: what is kept for long is nobody's list of accounts.
static uint64_t
key_of(const char *account)
{
	autoarena(arena, ARENA_SMALL);
	uint8_t digest[SHA256_LEN];
	uint64_t key;

	sha256(slice_str(str_lower(&arena, account)), digest);
	memcpy(&key, digest, sizeof key);
	return key ? key : 1;
}

static bool
over(const struct guess_limit_account *a, time_us now)
{
	return !a->key || now - a->since >= GUESS_WINDOW_S * US_PER_S || now < a->since;
}

// The account's place, or NULL. With `make`: a place that is free or over, else the oldest of the
// few that the account may have; so whoever fills the table with names frees one account at most.
static struct guess_limit_account *
find(struct guess_limit *t, uint64_t key, bool make, time_us now)
{
	struct guess_limit_account *best = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct guess_limit_account *a = &t->accounts[(key + i) % GUESS_ACCOUNTS];
		if (a->key == key && !over(a, now))
			return a;
		if (!best || (over(a, now) && !over(best, now)) ||
			(!over(best, now) && a->since < best->since))
			best = a;
	}
	if (!make)
		return NULL;
	*best = (struct guess_limit_account){.key = key, .since = now};
	return best;
}

// A quarter of the tries, one at least, is for known browsers, unless there is only one.
static unsigned
most_wrong(const struct guess_limit *t, bool known)
{
	return known || t->max_wrong < 2 ? t->max_wrong : t->max_wrong - (t->max_wrong + 3) / 4;
}

bool
guess_limit_allow(
	struct guess_limit *t, const char *account, bool known, time_us now, struct error *e)
{
	uint64_t key = key_of(account);
	const struct guess_limit_account *a = find(t, key, false, now);

	if (now - t->minute >= US_PER_MIN || now < t->minute) {
		t->minute = now;
		t->count = 0;
	}
	if (t->count >= t->max_per_minute)
		return error_fault(e, ERR_LIMIT, "signin_throttled",
			"the connector checks %u passwords a minute at most", t->max_per_minute);
	if (a && a->wrong >= most_wrong(t, known))
		return error_fault(e, ERR_LIMIT, "signin_throttled",
			"too many wrong passwords of this account; the next try is allowed in "
			"%lld minutes",
			(long long)((a->since + GUESS_WINDOW_S * US_PER_S - now) / US_PER_MIN + 1));
	t->count++;
	find(t, key, true, now)->wrong++;
	return true;
}

void
guess_limit_result(
	struct guess_limit *t, const char *account, enum guess_result result, time_us now)
{
	struct guess_limit_account *a = find(t, key_of(account), false, now);

	if (a && result == GUESS_RIGHT)
		*a = (struct guess_limit_account){0};
	else if (a && result == GUESS_UNCHECKED && a->wrong > 0)
		a->wrong--;
}
