// SPDX-License-Identifier: Apache-2.0
// The pages for the person who will use the device: terms, privacy, and the sign-in (behaviour P8,
// P9, O3, G12).
#include "agent/flow.h"
#include "agent/screens.h"
#include "agent/steps/steps.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "pki/hash.h"

// One page with a button. False when the technician's menu was asked for instead.
static bool
accept(struct agent *agent, void (*page)(struct agent *), const char *fallback, bool *back)
{
	struct face_action action;

	*back = false;
	for (;;) {
		page(agent);
		flow_wait(agent, &action);
		if (str_eq(action.name, "technician"))
			return false;
		*back = str_eq(action.name, "back");
		if (*back || str_eq(action.name, "accept") || str_eq(action.name, fallback))
			break;
	}
	if (page == screen_privacy && !*back)
		agent->journal.privacy = arena_strdup(agent->arena, action.value);
	return true;
}

// Where the code of a second factor is typed. True when the person is known.
static bool
ask_code(struct agent *agent, struct face_action *action, struct error *why)
{
	while (!str_eq(action->name, "technician") && !str_eq(action->name, "back")) {
		screen_person(agent, "code", why);
		flow_wait(agent, action);
		if (!str_eq(action->name, "signin"))
			continue;
		arena_reset(agent->step);
		*why = (struct error){0};
		bool ok = step_person_code(
			agent, action->code[0] ? action->code : action->password, why);
		face_action_wipe(action);
		if (ok)
			return true;
		if (!str_eq(why->fault, "mfa_code_wrong") && !str_eq(why->fault, "sign_in_wait"))
			return false;
	}
	*why = (struct error){0};
	return false;
}

bool
flow_person_try(struct agent *agent, struct face_action *action, struct error *why)
{
	const char *next = "";

	arena_reset(agent->step);
	*why = (struct error){0};
	snprintf(agent->password, sizeof agent->password, "%s", action->password);
	bool ok = step_person(agent, action->user, action->password, &next, why);
	face_action_wipe(action);
	if (ok && *next)
		ok = ask_code(agent, action, why);
	if (!ok || !agent->from_domain)
		secret_wipe(agent->password, sizeof agent->password);
	return ok;
}

// True when the person is known, false when the technician's menu was asked for. What the service
// refuses stands on the page with its cause; the next try may be somebody else's.
static bool
sign_in(struct agent *agent, bool *back)
{
	struct face_action action;
	struct error why = {0};

	*back = false;
	for (;;) {
		screen_person(agent, "", &why);
		flow_wait(agent, &action);
		if (str_eq(action.name, "technician"))
			return false;
		*back = str_eq(action.name, "back");
		if (*back)
			return true;
		if (!str_eq(action.name, "signin"))
			continue;
		if (flow_person_try(agent, &action, &why))
			return true;
		if (str_eq(action.name, "technician"))
			return false;
		if (why.code)
			log_info("sign-in: %s", why.message);
	}
}

bool
flow_person(struct agent *agent, bool *back)
{
	const struct profile *p = &agent->profile;

	*back = false;
	if (!p->eula_hidden && !agent->journal.eula_accepted) {
		if (!accept(agent, screen_eula, "next", back))
			return false;
		if (*back)
			return true;
		agent->journal.eula_accepted = true;
	}
	if (!p->privacy_hidden && !agent->journal.privacy &&
		!accept(agent, screen_privacy, "next", back))
		return false;
	return *back || sign_in(agent, back);
}

void
flow_person_alone(struct agent *agent)
{
	bool back;

	// A technician has nothing to do here any more.
	while (!agent->journal.user_token)
		if (!sign_in(agent, &back))
			log_info("the technician's menu is closed");
}

// P11: what the person is on this device, for whoever opens sessions on it.
static bool
write_account(struct agent *agent, struct error *e)
{
	struct buf text;

	buf_init(&text, agent->step, 4096);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "user", agent->journal.user);
	jsonw_str(&w, "domainUser", agent->journal.domain_user);
	jsonw_str(&w, "accountType", agent->journal.account_type);
	jsonw_end_object(&w);
	return buf_ok(&text, e) &&
		fs_write(agent_path(agent, agent->step, "account.json"), buf_slice(&text), 0644, e);
}

bool
flow_account_ready(struct agent *agent, struct error *e)
{
	struct journal *journal = &agent->journal;

	journal->account_type = agent->profile.standard_user ? "standard" : "administrator";
	journal->user_token = NULL;
	journal->account_ready = true;
	return write_account(agent, e) && journal_step(journal, "account_ready", e);
}
