// SPDX-License-Identifier: Apache-2.0
#include "oobe/words.h"

#include "base/buf.h"
#include "base/str.h"
#include <ctype.h>
#include <stdlib.h>

enum { FILLED_MAX = 16 * 1024 };

static const char *const tags[LANGUAGES] = {"en", "de", "ja"};

static const struct {
	const char *key, *text;
} sentences[] = {
#define SAY(key_, text_) {#key_, text_},
#include "oobe/say.def"
#undef SAY
};

static enum language current;

void
words_choose(const char *tag)
{
	for (int i = 0; tag && i < LANGUAGES; i++) {
		size_t len = strlen(tags[i]);
		if (strncasecmp(tag, tags[i], len) == 0 && !isalnum((unsigned char)tag[len]))
			current = (enum language)i;
	}
}

const char *
words_language(void)
{
	return tags[current];
}

static int
by_text(const void *text, const void *word)
{
	return strcmp(text, ((const struct word *)word)->text);
}

const char *
tr(const char *text)
{
	const struct word *word;

	if (current == LANGUAGE_EN || !text)
		return text;
	word = bsearch(text, words_table, words_count, sizeof *words_table, by_text);
	return word ? word->in[current - 1] : text;
}

char *
words_fill(struct arena *arena, const char *format, const char *const *texts, size_t count)
{
	struct buf b;
	size_t next = 0;

	buf_init(&b, arena, FILLED_MAX);
	for (const char *at = format; *at; at++) {
		bool numbered = at[0] == '%' && at[1] >= '1' && at[1] <= '9' && at[2] == '$' &&
			at[3] == 's';
		if (!numbered && !str_starts(at, "%s")) {
			buf_putc(&b, *at);
			at += str_starts(at, "%%");
			continue;
		}
		size_t which = numbered ? (size_t)(at[1] - '1') : next++;
		if (which < count)
			buf_puts(&b, texts[which]);
		at += numbered ? 3 : 1;
	}
	return arena_strdup(arena, buf_text(&b));
}

char *
words_say(struct arena *arena, const char *key, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		if (str_eq(key, sentences[i].key))
			return words_fill(arena, tr(sentences[i].text), texts, count);
	return NULL;
}
