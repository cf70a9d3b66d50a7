// SPDX-License-Identifier: Apache-2.0
#include "agent/offline_file.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/str.h"
#include "domain/fault.h"

void
step_write_way(const struct agent *agent, struct jsonw *w)
{
	const struct journal *j = &agent->journal;

	if (j->mode)
		jsonw_str(w, "mode", j->mode);
	if (j->user_token)
		jsonw_str(w, "userToken", j->user_token);
	jsonw_bool(w, "tpmMissing", !agent->tpm);
	offline_file_write(agent, w);
}

bool
step_begin_deployment(struct agent *agent, struct error *e)
{
	struct buf body;
	const struct json *answer;
	const char *id;

	buf_init(&body, agent->step, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "hardwareHash", agent->hardware_hash);
	step_write_way(agent, &w);
	jsonw_str(&w, "time", clock_rfc3339(agent->step, clock_now()));
	jsonw_end_object(&w);
	if (!journal_step(&agent->journal, "begin", e) ||
		!service_post(agent, false, "/device/v1/deployments", &body, &answer, e) ||
		!json_need_str(answer, "deployment", 36, &id, e))
		return false;
	agent->journal.deployment_id = arena_strdup(agent->arena, id);
	return journal_step(&agent->journal, "begun", e);
}

bool
step_enter_phase(struct agent *agent, const char *phase, struct error *e)
{
	struct buf body;
	const struct json *answer;

	buf_init(&body, agent->step, 1024);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "phase", phase);
	if (str_eq(phase, "user") && agent->journal.user_token)
		jsonw_str(&w, "userToken", agent->journal.user_token);
	jsonw_end_object(&w);
	return service_open_managed(agent, e) &&
		service_post(agent, true, "/device/v1/phase", &body, &answer, e);
}

bool
step_retry(struct agent *agent, struct error *e)
{
	const struct json *answer;

	return service_open_managed(agent, e) &&
		service_post(agent, true, "/device/v1/retry", NULL, &answer, e);
}

bool
step_finish(struct agent *agent, struct error *e)
{
	const struct json *answer;

	return journal_step(&agent->journal, "finish", e) &&
		service_post(agent, true, "/device/v1/finish", NULL, &answer, e) &&
		journal_step(&agent->journal, "finished", e);
}

// GET /device/v1/wait: no polling where an event exists.
bool
step_wait(struct agent *agent, struct error *e)
{
	const struct json *view;
	char *path = arena_printf(agent->step, "/device/v1/wait?seq=%lld", (long long)agent->seq);

	if (!service_get(agent, path, 60000, &view, e))
		return false;
	agent->seq = json_int(view, "seq", agent->seq);
	if (!str_eq(json_str(view, "result"), "failed"))
		return true;
	const struct fault *fault = fault_find(json_str(view, "fault"));
	const char *reason = json_str(view, "reason");
	enum esp_row row = esp_row_by_key(json_str(view, "row"));
	error_fault(e, ERR_UNAVAILABLE, fault ? fault->name : "service_error", "%s",
		reason ? reason : "");
	if (row != ESP_ROWS) {
		esp_view_because(&agent->esp, row, ESP_ERROR, e);
		screen_esp(agent);
	}
	return false;
}
