// SPDX-License-Identifier: Apache-2.0
// Pages that only say something: waiting, signed out, switching off, and screens this face does not
// know.
#include "oobe/pages.h"

void
page_waiting(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = screen->title ? screen->title : "Just a moment…";
	page_text(page, TONE_NORMAL, screen->text ? screen->text : "Please wait.");
	page_text(page, TONE_NORMAL, screen->note);
}

void
page_signedout(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = "You are signed out";
	page_text(page, TONE_NORMAL,
		screen->text ? screen->text : "This device is ready. Sign in to start working.");
}

void
page_poweringoff(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = "Turning off";
	page_text(page, TONE_NORMAL,
		screen->text ? screen->text : "This device is turning off. Do not unplug it yet.");
}

void
page_unknown(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = screen->title ? screen->title : "Setup";
	if (screen->text)
		page_text(page, TONE_NORMAL, screen->text);
	else
		page_text(page, TONE_WARN,
			arena_printf(page->arena,
				"The setup service shows a page that this screen program does not "
				"know "
				"(\"%s\"). Setup goes on; update ferry-oobe to see the page.",
				screen->name));
	page_text(page, TONE_NORMAL, screen->message);
	page_text(page, TONE_NORMAL, screen->note);
	page_lines(page, TONE_NORMAL, &screen->lines);
}
