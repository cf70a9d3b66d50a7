// SPDX-License-Identifier: Apache-2.0
#include "agent/flow.h"
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

// Ask the service who this device is; the network page shows while it cannot be reached.
static bool
find_profile(struct agent *agent, struct error *e)
{
	struct face_action action;

	for (;;) {
		arena_reset(agent->step);
		screen_waiting(agent, "Checking for your organization's settings…");
		failpoint("agent.network");
		if (step_profile(agent, e)) {
			failpoint("agent.profile");
			return false;
		}
		// A device that nobody registered and one whose hardware changed are answers, not
		// network faults.
		if (str_eq(e->fault, "device_not_registered") ||
			str_eq(e->fault, "hardware_mismatch"))
			return false;
		screen_network(agent, e->message);
		flow_wait(agent, &action);
		if (str_eq(action.name, "technician"))
			return true;
	}
}

static bool
configuration_page(struct agent *agent, struct error *e)
{
	struct face_action action;
	const char *note = "";

	for (;;) {
		arena_reset(agent->step);
		screen_config(agent, note);
		flow_wait(agent, &action);
		if (str_eq(action.name, "back"))
			return false;
		if (str_eq(action.name, "provision"))
			return true;
		if (!str_eq(action.name, "refresh"))
			continue;
		note = step_profile(agent, e) ? "Settings were downloaded again."
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

// The pages before sign-in; each of them leads to the technician's menu by the Windows key
// (behaviour T1, pains row 9).
static void
first_pages(struct agent *agent, struct error *e)
{
	struct face_action action;
	struct journal *journal = &agent->journal;

	if (!journal->language && choose(agent, screen_language, &journal->language))
		return;
	if (!journal->keyboard && choose(agent, screen_keyboard, &journal->keyboard))
		return;
	if (find_profile(agent, e))
		return;
	screen_welcome(agent, agent->profile.ztd_id ? "" : e->message);
	do
		flow_wait(agent, &action);
	while (!str_eq(action.name, "technician"));
	return;
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
	while (!technician_menu(agent, e));
	journal->flow = FLOW_TECHNICIAN;
	return journal_step(journal, "provision", e);
}
