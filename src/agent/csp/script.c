// SPDX-License-Identifier: Apache-2.0
// Vendor/Ferry/Script/{id}/Run: Exec with a job (wire/script/script.h). The script waits for its
// turn among the apps: what the service sent first is done first (behaviour Z10).
#include "wire/script/script.h"
#include "agent/csp/csp.h"
#include "agent/steps/steps.h"
#include "base/str.h"

static bool
read_job(struct csp_call *call, struct app *out, struct error *e)
{
	struct arena *keep = call->agent->arena;
	const char *base = call->agent->config.url;
	struct script_job job;

	if (!script_job_read(call->arena, slice_str(call->data ? call->data : ""), &job, e))
		return false;
	// Content is fetched from nowhere but our own service (threats row 22).
	if (!str_starts(job.url, base) || !str_starts(job.url + strlen(base), "/content/"))
		return error_fault(e, ERR_DENIED, "script_not_runnable",
			"scripts are only taken from the service itself");
	*out = (struct app){.loc_uri = arena_strdup(keep, call->loc_uri),
		.path = arena_strdup(keep, job.url + strlen(base)),
		.sha256 = arena_strdup(keep, job.sha256),
		.name = arena_strdup(keep, job.name),
		.seconds = job.seconds,
		.status = 10};
	return true;
}

int
csp_script(struct csp_call *call)
{
	struct agent *agent = call->agent;
	struct app script;

	if (!str_ends(call->path, "/Run"))
		return 404;
	if (call->type != SYNCML_EXEC)
		return 405;
	if (!read_job(call, &script, &call->why))
		return csp_failed(call, "script_not_runnable");
	// What ran to its end is not run again: the service sends it anew after a power cut.
	// Another text is another script.
	if (journal_is_done(&agent->journal, script_key(call->arena, &script)))
		return 200;
	for (size_t i = 0; i < agent->app_count; i++)
		if (str_eq(agent->apps[i].loc_uri, script.loc_uri)) {
			agent->apps[i] = script;
			return 202;
		}
	if (agent->app_count == MAX_APPS)
		return 420;
	agent->apps[agent->app_count++] = script;
	return 202;
}
