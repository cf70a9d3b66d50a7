// SPDX-License-Identifier: Apache-2.0
// A device for nobody in particular: it deploys itself with its TPM (behaviour section 7).
#include "agent/flow.h"

bool
flow_self_deploying(struct agent *agent, struct error *e)
{
	(void)agent;
	return error_fault(e, ERR_UNSUPPORTED, "not_offered_yet", "self-deploying mode");
}
