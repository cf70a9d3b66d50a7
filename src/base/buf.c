// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"

#include <stdarg.h>
#include <stdlib.h>

void
buf_init(struct buf *b, struct arena *arena, size_t max)
{
	*b = (struct buf){.arena = arena, .max = max};
}

static bool
reserve(struct buf *b, size_t more)
{
	if (b->overflow || more > b->max - b->len) {
		b->overflow = true;
		return false;
	}
	if (b->len + more < b->cap)
		return true;
	size_t cap = b->cap ? b->cap : 128;
	while (cap <= b->len + more)
		cap *= 2;
	char *grown = arena_alloc(b->arena, cap);
	if (b->len)
		memcpy(grown, b->data, b->len);
	b->data = grown;
	b->cap = cap;
	return true;
}

char *
buf_extend(struct buf *b, size_t len)
{
	if (!reserve(b, len))
		return NULL;
	char *room = b->data + b->len;
	b->len += len;
	b->data[b->len] = '\0';
	return room;
}

void
buf_put(struct buf *b, const void *data, size_t len)
{
	char *room = len ? buf_extend(b, len) : NULL;

	if (room)
		memcpy(room, data, len);
}

void
buf_puts(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

void
buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	if (!reserve(b, (size_t)len))
		return;
	va_start(args, fmt);
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

void
buf_put_escaped(struct buf *b, const char *text)
{
	static const char unreserved[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text; text++)
		if (strchr(unreserved, *text))
			buf_putc(b, *text);
		else
			buf_printf(b, "%%%02X", (unsigned char)*text);
}

bool
buf_ok(const struct buf *b, struct error *e)
{
	return !b->overflow || error_set(e, ERR_LIMIT, "output exceeds %zu bytes", b->max);
}

const char *
buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}
