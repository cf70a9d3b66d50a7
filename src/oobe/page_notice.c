// SPDX-License-Identifier: Apache-2.0
// Pages that only say something: waiting, signed out, switching off, restarting, ended, not ready,
// and screens this face does not know.
#include "base/str.h"
#include "domain/fault.h"
#include "oobe/pages.h"
#include "oobe/words.h"

struct notice {
	const char *key, *title, *text;
};

static const struct notice restarts[] = {
	{"rename", NULL, N_("The device gets its new name.")},
	{"policy", NULL, N_("A policy takes effect only after a restart.")},
	{"app", NULL, N_("An app takes effect only after a restart.")},
	{"update", NULL, N_("Updates take effect only after a restart.")},
	{"reset", NULL, N_("The device is being reset.")},
	{0},
};

static const struct notice ends[] = {
	{"wiped", N_("This device was wiped"),
		N_("Your organization removed everything from this device. Switch it off and on to "
		   "set it up again.")},
	{"retired", N_("This device was retired"),
		N_("Your organization no longer manages this device and took its data and apps "
		   "off it.")},
	{"deleted", N_("This device was removed"),
		N_("Your organization removed this device from its management.")},
	{"freshStart", N_("This device gets a fresh start"),
		N_("Apps are removed; your organization still manages this device.")},
	{"reset", N_("This device was reset"),
		N_("It is ready for its next user, who can sign in now.")},
	{"locked", N_("This device is locked"),
		N_("Your organization locked this device. Ask its administrator.")},
	{"blocked", N_("This device may not be set up again yet"),
		N_("It was deployed before. An administrator must unblock it first.")},
	{0},
};

static const struct notice *
find(const struct notice *notices, const char *key)
{
	for (; key && notices->key; notices++)
		if (str_eq(notices->key, key))
			return notices;
	return NULL;
}

void
page_waiting(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = screen->title ? screen->title : tr("Just a moment…");
	page_said(page, screen);
	if (!page->count)
		page_text(page, TONE_NORMAL, tr("Please wait."));
	page_text(page, TONE_NORMAL, screen->note);
}

void
page_signedout(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = tr("You are signed out");
	page_said(page, screen);
	if (!page->count)
		page_text(page, TONE_NORMAL, tr("This device is ready. Sign in to start working."));
}

void
page_poweringoff(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = tr("Turning off");
	page_said(page, screen);
	if (!page->count)
		page_text(
			page, TONE_NORMAL, tr("This device is turning off. Do not unplug it yet."));
}

void
page_reboot(struct page *page, const struct screen *screen, const struct view *view)
{
	const struct notice *why = find(restarts, screen->why);
	int64_t left = screen->in_seconds - view->passed;

	page->title = tr("This device will restart");
	page_said(page, screen);
	if (why)
		page_text(page, TONE_NORMAL, tr(why->text));
	page_text(page, TONE_NORMAL, tr("The setup goes on where it was."));
	if (screen->in_seconds >= 0) {
		page_gap(page);
		page_fact(page, tr("Restart in"), page_duration(page->arena, left > 0 ? left : 0));
		page->blocks[page->count - 1].quiet = true;
		page->ticking = true;
	}
	page_action(page, "restart");
}

void
page_ended(struct page *page, const struct screen *screen, const struct view *view)
{
	const struct notice *how = find(ends, screen->how);

	(void)view;
	page->title = how ? tr(how->title) : tr("This device is no longer set up");
	if (how)
		page_text(page, TONE_NORMAL, tr(how->text));
	page_text(page, TONE_STRONG, page_fault_title(screen));
	page_fault(page, screen);
	page_fact(page, tr("Organization"), screen->organization);
	page_fact(page, tr("User"), screen->user);
	page_said(page, screen);
	page_text(page, TONE_NORMAL, screen->note);
	page_text(page, TONE_NORMAL, screen->support);
}

// Nobody gets a session before the device is released (the session gate).
void
page_gate(struct page *page, const struct screen *screen, const struct view *view)
{
	const struct fault *fault = fault_find(screen->fault ? screen->fault : screen->why);
	const char *why =
		words_say(page->arena, screen->why, screen->args.items, screen->args.count);

	(void)view;
	page->title = tr("Nobody can sign in yet");
	page_text(page, TONE_NORMAL,
		tr("This device is still being set up. Sign-in opens by itself when it is done."));
	if (fault) {
		page_text(page, TONE_STRONG, tr(fault->title));
		page_text(page, TONE_NORMAL, page_fill(page, tr("Cause: %s"), tr(fault->cause)));
		page_text(page, TONE_STRONG, page_fill(page, tr("Fix: %s"), tr(fault->fix)));
	} else {
		page_text(page, TONE_STRONG, why ? why : screen->text);
	}
	if (screen->phase_key)
		page_fact(page, tr("Step"), page_row_name(screen->phase_key, NULL));
	if (screen->percent >= 0)
		page_meter(page, screen->percent);
}

void
page_unknown(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = screen->title ? screen->title : tr("Setup");
	page_said(page, screen);
	if (!page->count)
		page_text(page, TONE_WARN,
			page_fill(page,
				tr("The setup service shows a page that this screen program does "
				   "not know (\"%s\"). Setup goes on; update ferry-oobe to see "
				   "the page."),
				screen->name));
	page_text(page, TONE_NORMAL, screen->message);
	page_text(page, TONE_NORMAL, screen->note);
	page_lines(page, TONE_NORMAL, &screen->lines);
}
