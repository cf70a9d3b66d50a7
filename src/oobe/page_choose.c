// SPDX-License-Identifier: Apache-2.0
// Pages with one question and a list of answers: language, region, keyboard layouts, the
// technician's menu (behaviour O2, P13, P14, T2).
#include "base/str.h"
#include "oobe/pages.h"
#include "oobe/words.h"

struct named {
	const char *id, *name;
};

static const struct named layouts[] = {
	{"us", N_("US")},
	{"gb", N_("United Kingdom")},
	{"de", N_("German")},
	{"ch", N_("Swiss")},
	{"fr", N_("French")},
	{"jp", N_("Japanese")},
	{0},
};

static const struct named menu[] = {
	{"provision", N_("Windows Autopilot provisioning")},
	{"preparation", N_("Windows Autopilot device preparation")},
	{"reset", N_("Reset this device")},
	{"diagnostics", N_("Export diagnostics")},
	{"back", N_("Set up for me")},
	{0},
};

static const struct named menu_win11[] = {
	{"provision", N_("Pre-provision with Windows Autopilot")},
	{0},
};

static const char *
name_of(const struct named *names, const char *id)
{
	for (; names->id; names++)
		if (str_eq(names->id, id))
			return tr(names->name);
	return NULL;
}

static void
choices(struct page *page, const struct screen *screen, const struct named *first,
	const struct named *second)
{
	page_gap(page);
	for (size_t i = 0; i < screen->choice_count; i++) {
		const struct choice *choice = &screen->choices[i];
		const char *name = name_of(first, choice->id);
		if (!name)
			name = name_of(second, choice->id);
		page_choice(page, name ? name : choice->label);
	}
	if (!screen->choice_count)
		page_text(page, TONE_WARN, tr("The setup service offers nothing to choose from."));
}

static void
ask(struct page *page, const struct screen *screen, const char *title, const struct named *names)
{
	static const struct named none = {0};

	page->winkey = true;
	page->title = title;
	page_text(page, TONE_NORMAL, tr("Choose with the arrow keys, then press Enter."));
	page_said(page, screen);
	page_text(page, TONE_NORMAL, screen->note);
	choices(page, screen, names ? names : &none, &none);
}

static void
next_button(struct page *page, const struct screen *screen, const char *label)
{
	if (screen->choice_count)
		page_button(page, "next", label, CARRY_CHOICE);
}

void
page_language(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	ask(page, screen, tr("Is this the right language or region?"), NULL);
	next_button(page, screen, tr("[N]ext"));
}

void
page_region(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	ask(page, screen, tr("Is this the right country or region?"), NULL);
	next_button(page, screen, tr("[N]ext"));
}

void
page_keyboard(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	ask(page, screen, tr("Is this the right keyboard layout?"), layouts);
	next_button(page, screen, tr("[N]ext"));
}

void
page_keyboard2(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	ask(page, screen, tr("Want to add a second keyboard layout?"), layouts);
	if (screen->choice_count)
		page_action(page, "add");
	page->first_button = page->button_count;
	page->optional = true;
	page_action(page, "skip");
}

void
page_menu(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = tr("What would you like to do?");
	page_said(page, screen);
	page_text(page, TONE_NORMAL, screen->note);
	choices(page, screen, str_eq(screen->style, "win11") ? menu_win11 : menu, menu);
	next_button(page, screen, str_eq(screen->style, "win10") ? tr("[C]ontinue") : tr("[N]ext"));
}
