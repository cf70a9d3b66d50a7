// SPDX-License-Identifier: Apache-2.0
#include "oobe/wrap.h"

#include "base/str.h"
#include <wchar.h>

// The next character and its columns; malformed bytes count one column each.
static size_t
step(const char *text, size_t *columns, uint32_t *cp)
{
	// A character has at most four bytes; strnlen keeps us inside the text.
	struct slice rest = slice_of(text, strnlen(text, 4));
	size_t pos = 0;

	if (!utf8_next(rest, &pos, cp)) {
		*columns = 1;
		*cp = 0xfffd;
		return 1;
	}
	int width = wcwidth((wchar_t)*cp);
	*columns = width < 0 ? 1 : (size_t)width;
	return pos;
}

size_t
text_width(const char *text)
{
	size_t total = 0, columns;
	uint32_t cp;

	while (*text) {
		text += step(text, &columns, &cp);
		total += columns;
	}
	return total;
}

size_t
text_fit(const char *text, size_t columns)
{
	size_t used = 0, len = 0, width;
	uint32_t cp;

	while (text[len]) {
		size_t bytes = step(text + len, &width, &cp);
		if (used + width > columns)
			break;
		used += width;
		len += bytes;
	}
	return len;
}

size_t
text_tail(const char *text, size_t columns)
{
	size_t total = text_width(text), skip = 0, width;
	uint32_t cp;

	while (text[skip] && total > columns) {
		skip += step(text + skip, &width, &cp);
		total -= width;
	}
	return skip;
}

// At least one character, however narrow the space: a caller's loop must end.
static struct wrapped
split_word(const char *text, size_t len)
{
	size_t width;
	uint32_t cp;

	if (!len)
		len = step(text, &width, &cp);
	return (struct wrapped){len, text[len] ? text + len : NULL};
}

static struct wrapped
end_at_blank(const char *text, size_t len)
{
	const char *rest = text + len;

	while (*rest == ' ')
		rest++;
	if (*rest == '\n')
		rest++;
	while (len && text[len - 1] == ' ')
		len--;
	return (struct wrapped){len, *rest ? rest : NULL};
}

// Punctuation that must not begin a line (JIS X 4051, the common part).
static bool
may_not_begin(const char *text)
{
	static const char *const marks[] = {"。", "、", "」", "』", "）", ")", "？", "！", "?", "!",
		"…", "ー", "・", "：", ":", ",", ".", "]"};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (str_starts(text, marks[i]))
			return true;
	return false;
}

struct wrapped
text_wrap(const char *text, size_t columns)
{
	size_t used = 0, pos = 0, last = 0, width;
	uint32_t cp;

	if (!columns)
		columns = SIZE_MAX;
	while (text[pos]) {
		size_t bytes = step(text + pos, &width, &cp);
		if (cp == '\n')
			return (struct wrapped){pos, text[pos + 1] ? text + pos + 1 : NULL};
		if (cp == ' ' && pos)
			last = pos;
		if (width == 0 && pos && last == pos)
			last += bytes;
		if (used + width > columns)
			return last ? end_at_blank(text, last) : split_word(text, pos);
		used += width;
		pos += bytes;
		if (width == 2 && text[pos] && used <= columns && !may_not_begin(text + pos))
			last = pos;
	}
	return (struct wrapped){pos, NULL};
}

char *
text_pad(struct arena *arena, const char *text, size_t len, size_t columns)
{
	char *piece = arena_strndup(arena, text, len);
	size_t width = text_width(piece);

	return width >= columns ? piece
				: arena_printf(arena, "%s%*s", piece, (int)(columns - width), "");
}
