// SPDX-License-Identifier: Apache-2.0
// The end of the user flow: sign out, then sign in (behaviour O5, O8).
#include "oobe/pages.h"

void
page_done(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = "You're all set!";
	page_text(page, TONE_STRONG, screen->user);
	if (screen->lines.count) {
		page_gap(page);
		page_lines(page, TONE_NORMAL, &screen->lines);
	}
	page_text(page, TONE_NORMAL, screen->note);
	page_gap(page);
	page_text(page, TONE_NORMAL, "Sign out, then sign in again to start working.");
	page_action(page, "signout");
}
