// SPDX-License-Identifier: Apache-2.0
#include "connector/rate.h"

#include "base/fs.h"
#include "base/str.h"
#include "codec/json.h"

// 10000 times of 20 characters, twice.
enum { MAX_RATE = 512 << 10 };

static char *
path_of(struct arena *arena, const char *dir)
{
	return arena_printf(arena, "%s/rate.json", dir);
}

static void
read_times(struct arena *arena, const struct json *list, const struct allow_list *allow,
	time_us now, struct allow_history *out)
{
	for (const struct json *item = list ? list->first : NULL; item; item = item->next) {
		uint64_t at;
		if (item->type == JSON_NUMBER && str_to_u64(item->text, INT64_MAX, &at) &&
			(time_us)at <= now && now - (time_us)at < 60 * US_PER_MIN)
			allow_count(arena, allow, out, (time_us)at);
	}
}

bool
rate_load(struct arena *arena, const char *dir, const struct allow_list *list, time_us now,
	struct allow_history *made, struct allow_history *ended, struct error *e)
{
	autoarena(own, ARENA_REQUEST);
	const struct json_limits limits = {
		.max_bytes = MAX_RATE, .max_depth = 3, .max_nodes = 2 * ALLOW_MAX_PER_HOUR + 16};
	const char *path = path_of(&own, dir);
	const struct json *in;
	struct slice text;

	*made = *ended = (struct allow_history){0};
	if (!fs_read(&own, path, MAX_RATE, &text, e))
		return e->code == ERR_NOT_FOUND;
	in = json_parse(&own, text, &limits, e);
	if (!in)
		return error_wrap(e, "%s", path);
	read_times(arena, json_get(in, "made"), list, now, made);
	read_times(arena, json_get(in, "ended"), list, now, ended);
	return true;
}

// Oldest first.
static void
write_times(struct jsonw *w, const char *name, const struct allow_list *list,
	const struct allow_history *h)
{
	size_t first = h->count < list->max_per_hour ? 0 : h->next;

	jsonw_array(w, name);
	for (size_t i = 0; i < h->count; i++)
		jsonw_int(w, NULL, h->times[(first + i) % list->max_per_hour]);
	jsonw_end_array(w);
}

bool
rate_save(const char *dir, const struct allow_list *list, const struct allow_history *made,
	const struct allow_history *ended, struct error *e)
{
	autoarena(arena, ARENA_REQUEST);
	struct buf text;

	buf_init(&text, &arena, MAX_RATE);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	write_times(&w, "made", list, made);
	write_times(&w, "ended", list, ended);
	jsonw_end_object(&w);
	return buf_ok(&text, e) && fs_write(path_of(&arena, dir), buf_slice(&text), 0600, e);
}
