// SPDX-License-Identifier: Apache-2.0
#include "agent/flow.h"
#include "agent/offline_file.h"
#include "agent/preflight.h"
#include "agent/region.h"
#include "agent/screens.h"
#include "agent/steps/steps.h"
#include "agent/wireless.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include <ifaddrs.h>
#include <net/if.h>

static const char *
keep(struct agent *agent, const char *text)
{
	return arena_strdup(agent->arena, text);
}

// One page with a choice. True when the technician's menu was asked for instead.
static bool
choose(struct agent *agent, void (*page)(struct agent *), const struct region_choice *list,
	const char **choice)
{
	struct face_action action;

	for (;;) {
		page(agent);
		flow_wait(agent, &action);
		if (str_eq(action.name, "technician"))
			return true;
		if (str_eq(action.name, "next") && region_offers(list, action.value)) {
			*choice = keep(agent, action.value);
			return false;
		}
	}
}

// The network page, until the person wants to go on, or (true) the technician's menu was asked for.
static bool
leave_network_page(struct agent *agent, const struct error *why)
{
	struct face_action action;
	struct error joining;

	for (;;) {
		screen_network(agent, why);
		flow_wait(agent, &action);
		if (!str_eq(action.name, "connect"))
			return str_eq(action.name, "technician");
		screen_waiting(agent, "connecting");
		bool ok = wireless_connect(agent->step, action.value, action.password, &joining);
		face_action_wipe(&action);
		if (ok)
			return false;
		why = &joining;
	}
}

// V13: what is assigned wins; otherwise the configuration file of this device, if it has one.
static bool
ask_service(struct agent *agent, struct error *e)
{
	struct error why = {0};
	bool found;

	agent->has_offline = false;
	agent->profile = (struct profile){0};
	bool known = step_profile(agent, e);
	if (known ? agent->profile.mode != NULL : !str_eq(e->fault, "device_not_registered"))
		return known;
	if (offline_file_read(agent, &found, &why) && !found)
		return known;
	if (why.code == ERR_NONE && offline_file_check(agent, &why) && step_profile(agent, &why))
		return true;
	agent->has_offline = false;
	agent->profile.mode = NULL;
	*e = why;
	return false;
}

// What the service, or the file, says about this device is no fault of the network.
static bool
is_answer(const struct error *e)
{
	static const char *const faults[] = {"device_not_registered", "hardware_mismatch",
		"offline_profile_invalid", "offline_profile_unknown", "offline_self_deploying",
		"offline_preprovisioned", "ztd_assigned_to_other_tenant", "tpm_missing"};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (str_eq(e->fault, faults[i]))
			return true;
	return false;
}

// Ask the service who this device is; the network page shows while it cannot be reached.
static bool
find_profile(struct agent *agent, struct error *e)
{
	for (;;) {
		arena_reset(agent->step);
		screen_waiting(agent, "checkingOrganization");
		failpoint("agent.network");
		if (ask_service(agent, e)) {
			*e = (struct error){0};
			failpoint("agent.profile");
			return false;
		}
		if (is_answer(e))
			return false;
		if (leave_network_page(agent, e))
			return true;
	}
}

// The page shows at once; the verdict follows, because a network that is silent takes its time.
static void
judge(struct agent *agent, const char *note)
{
	struct way_report *report = arena_alloc(agent->arena, sizeof *report);

	*report = (struct way_report){.arena = agent->arena};
	agent->preflight = NULL;
	screen_config(agent, note);
	preflight_run(agent, report);
	agent->preflight = report;
	screen_config(agent, note);
}

static bool
configuration_page(struct agent *agent, struct error *e)
{
	struct face_action action;
	const char *note = "";

	for (;;) {
		arena_reset(agent->step);
		judge(agent, note);
		flow_wait(agent, &action);
		if (str_eq(action.name, "back"))
			return false;
		if (str_eq(action.name, "provision"))
			return true;
		if (!str_eq(action.name, "refresh"))
			continue;
		note = step_profile(agent, e) ? "settingsDownloaded"
					      : arena_strdup(agent->arena, e->message);
	}
}

// "What would you like to do?" True when Provision was pressed.
static bool
technician_menu(struct agent *agent, struct error *e)
{
	struct face_action action;

	for (;;) {
		screen_menu(agent);
		failpoint("agent.menu");
		flow_wait(agent, &action);
		if (str_eq(action.name, "back") || str_eq(action.value, "back"))
			return false;
		if (!str_eq(action.name, "next"))
			continue;
		arena_reset(agent->step);
		if (!agent->profile.ztd_id && !step_profile(agent, e))
			agent->profile.reason = arena_strdup(agent->arena, e->message);
		if (configuration_page(agent, e))
			return true;
	}
}

static void
choose_way(struct agent *agent, const char *mode, enum flow flow)
{
	agent->journal.mode = mode;
	agent->journal.flow = flow;
}

// An interface with a cable, and a carrier on it.
static bool
is_wired(const struct agent *agent)
{
	struct ifaddrs *list = NULL;
	bool wired = false;

	if (getifaddrs(&list) != 0)
		return false;
	for (const struct ifaddrs *i = list; i && !wired; i = i->ifa_next)
		wired = i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
			!(i->ifa_flags & IFF_LOOPBACK) && i->ifa_flags & IFF_RUNNING &&
			!fs_exists(arena_printf(
				agent->step, "/sys/class/net/%s/wireless", i->ifa_name));
	freeifaddrs(list);
	return wired;
}

// Who presets the language presets the region too: a device that deploys itself asks nobody.
static const char *
some_region(const char *language)
{
	const char *region = region_of_language(language);

	return region ? region : "";
}

// P13, P14, O1, SD6: on a cable the profile can say language and keyboard before anybody is asked;
// a device that must choose a wireless network first asks for them.
static void
preset(struct agent *agent)
{
	struct journal *journal = &agent->journal;
	struct error ignored = {0};
	const char *locale;

	if (journal->language || !is_wired(agent))
		return;
	screen_waiting(agent, "checkingOrganization");
	if (!ask_service(agent, &ignored))
		return;
	locale = agent->profile.locale;
	if (str_empty(locale) || str_ieq(locale, "os-default"))
		return;
	journal->language = keep(agent, locale);
	journal->region = some_region(locale);
	if (!agent->profile.keyboard_skipped || journal->keyboard)
		return;
	journal->keyboard = region_keyboard_of_language(locale);
	journal->keyboard2 = "";
}

// True when the technician's menu was asked for instead.
static bool
choose_second(struct agent *agent)
{
	struct face_action action;

	for (;;) {
		screen_keyboard2(agent);
		flow_wait(agent, &action);
		if (str_eq(action.name, "technician"))
			return true;
		if (str_eq(action.name, "skip"))
			break;
		if (str_eq(action.name, "add") && region_offers(region_keyboards, action.value)) {
			agent->journal.keyboard2 = keep(agent, action.value);
			return false;
		}
	}
	agent->journal.keyboard2 = "";
	return false;
}

// O2: what is asked for before there is a network. True when the technician's menu was asked for
// instead.
static bool
ask_region(struct agent *agent)
{
	struct journal *journal = &agent->journal;

	if ((!journal->language &&
		    choose(agent, screen_language, region_languages, &journal->language)) ||
		(!journal->region &&
			choose(agent, screen_region, region_countries, &journal->region)) ||
		(!journal->keyboard &&
			choose(agent, screen_keyboard, region_keyboards, &journal->keyboard)) ||
		(!journal->keyboard2 && choose_second(agent)))
		return true;
	region_apply(journal);
	return false;
}

// The first pages, which end with a way chosen or in the technician's menu; each of them leads to
// the technician's menu by the Windows key (behaviour T1, pains row 9).
static void
first_pages(struct agent *agent, struct error *e)
{
	struct face_action action;
	bool back;

	if (ask_region(agent))
		return;
	do {
		if (find_profile(agent, e))
			return;
		if (str_eq(agent->profile.mode, "selfDeploying")) {
			choose_way(agent, "selfDeploying", FLOW_SELF_DEPLOYING);
			return;
		}
		if (str_eq(agent->profile.mode, "devicePreparation") && agent->profile.automatic) {
			choose_way(agent, "devicePreparation", FLOW_PREPARATION);
			return;
		}
		screen_welcome(agent, e);
		do
			flow_wait(agent, &action);
		while (!str_eq(action.name, "technician") && !str_eq(action.name, "next"));
		if (str_eq(action.name, "technician"))
			return;
		// Without a profile there is nothing that a person could sign in for (C1); it may
		// have been assigned meanwhile.
		back = true;
		if (agent->profile.mode && !flow_person(agent, &back))
			return;
	} while (back);
	choose_way(agent, agent->profile.mode,
		str_eq(agent->profile.mode, "devicePreparation") ? FLOW_PREPARATION
								 : FLOW_USER_DRIVEN);
}

bool
flow_oobe(struct agent *agent, struct error *e)
{
	struct journal *journal = &agent->journal;

	if (!journal->language && agent->config.language) {
		journal->language = agent->config.language;
		journal->region = some_region(journal->language);
	}
	if (!journal->keyboard && agent->config.keyboard) {
		journal->keyboard = agent->config.keyboard;
		journal->keyboard2 = "";
	}
	preset(agent);
	do
		first_pages(agent, e);
	while (journal->flow == FLOW_OOBE && !technician_menu(agent, e));
	if (journal->flow != FLOW_OOBE)
		return journal_step(journal, "begin_alone", e);
	// A person who had signed in before the technician came is not whose device this becomes.
	journal->user = journal->user_token = NULL;
	agent->has_offline = false;
	choose_way(agent, "preprovisioned", FLOW_TECHNICIAN);
	return journal_step(journal, "provision", e);
}
