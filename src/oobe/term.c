// SPDX-License-Identifier: Apache-2.0
#include "oobe/term.h"

#include "base/str.h"
#include "oobe/widgets.h"
#include "oobe/words.h"
#include "oobe/wrap.h"
#include <curses.h>
#include <poll.h>
#include <stdlib.h>

enum { TEXT_COLUMNS_MIN = 36 }; // beside a QR code

static const struct {
	int code;
	enum key key;
} code_keys[] = {
	{KEY_ENTER, KEY_NAME_ENTER},
	{KEY_BTAB, KEY_NAME_BACKTAB},
	{KEY_UP, KEY_NAME_UP},
	{KEY_DOWN, KEY_NAME_DOWN},
	{KEY_LEFT, KEY_NAME_LEFT},
	{KEY_RIGHT, KEY_NAME_RIGHT},
	{KEY_PPAGE, KEY_NAME_PAGE_UP},
	{KEY_NPAGE, KEY_NAME_PAGE_DOWN},
	{KEY_HOME, KEY_NAME_HOME},
	{KEY_END, KEY_NAME_END},
	{KEY_BACKSPACE, KEY_NAME_BACKSPACE},
	{KEY_F(12), KEY_NAME_WINDOWS},
	{KEY_F(2), KEY_NAME_QR_LARGE},
	{KEY_F(3), KEY_NAME_QR_FORM},
};

static const struct {
	wint_t ch;
	enum key key;
} char_keys[] = {
	{'\r', KEY_NAME_ENTER},
	{'\n', KEY_NAME_ENTER},
	{'\t', KEY_NAME_TAB},
	{'\b', KEY_NAME_BACKSPACE},
	{0x7f, KEY_NAME_BACKSPACE},
	{0x15, KEY_NAME_CLEAR},
};

struct term {
	struct app *app;
	struct arena arena; // of one frame
	struct page page;
	bool simple_marks;
};

// The QR code of the page, in the wanted form.
static const char *
qr_payload(const struct term *term)
{
	const char *other = NULL;

	if (!term->page.qr)
		return NULL;
	if (term->app->ui.qr_json)
		other = qr_as_json(term->page.arena, term->page.qr);
	return other ? other : term->page.qr;
}

// The largest form that fits; false with a note for the person when none does.
static bool
fit_qr(struct term *term, const char *payload, int rows, int columns, struct qr *qr,
	const char **note)
{
	struct error e = {0};

	for (unsigned quiet = QR_QUIET; quiet >= QR_QUIET_MIN; quiet -= 2) {
		if (!qr_make(&term->arena, payload, quiet, qr, &e)) {
			*note = tr("No QR code: the address is too long for one.");
			return false;
		}
		if ((int)qr->rows <= rows && (int)qr->columns <= columns)
			return true;
	}
	*note = tr("Window too small for the QR code: F2 shows it alone.");
	return false;
}

static void
draw_large_qr(struct term *term)
{
	const char *note = "", *payload = qr_payload(term);
	struct qr qr;

	draw_frame(&(struct page){.theme = term->page.theme, .title = "", .brand = ""});
	if (!fit_qr(term, payload, LINES - 1, COLS, &qr, &note)) {
		draw_text(&term->page, 1, CONTENT_COLUMN, TONE_WARN, note);
		draw_text(&term->page, 3, CONTENT_COLUMN, TONE_NORMAL, payload);
	} else {
		draw_qr(&qr, (LINES - 1 - (int)qr.rows) / 2, (COLS - (int)qr.columns) / 2);
	}
	draw_footer(tr("F2: back to the page   F3: other form of the code"));
}

static const char *
footer_text(const struct term *term)
{
	const struct page *page = &term->page;
	bool wide = COLS >= 76;

	if (!app_showing(term->app) || (!page->button_count && !page->winkey))
		return "";
	if (page->winkey)
		return wide
			? tr("Tab, arrows: move   Enter: choose   F12 ×5 stands for the Windows "
			     "key")
			: tr("Tab, Enter: choose   F12 ×5 stands for the Windows key");
	if (page->qr)
		return wide ? tr("Tab, arrows: move   Enter: choose   F2: large QR code   F3: its "
				 "other form")
			    : tr("Tab, Enter: choose   F2: large QR code");
	if (page->switches)
		return tr("Tab, arrows: move   Space: switch   Enter: choose");
	return tr("Tab, arrows: move   Enter: choose");
}

// Where to begin so that the focus is visible and the last row is used.
static size_t
first_line(struct ui *ui, const struct lines *lines, size_t rows)
{
	size_t last = lines->count > rows ? lines->count - rows : 0;

	if (ui->scroll > last)
		ui->scroll = last;
	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i].anchor) {
			if (i < ui->scroll)
				ui->scroll = i;
			if (i >= ui->scroll + rows)
				ui->scroll = i - rows + 1;
		}
	return ui->scroll;
}

static void
draw_content(struct term *term, int columns, const char *note)
{
	struct ui *ui = &term->app->ui;
	struct page *page = &term->page;
	struct entry entry = ui_entry(&term->arena, ui, page);
	struct lines lines, buttons;
	int y = -1, x = 0;

	entry.simple_marks = term->simple_marks;
	layout_page(&term->arena, page, &entry, (size_t)columns, &lines);
	layout_buttons(&term->arena, page, ui_button(ui, page), (size_t)COLS - 4, &buttons);
	int count = buttons.count ? (int)buttons.count : 1;
	int button_row = LINES - 2 - count, rows = button_row - 1 - CONTENT_ROW;
	size_t from = first_line(ui, &lines, (size_t)rows);
	draw_lines(page, &lines, from, CONTENT_ROW, rows, &y, &x);
	if (from + (size_t)rows < lines.count)
		draw_text(page, button_row - 1, CONTENT_COLUMN, TONE_WARN,
			tr("-- more: Page Down --"));
	else if (from)
		draw_text(
			page, button_row - 1, CONTENT_COLUMN, TONE_WARN, tr("-- end: Page Up --"));
	int none_y, none_x;
	draw_lines(page, &buttons, 0, button_row, count, &none_y, &none_x);
	draw_text(page, LINES - 2, CONTENT_COLUMN, TONE_WARN,
		app_busy(term->app) ? tr("Please wait…") : note);
	draw_footer(footer_text(term));
	curs_set(y >= 0 ? 1 : 0);
	if (y >= 0)
		move(y, x);
}

static void
draw(struct term *term)
{
	struct qr qr;
	const char *note = "";
	int columns = COLS - 2 * CONTENT_COLUMN;

	arena_reset(&term->arena);
	app_page(term->app, &term->arena, &term->page);
	if (COLS < SCREEN_COLUMNS_MIN || LINES < SCREEN_ROWS_MIN) {
		curs_set(0);
		draw_too_small();
	} else if (term->app->ui.qr_large && term->page.qr) {
		curs_set(0);
		draw_large_qr(term);
	} else {
		const char *payload = qr_payload(term);
		draw_frame(&term->page);
		if (payload &&
			fit_qr(term, payload, LINES - 3 - CONTENT_ROW, COLS - 5 - TEXT_COLUMNS_MIN,
				&qr, &note)) {
			draw_qr(&qr, CONTENT_ROW, COLS - 1 - (int)qr.columns);
			columns = COLS - 5 - (int)qr.columns;
		}
		draw_content(term, columns, note);
	}
	refresh();
	term->app->changed = false;
}

static bool
decode(wint_t ch, bool code, struct keypress *out)
{
	for (size_t i = 0; code && i < sizeof code_keys / sizeof *code_keys; i++)
		if (code_keys[i].code == (int)ch) {
			*out = (struct keypress){.key = code_keys[i].key};
			return true;
		}
	for (size_t i = 0; !code && i < sizeof char_keys / sizeof *char_keys; i++)
		if (char_keys[i].ch == ch) {
			*out = (struct keypress){.key = char_keys[i].key};
			return true;
		}
	*out = (struct keypress){.key = KEY_NAME_CHAR, .ch = (uint32_t)ch};
	return !code && ch >= 0x20;
}

static void
press(struct term *term, struct keypress key)
{
	struct action action;

	if (!app_showing(term->app))
		return;
	if (ui_key(&term->app->ui, term->app->screen, &term->page, key, &action)) {
		term->app->changed = true;
		app_act(term->app, &action);
	}
}

// Everything that was typed. An action may change the page: draw before the next key counts.
static void
read_keys(struct term *term)
{
	struct keypress key;
	wint_t ch;
	int got;

	while ((got = get_wch(&ch)) != ERR) {
		if (got == KEY_CODE_YES && ch == KEY_RESIZE) {
			term->app->changed = true;
		} else if (got == OK && ch == 0x0c) { // Ctrl-L: somebody else wrote on the screen
			clearok(curscr, TRUE);
			term->app->changed = true;
		} else if (decode(ch, got == KEY_CODE_YES, &key)) {
			press(term, key);
		}
		if (term->app->changed)
			draw(term);
	}
}

static bool
loop(struct term *term, struct error *e)
{
	struct app *app = term->app;

	while (!app_ended) {
		if (app->changed)
			draw(term);
		struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = app->link.fd,
				.events = (short)(POLLIN | (app->link.out_len ? POLLOUT : 0))}};
		int ready = poll(fds, 2, app_wait_ms(app, term->page.ticking));
		if (app_ended)
			break;
		bool busy = app->busy_until_ms != 0;
		app_pump(app, ready > 0 ? fds[1].revents : 0);
		// What was typed for the page before must not act on this one.
		if (app->new_page)
			flushinp();
		app->new_page = false;
		if (ready == 0 && (term->page.ticking || (busy && !app_busy(app)))) {
			app->busy_until_ms = app_busy(app) ? app->busy_until_ms : 0;
			app->changed = true;
		}
		if (app->changed)
			draw(term);
		read_keys(term);
		if (ready > 0 && (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)))
			return error_set(e, ERR_IO, "the terminal is gone");
	}
	return true;
}

bool
term_run(struct app *app, struct error *e)
{
	struct term term = {.app = app};
	const char *name = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(e, ERR_UNSUPPORTED, "this is no terminal");
	set_escdelay(50);
	SCREEN *screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return error_set(e, ERR_UNSUPPORTED, "the terminal \"%.60s\" is not known",
			name ? name : "");
	// The console's font is the PC's of 1981.
	term.simple_marks = str_eq(name, "linux") || str_starts(name ? name : "", "vt");
	arena_init(&term.arena, 64 * ARENA_SMALL);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	widgets_init();
	bool ok = loop(&term, e);
	endwin();
	delscreen(screen);
	arena_finish(&term.arena);
	return ok;
}
