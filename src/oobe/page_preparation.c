// SPDX-License-Identifier: Apache-2.0
// Device preparation: one percentage, one step, and the first failure stops (behaviour Z10, Z11).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

static const struct {
	const char *key, *name;
} steps[] = {
	{"join", N_("Joining your organization's network")},
	{"enroll", N_("Registering your device for mobile management")},
	{"account", N_("Setting up your account")},
	{"apps", N_("Installing apps")},
	{"scripts", N_("Running scripts")},
	{"store", N_("Installing apps of the store")},
	{"sync", N_("Fetching the last settings")},
	{"done", N_("Required setup complete")},
};

static const char *
step_name(const char *key)
{
	for (size_t i = 0; key && i < sizeof steps / sizeof *steps; i++)
		if (str_eq(steps[i].key, key))
			return tr(steps[i].name);
	return key;
}

static void
add_failure(struct page *page, const struct screen *screen)
{
	const char *title = page_fault_title(screen);

	page_gap(page);
	page_text(page, TONE_BAD, title ? title : tr("The setup could not be completed."));
	page_text(page, TONE_NORMAL, screen->message);
	page_fact(page, tr("Code"), screen->code);
	page_fault(page, screen);
	page_text(page, TONE_NORMAL, screen->detail);
	page_action(page, "retry");
	page_action(page, "diagnostics");
}

void
page_preparation(struct page *page, const struct screen *screen, const struct view *view)
{
	bool failed = str_eq(screen->state, "error"), done = str_eq(screen->state, "done");

	page->title = tr("Setting up for work or school");
	if (!done)
		page_text(page, TONE_NORMAL,
			tr("This may take a while and your device may restart."));
	page_gap(page);
	page_meter(page, screen->percent);
	page_gap(page);
	page_text(page, TONE_STRONG, done ? step_name("done") : step_name(screen->step));
	page_text(page, TONE_NORMAL, screen->item);
	page_said(page, screen);
	if (failed)
		add_failure(page, screen);
	else
		page_text(page, TONE_NORMAL, screen->message);
	page_gap(page);
	page_elapsed(page, view);
	page->ticking = !failed && !done && screen->elapsed >= 0;
	if (done)
		page_action(page, "finish");
}
