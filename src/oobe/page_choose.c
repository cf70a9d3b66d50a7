// SPDX-License-Identifier: Apache-2.0
// Pages with one question and a list of answers: language, keyboard, the technician's menu
// (behaviour O2, T2).
#include "oobe/pages.h"

static void
ask(struct page *page, const struct screen *screen, const char *title, const char *text)
{
	page->title = screen->title ? screen->title : title;
	page_text(page, TONE_NORMAL, screen->text ? screen->text : text);
	page_text(page, TONE_NORMAL, screen->note);
	page_gap(page);
	for (size_t i = 0; i < screen->choice_count; i++)
		page_choice(page, &screen->choices[i]);
	if (screen->choice_count)
		page_button(page, "next", "[N]ext", CARRY_CHOICE);
	else
		page_text(page, TONE_WARN, "The setup service offers nothing to choose from.");
}

void
page_language(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->winkey = true;
	ask(page, screen, "Is this the right language or region?",
		"Choose with the arrow keys, then press Enter.");
}

void
page_keyboard(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->winkey = true;
	ask(page, screen, "Is this the right keyboard layout?",
		"Choose with the arrow keys, then press Enter.");
}

void
page_menu(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	ask(page, screen, "What would you like to do?", NULL);
}
