// SPDX-License-Identifier: Apache-2.0
// Where the diagnostics went, and the last of what happened (behaviour T9, L8).
#include "oobe/pages.h"
#include "oobe/words.h"

void
page_diagnostics(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = tr("Diagnostics");
	if (screen->path) {
		page_text(page, TONE_NORMAL, tr("The diagnostics were saved to this file:"));
		page_text(page, TONE_STRONG, screen->path);
	} else {
		page_text(page, TONE_WARN, tr("No diagnostics file was saved."));
		page_text(page, TONE_STRONG, page_fault_title(screen));
		page_fault(page, screen);
	}
	page_said(page, screen);
	if (screen->lines.count)
		page_gap(page);
	page_lines(page, TONE_NORMAL, &screen->lines);
	page_action(page, "back");
}
