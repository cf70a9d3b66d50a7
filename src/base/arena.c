// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// KEPT_BLOCK: what an idle connection may hold on to.
enum { FIRST_BLOCK = 4096 - 64, KEPT_BLOCK = 16 << 10, LARGEST_BLOCK = 1 << 20, SHORT_TEXT = 1024 };

struct arena_block {
	struct arena_block *next;
	size_t size, fill;
	alignas(max_align_t) unsigned char data[];
};

void
arena_init(struct arena *arena, size_t cap)
{
	*arena = (struct arena){.cap = cap};
}

void
arena_finish(struct arena *arena)
{
	while (arena->head) {
		struct arena_block *next = arena->head->next;
		free(arena->head);
		arena->head = next;
	}
	arena->used = 0;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *keep = NULL;

	while (arena->head) {
		struct arena_block *block = arena->head;
		arena->head = block->next;
		// The largest that may be kept: blocks grow, and the newest comes first.
		if (!keep && block->size <= KEPT_BLOCK)
			keep = block;
		else
			free(block);
	}
	if (keep) {
		keep->next = NULL;
		keep->fill = 0;
	}
	arena->head = keep;
	arena->used = 0;
}

void
arena_wipe(struct arena *arena)
{
	for (struct arena_block *block = arena->head; block; block = block->next)
		explicit_bzero(block->data, block->fill);
	arena_reset(arena);
}

static struct arena_block *
add_block(struct arena *arena, size_t size)
{
	size_t want = arena->head ? arena->head->size * 2 : FIRST_BLOCK;

	if (want > LARGEST_BLOCK)
		want = LARGEST_BLOCK;
	if (want < size)
		want = size;
	struct arena_block *block = malloc(sizeof *block + want);
	if (!block) {
		fprintf(stderr, "out of memory\n");
		abort();
	}
	*block = (struct arena_block){.next = arena->head, .size = want};
	arena->head = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);

	if (size > arena->cap || arena->used > arena->cap - size) {
		fprintf(stderr, "arena cap of %zu bytes exceeded\n", arena->cap);
		abort();
	}
	size_t rounded = (size + align - 1) & ~(align - 1);
	struct arena_block *block = arena->head;
	if (!block || block->size - block->fill < rounded)
		block = add_block(arena, rounded);
	void *out = block->data + block->fill;
	block->fill += rounded;
	arena->used += size;
	return memset(out, 0, size);
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		total = SIZE_MAX;
	return arena_alloc(arena, total);
}

void *
arena_more(struct arena *arena, void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	*room = *room ? *room * 2 : 8;
	void *grown = arena_array(arena, *room, size);
	if (count)
		memcpy(grown, list, count * size);
	return grown;
}

void *
arena_memdup(struct arena *arena, const void *data, size_t len)
{
	void *copy = arena_alloc(arena, len);

	return len ? memcpy(copy, data, len) : copy;
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
	char text[SHORT_TEXT];
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	if ((size_t)len < sizeof text)
		return arena_strndup(arena, text, (size_t)len);
	char *out = arena_alloc(arena, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(out, (size_t)len + 1, fmt, args);
	va_end(args);
	return out;
}
