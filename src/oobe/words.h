// SPDX-License-Identifier: Apache-2.0
// Which language the person reads, and each text of the faces in it.
//
// English is the source: a text is its own key. The translations are the gettext catalogues in po/,
// built into the program (tools/embed-words), so that a device needs no locale packages and the
// language can change between two pages.
#pragma once

#include "base/arena.h"
#include <stddef.h>

enum language { LANGUAGE_EN, LANGUAGE_DE, LANGUAGE_JA, LANGUAGES };

struct word {
	const char *text;
	const char *in[LANGUAGES - 1]; // German, Japanese
};

// Made by tools/embed-words; ordered by strcmp(3) of the texts.
extern const struct word words_table[];
extern const size_t words_count;

// "de-DE", "de_DE.UTF-8", "ja": the language from now on. What is not known (or NULL) leaves it as
// it is; "C" and "POSIX" are not known.
void words_choose(const char *tag);

// "en", "de", "ja".
const char *words_language(void);

// The text in the person's language; the text itself where there is no translation (and for NULL).
const char *tr(const char *text) __attribute__((format_arg(1)));

// Marks a text of a table for the catalogues; it is translated when it is used.
#define N_(text) text

// "%s" and "%1$s" in `format` replaced by the texts; too few texts leave nothing in their place.
char *words_fill(struct arena *arena, const char *format, const char *const *texts, size_t count);

// The sentence of that key (say.def) with its texts filled in, or NULL when there is none.
char *words_say(struct arena *arena, const char *key, const char *const *texts, size_t count);
