// SPDX-License-Identifier: Apache-2.0
// After the deployment: the device is its user's, and still the organization's.
#include "agent/act.h"
#include "agent/flow.h"
#include "agent/local_admin.h"
#include "agent/login.h"
#include "agent/screens.h"
#include "agent/steps/steps.h"
#include "agent/tunnel.h"
#include "agent/watch.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include <time.h>

enum { ROUNDS = 3, MAX_PAUSE_S = 10 };

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

// A device that deployed itself has its first user's Account setup before it (SD4); a kiosk has
// none (SD5).
static bool
waits_for_first_user(const struct agent *agent)
{
	return str_eq(agent->journal.mode, "selfDeploying") && !agent->journal.user &&
		!agent->journal.kiosk;
}

static void
show(struct agent *agent)
{
	struct error none = {0};

	if (waits_for_first_user(agent))
		screen_person(agent, "", &none);
	else
		screen_signed_out(agent);
}

// The rest is the way of a user whose device a technician has prepared: device items that are new,
// then the person's.
static bool
first_user(struct agent *agent, struct face_action *action, struct error *e)
{
	struct error why = {0};

	if (!flow_person_try(agent, action, &why)) {
		screen_person(agent, "", &why);
		return true;
	}
	agent->bootstrapped = false; // the page begins again, as after a boot
	agent->journal.flow = FLOW_USER;
	return journal_step(&agent->journal, "first_user", e);
}

// Every wrong try costs more time, so that nobody guesses the password in front of the device.
static void
slow_down(unsigned tries)
{
	struct timespec pause = {.tv_sec = tries < MAX_PAUSE_S ? (time_t)tries : MAX_PAUSE_S};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

static bool
may_reset(const struct agent *agent, struct error *why)
{
	if (agent->journal.joined)
		return error_fault(why, ERR_UNSUPPORTED, "reset_hybrid",
			"this device is joined to %s", agent->journal.domain);
	return agent->journal.local_reset ||
		error_fault(why, ERR_DENIED, "reset_not_allowed",
			"CredentialProviders/DisableAutomaticReDeploymentCredentials is not 0");
}

// Ctrl+Win+R: the page of Autopilot Reset at the device (behaviour A5).
static bool
local_reset(struct agent *agent, struct error *e)
{
	struct face_action action;
	struct error why = {0};

	if (may_reset(agent, &why))
		why = (struct error){0};
	for (;;) {
		screen_reset(agent, &why);
		flow_wait(agent, &action);
		if (str_eq(action.name, "back")) {
			show(agent);
			return true;
		}
		if (!str_eq(action.name, "reset") || !action.user[0] || !may_reset(agent, &why))
			continue;
		bool right = local_admin_check(action.user, action.password, &why);
		face_action_wipe(&action);
		if (right)
			return act_accept(agent, ACT_RESET_LOCAL, e);
		slow_down(++agent->reset_tries); // also of whoever leaves the page and comes again
	}
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
on_action(struct agent *agent, struct face_action *action, bool *ended, struct error *e)
{
	if (str_eq(action->name, "news"))
		hear(agent);
	else if (str_eq(action->name, "signin") && waits_for_first_user(agent))
		return first_user(agent, action, e);
	else if (str_eq(action->name, "ended")) {
		*ended = true;
		screen_ended(agent, "deleted", "management_ended");
	} else if (str_eq(action->name, "reset"))
		return *ended ? start_over(agent, e) : local_reset(agent, e);
	return true;
}

// A password of the join blob that the domain would not let go is tried again at every start (J13).
static void
change_password(struct agent *agent)
{
	struct error why = {0};

	arena_reset(agent->step);
	if (agent->journal.joined && !agent->journal.password_changed &&
		!step_prove_membership(agent, &why))
		log_info("the computer's password is still that of the join: %s", why.message);
}

bool
flow_stay(struct agent *agent, struct error *e)
{
	struct face_action action;
	bool ended = false, ok = true;

	// Nobody waits for the service to see that the device is theirs.
	if (!waits_for_first_user(agent))
		show(agent);
	// Only for what the pages show: not reaching the service now is no failure.
	arena_reset(agent->step);
	if (!agent->profile.ztd_id && !step_known_profile(agent, e))
		log_warn("profile: %s", e->message);
	show(agent);
	// Whoever signs in with the domain's account needs the way to it.
	if (!tunnels_open(agent, 0, e))
		log_info("the device is used without the tunnel");
	// What the status page did not wait for (behaviour X14), and what changed while it was off.
	if (!session(agent, e) && stays(agent))
		log_failure("management", e);
	change_password(agent);
	struct watch *watch = watch_start(agent);
	struct login *login = login_open(agent);
	while (ok && stays(agent)) {
		flow_wait(agent, &action);
		if (str_eq(action.name, "login"))
			login_decide(agent, login);
		else
			ok = on_action(agent, &action, &ended, e);
	}
	login_close(login);
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
