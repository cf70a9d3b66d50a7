// SPDX-License-Identifier: Apache-2.0
// How much of a terminal's line a text takes, and what of it is safe and short enough to show.
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include <stdint.h>

// Columns of a UTF-8 text; wide characters take two, combining ones none (wcwidth(3), which needs a
// UTF-8 locale: main() sets one).
int text_width(const char *text);

// At most `width` columns: what is longer ends with "…".
const char *text_fit(struct arena *arena, const char *text, int width);

// The next line of a text, at most `width` columns (one character at least), that ends at a blank
// where it has one; *text is moved behind it and the blanks. Empty when nothing is left.
struct slice text_line(const char **text, int width);

// Without what a terminal obeys: control characters (C0, C1) and changes of the direction of
// writing (Unicode TR 36, section 3), each of which becomes a space.
char *text_clean(struct arena *arena, const char *text);

// "3 min ago", "in 2 h"; a date when it is further than a month. `text` is RFC 3339; anything else
// gives NULL.
const char *text_relative(struct arena *arena, const char *text, int64_t now_us);
