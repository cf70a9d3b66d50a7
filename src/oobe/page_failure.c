// SPDX-License-Identifier: Apache-2.0
// The red page: code, cause, what to do and who can do it come first, so that they are on the
// screen however long the rest is (behaviour T9-T12).
#include "base/str.h"
#include "oobe/pages.h"

void
page_failure(struct page *page, const struct screen *screen, const struct view *view)
{
	page->theme = THEME_RED;
	page->title = "Something went wrong";
	page_text(page, TONE_STRONG,
		screen->title ? screen->title : "The setup could not be completed.");
	page_fact(page, "Code", screen->code ? screen->code : "none");
	page_fact(page, "Error", screen->fault);
	page_fact(page, "Elapsed time", page_duration(page->arena, view->elapsed));
	if (screen->cause)
		page_text(page, TONE_NORMAL, arena_printf(page->arena, "Cause: %s", screen->cause));
	if (screen->fix)
		page_text(page, TONE_STRONG, arena_printf(page->arena, "Fix: %s", screen->fix));
	page_fact(page, "Who can fix", screen->who);
	page_gap(page);
	page_assignment(page, screen);
	page_fact(page, "Computer", screen->computer_name);
	page_text(page, TONE_NORMAL, screen->message);
	if (screen->detail) {
		page_gap(page);
		page_text(page, TONE_NORMAL, screen->detail);
	}
}
