// SPDX-License-Identifier: Apache-2.0
// The network page: every interface with its state, and a way on once one is connected (behaviour
// O2, U1).
#include "base/str.h"
#include "oobe/pages.h"

void
page_network(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = "Let's connect you to a network";
	page->winkey = true;
	page_text(page, TONE_NORMAL,
		"You need a network to set up this device for your organization.");
	page_gap(page);
	for (size_t i = 0; i < screen->interface_count; i++) {
		const struct interface *nic = &screen->interfaces[i];
		bool up = str_eq(nic->state, "connected");
		page_row(page,
			&(struct block){.label = nic->label,
				.text = nic->state ? nic->state : "unknown",
				.mark = up ? MARK_DONE : MARK_NONE});
		if (nic->detail)
			page_row(page,
				&(struct block){.indent = 2, .label = nic->detail, .text = ""});
	}
	if (!screen->interface_count)
		page_text(
			page, TONE_WARN, "No network adapter was found. Plug in a network cable.");
	if (screen->note) {
		page_gap(page);
		page_text(page, TONE_WARN, screen->note);
	}
	page_action(page, "next");
	page_action(page, "retry");
}
