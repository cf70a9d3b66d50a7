// SPDX-License-Identifier: Apache-2.0
// How many terminal columns a text takes, and where a line of it ends: wide characters count two,
// combining ones none.
#pragma once

#include "base/arena.h"
#include <stddef.h>

// Columns of a UTF-8 text in one line (wcwidth(3); needs a UTF-8 locale for anything but ASCII).
size_t text_width(const char *text);

// Bytes of the longest beginning of `text` that takes at most `columns`; never splits a character
// from its combining ones.
size_t text_fit(const char *text, size_t columns);

// Bytes to skip so that the rest takes at most `columns`: what a field shows of a long input.
size_t text_tail(const char *text, size_t columns);

struct wrapped {
	size_t len;	  // bytes of this line
	const char *rest; // where the next line begins; NULL after the last
};

// The first line of `text` in at most `columns` (0: unlimited) columns. Breaks at blanks, after
// wide characters, at line ends, and inside a word only when the word alone is too long.
struct wrapped text_wrap(const char *text, size_t columns);

// `text` followed by blanks up to `columns`.
char *text_pad(struct arena *arena, const char *text, size_t len, size_t columns);
