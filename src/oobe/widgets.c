// SPDX-License-Identifier: Apache-2.0
#include "oobe/widgets.h"

#include "oobe/words.h"
#include "oobe/wrap.h"
#include <curses.h>
#include <string.h>

// Pairs 1.. are theme x tone; then the two that are the same everywhere.
enum { PAIR_FOOTER = 1 + THEMES * TONES, PAIR_QR };

static short
pair_of(enum theme theme, enum tone tone)
{
	return (short)(1 + (int)theme * TONES + (int)tone);
}

void
widgets_init(void)
{
	static const short grounds[THEMES] = {COLOR_BLUE, COLOR_GREEN, COLOR_RED};

	if (!has_colors())
		return;
	start_color();
	// Plain white is light grey on many terminals: a camera likes the bright one.
	short white = COLORS >= 16 ? 15 : COLOR_WHITE;
	for (int theme = 0; theme < THEMES; theme++)
		for (int tone = 0; tone < TONES; tone++)
			init_pair(pair_of((enum theme)theme, (enum tone)tone),
				tone == TONE_WARN ? COLOR_YELLOW : white,
				tone == TONE_BAD ? COLOR_RED : grounds[theme]);
	init_pair(PAIR_FOOTER, COLOR_BLACK, COLOR_WHITE);
	init_pair(PAIR_QR, white, COLOR_BLACK);
}

static attr_t
attributes(enum theme theme, enum tone tone)
{
	attr_t bold = tone == TONE_NORMAL ? A_NORMAL : A_BOLD;

	return bold | (has_colors() ? (attr_t)COLOR_PAIR(pair_of(theme, tone)) : A_NORMAL);
}

void
draw_text(const struct page *page, int row, int column, enum tone tone, const char *text)
{
	if (row < 0 || row >= LINES || column >= COLS)
		return;
	attrset(attributes(page->theme, tone));
	mvaddnstr(row, column, text, (int)text_fit(text, (size_t)(COLS - column)));
}

void
draw_frame(const struct page *page)
{
	bkgdset(attributes(page->theme, TONE_NORMAL) | ' ');
	erase();
	draw_text(page, 0, CONTENT_COLUMN, TONE_NORMAL, page->brand ? page->brand : "Ferry");
	draw_text(page, 1, CONTENT_COLUMN, TONE_STRONG, page->title);
	for (int x = CONTENT_COLUMN; x < COLS - CONTENT_COLUMN; x++)
		draw_text(page, 2, x, TONE_NORMAL, "─");
}

void
draw_lines(const struct page *page, const struct lines *lines, size_t from, int row, int rows,
	int *y, int *x)
{
	for (int i = 0; i < rows && from + (size_t)i < lines->count; i++) {
		const struct line *line = &lines->items[from + (size_t)i];
		draw_text(page, row + i, CONTENT_COLUMN,
			line->emphasized ? TONE_STRONG : line->tone, line->text);
		if (line->cursor) {
			*y = row + i;
			*x = CONTENT_COLUMN + (int)line->cursor - 1;
		}
	}
}

void
draw_footer(const char *text)
{
	attrset(has_colors() ? (attr_t)COLOR_PAIR(PAIR_FOOTER) : A_REVERSE);
	for (int x = 0; x < COLS; x++)
		mvaddch(LINES - 1, x, ' ');
	mvaddnstr(LINES - 1, 1, text, (int)text_fit(text, (size_t)COLS - 2));
}

void
draw_qr(const struct qr *qr, int row, int column)
{
	attrset(has_colors() ? (attr_t)COLOR_PAIR(PAIR_QR) : A_NORMAL);
	for (size_t i = 0; i < qr->rows; i++)
		mvaddstr(row + (int)i, column, qr->lines[i]);
}

void
draw_too_small(void)
{
	char text[120];

	attrset(A_NORMAL);
	bkgdset(' ');
	erase();
	snprintf(text, sizeof text, tr("Window too small: %dx%d."), COLS, LINES);
	mvaddnstr(0, 0, text, COLS);
	snprintf(text, sizeof text, tr("Setup needs %dx%d."), SCREEN_COLUMNS_MIN, SCREEN_ROWS_MIN);
	if (LINES > 1)
		mvaddnstr(1, 0, text, COLS);
}
