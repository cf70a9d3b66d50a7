// SPDX-License-Identifier: Apache-2.0
// Whatever the agent sends, a page can be built, laid out at any width, operated, and contains no
// control character.
#include "base/str.h"
#include "oobe/layout.h"
#include "oobe/model.h"
#include "oobe/ui.h"

#include <locale.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_lines(const struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct slice text = slice_str(lines->items[i].text);
		if (!utf8_valid(text))
			abort();
		for (size_t at = 0; at < text.len; at++)
			if (text.data[at] < 0x20 || text.data[at] == 0x7f)
				abort();
	}
}

static void
press_all_keys(struct ui *ui, const struct screen *screen, const struct page *page)
{
	char line[4096];
	size_t len;
	struct error e = {0};

	for (int key = KEY_NAME_CHAR; key <= KEY_NAME_QR_FORM; key++) {
		struct action action;
		ui_key(ui, screen, page, (struct keypress){.key = (enum key)key, .ch = 'r'},
			&action);
		if (action.name && action_write(&action, line, sizeof line, &len, &e) &&
			line[len - 1] != '\n')
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	static const size_t widths[] = {0, 1, 20, 38, 76};
	struct error e = {0};
	struct screen screen;
	struct page page;
	struct ui ui = {0};

	setlocale(LC_ALL, "C.UTF-8");
	if (!screen_parse(&arena, slice_of(data, size), &screen, &e)) {
		if (e.code != ERR_INVALID && e.code != ERR_LIMIT)
			abort();
		return 0;
	}
	page_build(&arena, &screen, &(struct view){.elapsed = screen.elapsed}, &page);
	ui_adopt(&ui, NULL, &screen, &page);
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct entry entry = ui_entry(&arena, &ui, &page);
		struct lines lines;
		layout_page(&arena, &page, &entry, widths[i], &lines);
		check_lines(&lines);
		layout_buttons(&arena, &page, ui_button(&ui, &page), widths[i], &lines);
		check_lines(&lines);
	}
	press_all_keys(&ui, &screen, &page);
	return 0;
}
