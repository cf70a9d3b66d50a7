// SPDX-License-Identifier: Apache-2.0
#include "ferryd/token_shelf.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "ferryd/signer_client.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	BOARDS = 128,
	WAYS = 4,	      // places on each board
	PLACE_MAX = 16 << 10, // bytes of a label and its token: what is larger is signed each time
	RETRY_MS = 2 * 1000,
};

struct place {
	char *bytes; // the label, then the token and its NUL
	size_t label_len, token_len;
	int64_t signed_at;
};

// A label has one board; when that is full, the oldest goes.
struct token_shelf {
	const char *signer_path;
	pthread_mutex_t lock;  // over what follows; held for moments
	int connection, watch; // both or neither
	bool opening;	       // one asks the signer at a time
	bool tried;
	int64_t tried_ms;
	uint64_t moment; // counts how often the shelf was emptied; never 0 while there is a watch
	struct place boards[BOARDS][WAYS];
};

struct token_shelf *
token_shelf_new(const char *signer_path)
{
	struct token_shelf *shelf = calloc(1, sizeof *shelf);

	if (!shelf)
		abort();
	shelf->signer_path = signer_path;
	shelf->connection = shelf->watch = -1;
	pthread_mutex_init(&shelf->lock, NULL);
	return shelf;
}

static void
clear(struct place *place)
{
	if (place->bytes)
		explicit_bzero(place->bytes, place->label_len + place->token_len);
	free(place->bytes);
	*place = (struct place){0};
}

static void
forget_all(struct token_shelf *shelf)
{
	for (size_t i = 0; i < BOARDS; i++)
		for (size_t way = 0; way < WAYS; way++)
			clear(&shelf->boards[i][way]);
	if (shelf->watch >= 0) {
		close(shelf->watch);
		close(shelf->connection);
	}
	shelf->watch = shelf->connection = -1;
}

void
token_shelf_free(struct token_shelf *shelf)
{
	if (!shelf)
		return;
	forget_all(shelf);
	pthread_mutex_destroy(&shelf->lock);
	free(shelf);
}

// Nothing comes over the connection any more: whatever happens to it is its end.
static bool
has_changed(const struct token_shelf *shelf)
{
	struct pollfd fds[] = {{.fd = shelf->watch, .events = POLLIN},
		{.fd = shelf->connection, .events = POLLIN}};

	return poll(fds, 2, 0) != 0;
}

// Is there a watch, and nothing to be seen in it? Under the lock.
static bool
is_current(struct token_shelf *shelf)
{
	if (shelf->watch >= 0 && has_changed(shelf))
		forget_all(shelf);
	return shelf->watch >= 0;
}

// May this thread ask for a watch? Under the lock.
static bool
may_open(struct token_shelf *shelf)
{
	int64_t now_ms = clock_monotonic_ms();

	if (shelf->watch >= 0 || shelf->opening ||
		(shelf->tried && now_ms - shelf->tried_ms < RETRY_MS))
		return false;
	shelf->opening = shelf->tried = true;
	shelf->tried_ms = now_ms;
	return true;
}

// The moment from which on a change will be seen; 0: none will.
static uint64_t
open_watch(struct token_shelf *shelf)
{
	int connection, watch;
	uint64_t moment = 0;
	struct error e;
	bool ok = signer_watch(shelf->signer_path, &connection, &watch, &e);

	if (!ok)
		log_warn("every token is signed anew: %s", e.message);
	pthread_mutex_lock(&shelf->lock);
	shelf->opening = false;
	if (ok) {
		shelf->connection = connection;
		shelf->watch = watch;
		moment = ++shelf->moment;
		shelf->tried = false;
	}
	pthread_mutex_unlock(&shelf->lock);
	return moment;
}

// FNV-1a.
static struct place *
board_of(struct token_shelf *shelf, struct slice label)
{
	uint64_t hash = 1469598103934665603ULL;

	for (size_t i = 0; i < label.len; i++)
		hash = (hash ^ label.data[i]) * 1099511628211ULL;
	return shelf->boards[hash % BOARDS];
}

static bool
has_label(const struct place *place, struct slice label)
{
	return place->bytes && place->label_len == label.len &&
		memcmp(place->bytes, label.data, label.len) == 0;
}

// Where the label is, or else the place that is free or the oldest.
static struct place *
place_of(struct token_shelf *shelf, struct slice label)
{
	struct place *board = board_of(shelf, label), *best = board;

	for (struct place *p = board; p < board + WAYS; p++) {
		if (has_label(p, label))
			return p;
		if (best->bytes && (!p->bytes || p->signed_at < best->signed_at))
			best = p;
	}
	return best;
}

static bool
is_good(const struct place *place, struct slice label, int64_t now_s)
{
	return has_label(place, label) && place->signed_at <= now_s &&
		now_s - place->signed_at < SHELF_SECONDS;
}

// Under the lock.
static bool
look(struct token_shelf *shelf, struct arena *arena, struct slice label, int64_t now_s,
	struct shelf_token *out, uint64_t *moment)
{
	const struct place *place = place_of(shelf, label);

	if (!is_current(shelf))
		return false;
	*moment = shelf->moment;
	if (!is_good(place, label, now_s))
		return false;
	out->token = arena_strndup(arena, place->bytes + place->label_len, place->token_len);
	out->signed_at = place->signed_at;
	return true;
}

bool
token_shelf_find(struct token_shelf *shelf, struct arena *arena, struct slice label, int64_t now_s,
	struct shelf_token *out, uint64_t *moment)
{
	*moment = 0;
	if (!shelf)
		return false;
	pthread_mutex_lock(&shelf->lock);
	bool found = look(shelf, arena, label, now_s, out, moment);
	bool open = may_open(shelf);
	pthread_mutex_unlock(&shelf->lock);
	if (open)
		*moment = open_watch(shelf);
	return found;
}

void
token_shelf_put(struct token_shelf *shelf, struct slice label, uint64_t moment,
	const struct shelf_token *token)
{
	size_t len = strlen(token->token);

	if (!shelf || !moment || label.len + len >= PLACE_MAX)
		return;
	pthread_mutex_lock(&shelf->lock);
	if (is_current(shelf) && shelf->moment == moment) {
		struct place *place = place_of(shelf, label);
		clear(place);
		*place = (struct place){.bytes = malloc(label.len + len + 1),
			.label_len = label.len,
			.token_len = len,
			.signed_at = token->signed_at};
		if (!place->bytes)
			abort();
		memcpy(place->bytes, label.data, label.len);
		memcpy(place->bytes + label.len, token->token, len + 1);
	}
	pthread_mutex_unlock(&shelf->lock);
}
