// SPDX-License-Identifier: Apache-2.0
#include "cli/import_send.h"

#include "base/wait.h"
#include "cli/api.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

// While the answer to one part is read, the others are on their way.
enum { SLOTS = IMPORT_SENDERS + 2, TRIES = 6, ANSWER_MEMORY = 256 << 20 };

enum slot_state { SLOT_FREE, SLOT_READY, SLOT_SENDING, SLOT_DONE };

struct slot {
	enum slot_state state;
	struct import_cut cut;
	size_t part;
	bool ok;
	const struct json *answer;
	struct arena arena; // of the answer
	struct error error;
};

struct thread {
	pthread_t id;
	bool started;
	struct import_sender *sender;
	struct cli cli; // with a connection and a sign-in of its own
	struct arena arena;
};

struct import_sender {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	const char *import_id;
	bool all_results, stop;
	struct slot slots[SLOTS];
	size_t put, sent, taken; // how many so far; slots are used in turn
	struct thread threads[IMPORT_SENDERS];
};

static bool
worth_another_try(const struct error *e)
{
	return e->code == ERR_UNAVAILABLE || e->code == ERR_TIMEOUT || e->code == ERR_IO ||
		e->code == ERR_PROTOCOL;
}

static void
pause_before(int attempt)
{
	struct timespec pause = {.tv_sec = attempt < 4 ? attempt : 4, .tv_nsec = 200000000};

	nanosleep(&pause, NULL);
}

// A part may be sent twice: the service gives the first answer again.
static void
send_slot(struct thread *t, struct slot *slot)
{
	struct import_sender *s = t->sender;

	for (int attempt = 0; attempt < TRIES; attempt++) {
		if (attempt)
			pause_before(attempt);
		arena_reset(&slot->arena);
		t->cli.arena = &slot->arena;
		const char *path = arena_printf(&slot->arena,
			"/ferry/v1/imports/%s/parts/%zu?firstLine=%zu%s", s->import_id, slot->part,
			slot->cut.first_line, s->all_results ? "&results=all" : "");
		slot->ok = api_put(&t->cli, path, slice_of(slot->cut.bytes, slot->cut.len),
			&slot->answer, &slot->error);
		if (slot->ok || s->stop || !worth_another_try(&slot->error))
			return;
	}
}

static struct slot *
next_slot(struct import_sender *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->stop && s->sent == s->put)
		pthread_cond_wait(&s->work, &s->lock);
	struct slot *slot = s->stop ? NULL : &s->slots[s->sent++ % SLOTS];
	if (slot)
		slot->state = SLOT_SENDING;
	pthread_mutex_unlock(&s->lock);
	return slot;
}

static void *
send_parts(void *context)
{
	struct thread *t = context;
	struct slot *slot;

	while ((slot = next_slot(t->sender))) {
		send_slot(t, slot);
		pthread_mutex_lock(&t->sender->lock);
		slot->state = SLOT_DONE;
		pthread_cond_signal(&t->sender->done);
		pthread_mutex_unlock(&t->sender->lock);
	}
	return NULL;
}

bool
import_sender_open(struct cli *cli, const char *import_id, bool all_results,
	struct import_sender **out, struct error *e)
{
	struct import_sender *s = calloc(1, sizeof *s);

	if (!s)
		abort();
	s->import_id = import_id;
	s->all_results = all_results;
	pthread_mutex_init(&s->lock, NULL);
	wait_condition(&s->work);
	wait_condition(&s->done);
	*out = s;
	for (size_t i = 0; i < SLOTS; i++) {
		arena_init(&s->slots[i].arena, ANSWER_MEMORY);
		if (!(s->slots[i].cut.bytes = malloc(IMPORT_PART_BYTES)))
			abort();
	}
	for (size_t i = 0; i < IMPORT_SENDERS; i++) {
		struct thread *t = &s->threads[i];
		t->sender = s;
		t->cli = *cli;
		t->cli.api = NULL;
		if (pthread_create(&t->id, NULL, send_parts, t) != 0) {
			import_sender_close(s);
			return error_set(e, ERR_UNAVAILABLE, "no thread can be started");
		}
		t->started = true;
	}
	return true;
}

void
import_sender_close(struct import_sender *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_cond_broadcast(&s->work);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < IMPORT_SENDERS; i++) {
		if (s->threads[i].started)
			pthread_join(s->threads[i].id, NULL);
		api_close(s->threads[i].cli.api);
	}
	for (size_t i = 0; i < SLOTS; i++) {
		arena_finish(&s->slots[i].arena);
		free(s->slots[i].cut.bytes);
	}
	free(s);
}

struct import_cut *
import_sender_room(struct import_sender *s)
{
	// One less than there are: the answer that was taken last is still being read.
	return s->put - s->taken < SLOTS - 1 ? &s->slots[s->put % SLOTS].cut : NULL;
}

void
import_sender_put(struct import_sender *s, size_t part)
{
	pthread_mutex_lock(&s->lock);
	s->slots[s->put % SLOTS].part = part;
	s->slots[s->put % SLOTS].state = SLOT_READY;
	s->put++;
	pthread_cond_signal(&s->work);
	pthread_mutex_unlock(&s->lock);
}

bool
import_sender_take(struct import_sender *s, const struct json **out, uint64_t *end, struct error *e)
{
	*out = NULL;
	if (s->taken == s->put)
		return true;
	struct slot *slot = &s->slots[s->taken % SLOTS];
	pthread_mutex_lock(&s->lock);
	while (slot->state != SLOT_DONE)
		pthread_cond_wait(&s->done, &s->lock);
	slot->state = SLOT_FREE;
	pthread_mutex_unlock(&s->lock);
	s->taken++;
	*end = slot->cut.end;
	*out = slot->answer;
	if (!slot->ok)
		*e = slot->error;
	return slot->ok;
}
