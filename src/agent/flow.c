// SPDX-License-Identifier: Apache-2.0
#include "agent/flow.h"

#include "agent/act.h"
#include "agent/command.h"
#include "agent/diagnostics.h"
#include "agent/esp_run.h"
#include "agent/machine_password.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "agent/sudoers.h"
#include "agent/watch.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"

enum { WINDOWS_KEY_PRESSES = 5, WINDOWS_KEY_MS = 3000 };

void
flow_wait(struct agent *agent, struct face_action *out)
{
	static int presses;
	static int64_t first;

	for (;;) {
		if (!face_wait(agent->face, -1, out))
			continue;
		if (!str_eq(out->name, "winkey")) {
			presses = 0;
			return;
		}
		int64_t now = clock_monotonic_ms();
		if (presses == 0 || now - first > WINDOWS_KEY_MS) {
			presses = 0;
			first = now;
		}
		if (++presses < WINDOWS_KEY_PRESSES)
			continue;
		presses = 0;
		snprintf(out->name, sizeof out->name, "technician");
		return;
	}
}

// Everything this device has become is forgotten; the service keeps its record (behaviour T11).
static bool
reset(struct agent *agent, struct error *e)
{
	struct journal fresh = {.path = agent->journal.path, .arena = agent->journal.arena};

	if (agent->journal.act)
		return true; // what was accepted is done to its end
	if (!flow_forget_enrollment(agent, e) ||
		!machine_password_forget(agent->config.keytab, e) ||
		!fs_remove(agent->config.keytab, e) || !fs_remove(agent->config.sssd_conf, e) ||
		!sudoers_revoke(agent, e))
		return false;
	agent->journal = fresh;
	agent->profile = (struct profile){0};
	return journal_save(&agent->journal, e);
}

// What an administrator wants of a device that stands on a red page: its diagnostics, or that it is
// wiped, locked, restarted …. What goes wrong here is not what the page is about.
static void
hear(struct agent *agent)
{
	struct error e = {0};

	arena_reset(agent->step);
	if (!step_manage(agent, false, &e) && !agent->journal.act && !agent->powering_off)
		log_failure("management", &e);
}

static void
diagnose(struct agent *agent, const struct error *why)
{
	const char *path;
	struct error e;
	struct face_action action;

	if (!diagnostics_keep(agent, why, &path, &e)) {
		log_failure("diagnostics", &e);
		return;
	}
	do {
		screen_diagnostics(agent, path);
		flow_wait(agent, &action);
		if (str_eq(action.name, "news"))
			hear(agent);
	} while (!str_eq(action.name, "back") && !agent->journal.act && !agent->powering_off);
}

// Faults after which the next try must prove and enrol anew.
static bool
needs_new_enrollment(const struct error *why)
{
	static const char *const faults[] = {"tpm_key_lost", "enrollment_refused",
		"client_credentials_unusable", "client_certificate_expired"};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (str_eq(why->fault, faults[i]))
			return true;
	return false;
}

// Faults after which somebody must sign in, perhaps somebody else; the first pages ask.
static bool
needs_person(const struct agent *agent, const struct error *why)
{
	static const char *const faults[] = {"signin_needed", "signin_not_assigned",
		"signin_other_organization", "account_disabled", "user_unknown", "join_not_allowed",
		"device_quota", "management_scope_none", "management_scope_user",
		"mode_not_of_profile", "profile_missing", "preparation_policy_missing",
		"personal_blocked"};

	bool person = agent->journal.flow == FLOW_USER_DRIVEN ||
		agent->journal.flow == FLOW_SELF_DEPLOYING ||
		(agent->journal.flow == FLOW_PREPARATION && agent->journal.user);
	if (!person || agent->journal.enrollment_id)
		return false;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (str_eq(why->fault, faults[i]))
			return true;
	return false;
}

// Prepare the next try: what made this one fail must not make it fail again by itself.
static bool
prepare_retry(struct agent *agent, const struct error *why, struct error *e)
{
	struct error ignored;

	arena_reset(agent->step);
	agent->bootstrapped = false;
	esp_retry(agent);
	step_hardware_again(agent, why);
	if (needs_person(agent, why)) {
		agent->journal.user = agent->journal.user_token = agent->journal.mode = NULL;
		agent->preparation.active = false;
		agent->journal.flow = FLOW_OOBE;
		return journal_save(&agent->journal, e);
	}
	if (needs_new_enrollment(why))
		return flow_forget_enrollment(agent, e);
	if (str_eq(why->fault, "machine_trust_broken") || str_eq(why->fault, "odj_blob_invalid"))
		agent->journal.joined =
			false; // join again with a new password for the same account
	if (agent->journal.enrollment_id && !step_retry(agent, &ignored))
		log_warn("retry: %s", ignored.message);
	return journal_save(&agent->journal, e);
}

// "Continue anyway" (behaviour X11): the service must agree and signs the release; then the device
// is its user's, and its setup stays on record as failed.
static bool
continue_anyway(struct agent *agent)
{
	struct error e;

	arena_reset(agent->step);
	if (!step_release(agent, true, &e)) {
		log_failure("continue anyway", &e);
		return false;
	}
	agent->journal.flow = FLOW_DONE;
	if (journal_step(&agent->journal, "continued", &e))
		return true;
	log_failure("continue anyway", &e);
	return false;
}

static bool
offers(const struct agent *agent, const char *action)
{
	return agent->preparation.active ? flow_preparation_offers(agent, action)
					 : esp_offers(agent, action);
}

// What the page offers and the person chose. Without an answer an administrator wants something
// else of the device.
static bool
ask_what_next(struct agent *agent, const struct error *why, struct face_action *action)
{
	struct watch *watch = agent->journal.enrollment_id ? watch_start(agent) : NULL;
	bool chosen = false;

	while (!chosen && !agent->journal.act && !agent->powering_off) {
		screen_failure(agent, why);
		flow_wait(agent, action);
		if (str_eq(action->name, "news"))
			hear(agent);
		else if (str_eq(action->name, "diagnostics") && offers(agent, action->name))
			diagnose(agent, why);
		else
			chosen = offers(agent, action->name);
	}
	watch_stop(watch);
	return chosen;
}

static bool
go_on_anyway(struct agent *agent)
{
	struct error refused;

	if (!agent->preparation.active)
		return continue_anyway(agent);
	if (flow_preparation_continue(agent, &refused))
		return true;
	log_failure("continue anyway", &refused);
	return false;
}

// The red page. Returns when the flow is to be run again.
static bool
failure_page(struct agent *agent, const struct error *why, struct error *e)
{
	struct face_action action;

	log_failure(flow_name(agent->journal.flow), why);
	screen_failure(agent, why);
	diagnostics_auto(agent, why);
	while (ask_what_next(agent, why, &action)) {
		if (str_eq(action.name, "retry"))
			return prepare_retry(agent, why, e);
		if (str_eq(action.name, "reset"))
			return reset(agent, e);
		if (str_eq(action.name, "continue") && go_on_anyway(agent))
			return true;
	}
	return true;
}

// The green page: Reseal is power-off, not more (behaviour T7).
static bool
reseal(struct agent *agent, struct error *e)
{
	const char *const argv[] = {"sh", "-c", agent->config.power_off, NULL};
	const char *output;
	struct face_action action;

	screen_success(agent);
	do
		flow_wait(agent, &action);
	while (!str_eq(action.name, "reseal"));
	arena_reset(agent->step);
	if (!journal_step(&agent->journal, "reseal", e) || !step_enter_phase(agent, "resealed", e))
		return false;
	failpoint("agent.seal_acknowledged");
	agent->journal.flow = FLOW_RESEALED;
	if (!journal_step(&agent->journal, "resealed", e))
		return false;
	screen_powering_off(agent);
	agent->powering_off = command_run(agent->step, argv, 60, &output, e);
	return agent->powering_off;
}

bool
flow_release(struct agent *agent, struct error *e)
{
	struct face_action action;

	if (!step_release(agent, false, e))
		return false;
	screen_done(agent);
	do
		flow_wait(agent, &action);
	while (!str_eq(action.name, "signout"));
	agent->journal.flow = FLOW_DONE;
	return journal_step(&agent->journal, "done", e);
}

static bool
resume(struct agent *agent, struct error *e)
{
	agent->journal.flow = FLOW_USER;
	return journal_step(&agent->journal, "resume", e);
}

static bool
user(struct agent *agent, struct error *e)
{
	return (agent->journal.account_ready || flow_user(agent, e)) && flow_release(agent, e);
}

// One leg of the way each; it writes into the journal which one is next.
static bool (*const legs[FLOW_COUNT])(struct agent *, struct error *) = {
	[FLOW_OOBE] = flow_oobe,
	[FLOW_TECHNICIAN] = flow_technician,
	[FLOW_READY] = reseal,
	[FLOW_RESEALED] = resume,
	[FLOW_USER] = user,
	[FLOW_DONE] = flow_stay,
	[FLOW_USER_DRIVEN] = flow_user_driven,
	[FLOW_SELF_DEPLOYING] = flow_self_deploying,
	[FLOW_PREPARATION] = flow_preparation,
	[FLOW_RESET] = flow_reset,
	[FLOW_RETIRED] = flow_retired,
};

// What was accepted comes first; it may also end a leg in its middle.
static bool
leg(struct agent *agent, struct error *e)
{
	if (agent->journal.act)
		return act_run(agent, e);
	if (legs[agent->journal.flow](agent, e))
		return true;
	// A device that was deleted hears of it in a session (behaviour A11); one that is far from
	// its domain must hear that it is to be wiped, however long it stays there (A8).
	struct error ignored;
	if ((str_eq(e->fault, "management_ended") || flow_domain_is_far(e)) &&
		agent->journal.enrollment_id && !step_manage(agent, false, &ignored))
		log_warn("%s", ignored.message);
	return agent->journal.act || agent->powering_off;
}

bool
flow_run(struct agent *agent, struct error *e)
{
	if (!service_open(agent, e) || !step_hardware(agent, e))
		return false;
	release_announce(agent);
	failpoint("agent.started");
	while (!agent->powering_off) {
		struct error why = {0};
		if (leg(agent, &why) || agent->powering_off)
			continue;
		if (!failure_page(agent, &why, e))
			return false;
	}
	return true;
}
