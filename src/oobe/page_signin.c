// SPDX-License-Identifier: Apache-2.0
// The sign-in page of the organization (behaviour O3, O5, U3). What is typed lives in the ui, never
// in the page.
#include "oobe/pages.h"

void
page_signin(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->winkey = true;
	page->title = screen->organization
		? arena_printf(page->arena, "Sign in to %s", screen->organization)
		: "Sign in";
	if (screen->domain)
		page_text(page, TONE_NORMAL,
			arena_printf(page->arena, "Use your account of %s.", screen->domain));
	page_text(page, TONE_NORMAL, screen->text);
	if (screen->error) {
		page_gap(page);
		page_text(page, TONE_BAD, screen->error);
	}
	page_gap(page);
	page_field(page, FIELD_USER, "User name");
	page_gap(page);
	page_field(page, FIELD_PASSWORD, "Password");
	page_text(page, TONE_NORMAL, screen->note);
	page_action(page, "signin");
}
