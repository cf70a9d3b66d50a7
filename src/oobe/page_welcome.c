// SPDX-License-Identifier: Apache-2.0
// The first page of the organization, before anybody signs in; the Windows key leads to the
// technician's menu from here (behaviour T1).
#include "oobe/pages.h"

void
page_welcome(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->winkey = true;
	page->title = screen->organization
		? arena_printf(page->arena, "Welcome to %s!", screen->organization)
		: "Welcome!";
	page_text(page, TONE_NORMAL, "This device will be set up for your organization.");
	if (screen->user) {
		page_gap(page);
		page_text(page, TONE_NORMAL, "It is prepared for:");
		page_text(page, TONE_STRONG, screen->user);
	}
	if (screen->note) {
		page_gap(page);
		page_text(page, TONE_NORMAL, screen->note);
	}
	page_action(page, "next");
}
