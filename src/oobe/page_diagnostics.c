// SPDX-License-Identifier: Apache-2.0
// Where the diagnostics went, and the last of what happened (behaviour T9).
#include "oobe/pages.h"

void
page_diagnostics(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = "Diagnostics";
	if (screen->path) {
		page_text(page, TONE_NORMAL, "The diagnostics were saved to this file:");
		page_text(page, TONE_STRONG, screen->path);
	} else {
		page_text(page, TONE_WARN, "No diagnostics file was saved.");
	}
	page_text(page, TONE_NORMAL, screen->text);
	if (screen->lines.count)
		page_gap(page);
	page_lines(page, TONE_NORMAL, &screen->lines);
	page_action(page, "back");
}
