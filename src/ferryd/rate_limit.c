// SPDX-License-Identifier: Apache-2.0
#include "ferryd/rate_limit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024, BURST_S = 10, NAME_MAX_BYTES = 64 };

struct bucket {
	char client[NAME_MAX_BYTES];
	int64_t tokens; // thousandths
	int64_t at_ms;
};

// Clients whose names fall on one bucket take turns in it: the newcomer begins with a full one.
struct rate_limit {
	unsigned rate;
	pthread_mutex_t lock;
	struct bucket buckets[BUCKETS];
};

struct rate_limit *
rate_limit_new(unsigned rate)
{
	if (rate == 0)
		return NULL;
	struct rate_limit *t = calloc(1, sizeof *t);
	if (!t)
		abort();
	t->rate = rate;
	pthread_mutex_init(&t->lock, NULL);
	return t;
}

// FNV-1a.
static size_t
place_of(const char *client)
{
	uint64_t hash = 1469598103934665603ULL;

	for (; *client; client++)
		hash = (hash ^ (unsigned char)*client) * 1099511628211ULL;
	return hash % BUCKETS;
}

bool
rate_limit_take(struct rate_limit *t, const char *client, int64_t now_ms, int *wait_s)
{
	if (!t || !client)
		return true;
	struct bucket *b = &t->buckets[place_of(client)];
	int64_t full = (int64_t)t->rate * BURST_S * 1000;

	pthread_mutex_lock(&t->lock);
	if (strncmp(b->client, client, sizeof b->client - 1) != 0) {
		memset(b, 0, sizeof *b);
		memcpy(b->client, client, strnlen(client, sizeof b->client - 1));
		b->tokens = full;
		b->at_ms = now_ms;
	}
	if (now_ms > b->at_ms) {
		b->tokens += (now_ms - b->at_ms) * (int64_t)t->rate;
		b->at_ms = now_ms;
	}
	if (b->tokens > full)
		b->tokens = full;
	bool may = b->tokens >= 1000;
	if (may)
		b->tokens -= 1000;
	else
		*wait_s = (int)((1000 - b->tokens) / ((int64_t)t->rate * 1000)) + 1;
	pthread_mutex_unlock(&t->lock);
	return may;
}
