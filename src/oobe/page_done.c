// SPDX-License-Identifier: Apache-2.0
// The end of the user flow: what the device is now; sign out and in again after a hybrid join
// (behaviour O4, O5, O8).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

static const char *
fact_text(struct page *page, const struct screen *screen, const char *fact)
{
	if (str_eq(fact, "joined") && screen->domain)
		return page_fill(page, tr("Joined to the domain %s"), screen->domain);
	if (str_eq(fact, "joined"))
		return tr("Joined to the directory");
	if (str_eq(fact, "registered"))
		return tr("Registered in the directory");
	if (str_eq(fact, "managed") && screen->organization)
		return page_fill(page, tr("Managed by %s"), screen->organization);
	if (str_eq(fact, "managed"))
		return tr("Managed by your organization");
	if (str_eq(fact, "compliant"))
		return tr("Compliant with its policies");
	return fact;
}

void
page_done(struct page *page, const struct screen *screen, const struct view *view)
{
	bool hybrid = !str_eq(screen->join_type, "directory");
	const char *action = screen->actions.count ? screen->actions.items[0] : NULL;
	bool signs_out = action ? str_eq(action, "signout") : hybrid;

	(void)view;
	page->title = tr("You're all set!");
	page_text(page, TONE_STRONG, screen->user);
	page_fact(page, tr("Computer name"), screen->computer_name);
	if (screen->lines.count || screen->facts.count)
		page_gap(page);
	for (size_t i = 0; i < screen->facts.count; i++)
		page_row(page,
			&(struct block){.mark = MARK_DONE,
				.label = fact_text(page, screen, screen->facts.items[i]),
				.text = ""});
	page_lines(page, TONE_NORMAL, &screen->lines);
	page_text(page, TONE_NORMAL, screen->note);
	page_gap(page);
	page_text(page, TONE_NORMAL,
		signs_out ? tr("Sign out, then sign in again to start working.")
			  : tr("You can start working now."));
	page_action(page, signs_out ? "signout" : "finish");
}
