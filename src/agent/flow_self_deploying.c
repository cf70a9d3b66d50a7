// SPDX-License-Identifier: Apache-2.0
// A device for nobody in particular: it deploys itself with its TPM (behaviour section 7). No
// person signs in, so none is its user; Account setup comes when the first one signs in (SD4).
#include "agent/flow.h"
#include "agent/steps/steps.h"
#include "base/log.h"

// Directory, management and compliance must agree; only then people may sign in, or the kiosk does
// by itself (SD5).
static bool
finish(struct agent *agent, struct error *e)
{
	arena_reset(agent->step);
	if (!step_finish(agent, e))
		return flow_failed(agent, ESP_PREPARING, e);
	if (!step_release(agent, false, e))
		return false;
	agent->journal.flow = FLOW_DONE;
	log_info("deployed without a person");
	return journal_step(&agent->journal, "done", e);
}

bool
flow_self_deploying(struct agent *agent, struct error *e)
{
	flow_begin(agent);
	return flow_prepare(agent, e) && flow_set_up(agent, false, e) && finish(agent, e);
}
