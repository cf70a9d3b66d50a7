// SPDX-License-Identifier: Apache-2.0
// The first page of the organization, before anybody signs in; the Windows key leads to the
// technician's menu from here (behaviour T1).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

void
page_welcome(struct page *page, const struct screen *screen, const struct view *view)
{
	const char *title = page_fault_title(screen);

	(void)view;
	page->winkey = true;
	page->title = screen->organization
		? page_fill(page, tr("Welcome to %s!"), screen->organization)
		: tr("Welcome!");
	if (title) {
		page_text(page, TONE_STRONG, title);
		page_fault(page, screen);
		page_text(page, TONE_NORMAL, screen->detail);
	} else {
		page_text(
			page, TONE_NORMAL, tr("This device will be set up for your organization."));
	}
	if (screen->user) {
		page_gap(page);
		page_text(page, TONE_NORMAL, tr("It is prepared for:"));
		page_text(page, TONE_STRONG, screen->user);
	}
	page_fact(page, tr("Device name"), screen->device_name);
	if (screen->note || screen->support)
		page_gap(page);
	page_text(page, TONE_NORMAL, screen->note);
	page_text(page, TONE_NORMAL, screen->support);
	page_action(page, "next");
}
