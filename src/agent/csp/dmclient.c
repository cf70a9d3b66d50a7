// SPDX-License-Identifier: Apache-2.0
// DMClient/Provider/<P>/FirstSyncStatus: what the Enrollment Status Page expects, and when the
// service has finished.
#include "agent/csp/csp.h"
#include "base/failpoint.h"
#include "base/str.h"

int
csp_dmclient(struct csp_call *call)
{
	const char *node = strstr(call->path, "/FirstSyncStatus/");
	struct agent *agent = call->agent;

	if (!node)
		return 404;
	if (call->type != SYNCML_ADD && call->type != SYNCML_REPLACE)
		return 405;
	node += strlen("/FirstSyncStatus/");
	const char *value = call->data ? call->data : "";
	if (str_starts(node, "Expected")) {
		esp_view_expect(&agent->esp, agent->arena, call->user, node, value);
		return 200;
	}
	if (str_eq(node, "ServerHasFinishedProvisioning")) {
		// It cannot go back to false (behaviour X54).
		*(call->user ? &agent->user_done : &agent->device_done) |= str_eq(value, "true");
		failpoint(call->user ? "agent.user_done" : "agent.device_done");
		return 200;
	}
	static const char *const known[] = {"SkipDeviceStatusPage", "SkipUserStatusPage",
		"BlockInStatusPage", "TimeOutUntilSyncFailure", "AllowCollectLogsButton",
		"CustomErrorText"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq(node, known[i]))
			return 200;
	return 404;
}
