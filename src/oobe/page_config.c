// SPDX-License-Identifier: Apache-2.0
// The technician's configuration page: what this device will become, and whether that can work,
// before anything starts (behaviour T3-T5; issue: preflight verdict before Provision).
#include "base/str.h"
#include "domain/fault.h"
#include "oobe/pages.h"
#include "oobe/words.h"

struct named {
	const char *key, *name;
};

static const struct named joins[] = {
	{"hybrid", N_("hybrid joined")},
	{"directory", N_("directory joined")},
	{0},
};

static const struct named modes[] = {
	{"preprovisioned", N_("pre-provisioned")},
	{"userDriven", N_("user-driven")},
	{"selfDeploying", N_("self-deploying")},
	{"existingDevice", N_("existing device")},
	{"devicePreparation", N_("device preparation")},
	{"autopilotReset", N_("Autopilot Reset")},
	{0},
};

// Not by colour alone (behaviour of screen readers, and of people who see no red).
static const struct {
	enum mark mark;
	enum tone tone;
	const char *word;
} lights[] = {
	[CHECK_GREY] = {MARK_NONE, TONE_NORMAL, N_("Not checked")},
	[CHECK_GREEN] = {MARK_DONE, TONE_NORMAL, N_("OK")},
	[CHECK_YELLOW] = {MARK_WARN, TONE_WARN, N_("Warning")},
	[CHECK_RED] = {MARK_ERROR, TONE_BAD, N_("Will fail")},
};

static const char *
named(const struct named *names, const char *key)
{
	for (; key && names->key; names++)
		if (str_eq(names->key, key))
			return tr(names->name);
	return key;
}

static void
add_check(struct page *page, const struct check *check)
{
	const struct fault *fault = fault_find(check->fault);
	const char *name = words_say(page->arena, check->name, NULL, 0);
	enum tone tone = lights[check->state].tone;

	page_row(page,
		&(struct block){.mark = lights[check->state].mark,
			.tone = tone,
			.label = name ? name : check->name,
			.text = tr(lights[check->state].word)});
	if (check->state == CHECK_GREEN)
		return;
	const char *why = fault ? tr(fault->title) : check->detail;
	if (why)
		page_row(page, &(struct block){.indent = 4, .label = why, .text = ""});
	if (fault)
		page_row(page, &(struct block){.indent = 4, .label = tr(fault->fix), .text = ""});
}

static void
add_verdict(struct page *page, const char *verdict)
{
	if (str_eq(verdict, "red"))
		page_text(page, TONE_BAD, tr("Provisioning will fail as things are."));
	else if (str_eq(verdict, "yellow"))
		page_text(page, TONE_WARN, tr("Provisioning can begin, but look at the warnings."));
	else if (str_eq(verdict, "green"))
		page_text(page, TONE_STRONG, tr("Everything is ready for provisioning."));
}

// A fault that a check has found stands in its row.
static bool
is_checked(const struct screen *screen)
{
	for (size_t i = 0; i < screen->check_count; i++)
		if (str_eq(screen->checks[i].fault, screen->fault))
			return true;
	return false;
}

// What is wrong comes first: on a small screen the rest is below.
static void
add_checks(struct page *page, const struct screen *screen)
{
	if (!screen->check_count)
		return;
	page_gap(page);
	add_verdict(page, screen->verdict);
	for (int state = CHECK_RED; state >= CHECK_GREY; state--)
		for (size_t i = 0; i < screen->check_count; i++)
			if (screen->checks[i].state == (enum check_state)state)
				add_check(page, &screen->checks[i]);
}

// What stands in the way, as far as the service knows (behaviour T12).
static void
add_warnings(struct page *page, const struct screen *screen)
{
	const char *title = is_checked(screen) ? NULL : page_fault_title(screen);

	if (screen->warnings.count || screen->note || screen->refreshed || title)
		page_gap(page);
	if (title) {
		page_text(page, TONE_WARN, page_fill(page, "! %s", title));
		page_fault(page, screen);
	}
	for (size_t i = 0; i < screen->warnings.count; i++)
		page_text(page, TONE_WARN, page_fill(page, "! %s", screen->warnings.items[i]));
	if (screen->refreshed)
		page_text(page, TONE_NORMAL, words_say(page->arena, "settingsDownloaded", NULL, 0));
	page_text(page, TONE_NORMAL, screen->note);
}

void
page_config(struct page *page, const struct screen *screen, const struct view *view)
{
	(void)view;
	page->title = tr("Windows Autopilot configuration");
	page_assignment(page, screen);
	page_fact(page, tr("Join type"), named(joins, screen->join_type));
	page_fact(page, tr("Deployment"), named(modes, screen->mode));
	page_fact(page, tr("Group tag"), screen->group_tag);
	page_fact(page, tr("Device name"), screen->device_name);
	page_fact(page, tr("Serial"), screen->serial);
	page_fact(page, tr("Model"), screen->model);
	add_warnings(page, screen);
	add_checks(page, screen);
	page_action(page, "refresh");
	page_action(page, "provision");
	page_action(page, "back");
	page_focus(page, "provision");
}
