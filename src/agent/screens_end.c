// SPDX-License-Identifier: Apache-2.0
// The pages of a device that is reset, or whose management has ended (behaviour A1 to A11).
#include "agent/screen.h"
#include "agent/screens.h"
#include "base/str.h"

void
screen_ended(struct agent *agent, const char *how, const char *fault)
{
	const struct fault *why = fault_find(fault);
	struct screen s;

	screen_begin(&s, agent, "ended");
	jsonw_str(&s.w, "organization", agent->profile.organization);
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
	jsonw_str(&s.w, "organization", agent->profile.organization);
	names(&s, "keeps", keeps);
	names(&s, "drops", drops);
	if (why->code) {
		jsonw_str(&s.w, "fault", fault_of(why, "agent_error")->name);
		jsonw_str(&s.w, "detail", why->message);
	}
	screen_show(&s);
}
