// SPDX-License-Identifier: Apache-2.0
#include "agent/esp_run.h"

#include "agent/command.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"

enum { MS_PER_MINUTE = 60000, JOIN_MINUTES = 35 };

// Debian's packages leave this when they want the machine started again.
#define REBOOT_REQUIRED "/run/reboot-required"

void
esp_row_set(struct agent *agent, enum esp_row row, enum esp_state state, const char *detail)
{
	esp_view_set(&agent->esp, row, state, detail);
	screen_esp(agent);
}

static bool
is_hybrid(const struct agent *agent)
{
	return str_eq(agent->profile.join_type, "hybrid");
}

static enum esp_phase
phase_now(const struct agent *agent)
{
	bool prepared = agent->journal.flow == FLOW_USER;

	return esp_view_phase(&agent->esp, prepared ? ESP_DEVICE_SETUP : ESP_DEVICE_PREPARATION);
}

// Before the first session the profile says how long it may take, the domain join included.
static int64_t
limit_minutes(const struct agent *agent)
{
	return agent->esp_page.told ? esp_page_minutes(&agent->esp_page, is_hybrid(agent))
				    : agent->profile.timeout_minutes;
}

static int64_t
left_s(const struct agent *agent)
{
	int64_t used = esp_clock_used_s(&agent->esp_page, phase_now(agent), clock_monotonic_ms());
	int64_t left = limit_minutes(agent) * 60 - used;

	return left > 0 ? left : 0;
}

static bool
in_time(struct agent *agent, struct error *e)
{
	enum esp_phase phase = phase_now(agent);

	esp_clock_run(&agent->esp_page, phase, clock_monotonic_ms());
	agent_save_page(agent);
	if (left_s(agent) > 0)
		return true;
	return error_fault(e, ERR_TIMEOUT, "esp_timeout", "%s took more than %lld minutes",
		esp_phase_title(phase), (long long)limit_minutes(agent));
}

// The row that did not move says so itself.
static bool
failed_in(struct agent *agent, enum esp_row row, struct error *e)
{
	esp_view_because(&agent->esp, row, ESP_ERROR, e);
	screen_esp(agent);
	service_report(
		agent, esp_phase_key(esp_row_info(row)->phase), esp_row_info(row)->key, "error", e);
	return false;
}

static bool
watch(struct agent *agent, struct error *e)
{
	enum esp_phase phase = phase_now(agent);
	int64_t minutes = agent->esp_page.patience_minutes;

	if (agent->esp.state[ESP_JOINING] == ESP_WORKING && minutes < JOIN_MINUTES)
		minutes = JOIN_MINUTES; // the service gives a connector 30 minutes (J15)
	enum esp_row row =
		esp_view_stuck(&agent->esp, phase, clock_monotonic_ms(), minutes * MS_PER_MINUTE);
	if (row == ESP_ROWS)
		return true;
	error_fault(e, ERR_TIMEOUT, "esp_stuck", "%s: nothing has changed for %lld minutes. %s",
		esp_row_info(row)->title, (long long)minutes,
		esp_view_reason(agent->step, &agent->esp, &agent->journal, row).text);
	return failed_in(agent, row, e);
}

// What the service says of itself and of the apps (X57, X58, X61).
static bool
check_told(struct agent *agent, struct error *e)
{
	struct esp_page *page = &agent->esp_page;

	if (page->forced) {
		error_fault(e, ERR_DENIED, "esp_forced_failure", "the service declared it failed");
		return failed_in(agent, ESP_PREPARING, e);
	}
	if (page->provider == ESP_FAILED) {
		error_fault(e, ERR_UNAVAILABLE, "esp_provider_failed",
			"the provider of policies reports an error");
		return failed_in(agent, ESP_PREPARING, e);
	}
	for (size_t i = 0; i < page->app_count; i++) {
		const struct esp_tracked *app = &page->apps[i];
		if (app->state != ESP_FAILED || !esp_view_expects(&agent->esp, app->uri))
			continue;
		error_fault(e, ERR_UNAVAILABLE, "app_install_failed", "%s is reported as failed",
			app->name);
		return failed_in(agent, ESP_APPS, e);
	}
	return true;
}

static bool
provider_ready(const struct esp_page *page)
{
	return !page->told || page->provider == ESP_INSTALLED || page->provider == ESP_IN_PROGRESS;
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

static void
settle(struct agent *agent, bool user)
{
	agent->esp.nothing = agent->esp_page.nothing;
	if (!provider_ready(&agent->esp_page)) {
		esp_row_set(
			agent, ESP_PREPARING, ESP_WORKING, "Waiting for the provider of policies");
		return;
	}
	esp_view_set(&agent->esp, ESP_PREPARING, ESP_COMPLETE, "");
	esp_view_settle(&agent->esp, &agent->journal, false);
	if (user)
		esp_view_settle(&agent->esp, &agent->journal, true);
	screen_esp(agent);
	tell_rows(agent, ESP_PREPARING, ESP_APPS);
	if (user)
		tell_rows(agent, ESP_ACCOUNT_POLICIES, ESP_ACCOUNT_APPS);
}

// What is installed while people wait: everything in the technician's flow (X13), else only what
// the page waits for (X14).
static bool
is_for_now(const struct agent *agent, const struct app *app)
{
	return agent->journal.flow == FLOW_TECHNICIAN ||
		esp_view_expects(&agent->esp, app->loc_uri);
}

static bool
apps_pending(const struct agent *agent)
{
	for (size_t i = 0; i < agent->app_count; i++)
		if (agent->apps[i].status == 10 && is_for_now(agent, &agent->apps[i]))
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

// Start the machine again and go on where the journal says (X35).
static bool
restart(struct agent *agent, const char *app, struct error *e)
{
	const char *const argv[] = {"sh", "-c", agent->config.reboot, NULL};
	const char *output;

	if (++agent->esp_page.reboots > ESP_MAX_REBOOTS)
		return error_fault(e, ERR_LIMIT, "esp_reboot_loop",
			"%s asked for one more restart than %d", app, ESP_MAX_REBOOTS);
	agent->esp_page.reboot_for = app;
	esp_clock_stop(&agent->esp_page, clock_monotonic_ms());
	agent_save_page(agent);
	service_report(agent, esp_phase_key(ESP_DEVICE_SETUP), esp_row_info(ESP_APPS)->key,
		"restart", NULL);
	if (!journal_step(&agent->journal, "restart", e))
		return false;
	screen_restarting(agent);
	if (!command_run(agent->step, argv, 60, &output, e)) {
		struct error why = *e;
		return error_fault(e, why.code, "esp_reboot_failed", "%s", why.message);
	}
	agent->powering_off = true;
	return error_set(e, ERR_NONE, "the device starts again");
}

// `more`: further apps are to be installed; a soft restart comes after the last of them (X58). In
// Account setup nobody is sent away from the keyboard: it has time until the user signs out (X35).
static bool
restart_if_due(struct agent *agent, bool more, bool user, struct error *e)
{
	struct esp_page *page = &agent->esp_page;
	bool wanted = fs_exists(REBOOT_REQUIRED);
	const char *name = "an app";
	bool hard = false;

	for (size_t i = 0; i < page->app_count; i++) {
		struct esp_tracked *app = &page->apps[i];
		if (app->state != ESP_INSTALLED || app->reboot == ESP_REBOOT_NONE)
			continue;
		wanted = true;
		hard |= app->reboot == ESP_REBOOT_HARD;
		name = app->name;
	}
	if (!wanted || user || (more && !hard))
		return true;
	for (size_t i = 0; i < page->app_count; i++)
		if (page->apps[i].state == ESP_INSTALLED)
			page->apps[i].reboot = ESP_REBOOT_NONE;
	return restart(agent, name, e);
}

static bool
install(struct agent *agent, bool user, struct error *e)
{
	for (size_t i = 0; i < agent->app_count; i++) {
		struct app *app = &agent->apps[i];
		if (app->status != 10 || !is_for_now(agent, app))
			continue;
		if (!in_time(agent, e) ||
			!step_install_app(agent, app, esp_view_expects(&agent->esp, app->loc_uri),
				left_s(agent), e) ||
			!restart_if_due(agent, apps_pending(agent), user, e))
			return false;
	}
	esp_view_settle(&agent->esp, &agent->journal, false);
	return true;
}

bool
esp_hold(struct agent *agent, bool user, struct error *e)
{
	for (;;) {
		arena_reset(agent->step);
		if (!in_time(agent, e) || !release_pin(agent, e) || !step_manage(agent, user, e) ||
			!check_told(agent, e))
			return false;
		settle(agent, user);
		agent_save_page(agent);
		if (!restart_if_due(agent, apps_pending(agent), user, e) ||
			(apps_pending(agent) && !install(agent, user, e)))
			return false;
		if (apps_to_report(agent))
			continue;
		if ((user ? agent->user_done : agent->device_done) &&
			provider_ready(&agent->esp_page)) {
			esp_clock_stop(&agent->esp_page, clock_monotonic_ms());
			agent_save_page(agent);
			return true;
		}
		if (!watch(agent, e) || !step_wait(agent, e))
			return false;
	}
}

void
esp_retry(struct agent *agent)
{
	struct esp_page *page = &agent->esp_page;

	for (enum esp_phase phase = 0; phase < ESP_PHASES; phase++)
		esp_clock_reset(page, phase, clock_monotonic_ms());
	for (size_t i = 0; i < page->app_count; i++)
		if (page->apps[i].state == ESP_FAILED)
			page->apps[i].state = ESP_NOT_INSTALLED;
	page->provider = ESP_NOT_INSTALLED;
	agent_save_page(agent);
}

void
esp_begin(struct agent *agent)
{
	agent->flow_started_ms = clock_monotonic_ms();
	agent->seq = 0;
	agent->device_done = agent->user_done = false;
	agent->app_count = 0;
	agent->esp_page.forced = false;
	esp_view_begin(&agent->esp);
	// After a power cut or a restart the clocks go on; Device setup of the user's flow is
	// another than that of the technician's.
	if (agent->esp_page.flow == (int64_t)agent->journal.flow + 1)
		return;
	esp_retry(agent);
	agent->esp_page.flow = (int64_t)agent->journal.flow + 1;
}

bool
esp_offers(const struct agent *agent, const char *action)
{
	const struct esp_page *page = &agent->esp_page;
	bool user = agent->journal.flow != FLOW_TECHNICIAN && page->told;
	const struct {
		const char *name;
		bool offered;
	} actions[] = {
		{"retry", !user || page->block & ESP_ALLOW_RETRY || !page->block},
		{"reset", !user || page->block & ESP_ALLOW_RESET},
		{"continue", user && page->block & ESP_ALLOW_CONTINUE},
		{"diagnostics", !user || page->logs},
	};

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (str_eq(action, actions[i].name))
			return actions[i].offered;
	return false;
}

void
esp_write(const struct agent *agent, struct jsonw *w)
{
	static const char *const actions[] = {"retry", "reset", "continue", "diagnostics"};
	enum esp_phase phase = phase_now(agent);

	jsonw_str(w, "phaseKey", esp_phase_key(phase));
	jsonw_int(w, "remainingSeconds", left_s(agent));
	jsonw_object(w, "clock");
	jsonw_int(
		w, "usedSeconds", esp_clock_used_s(&agent->esp_page, phase, clock_monotonic_ms()));
	jsonw_int(w, "limitMinutes", limit_minutes(agent));
	jsonw_int(w, "hybridExtraMinutes",
		is_hybrid(agent) ? agent->esp_page.hybrid_extra_minutes : 0);
	jsonw_end_object(w);
	jsonw_array(w, "offers");
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (esp_offers(agent, actions[i]))
			jsonw_str(w, NULL, actions[i]);
	jsonw_end_array(w);
}
