// SPDX-License-Identifier: Apache-2.0
// The green page: what was provisioned, and Reseal (behaviour T7, T8, X13).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

void
page_success(struct page *page, const struct screen *screen, const struct view *view)
{
	bool technician = !str_eq(screen->flow, "user");

	page->theme = THEME_GREEN;
	page->title = tr("Success: this device is ready");
	page_text(page, TONE_NORMAL,
		technician ? tr("Reseal turns this device off. Leave it off until its user has it.")
			   : tr("The setup of this device is complete."));
	page_gap(page);
	page_assignment(page, screen);
	page_fact(page, tr("Computer name"), screen->computer_name);
	page_fact(page, tr("Elapsed time"), page_duration(page->arena, view->elapsed));
	page_text(page, TONE_NORMAL, screen->note);
	page_lines(page, TONE_NORMAL, &screen->lines);
	if (screen->pending.count) {
		page_gap(page);
		page_text(page, TONE_WARN, tr("These are tried again when the user signs in:"));
		page_lines(page, TONE_NORMAL, &screen->pending);
	}
	page_action(page, technician ? "reseal" : "next");
}
