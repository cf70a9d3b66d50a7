// SPDX-License-Identifier: Apache-2.0
// After the deployment: the device is its user's, and still the organization's.
#include "agent/act.h"
#include "agent/flow.h"
#include "agent/screens.h"
#include "agent/steps/steps.h"
#include "agent/watch.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"

enum { ROUNDS = 3 };

// One session, and what it asked to be installed. A failure is no red page: the person works.
static bool
session(struct agent *agent, struct error *e)
{
	for (int round = 0; round < ROUNDS; round++) {
		bool any = false;
		arena_reset(agent->step);
		if (!step_manage(agent, agent->journal.user != NULL, e))
			return false;
		for (size_t i = 0; i < agent->app_count; i++) {
			if (agent->apps[i].status != 10)
				continue;
			any = true;
			if (!step_install_app(agent, &agent->apps[i], false, INT64_MAX, e))
				return false;
		}
		if (!any)
			return true;
	}
	return true;
}

static void
hear(struct agent *agent)
{
	struct error e = {0};

	failpoint("agent.news");
	if (session(agent, &e) || agent->journal.act || agent->powering_off)
		return;
	log_failure("management", &e);
	if (str_eq(e.fault, "management_ended"))
		screen_ended(agent, "deleted", e.fault);
}

static bool
stays(const struct agent *agent)
{
	return !agent->journal.act && !agent->powering_off && agent->journal.flow == FLOW_DONE;
}

// Begin again from the first page; nothing of the organization is left to be kept.
static bool
start_over(struct agent *agent, struct error *e)
{
	return act_accept(agent, ACT_RETIRE, e);
}

static bool
on_action(struct agent *agent, const struct face_action *action, bool *ended, struct error *e)
{
	if (str_eq(action->name, "news"))
		hear(agent);
	else if (str_eq(action->name, "ended")) {
		*ended = true;
		screen_ended(agent, "deleted", "management_ended");
	} else if (str_eq(action->name, "reset") && *ended)
		return start_over(agent, e);
	return true;
}

bool
flow_stay(struct agent *agent, struct error *e)
{
	struct face_action action;
	bool ended = false, ok = true;

	// Only for what the pages show: not reaching the service now is no failure.
	arena_reset(agent->step);
	if (!agent->profile.ztd_id && !step_known_profile(agent, e))
		log_warn("profile: %s", e->message);
	screen_signed_out(agent);
	// What the status page did not wait for (behaviour X14), and what changed while it was off.
	if (!session(agent, e) && stays(agent))
		log_failure("management", e);
	struct watch *watch = watch_start(agent);
	while (ok && stays(agent)) {
		flow_wait(agent, &action);
		ok = on_action(agent, &action, &ended, e);
	}
	watch_stop(watch);
	return ok;
}

bool
flow_retired(struct agent *agent, struct error *e)
{
	struct face_action action;

	screen_ended(agent, "retired", NULL);
	do
		flow_wait(agent, &action);
	while (!str_eq(action.name, "reset"));
	agent->journal.flow = FLOW_OOBE;
	return journal_step(&agent->journal, "begin_again", e);
}
