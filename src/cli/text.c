// SPDX-License-Identifier: Apache-2.0
#include "cli/text.h"

#include "base/clock.h"
#include "base/str.h"
#include <wchar.h>

static int
width_of(uint32_t cp)
{
	int width = wcwidth((wchar_t)cp);

	return width < 0 ? 1 : width;
}

int
text_width(const char *text)
{
	struct slice rest = slice_str(text);
	size_t pos = 0;
	uint32_t cp;
	int width = 0;

	while (pos < rest.len) {
		if (!utf8_next(rest, &pos, &cp)) {
			pos++;
			cp = '?';
		}
		width += width_of(cp);
	}
	return width;
}

const char *
text_fit(struct arena *arena, const char *text, int width)
{
	struct slice rest = slice_str(text);
	size_t pos = 0, end = 0;
	uint32_t cp;
	int used = 0;

	if (text_width(text) <= width)
		return text;
	// One column is the ellipsis's.
	while (pos < rest.len && utf8_next(rest, &pos, &cp) && (used += width_of(cp)) <= width - 1)
		end = pos;
	return arena_printf(arena, "%.*s…", (int)end, text);
}

struct slice
text_line(const char **text, int width)
{
	struct slice rest = slice_str(*text);
	size_t pos = 0, end = 0, blank = 0;
	uint32_t cp;
	int used = 0;

	while (pos < rest.len) {
		size_t begin = pos;
		if (!utf8_next(rest, &pos, &cp)) {
			pos = begin + 1;
			cp = '?';
		}
		if (cp == ' ')
			blank = begin;
		if ((used += width_of(cp)) > width && (end || cp == ' '))
			break;
		end = pos;
	}
	if (end < rest.len && blank)
		end = blank;
	struct slice line = {.data = rest.data, .len = end};
	while (line.len && line.data[line.len - 1] == ' ')
		line.len--;
	*text += end;
	*text += strspn(*text, " ");
	return line;
}

static bool
is_obeyed(uint32_t cp)
{
	return cp < ' ' || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x202a && cp <= 0x202e) ||
		(cp >= 0x2066 && cp <= 0x2069) || cp == 0x2028 || cp == 0x2029;
}

char *
text_clean(struct arena *arena, const char *text)
{
	char *clean = arena_strdup(arena, text ? text : ""), *to = clean;
	struct slice rest = slice_str(arena_strdup(arena, clean));
	size_t pos = 0;
	uint32_t cp;

	while (pos < rest.len) {
		size_t start = pos;
		bool whole = utf8_next(rest, &pos, &cp);
		if (!whole)
			pos = start + 1;
		if (!whole || is_obeyed(cp))
			*to++ = whole ? ' ' : '?';
		else
			for (size_t i = start; i < pos; i++)
				*to++ = (char)rest.data[i];
	}
	*to = '\0';
	return clean;
}

const char *
text_relative(struct arena *arena, const char *text, int64_t now_us)
{
	static const struct {
		int64_t below, unit; // seconds
		const char *name;
	} table[] = {{60, 1, "s"}, {60 * 60, 60, "min"}, {48 * 60 * 60, 60 * 60, "h"},
		{31 * 86400, 86400, "d"}};
	time_us at;

	if (strlen(text) < 20 || text[10] != 'T' || !clock_parse_rfc3339(text, &at))
		return NULL;
	int64_t away = (now_us - at) / US_PER_S, size = away < 0 ? -away : away;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (size < table[i].below)
			return arena_printf(arena, "%s%lld %s%s", away < 0 ? "in " : "",
				(long long)(size / table[i].unit), table[i].name,
				away < 0 ? "" : " ago");
	return arena_strndup(arena, text, 10);
}
