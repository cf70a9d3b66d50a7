// SPDX-License-Identifier: Apache-2.0
// The green page: what was provisioned, and Reseal (behaviour T7).
#include "base/str.h"
#include "oobe/pages.h"

void
page_success(struct page *page, const struct screen *screen, const struct view *view)
{
	bool technician = !str_eq(screen->flow, "user");

	page->theme = THEME_GREEN;
	page->title = "Success: this device is ready";
	page_text(page, TONE_NORMAL,
		technician ? "Reseal turns this device off. Leave it off until its user has it."
			   : "The setup of this device is complete.");
	page_gap(page);
	page_assignment(page, screen);
	page_fact(page, "Computer name", screen->computer_name);
	page_fact(page, "Elapsed time", page_duration(page->arena, view->elapsed));
	page_text(page, TONE_NORMAL, screen->note);
	page_lines(page, TONE_NORMAL, &screen->lines);
	page_action(page, technician ? "reseal" : "next");
}
