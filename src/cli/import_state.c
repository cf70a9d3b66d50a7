// SPDX-License-Identifier: Apache-2.0
#include "cli/import_state.h"

#include "base/fs.h"
#include "base/str.h"
#include "pki/hash.h"
#include <stdlib.h>
#include <sys/stat.h>

enum { STATE_MAX = 64 << 10 };

// XDG Base Directory Specification: state that should persist, but is not important.
static const char *
state_directory(struct arena *arena)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/')
		return arena_printf(arena, "%s/ferry/imports", state);
	return home && *home == '/' ? arena_printf(arena, "%s/.local/state/ferry/imports", home)
				    : NULL;
}

static const char *
mark_of(struct arena *arena, const char *path, const char *options)
{
	struct stat s;

	if (stat(path, &s) != 0 || !S_ISREG(s.st_mode))
		return NULL;
	return arena_printf(arena, "%lld %lld.%09ld %s", (long long)s.st_size,
		(long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec, options);
}

void
import_state_find(
	struct arena *arena, const char *file, const char *options, struct import_state *out)
{
	const char *directory = state_directory(arena);
	char *real = realpath(file, NULL);
	struct slice text;
	struct error ignored;

	*out = (struct import_state){.file_mark = mark_of(arena, file, options)};
	if (directory && real && out->file_mark)
		out->path = arena_printf(
			arena, "%s/%.32s.json", directory, sha256_hex(arena, slice_str(real)));
	free(real);
	if (!out->path || !fs_read(arena, out->path, STATE_MAX, &text, &ignored))
		return;
	const struct json *state =
		json_parse(arena, text, &(struct json_limits){.max_bytes = STATE_MAX}, &ignored);
	if (state && str_eq(json_str(state, "file"), out->file_mark))
		out->import_id = json_str(state, "import");
}

void
import_state_keep(struct arena *arena, struct import_state *s, const char *import_id)
{
	struct error ignored;
	struct buf text;

	if (!s->path)
		return;
	buf_init(&text, arena, STATE_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "import", import_id);
	jsonw_str(&w, "file", s->file_mark);
	jsonw_end_object(&w);
	char *directory = arena_strndup(arena, s->path, (size_t)(strrchr(s->path, '/') - s->path));
	if (!fs_mkdirs(directory, 0700, &ignored) ||
		!fs_write(s->path, buf_slice(&text), 0600, &ignored))
		s->path = NULL;
}

void
import_state_forget(struct import_state *s)
{
	struct error ignored;

	if (s->path && !fs_remove(s->path, &ignored))
		s->path = NULL;
}
