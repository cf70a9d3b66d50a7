// SPDX-License-Identifier: Apache-2.0
// Device preparation, Autopilot's second version: join and enrolment, then what the policy says in
// its order, on one page with a ring (behaviour Z4, Z10, Z11). Every step can be done again.
#include "agent/esp_run.h"
#include "agent/flow.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"

static const char *
keep(struct agent *agent, const char *text)
{
	return text ? arena_strdup(agent->arena, text) : NULL;
}

static void
keep_items(struct agent *agent, const struct json *list)
{
	struct preparation_view *view = &agent->preparation;

	view->total = view->before = 0;
	for (const struct json *i = list ? list->first : NULL; i; i = i->next) {
		if (json_str(i, "skipped"))
			continue;
		view->total++;
		view->before += str_eq(json_str(i, "state"), "done");
	}
}

// What the policy says, and what is in place already: the service knows it better than we do.
static bool
load(struct agent *agent, struct error *e)
{
	struct preparation_view *view = &agent->preparation;
	const struct json *answer;

	if (!service_get(agent, "/device/v1/preparation", 30000, &answer, e))
		return false;
	view->allow_skip = json_bool(answer, "allowSkip", false);
	view->diagnostics = json_bool(answer, "diagnostics", false);
	view->message = keep(agent, json_str(answer, "message"));
	view->timeout_minutes = json_int(answer, "timeoutMinutes", 60);
	view->finished = json_bool(answer, "finished", false);
	view->administrator = json_bool(answer, "administrator", false);
	keep_items(agent, json_get(answer, "items"));
	return true;
}

// The clock of one try: it goes on after a power cut, as those of the status page do, and begins
// anew with Retry and with Continue anyway (Z4).
static int64_t
left_seconds(const struct agent *agent)
{
	return agent->preparation.timeout_minutes * 60 -
		esp_clock_used_s(&agent->esp_page, ESP_DEVICE_SETUP, clock_monotonic_ms());
}

static bool
in_time(const struct agent *agent, struct error *e)
{
	agent_save_page(agent);
	return left_seconds(agent) >= 0 ||
		error_fault(e, ERR_TIMEOUT, "preparation_timed_out", "more than %lld minutes",
			(long long)agent->preparation.timeout_minutes);
}

static const char *
step_of(const struct app *app)
{
	return app->seconds ? "scripts" : "apps";
}

// One app or script after the other, in the order in which the service sent them; the first one
// that fails ends it.
static bool
work_off(struct agent *agent, struct error *e)
{
	struct preparation_view *view = &agent->preparation;

	for (size_t i = 0; i < agent->app_count; i++) {
		struct app *app = &agent->apps[i];
		if (app->status != 10)
			continue;
		if (!in_time(agent, e))
			return false;
		arena_reset(agent->step);
		view->step = step_of(app);
		view->item = app->name;
		screen_preparation(agent);
		bool ok = step_install_app(agent, app, true, left_seconds(agent), e);
		view->item = NULL;
		if (!ok && left_seconds(agent) <= 0)
			return in_time(agent, e);
		if (!ok)
			return false;
		view->done++;
		screen_preparation(agent);
	}
	return true;
}

static bool
to_report(const struct agent *agent)
{
	for (size_t i = 0; i < agent->app_count; i++)
		if (agent->apps[i].status != 10 && !agent->apps[i].reported)
			return true;
	return false;
}

// What failed must be in the service's record before the page shows it.
static bool
report_failure(struct agent *agent, const struct error *why)
{
	struct error ignored;

	if (str_eq(why->fault, "preparation_timed_out"))
		service_report(agent, esp_phase_key(ESP_DEVICE_SETUP), "apps", "error", why);
	arena_reset(agent->step);
	if (to_report(agent) && !step_manage(agent, false, &ignored))
		log_warn("the failure is not reported: %s", ignored.message);
	return false;
}

// Sessions until the service has nothing more; between two of them the device waits for news.
static bool
set_up(struct agent *agent, struct error *e)
{
	struct preparation_view *view = &agent->preparation;

	for (;;) {
		arena_reset(agent->step);
		view->step = "account";
		if (!in_time(agent, e))
			return report_failure(agent, e);
		if (!step_manage(agent, false, e))
			return false;
		view->reached = RING_POLICIES;
		esp_view_settle(&agent->esp, &agent->journal, false);
		screen_preparation(agent);
		if (!work_off(agent, e))
			return report_failure(agent, e);
		if (to_report(agent))
			continue;
		if (agent->device_done)
			return true;
		if (!step_wait(agent, e))
			return false;
	}
}

static bool
finish(struct agent *agent, struct error *e)
{
	struct preparation_view *view = &agent->preparation;

	view->reached = RING_ITEMS;
	view->step = "sync";
	screen_preparation(agent);
	arena_reset(agent->step);
	if (!view->finished && !step_finish(agent, e))
		return false;
	agent->profile.standard_user = !view->administrator;
	return flow_account_ready(agent, e);
}

// "Required setup complete": the person goes on to the desktop (Z10).
static void
release_page(struct agent *agent)
{
	struct face_action action;

	agent->preparation.reached = RING_DONE;
	agent->preparation.step = "done";
	screen_preparation(agent);
	// Nobody sits in front of a device that sets itself up.
	if (!agent->journal.user)
		return;
	do
		flow_wait(agent, &action);
	while (!str_eq(action.name, "finish") && !str_eq(action.name, "signout"));
}

static void
begin(struct agent *agent)
{
	struct preparation_view *view = &agent->preparation;

	flow_begin(agent);
	esp_clock_run(&agent->esp_page, ESP_DEVICE_SETUP, clock_monotonic_ms());
	*view = (struct preparation_view){.active = true,
		.step = "join",
		.ring = {.percent = (int)agent->journal.percent},
		.timeout_minutes = 720};
	screen_preparation(agent);
}

bool
flow_preparation(struct agent *agent, struct error *e)
{
	struct journal *journal = &agent->journal;

	begin(agent);
	if (!journal->account_ready) {
		if (!flow_prepare(agent, e) || !step_enter_phase(agent, "preparation", e))
			return false;
		agent->preparation.reached = RING_ENROLLED;
		failpoint("agent.prepared");
		// A device that lost power before it noted the end has nothing more to set up: what
		// the service sends now is what comes afterwards.
		if (!load(agent, e) || (!agent->preparation.finished && !set_up(agent, e)) ||
			!finish(agent, e))
			return false;
	}
	// People may sign in from now on; what is assigned besides follows (Z10), and holds nobody
	// up.
	if (!step_release(agent, false, e))
		return false;
	release_page(agent);
	agent->preparation.active = false;
	journal->flow = FLOW_DONE;
	return journal_step(journal, "done", e);
}

bool
flow_preparation_offers(const struct agent *agent, const char *action)
{
	const struct preparation_view *view = &agent->preparation;

	return str_eq(action, "retry") || (str_eq(action, "continue") && view->allow_skip) ||
		(str_eq(action, "diagnostics") &&
			(view->diagnostics || !agent->journal.enrollment_id));
}

bool
flow_preparation_continue(struct agent *agent, struct error *e)
{
	const struct json *answer;

	arena_reset(agent->step);
	agent->bootstrapped = false;
	if (!agent->preparation.allow_skip || !service_open_managed(agent, e) ||
		!service_post(agent, true, "/device/v1/preparation/continue", NULL, &answer, e))
		return false;
	esp_retry(agent);
	return true;
}
