// SPDX-License-Identifier: Apache-2.0
#include "ferryd/check_desk.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wait.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_CONNECTORS = 256, ID = 40 };

static struct {
	pthread_mutex_t lock;
	pthread_cond_t answered;
	pthread_once_t once;
	struct desk_entry *waiting;
	size_t count;
	struct present {
		char connector_id[ID];
		int64_t seen_ms;
		bool passwords, tickets;
	} present[MAX_CONNECTORS];
} desk = {.lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static void
prepare(void)
{
	wait_condition(&desk.answered);
}

static struct present *
find_present(const char *connector_id)
{
	for (size_t i = 0; i < MAX_CONNECTORS; i++)
		if (str_eq(desk.present[i].connector_id, connector_id))
			return &desk.present[i];
	return NULL;
}

void
desk_seen(const char *connector_id, bool passwords, bool tickets)
{
	pthread_mutex_lock(&desk.lock);
	struct present *p = find_present(connector_id);
	for (size_t i = 0; i < MAX_CONNECTORS && !p; i++)
		if (clock_monotonic_ms() - desk.present[i].seen_ms > DESK_SEEN_MS ||
			!*desk.present[i].connector_id)
			p = &desk.present[i];
	if (p) {
		*p = (struct present){.seen_ms = clock_monotonic_ms(),
			.passwords = passwords,
			.tickets = tickets};
		snprintf(p->connector_id, sizeof p->connector_id, "%s", connector_id);
	}
	pthread_mutex_unlock(&desk.lock);
}

bool
desk_present(const char *connector_id, const char *kind)
{
	pthread_mutex_lock(&desk.lock);
	const struct present *p = find_present(connector_id);
	bool here = p && clock_monotonic_ms() - p->seen_ms <= DESK_SEEN_MS &&
		(str_eq(kind, "password") ? p->passwords : p->tickets);
	pthread_mutex_unlock(&desk.lock);
	return here;
}

bool
desk_enter(struct desk_entry *entry)
{
	pthread_once(&desk.once, prepare);
	pthread_mutex_lock(&desk.lock);
	bool room = desk.count < DESK_MAX_WAITING;
	if (room) {
		entry->next = desk.waiting;
		desk.waiting = entry;
		desk.count++;
	}
	pthread_mutex_unlock(&desk.lock);
	return room;
}

bool
desk_take(struct arena *arena, const char *connector_id, struct desk_entry *out)
{
	struct desk_entry *oldest = NULL;

	pthread_mutex_lock(&desk.lock);
	// New ones are put in front.
	for (struct desk_entry *w = desk.waiting; w; w = w->next)
		if (!w->taken && str_eq(w->connector_id, connector_id))
			oldest = w;
	if (oldest) {
		oldest->taken = true;
		*out = (struct desk_entry){
			.check_id = arena_strdup(arena, oldest->check_id),
			.kind = arena_strdup(arena, oldest->kind),
			.sealed = slice_of(
				arena_memdup(arena, oldest->sealed.data, oldest->sealed.len),
				oldest->sealed.len),
		};
	}
	pthread_mutex_unlock(&desk.lock);
	return oldest != NULL;
}

bool
desk_answer(const char *check_id, const char *connector_id, const char *answer)
{
	bool found = false;

	pthread_mutex_lock(&desk.lock);
	for (struct desk_entry *w = desk.waiting; w && !found; w = w->next) {
		if (!str_eq(w->check_id, check_id) || !str_eq(w->connector_id, connector_id))
			continue;
		found = true;
		if (!w->answer)
			w->answer = strdup(answer);
	}
	pthread_cond_broadcast(&desk.answered);
	pthread_mutex_unlock(&desk.lock);
	return found;
}

bool
desk_wait(struct desk_entry *entry, int timeout_ms)
{
	struct timespec until = wait_until(timeout_ms);

	pthread_mutex_lock(&desk.lock);
	while (!entry->answer && pthread_cond_timedwait(&desk.answered, &desk.lock, &until) == 0)
		;
	bool answered = entry->answer != NULL;
	pthread_mutex_unlock(&desk.lock);
	return answered;
}

void
desk_leave(struct desk_entry *entry)
{
	pthread_mutex_lock(&desk.lock);
	for (struct desk_entry **link = &desk.waiting; *link; link = &(*link)->next)
		if (*link == entry) {
			*link = entry->next;
			desk.count--;
			break;
		}
	pthread_mutex_unlock(&desk.lock);
	free(entry->answer);
	entry->answer = NULL;
}
