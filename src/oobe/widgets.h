// SPDX-License-Identifier: Apache-2.0
// The look: colours of the pages, frame, footer and QR code on a curses screen.
#pragma once

#include "oobe/layout.h"
#include "oobe/qr.h"

enum { SCREEN_ROWS_MIN = 20, SCREEN_COLUMNS_MIN = 60, CONTENT_ROW = 3, CONTENT_COLUMN = 2 };

// After initscr: define the colours, if the terminal has any.
void widgets_init(void);

// Clear to the theme's background; brand, title and rule on the first rows.
void draw_frame(const struct page *page);

// Lines [from, from + rows) at `row`; returns where the input cursor belongs in *y, *x.
void draw_lines(const struct page *page, const struct lines *lines, size_t from, int row, int rows,
	int *y, int *x);

// One line in a tone, cut to the width of the screen.
void draw_text(const struct page *page, int row, int column, enum tone tone, const char *text);

void draw_footer(const char *text);
void draw_qr(const struct qr *qr, int row, int column);

// Instead of everything else, when the window is too small.
void draw_too_small(void);
