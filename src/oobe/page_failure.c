// SPDX-License-Identifier: Apache-2.0
// The red page: code, cause, what to do and who can do it come first, so that they are on the
// screen however long the rest is (behaviour T9-T12, X5).
#include "oobe/pages.h"
#include "oobe/words.h"

static const char *
place(struct page *page, const struct screen *screen)
{
	if (!screen->phase_key && !screen->row_key)
		return NULL;
	if (!screen->phase_key || !screen->row_key)
		return page_row_name(screen->row_key ? screen->row_key : screen->phase_key, NULL);
	return arena_printf(page->arena, "%s – %s", page_row_name(screen->phase_key, NULL),
		page_row_name(screen->row_key, NULL));
}

void
page_failure(struct page *page, const struct screen *screen, const struct view *view)
{
	const char *title = page_fault_title(screen);

	page->theme = THEME_RED;
	page->title = tr("Something went wrong");
	page_text(page, TONE_STRONG, title ? title : tr("The setup could not be completed."));
	page_text(page, TONE_NORMAL, screen->message);
	page_fact(page, tr("Code"), screen->code ? screen->code : tr("none"));
	page_fact(page, tr("Error"), screen->fault);
	page_fact(page, tr("Step"), place(page, screen));
	page_elapsed(page, view);
	page_fault(page, screen);
	page_gap(page);
	page_assignment(page, screen);
	page_fact(page, tr("Computer"), screen->computer_name);
	page_fact(page, tr("Diagnostics"), screen->diagnostics_path);
	page_text(page, TONE_NORMAL, screen->support);
	if (screen->detail) {
		page_gap(page);
		page_text(page, TONE_NORMAL, screen->detail);
	}
}
