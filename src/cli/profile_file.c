// SPDX-License-Identifier: Apache-2.0
#include "cli/profile_file.h"

#include "base/fs.h"
#include "base/str.h"
#include <fcntl.h>
#include <libgen.h>
#include <sys/file.h>

enum { PROFILE_MAX = 64 << 10, MODE = 0600, FOLDER_MODE = 0700 };

bool
profile_file_write(
	struct arena *arena, const struct settings *s, const char *refresh_token, struct error *e)
{
	struct buf text;

	buf_init(&text, arena, PROFILE_MAX);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "url", s->url);
	if (s->ca)
		jsonw_str(&w, "ca", s->ca);
	jsonw_str(&w, "tenant", s->tenant);
	jsonw_str(&w, "clientId", s->client_id);
	jsonw_str(&w, "refreshToken", refresh_token);
	jsonw_end_object(&w);
	buf_putc(&text, '\n');
	return buf_ok(&text, e) &&
		fs_mkdirs(dirname(arena_strdup(arena, s->profile)), FOLDER_MODE, e) &&
		fs_write(s->profile, buf_slice(&text), MODE, e);
}

bool
profile_file_lock(const struct settings *s, int *fd, struct error *e)
{
	char path[4096];

	// Beside it: the file itself is replaced by every write.
	snprintf(path, sizeof path, "%s.lock", s->profile);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, MODE);
	return (*fd >= 0 && flock(*fd, LOCK_EX) == 0) || error_errno(e, "%s", path);
}

bool
profile_file_token(struct arena *arena, const struct settings *s, const char **out, struct error *e)
{
	const struct json *json;
	struct slice text;

	if (!fs_read(arena, s->profile, PROFILE_MAX, &text, e))
		return false;
	json = json_parse(arena, text, NULL, e);
	*out = json ? json_str(json, "refreshToken") : NULL;
	return json &&
		(!str_empty(*out) ||
			error_fault(e, ERR_UNAUTHENTICATED, "oauth_refresh_invalid",
				"%s holds no sign-in", s->profile));
}
