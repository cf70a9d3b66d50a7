// SPDX-License-Identifier: Apache-2.0
// Autopilot Reset: the device stays who it is, its people and settings go (behaviour A1 to A7).
#include "agent/flow.h"

bool
flow_reset(struct agent *agent, struct error *e)
{
	(void)agent;
	return error_fault(e, ERR_UNSUPPORTED, "not_offered_yet", "Autopilot Reset");
}
