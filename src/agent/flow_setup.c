// SPDX-License-Identifier: Apache-2.0
#include "agent/face.h"
#include "agent/flow.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"

static void
row(struct agent *agent, enum esp_row which, enum esp_state state, const char *detail)
{
	esp_view_set(&agent->esp, which, state, detail);
	screen_esp(agent);
}

// A step that failed marks its row and goes to the timeline.
static bool
failed(struct agent *agent, enum esp_row which, const struct error *e)
{
	row(agent, which, ESP_ERROR, e->message);
	service_report(agent, esp_phase_key(esp_row_info(which)->phase), esp_row_info(which)->key,
		"error", e);
	return false;
}

// Every row leaves a trace in the timeline: those with items by their items, the others here.
static void
tell_rows(struct agent *agent, enum esp_row first, enum esp_row last)
{
	for (enum esp_row which = first; which <= last; which++)
		if (esp_view_tell(&agent->esp, which))
			service_report(agent, esp_phase_key(esp_row_info(which)->phase),
				esp_row_info(which)->key, "complete", NULL);
}

static bool
apps_pending(const struct agent *agent)
{
	for (size_t i = 0; i < agent->app_count; i++)
		if (agent->apps[i].status == 10)
			return true;
	return false;
}

static bool
apps_to_report(const struct agent *agent)
{
	for (size_t i = 0; i < agent->app_count; i++)
		if (agent->apps[i].status != 10 && !agent->apps[i].reported)
			return true;
	return false;
}

static bool
in_time(const struct agent *agent, struct error *e)
{
	if (screen_elapsed(agent) <= agent->profile.timeout_minutes * 60)
		return true;
	return error_fault(e, ERR_TIMEOUT, "esp_timeout", "more than %lld minutes",
		(long long)agent->profile.timeout_minutes);
}

// Sessions until the service has finished with this scope; between two of them the device waits for
// news.
static bool
set_up(struct agent *agent, bool user, struct error *e)
{
	for (;;) {
		arena_reset(agent->step);
		if (!in_time(agent, e) || !step_manage(agent, user, e))
			return false;
		esp_view_set(&agent->esp, ESP_PREPARING, ESP_COMPLETE, "");
		esp_view_settle(&agent->esp, &agent->journal, false);
		if (user)
			esp_view_settle(&agent->esp, &agent->journal, true);
		screen_esp(agent);
		tell_rows(agent, ESP_PREPARING, ESP_APPS);
		if (user)
			tell_rows(agent, ESP_ACCOUNT_POLICIES, ESP_ACCOUNT_APPS);
		if (apps_pending(agent) && !step_install_apps(agent, e))
			return false;
		if (apps_to_report(agent))
			continue;
		if (user ? agent->user_done : agent->device_done)
			return true;
		if (!step_wait(agent, e))
			return false;
	}
}

bool
flow_forget_enrollment(struct agent *agent, struct error *e)
{
	static const char *const files[] = {
		"device.pem", "device.key", "directory.pem", "directory.key"};

	http_client_close(agent->managed_client);
	agent->managed_client = NULL;
	agent->bootstrapped = false;
	agent->journal.enrollment_id = NULL;
	agent->journal.directory_id = NULL;
	if (!journal_save(&agent->journal, e))
		return false;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (!fs_remove(agent_path(agent, agent->step, files[i]), e))
			return false;
	return true;
}

// X21: with the person's token, or that of the device where nobody signs in. A device that is to
// join a domain does so later.
static bool
join_directory(struct agent *agent, const char *device_token, struct error *e)
{
	const char *person = agent->journal.user_token;

	if (str_eq(agent->profile.join_type, "hybrid"))
		return true;
	row(agent, ESP_JOINING, ESP_WORKING, "");
	if (!step_rename(agent, e) ||
		!step_join_directory(agent, person ? person : device_token, e))
		return false;
	row(agent, ESP_JOINING, ESP_COMPLETE, "");
	return true;
}

static bool
secure_and_enroll(struct agent *agent, struct error *e)
{
	const char *device_token;

	row(agent, ESP_SECURING, ESP_WORKING, "");
	if (!step_begin_deployment(agent, e) || !step_attest(agent, &device_token, e))
		return failed(agent, ESP_SECURING, e);
	row(agent, ESP_SECURING, ESP_COMPLETE, "");
	if (!join_directory(agent, device_token, e))
		return failed(agent, ESP_JOINING, e);
	row(agent, ESP_REGISTERING, ESP_WORKING, "");
	if (!step_enroll(agent, device_token, e))
		return failed(agent, ESP_REGISTERING, e);
	return true;
}

static void
begin(struct agent *agent)
{
	agent->flow_started_ms = clock_monotonic_ms();
	agent->seq = 0;
	agent->device_done = agent->user_done = false;
	agent->app_count = 0;
	esp_view_begin(&agent->esp);
}

// A wrong clock shows in the first answer, before there is a deployment to report it to: begin one,
// and the service compares the times and notes the cause.
static bool
clock_told(struct agent *agent, const struct error *why)
{
	struct error same;

	if (str_eq(why->fault, "clock_skew") && step_begin_deployment(agent, &same))
		log_warn("the service sees no difference of the clocks");
	return false;
}

// Device preparation: proof, join or the wait for it, enrolment.
static bool
prepare(struct agent *agent, struct error *e)
{
	bool hybrid;

	// The profile may have changed since it was shown; without one there is nothing to
	// provision (behaviour T12).
	if (!step_profile(agent, e))
		return clock_told(agent, e);
	hybrid = str_eq(agent->profile.join_type, "hybrid");
	if (!agent->journal.enrollment_id && !secure_and_enroll(agent, e))
		return false;
	row(agent, ESP_SECURING, ESP_COMPLETE, "");
	row(agent, ESP_REGISTERING, ESP_COMPLETE, "");
	row(agent, ESP_PREPARING, ESP_WORKING, "");
	if (hybrid && !agent->journal.joined)
		row(agent, ESP_JOINING, ESP_WORKING, "Waiting for the computer account");
	else
		row(agent, ESP_JOINING, ESP_COMPLETE, "");
	return true;
}

bool
flow_technician(struct agent *agent, struct error *e)
{
	begin(agent);
	arena_reset(agent->step);
	if (!prepare(agent, e) || !step_enter_phase(agent, "technician", e) ||
		!set_up(agent, false, e))
		return false;
	agent->journal.technician_seconds = screen_elapsed(agent);
	agent->journal.flow = FLOW_READY;
	return journal_step(&agent->journal, "technician_done", e);
}

// The domain controller decides who signs in; a wrong password is not a failure of the deployment.
static bool
sign_in(struct agent *agent, struct error *e)
{
	struct face_action action;
	const char *problem = "";

	while (!agent->journal.domain_user) {
		arena_reset(agent->step);
		screen_sign_in(agent, problem);
		flow_wait(agent, &action);
		if (!str_eq(action.name, "signin"))
			continue;
		bool ok = step_sign_in(agent, action.user, action.password, e);
		face_action_wipe(&action);
		if (ok)
			break;
		if (!str_starts(e->fault, "signin_"))
			return false;
		problem = fault_of(e, "agent_error")->name;
	}
	agent->signed_in = agent->journal.user;
	return true;
}

static bool
account_setup(struct agent *agent, struct error *e)
{
	row(agent, ESP_ACCOUNT_JOINING, ESP_WORKING, "");
	if (!step_register(agent, e))
		return failed(agent, ESP_ACCOUNT_JOINING, e);
	row(agent, ESP_ACCOUNT_JOINING, ESP_COMPLETE, "");
	if (!set_up(agent, true, e))
		return false;
	row(agent, ESP_ACCOUNT_JOINING, ESP_WORKING,
		"Comparing Active Directory, directory and management");
	arena_reset(agent->step);
	if (!step_finish(agent, e))
		return failed(agent, ESP_ACCOUNT_JOINING, e);
	row(agent, ESP_ACCOUNT_JOINING, ESP_COMPLETE, "");
	return true;
}

bool
flow_user(struct agent *agent, struct error *e)
{
	begin(agent);
	arena_reset(agent->step);
	screen_esp(agent);
	if (!step_known_profile(agent, e) || !step_enter_phase(agent, "user", e))
		return failed(agent, ESP_POLICIES, e);
	if (agent->journal.joined && !step_prove_membership(agent, e))
		return failed(agent, ESP_POLICIES, e);
	if (!set_up(agent, false, e) || !sign_in(agent, e) || !account_setup(agent, e))
		return false;
	agent->journal.account_ready = true;
	return journal_step(&agent->journal, "account_ready", e);
}

// --- for the other flows ---

void
flow_begin(struct agent *agent)
{
	begin(agent);
	arena_reset(agent->step);
}

void
flow_row(struct agent *agent, enum esp_row which, enum esp_state state, const char *detail)
{
	row(agent, which, state, detail);
}

bool
flow_failed(struct agent *agent, enum esp_row which, const struct error *e)
{
	return failed(agent, which, e);
}

bool
flow_prepare(struct agent *agent, struct error *e)
{
	return prepare(agent, e);
}

bool
flow_set_up(struct agent *agent, bool user, struct error *e)
{
	return set_up(agent, user, e);
}

bool
flow_domain_sign_in(struct agent *agent, struct error *e)
{
	return sign_in(agent, e);
}

bool
flow_account_setup(struct agent *agent, struct error *e)
{
	return account_setup(agent, e);
}
