// SPDX-License-Identifier: Apache-2.0
// Memory that lives as long as one request, step or command, and is released in one go.
#pragma once

#include "base/cleanup.h"
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used; // bytes handed out
	size_t cap;  // ceiling for `used`
};

// Start an empty arena of at most `cap` bytes. Nothing is allocated until the first request.
//
// The cap is a backstop against our own mistakes: readers of outside input have limits of their own
// that keep far below it, so exceeding it (like a failing malloc) ends the process and the
// supervisor restarts it.
void arena_init(struct arena *arena, size_t cap);

// Release everything. Idempotent.
void arena_finish(struct arena *arena);

// Release everything but keep the first block for the next use: what a worker does between two
// requests.
void arena_reset(struct arena *arena);

// What was handed out until now. Going back to it releases what was handed out since: for work that
// is begun again from there, so that nobody may have kept any of it.
struct arena_mark {
	struct arena_block *head;
	size_t fill, used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_back(struct arena *arena, const struct arena_mark *mark);

// arena_reset() after everything that was handed out has been overwritten: for what held a secret.
void arena_wipe(struct arena *arena);

// `size` zeroed bytes, aligned for any type. Never NULL.
void *arena_alloc(struct arena *arena, size_t size);

// Array of `count` elements of `size` bytes, zeroed; aborts on overflow of the product.
void *arena_array(struct arena *arena, size_t count, size_t size);

// Room for element `count` of a list that grows: `list` as it is, or a copy with twice the room
// (zeroed) when `count` has reached *room. A list begins as NULL with *room 0.
void *arena_more(struct arena *arena, void *list, size_t count, size_t *room, size_t size);

void *arena_memdup(struct arena *arena, const void *data, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#define ARENA_SMALL ((size_t)1 << 20)
#define ARENA_REQUEST ((size_t)256 << 20)

// `autoarena(name, cap)`: an arena that is finished at the end of the block.
#define autoarena(name, cap_) CLEANUP(arena_finish) struct arena name = {.cap = (cap_)}
