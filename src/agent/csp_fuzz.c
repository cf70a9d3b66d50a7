// SPDX-License-Identifier: Apache-2.0
// Whatever the management server puts into a job, content comes from the service alone and
// diagnostics go to it alone (threats-and-faults.md row 22).
#include "agent/csp/csp.h"
#include "base/str.h"
#include <stdlib.h>

#define URL "https://ferry.example.com"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
run(struct agent *agent, enum syncml_type type, const char *uri, const char *data)
{
	struct csp_call call = {
		.agent = agent, .arena = agent->step, .type = type, .loc_uri = uri, .data = data};
	int status = csp_run(&call);

	if (status == 500 && str_empty(call.why.fault))
		abort();
	return status;
}

// Only providers that change nothing outside of the agent itself.
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena(arena, ARENA_REQUEST);
	struct agent agent = {.arena = &arena, .step = &arena};
	const char *text = arena_strndup(&arena, (const char *)data, size);

	agent.config.url = URL;
	esp_view_begin(&agent.esp);
	if (strlen(csp_decode(&arena, text)) > strlen(text))
		abort();
	run(&agent, SYNCML_EXEC,
		"./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/a/DownloadInstall", text);
	for (size_t i = 0; i < agent.app_count; i++)
		if (!str_starts(agent.apps[i].path, "/content/") ||
			strlen(agent.apps[i].sha256) != 64)
			abort();
	if (run(&agent, SYNCML_REPLACE,
		    "./Device/Vendor/MSFT/DiagnosticLog/DiagnosticArchive/ArchiveDefinition",
		    text) == 200 &&
		!strstr(text, "SasUrl"))
		abort();
	return 0;
}
