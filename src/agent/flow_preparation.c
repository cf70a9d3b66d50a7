// SPDX-License-Identifier: Apache-2.0
// Device preparation, Autopilot's second version (behaviour section 12).
#include "agent/flow.h"

bool
flow_preparation(struct agent *agent, struct error *e)
{
	(void)agent;
	return error_fault(e, ERR_UNSUPPORTED, "not_offered_yet", "device preparation");
}
