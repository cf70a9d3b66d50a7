// SPDX-License-Identifier: Apache-2.0
// Pages that ask for agreement: licence terms, privacy, and whether the organization may manage
// the device (behaviour P8, P9, O5).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

static const struct {
	const char *id, *label, *text;
} settings[] = {
	{"location", N_("Location"),
		N_("Apps may ask where this device is, for weather, maps and time zone.")},
	{"findDevice", N_("Find my device"),
		N_("The last known place is kept, so that a lost device can be found.")},
	{"diagnostics", N_("Optional diagnostic data"),
		N_("How programs are used is sent, so that faults can be mended.")},
	{"inking", N_("Inking and typing"),
		N_("Samples of what is written are sent, to improve recognition.")},
	{"tailored", N_("Tailored experiences"),
		N_("Diagnostic data may be used for personal tips and offers.")},
	{"advertising", N_("Advertising ID"),
		N_("Apps may use an identifier to show more personal advertisements.")},
	{"manage", N_("Allow my organization to manage my device"), NULL},
};

static void
add_switch(struct page *page, const struct choice *choice)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (str_eq(settings[i].id, choice->id)) {
			page_switch(page, tr(settings[i].label), tr(settings[i].text));
			return;
		}
	page_switch(page, choice->label, NULL);
}

void
page_eula(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->winkey = true;
	page->title = tr("Please review the licence terms");
	if (screen->text)
		page_text(page, TONE_NORMAL, screen->text);
	else
		page_text(page, TONE_NORMAL,
			tr("The software on this device is licensed, not sold. Use it as your "
			   "organization's agreements and the licences of its programs allow. The "
			   "licences are in /usr/share/doc on this device."));
	page_lines(page, TONE_NORMAL, &screen->lines);
	page_action(page, "accept");
	page_action(page, "back");
}

void
page_privacy(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = tr("Choose privacy settings for your device");
	page_text(page, TONE_NORMAL,
		tr("Choose with the arrow keys, switch with the space bar, then press Enter."));
	page_text(page, TONE_NORMAL, screen->note);
	page_gap(page);
	for (size_t i = 0; i < screen->choice_count; i++)
		add_switch(page, &screen->choices[i]);
	page_button(page, "accept", tr("[A]ccept"), CARRY_SWITCHES);
}

void
page_staysignedin(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = tr("Stay signed in to all your apps");
	page_fact(page, tr("Account"), screen->user);
	page_text(page, TONE_NORMAL,
		tr("Your apps and the services of your organization will know you without asking "
		   "again."));
	page_gap(page);
	for (size_t i = 0; i < screen->choice_count; i++)
		add_switch(page, &screen->choices[i]);
	page_button(page, "accept", tr("[O]K"), CARRY_SWITCHES);
}
