// SPDX-License-Identifier: Apache-2.0
// Autopilot Reset: the device stays who it is, its people and settings went (act.c); now it gets
// its settings again, and nobody gets further until it has them (behaviour A1 to A7).
#include "agent/flow.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/log.h"
#include "base/str.h"

// The service counts it as a deployment of its own, to which the enrolment belongs from now on. The
// journal says that it has begun: a power cut at its end must not begin another.
static bool
begin(struct agent *agent, struct error *e)
{
	const struct json *answer;
	const char *id;

	if (str_eq(agent->journal.mode, "autopilotReset"))
		return true;
	if (!service_open_managed(agent, e) ||
		!service_post(agent, true, "/device/v1/reset", NULL, &answer, e) ||
		!json_need_str(answer, "deployment", 36, &id, e))
		return false;
	agent->journal.deployment_id = arena_strdup(agent->arena, id);
	agent->journal.mode = "autopilotReset";
	return journal_step(&agent->journal, "reset_begun", e);
}

// The TPM proves itself again: what is kept is kept for this device alone.
static bool
prove(struct agent *agent, struct error *e)
{
	const char *unused;

	flow_row(agent, ESP_SECURING, ESP_WORKING, "");
	if (!step_known_profile(agent, e) || !step_attest(agent, &unused, e))
		return flow_failed(agent, ESP_SECURING, e);
	for (enum esp_row row = ESP_SECURING; row <= ESP_REGISTERING; row++)
		flow_row(agent, row, ESP_COMPLETE, "");
	return true;
}

static bool
for_nobody(struct agent *agent, struct error *e)
{
	arena_reset(agent->step);
	if (!step_finish(agent, e))
		return flow_failed(agent, ESP_PREPARING, e);
	if (!step_release(agent, false, e))
		return false;
	agent->journal.mode = "selfDeploying";
	agent->journal.flow = FLOW_DONE;
	return journal_step(&agent->journal, "done", e);
}

// The next user signs in, and becomes the device's where the reset came from afar (A6).
static bool
for_next_user(struct agent *agent, struct error *e)
{
	flow_person_alone(agent);
	if (!step_enter_phase(agent, "user", e))
		return flow_failed(agent, ESP_ACCOUNT_JOINING, e);
	agent->signed_in = agent->journal.user;
	return flow_account_setup(agent, e) && flow_account_ready(agent, e) &&
		flow_release(agent, e);
}

bool
flow_reset(struct agent *agent, struct error *e)
{
	struct journal *journal = &agent->journal;

	if (!journal->enrollment_id) {
		// A retry had to forget it: then this is a new deployment from the first page.
		log_warn("the enrolment is lost; the device begins again");
		journal->mode = NULL;
		journal->flow = FLOW_OOBE;
		return journal_step(journal, "begin_again", e);
	}
	if (journal->account_ready)
		return flow_release(agent, e);
	flow_begin(agent);
	agent->bootstrapped = false;
	if (!begin(agent, e) || !prove(agent, e) || !flow_set_up(agent, false, e))
		return false;
	return str_eq(agent->profile.mode, "selfDeploying") ? for_nobody(agent, e)
							    : for_next_user(agent, e);
}
