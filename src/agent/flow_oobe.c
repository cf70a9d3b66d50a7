// SPDX-License-Identifier: Apache-2.0
#include "agent/flow.h"
#include "agent/offline_file.h"
#include "agent/preflight.h"
#include "agent/screens.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/str.h"

static const char *
keep(struct agent *agent, const char *text)
{
	return arena_strdup(agent->arena, text);
}

// One page with a choice. True when the technician's menu was asked for instead.
static bool
choose(struct agent *agent, void (*page)(struct agent *), const char **choice)
{
	struct face_action action;

	for (;;) {
		page(agent);
		flow_wait(agent, &action);
		if (str_eq(action.name, "technician"))
			return true;
		if (str_eq(action.name, "next") && action.value[0]) {
			*choice = keep(agent, action.value);
			return false;
		}
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
	struct face_action action;

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
		screen_network(agent, e);
		flow_wait(agent, &action);
		if (str_eq(action.name, "technician"))
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

// The first pages, which end with a way chosen or in the technician's menu; each of them leads to
// the technician's menu by the Windows key (behaviour T1, pains row 9).
static void
first_pages(struct agent *agent, struct error *e)
{
	struct face_action action;
	struct journal *journal = &agent->journal;
	bool back;

	if (!journal->language && choose(agent, screen_language, &journal->language))
		return;
	if (!journal->keyboard && choose(agent, screen_keyboard, &journal->keyboard))
		return;
	do {
		if (find_profile(agent, e))
			return;
		if (str_eq(agent->profile.mode, "selfDeploying")) {
			choose_way(agent, "selfDeploying", FLOW_SELF_DEPLOYING);
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
	choose_way(agent, agent->profile.mode, FLOW_USER_DRIVEN);
}

bool
flow_oobe(struct agent *agent, struct error *e)
{
	struct journal *journal = &agent->journal;

	if (!journal->language)
		journal->language = agent->config.language;
	if (!journal->keyboard)
		journal->keyboard = agent->config.keyboard;
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
