// SPDX-License-Identifier: Apache-2.0
// The technician's configuration page: what this device will become, before anything starts
// (behaviour T3-T5).
#include "oobe/pages.h"

void
page_config(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = "Windows Autopilot configuration";
	page_assignment(page, screen);
	page_fact(page, "Join type", screen->join_type);
	page_fact(page, "Serial", screen->serial);
	page_fact(page, "Model", screen->model);
	if (screen->warnings.count || screen->note)
		page_gap(page);
	for (size_t i = 0; i < screen->warnings.count; i++)
		page_text(page, TONE_WARN,
			arena_printf(page->arena, "! %s", screen->warnings.items[i]));
	page_text(page, TONE_NORMAL, screen->note);
	page_action(page, "refresh");
	page->first_button = page->button_count;
	page_action(page, "provision");
	page_action(page, "back");
}
