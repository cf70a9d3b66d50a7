// SPDX-License-Identifier: Apache-2.0
// Pages of the person whose device it becomes: terms, sign-in, the end, and what comes after it.
#include "agent/face.h"
#include "agent/flow.h"
#include "agent/screen.h"
#include "agent/screens.h"
#include "base/str.h"

void
screen_done(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "done");
	jsonw_str(&s.w, "user", agent->journal.user);
	jsonw_str(&s.w, "computerName", agent->journal.computer_name);
	jsonw_str(&s.w, "domain", agent->journal.domain);
	jsonw_str(&s.w, "joinType", agent->profile.join_type);
	jsonw_array(&s.w, "facts");
	jsonw_str(&s.w, NULL, "joined");
	jsonw_str(&s.w, NULL, "registered");
	jsonw_str(&s.w, NULL, "managed");
	jsonw_str(&s.w, NULL, "compliant");
	jsonw_end_array(&s.w);
	screen_show(&s);
}

void
screen_signed_out(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "signedout");
	screen_say(&s, "released");
	screen_show(&s);
}

void
screen_powering_off(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "poweringoff");
	screen_say(&s, "sealed");
	screen_show(&s);
}

// --- the person's pages; the words are the faces' ---

void
screen_eula(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "eula");
	screen_show(&s);
}

void
screen_privacy(struct agent *agent)
{
	static const char *const switches[] = {
		"location", "findDevice", "diagnostics", "inking", "tailored", "advertising"};
	struct screen s;

	screen_begin(&s, agent, "privacy");
	jsonw_array(&s.w, "switches");
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
		jsonw_object(&s.w, NULL);
		jsonw_str(&s.w, "id", switches[i]);
		jsonw_bool(&s.w, "on", str_eq(switches[i], "diagnostics"));
		jsonw_end_object(&s.w);
	}
	jsonw_end_array(&s.w);
	screen_show(&s);
}

void
screen_person(struct agent *agent, const char *step, const struct error *why)
{
	const struct profile *p = &agent->profile;
	struct screen s;

	screen_begin(&s, agent, "signin");
	jsonw_str(&s.w, "account", "directory");
	jsonw_str(&s.w, "user", p->user ? p->user : "");
	if (*step)
		jsonw_str(&s.w, "step", step);
	jsonw_bool(&s.w, "changeAccount", !p->change_account_hidden);
	if (why->code) {
		const struct fault *fault = fault_of(why, "agent_error");
		jsonw_str(&s.w, "fault", fault->name);
		jsonw_str(&s.w, "error", fault->title);
		jsonw_str(&s.w, "detail", why->message);
	}
	screen_show(&s);
}

void
screen_ended(struct agent *agent, const char *how, const char *fault)
{
	const struct fault *why = fault_find(fault);
	struct screen s;

	screen_begin(&s, agent, "ended");
	jsonw_str(&s.w, "how", how);
	if (why) {
		jsonw_str(&s.w, "fault", why->name);
		jsonw_str(&s.w, "title", why->title);
		jsonw_str(&s.w, "cause", why->cause);
		jsonw_str(&s.w, "fix", why->fix);
	}
	if (agent->journal.flow == FLOW_RETIRED || why) {
		jsonw_array(&s.w, "actions");
		jsonw_str(&s.w, NULL, "reset");
		jsonw_end_array(&s.w);
	}
	screen_show(&s);
}

void
screen_restarting(struct agent *agent)
{
	struct screen s;

	screen_begin(&s, agent, "reboot");
	jsonw_str(&s.w, "why", "app");
	jsonw_int(&s.w, "inSeconds", 0);
	screen_show(&s);
}

static void
names(struct screen *s, const char *member, const char *const *list)
{
	jsonw_array(&s->w, member);
	for (; *list; list++)
		jsonw_str(&s->w, NULL, *list);
	jsonw_end_array(&s->w);
}

void
screen_reset(struct agent *agent, const struct error *why)
{
	static const char *const keeps[] = {"enrollment", "wifi", "certificates", "region", NULL};
	static const char *const drops[] = {"users", "apps", "settings", NULL};
	struct screen s;

	screen_begin(&s, agent, "reset");
	names(&s, "keeps", keeps);
	names(&s, "drops", drops);
	if (why->code) {
		jsonw_str(&s.w, "fault", fault_of(why, "agent_error")->name);
		jsonw_str(&s.w, "detail", why->message);
	}
	screen_show(&s);
}
