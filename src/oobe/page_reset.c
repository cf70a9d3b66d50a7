// SPDX-License-Identifier: Apache-2.0
// Autopilot Reset at the device: what stays, what goes, and who may say so (behaviour A1-A5).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

static const struct {
	const char *key, *name;
} things[] = {
	{"enrollment", N_("directory and management enrolment")},
	{"wifi", N_("wireless networks")},
	{"certificates", N_("certificates")},
	{"region", N_("region, language and keyboard")},
	{"users", N_("users and their files")},
	{"apps", N_("apps")},
	{"settings", N_("settings")},
};

static const char *
thing_name(const char *key)
{
	for (size_t i = 0; i < sizeof things / sizeof *things; i++)
		if (str_eq(things[i].key, key))
			return tr(things[i].name);
	return key;
}

static const char *
joined(struct page *page, const struct texts *keys)
{
	const char *list = NULL;

	for (size_t i = 0; i < keys->count; i++)
		list = list ? arena_printf(page->arena, "%s, %s", list, thing_name(keys->items[i]))
			    : thing_name(keys->items[i]);
	return list;
}

void
page_reset(struct page *page, const struct screen *screen, const struct view *view)
{
	const char *title = page_fault_title(screen);

	(void)view;
	page->title = tr("Autopilot Reset");
	page_text(page, TONE_NORMAL,
		tr("This device will be made ready for its next user. This cannot be undone."));
	page_fact(page, tr("Kept"), joined(page, &screen->keeps));
	page_fact(page, tr("Removed"), joined(page, &screen->drops));
	page_text(page, TONE_BAD, title);
	if (screen->no_recovery) {
		page_text(page, TONE_BAD,
			tr("The recovery environment was not found, so this device cannot be reset "
			   "here. Ask your administrator to wipe it."));
		page_action(page, "back");
		return;
	}
	page_text(page, TONE_NORMAL, tr("Sign in as a local administrator to begin."));
	page_field(page, FIELD_USER, tr("User name"));
	page_field(page, FIELD_PASSWORD, tr("Password"));
	page_button(page, "reset", tr("Re[s]et"), CARRY_FIELDS);
	page_action(page, "back");
}
