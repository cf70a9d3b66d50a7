// SPDX-License-Identifier: Apache-2.0
// Whoever will use the device sets it up: signed in on the first pages, then everything at once
// (behaviour M1, O3, O5, O10).
#include "agent/flow.h"
#include "agent/offline_file.h"
#include "agent/screens.h"
#include "agent/steps/steps.h"
#include "agent/tunnel.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "pki/hash.h"
#include <time.h>

enum { CHECK_PAUSE_S = 3 };

// P7, O10: wait for a domain controller with the reason on the page; at the end of the wait the
// cause, never a half state without a word. A replica may not have the new account yet.
static bool
find_domain(struct agent *agent, struct error *e)
{
	const struct timespec pause = {.tv_sec = CHECK_PAUSE_S};
	int64_t until = clock_monotonic_ms() + (int64_t)agent->config.domain_wait * 1000;

	for (;;) {
		arena_reset(agent->step);
		if (flow_reach_domain(agent, e))
			break;
		bool passes = flow_domain_is_far(e) || str_eq(e->fault, "replication_lag");
		if (!passes || clock_monotonic_ms() > until) {
			if (flow_reach_domain_anew(agent, e))
				break;
			return flow_failed(agent, ESP_JOINING, e);
		}
		esp_view_because(&agent->esp, ESP_JOINING, ESP_WORKING, e);
		screen_esp(agent);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	flow_row(agent, ESP_JOINING, ESP_COMPLETE, "");
	return true;
}

// Whose directory account is Active Directory's own has typed the password already (O5, O6); after
// a restart it is asked for, because it is kept nowhere.
static bool
enter_domain(struct agent *agent, struct error *e)
{
	bool known = agent->from_domain && agent->password[0];

	if (!agent->profile.skip_domain_check && !find_domain(agent, e))
		return false;
	if (agent->profile.skip_domain_check && !tunnels_open(agent, agent->config.vpn_wait, e))
		log_info("the sign-in is tried without the tunnel");
	if (known && !agent->journal.domain_user &&
		!step_sign_in(agent, agent->journal.user, agent->password, e))
		log_info("the person is asked again: %s", e->message);
	secret_wipe(agent->password, sizeof agent->password);
	return flow_domain_sign_in(agent, e);
}

bool
flow_user_driven(struct agent *agent, struct error *e)
{
	struct journal *journal = &agent->journal;
	bool found;

	if (journal->account_ready)
		return flow_release(agent, e);
	flow_begin(agent);
	if (str_eq(journal->mode, "existingDevice") && !agent->has_offline &&
		!offline_file_read(agent, &found, e))
		return false;
	if (!flow_prepare(agent, e) || !step_enter_phase(agent, "user", e) ||
		!flow_set_up(agent, false, e))
		return false;
	if (journal->joined && !enter_domain(agent, e))
		return false;
	agent->signed_in = journal->user;
	return flow_account_setup(agent, e) && flow_account_ready(agent, e) &&
		flow_release(agent, e);
}
