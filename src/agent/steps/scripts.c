// SPDX-License-Identifier: Apache-2.0
// Scripts: fetched, checked against their SHA-256, run, and what came of it kept for the next
// management session.
#include "agent/screens.h"
#include "agent/script.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "pki/hash.h"
#include "wire/script/script.h"

enum { CLEAN_S = 5 };

const char *
script_key(struct arena *arena, const struct app *script)
{
	return arena_printf(arena, "%s#%.16s", script->loc_uri, script->sha256);
}

static bool
fetch(struct agent *agent, const struct app *script, const char *file, struct error *e)
{
	struct http_client_download download = {.path = script->path, .file = file};
	const char *sha256;

	if (!service_download(agent, &download, e)) {
		struct error why = *e;
		return error_fault(
			e, why.code, "script_download_failed", "%s: %s", script->name, why.message);
	}
	if (!sha256_file(agent->step, file, &sha256, NULL, e))
		return false;
	if (str_eq(sha256, script->sha256))
		return true;
	if (!fs_remove(file, e))
		return false;
	return error_fault(e, ERR_CRYPTO, "script_hash_mismatch",
		"%s: SHA-256 is %s, published is %s", script->name, sha256, script->sha256);
}

// A script that a power cut interrupted learns it, so that it can tell.
static bool
mark_begun(const char *marker, const char **again, struct error *e)
{
	*again = fs_exists(marker) ? "FERRY_AGAIN=1" : "FERRY_AGAIN=0";
	return fs_write(marker, slice_str("begun\n"), 0600, e);
}

static bool
run(struct agent *agent, const struct app *script, const char *file, int64_t seconds,
	struct script_end *end, struct error *e)
{
	struct arena *arena = agent->step;
	const char *again;
	const char *marker = arena_printf(arena, "%s.begun", file);

	if (!mark_begun(marker, &again, e))
		return false;
	const char *const environment[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
		"LANG=C.UTF-8", again, arena_printf(arena, "FERRY_SERIAL=%s", agent->serial),
		arena_printf(arena, "FERRY_SCRIPT=%s", script->name), NULL};
	struct script_run job = {.file = file,
		.cgroup = script_cgroup(arena, "ferry-script"),
		.environment = environment,
		.timeout_s = (int)seconds};
	if (!script_run(arena, &job, end, e))
		return false;
	if (end->cleaned)
		log_info("%s left something running, which was ended", script->name);
	return true;
}

// What the service is told; *e is what the page shows.
static bool
judge(struct agent *agent, struct app *script, const struct script_end *end, int64_t seconds,
	bool ran, struct error *e)
{
	struct script_result result = {.output = ""};

	if (!ran) {
		result.fault = str_starts(e->fault, "script_") ? e->fault : "script_failed";
		result.output = script_output_text(agent->step, slice_str(e->message));
	} else if (!end->ended) {
		result.fault = "script_timeout";
		result.output = script_output_text(agent->step, end->output);
		error_fault(e, ERR_TIMEOUT, "script_timeout", "%s: more than %lld s", script->name,
			(long long)seconds);
	} else {
		result.ended = true;
		result.exit_code = end->status;
		result.output = script_output_text(agent->step, end->output);
		if (end->status != 0) {
			size_t len = strlen(result.output), from = len > 160 ? len - 160 : 0;
			result.fault = "script_failed";
			error_fault(e, ERR_IO, "script_failed", "%s ended with status %d: %s",
				script->name, end->status,
				script_output_text(agent->step, slice_str(result.output + from)));
		}
	}
	script->status = result.fault ? 60 : 70;
	script->reported = false;
	script->result = arena_strdup(agent->arena, script_result_write(agent->step, &result));
	return !result.fault;
}

bool
step_run_script(struct agent *agent, struct app *script, int64_t left_s, struct error *e)
{
	struct arena *arena = agent->step;
	const char *folder = agent_path(agent, arena, "scripts");
	const char *file = arena_printf(arena, "%s/%.16s", folder, script->sha256);
	int64_t seconds = script->seconds < left_s ? script->seconds : left_s;
	struct script_end end = {0};

	bool ran = fs_mkdirs(folder, 0700, e) && journal_step(&agent->journal, "script_fetch", e) &&
		fetch(agent, script, file, e) && journal_step(&agent->journal, "script_run", e) &&
		run(agent, script, file, seconds < CLEAN_S ? CLEAN_S : seconds, &end, e);
	failpoint("agent.script_ended");
	if (!judge(agent, script, &end, seconds, ran, e))
		return false;
	return journal_add_done(
		       &agent->journal, arena_strdup(agent->arena, script_key(arena, script)), e) &&
		fs_remove(arena_printf(arena, "%s.begun", file), e) && fs_remove(file, e);
}
