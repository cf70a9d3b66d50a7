// SPDX-License-Identifier: Apache-2.0
#include "http/park.h"

#include <stdlib.h>
#include <string.h>

void
park_init(struct park_lot *lot, void (*waiting)(struct park_entry *entry),
	void (*ready)(struct park_entry *entry))
{
	*lot = (struct park_lot){.waiting = waiting, .ready = ready};
	pthread_mutex_init(&lot->lock, NULL);
}

void
park_finish(struct park_lot *lot)
{
	pthread_mutex_destroy(&lot->lock);
}

static unsigned
bucket_of(const char *channel)
{
	uint32_t hash = 2166136261u; // FNV-1a

	for (; *channel; channel++)
		hash = (hash ^ (unsigned char)*channel) * 16777619u;
	return (hash ^ hash >> 16) % PARK_BUCKETS;
}

uint64_t
park_ticket(struct park_lot *lot)
{
	return __atomic_load_n(&lot->wakes, __ATOMIC_ACQUIRE);
}

static void
unlink_entry(struct park_entry *entry, enum park_state state)
{
	*entry->link = entry->next;
	if (entry->next)
		entry->next->link = entry->link;
	free(entry->channel);
	entry->channel = NULL;
	entry->state = state;
}

enum park_state
park_enter(struct park_lot *lot, struct park_entry *entry, const char *channel, int64_t deadline_ms,
	uint64_t ticket)
{
	unsigned bucket = bucket_of(channel);
	enum park_state state = PARK_WAITING;

	pthread_mutex_lock(&lot->lock);
	if (lot->last_wake[bucket] > ticket)
		state = PARK_WOKEN;
	char *copy = state == PARK_WAITING && !lot->closed ? strdup(channel) : NULL;
	if (state == PARK_WAITING && !copy)
		state = PARK_EXPIRED;
	if (state == PARK_WAITING) {
		struct park_entry **head = &lot->buckets[bucket];
		*entry = (struct park_entry){.next = *head,
			.link = head,
			.channel = copy,
			.deadline_ms = deadline_ms,
			.state = PARK_WAITING};
		if (*head)
			(*head)->link = &entry->next;
		*head = entry;
		lot->waiting(entry);
	}
	pthread_mutex_unlock(&lot->lock);
	return state;
}

enum park_state
park_leave(struct park_lot *lot, struct park_entry *entry)
{
	pthread_mutex_lock(&lot->lock);
	enum park_state state = entry->state;
	if (state == PARK_WAITING)
		unlink_entry(entry, PARK_NONE);
	entry->state = PARK_NONE;
	pthread_mutex_unlock(&lot->lock);
	return state;
}

void
park_wake(struct park_lot *lot, const char *channel)
{
	unsigned bucket = bucket_of(channel);
	struct park_entry *next;

	pthread_mutex_lock(&lot->lock);
	lot->last_wake[bucket] = __atomic_add_fetch(&lot->wakes, 1, __ATOMIC_RELEASE);
	for (struct park_entry *entry = lot->buckets[bucket]; entry; entry = next) {
		next = entry->next;
		if (strcmp(entry->channel, channel) != 0)
			continue;
		unlink_entry(entry, PARK_WOKEN);
		lot->ready(entry);
	}
	pthread_mutex_unlock(&lot->lock);
}

// Under the lock.
static void
expire_until(struct park_lot *lot, int64_t now_ms)
{
	struct park_entry *next;

	for (unsigned i = 0; i < PARK_BUCKETS; i++)
		for (struct park_entry *entry = lot->buckets[i]; entry; entry = next) {
			next = entry->next;
			if (entry->deadline_ms > now_ms)
				continue;
			unlink_entry(entry, PARK_EXPIRED);
			lot->ready(entry);
		}
}

void
park_expire(struct park_lot *lot, int64_t now_ms)
{
	pthread_mutex_lock(&lot->lock);
	expire_until(lot, now_ms);
	pthread_mutex_unlock(&lot->lock);
}

void
park_close(struct park_lot *lot)
{
	pthread_mutex_lock(&lot->lock);
	lot->closed = true;
	expire_until(lot, INT64_MAX);
	pthread_mutex_unlock(&lot->lock);
}
