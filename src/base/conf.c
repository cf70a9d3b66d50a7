// SPDX-License-Identifier: Apache-2.0
#include "base/conf.h"

#include "base/fs.h"
#include "base/str.h"
#include <ini.h>

struct reader {
	struct arena *arena;
	const struct conf *conf;
	struct error *e;
};

static bool
set(struct reader *r, const struct conf_row *row, const char *value)
{
	void *place = (char *)r->conf->target + row->offset;
	uint64_t number;

	if (!row->most) {
		*(const char **)place = arena_strdup(r->arena, value);
		return true;
	}
	if (!str_to_u64(value, row->most, &number) || number < row->least)
		return error_set(r->e, ERR_INVALID, "[%s] %s: %u to %u is expected", row->section,
			row->name, row->least, row->most);
	*(unsigned *)place = (unsigned)number;
	return true;
}

static int
on_setting(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	const struct conf *c = r->conf;

	for (const struct conf_row *row = c->rows; row < c->rows + c->count; row++)
		if (str_eq(section, row->section) && str_eq(name, row->name))
			return set(r, row, value);
	if (c->other && c->other(c->context, section, name, value, r->e))
		return 1;
	if (!r->e->code)
		error_set(r->e, ERR_INVALID, "unknown setting [%s] %s", section, name);
	return 0;
}

bool
conf_parse(struct arena *arena, const struct conf *conf, const char *name, const char *text,
	struct error *e)
{
	struct reader r = {.arena = arena, .conf = conf, .e = e};

	*e = (struct error){0};
	int line = ini_parse_string(text, on_setting, &r);
	if (line == 0)
		return true;
	return e->code ? error_wrap(e, "%s:%d", name, line)
		       : error_set(e, ERR_INVALID, "%s:%d: syntax", name, line);
}

bool
conf_read(struct arena *arena, const struct conf *conf, const char *file, struct error *e)
{
	struct slice text;

	return fs_read(arena, file, CONF_MAX, &text, e) &&
		conf_parse(arena, conf, file, (const char *)text.data, e);
}
