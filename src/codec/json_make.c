// SPDX-License-Identifier: Apache-2.0
#include "codec/json_make.h"

#include <string.h>

struct json_maker
json_make(struct arena *arena, enum json_type type)
{
	struct json_maker m = {.arena = arena, .whole = arena_new(arena, struct json)};

	m.whole->type = type;
	return m;
}

static struct json *
append(struct json_maker *m, const char *name, const struct json *value)
{
	struct json *node = arena_new(m->arena, struct json);

	if (value)
		*node = *value;
	node->name = name;
	node->next = NULL;
	if (m->last)
		m->last->next = node;
	else
		m->whole->first = node;
	m->last = node;
	m->whole->count++;
	return node;
}

void
json_put(struct json_maker *m, const char *name, const struct json *value)
{
	append(m, name, value);
}

void
json_put_str(struct json_maker *m, const char *name, const char *text)
{
	struct json value = {.type = text ? JSON_STRING : JSON_NULL,
		.text = text,
		.len = text ? strlen(text) : 0};

	append(m, name, &value);
}

void
json_put_int(struct json_maker *m, const char *name, int64_t number)
{
	char *text = arena_printf(m->arena, "%lld", (long long)number);
	struct json value = {.type = JSON_NUMBER, .text = text, .len = strlen(text)};

	append(m, name, &value);
}

void
json_put_bool(struct json_maker *m, const char *name, bool boolean)
{
	struct json value = {.type = JSON_BOOL, .boolean = boolean};

	append(m, name, &value);
}

bool
json_text(struct arena *arena, const struct json *value, size_t max, const char **out,
	struct error *e)
{
	struct buf text;

	buf_init(&text, arena, max);
	struct jsonw w = jsonw_on(&text);
	jsonw_value(&w, NULL, value);
	if (!buf_ok(&text, e))
		return false;
	*out = buf_text(&text);
	return true;
}
