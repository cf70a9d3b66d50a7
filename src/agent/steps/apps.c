// SPDX-License-Identifier: Apache-2.0
// Download with resume, check the SHA-256, install: one package after the other.
#include "agent/command.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "pki/hash.h"

enum { INSTALL_TIMEOUT_S = 600, FINISH_TIMEOUT_S = 60 };

struct progress {
	struct agent *agent;
	const struct app *app;
};

// As its administrator calls it; a service that tells no names leaves the file's.
static const char *
name_of(const struct agent *agent, struct arena *arena, const struct app *app)
{
	return agent->esp.name_count ? esp_view_name(arena, &agent->esp, app->loc_uri) : app->name;
}

static bool
on_progress(void *context, uint64_t have, uint64_t total)
{
	autoarena(arena, ARENA_SMALL);
	struct progress *p = context;
	char detail[160];

	snprintf(detail, sizeof detail, "Downloading %s (%llu/%llu KiB)",
		name_of(p->agent, &arena, p->app), (unsigned long long)have >> 10,
		(unsigned long long)total >> 10);
	failpoint("agent.downloading");
	esp_view_set(&p->agent->esp, ESP_APPS, ESP_WORKING, detail);
	screen_esp(p->agent);
	return true;
}

static bool
fetch(struct agent *agent, const struct app *app, const char *file, struct error *e)
{
	struct progress progress = {.agent = agent, .app = app};
	const char *sha256;
	struct http_client_download download = {
		.path = app->path,
		.file = file,
		.progress = on_progress,
		.context = &progress,
	};

	if (!service_download(agent, &download, e)) {
		struct error why = *e;
		return error_fault(
			e, why.code, "app_download_failed", "%s: %s", app->name, why.message);
	}
	if (!sha256_file(agent->step, file, &sha256, NULL, e))
		return false;
	if (str_eq(sha256, app->sha256))
		return true;
	if (unlink(file) < 0)
		return error_errno(e, "%s", file);
	return error_fault(e, ERR_CRYPTO, "app_hash_mismatch", "%s: SHA-256 is %s, published is %s",
		app->name, sha256, app->sha256);
}

// What is half installed would be configured before whatever comes next, and fail or hang again: it
// goes until it is tried again.
static void
withdraw(struct agent *agent, const char *file)
{
	const char *const ask[] = {"dpkg-deb", "--field", file, "Package", NULL};
	const char *name, *output;
	struct error ignored;

	if (!command_run(agent->step, ask, FINISH_TIMEOUT_S, &name, &ignored))
		return;
	const char *const purge[] = {"dpkg", "--purge", "--force-all",
		arena_strndup(agent->step, name, strcspn(name, "\n")), NULL};
	if (!command_run(agent->step, purge, FINISH_TIMEOUT_S, &output, &ignored))
		log_warn("unfinished package: %s", ignored.message);
}

// What was there before stays when everything of ours goes (act.h): noted before it is installed.
static bool
note_package(struct agent *agent, const char *file, struct error *e)
{
	const char *const field[] = {"dpkg-deb", "--field", file, "Package", NULL};
	const char *output;
	struct error why;

	if (!command_run(agent->step, field, INSTALL_TIMEOUT_S, &output, &why))
		return true; // no package: the installation will say so
	char *name = arena_strndup(agent->step, output, strcspn(output, "\n "));
	const char *const query[] = {
		"dpkg-query", "--show", "--showformat=${db:Status-Abbrev}", name, NULL};
	if (command_run(agent->step, query, INSTALL_TIMEOUT_S, &output, &why) &&
		str_starts(output, "ii"))
		return true;
	return journal_add_package(&agent->journal, name, e);
}

static bool
install(struct agent *agent, struct app *app, int64_t left_s, struct error *e)
{
	const char *file = agent_path(
		agent, agent->step, arena_printf(agent->step, "packages/%.16s.deb", app->sha256));
	const char *const dpkg[] = {"dpkg", "--install", "--force-confold", file, NULL};
	// A power cut in the middle of an earlier package leaves work that dpkg wants done first.
	const char *const finish[] = {"dpkg", "--configure", "-a", "--force-confold", NULL};
	// The page's clock does not stop while an installer hangs.
	int limit_s = left_s < INSTALL_TIMEOUT_S ? (int)left_s : INSTALL_TIMEOUT_S;
	const char *output;
	struct error ignored;

	if (!fs_mkdirs(agent_path(agent, agent->step, "packages"), 0700, e) ||
		!journal_step(&agent->journal, "app_download", e) || !fetch(agent, app, file, e) ||
		!note_package(agent, file, e) || !journal_step(&agent->journal, "app_install", e))
		return false;
	esp_view_set(&agent->esp, ESP_APPS, ESP_WORKING,
		arena_printf(agent->step, "Installing %s", name_of(agent, agent->step, app)));
	screen_esp(agent);
	if (!command_run(agent->step, finish, limit_s, &output, &ignored))
		log_warn("unfinished packages: %s", ignored.message);
	if (!command_run(agent->step, dpkg, limit_s, &output, e)) {
		struct error why = *e;
		bool late = why.code == ERR_TIMEOUT && limit_s < INSTALL_TIMEOUT_S;
		withdraw(agent, file);
		return error_fault(e, why.code, late ? "esp_timeout" : "app_install_failed",
			"%s: %s", app->name, why.message);
	}
	app->status = 70;
	failpoint("agent.app_installed");
	return journal_add_done(&agent->journal, app->loc_uri, e) && fs_remove(file, e);
}

static void
track(struct agent *agent, const struct app *app, enum esp_install state)
{
	struct esp_tracked *tracked = esp_page_app_of(&agent->esp_page, app->loc_uri);

	if (!tracked)
		return;
	tracked->state = state;
	agent_save_page(agent);
}

bool
step_install_app(
	struct agent *agent, struct app *app, bool awaited, int64_t left_s, struct error *e)
{
	if (app->seconds) {
		if (step_run_script(agent, app, left_s, e) || awaited)
			return app->status == 70;
		log_warn("%s", e->message);
		return true;
	}
	track(agent, app, ESP_IN_PROGRESS);
	esp_view_current(&agent->esp, app->loc_uri);
	if (install(agent, app, left_s, e)) {
		track(agent, app, ESP_INSTALLED);
		return true;
	}
	track(agent, app, ESP_FAILED);
	if (awaited) {
		esp_view_because(&agent->esp, ESP_APPS, ESP_ERROR, e);
		screen_esp(agent);
		service_report(agent, esp_phase_key(ESP_DEVICE_SETUP), "apps", "error", e);
		return false;
	}
	// Nobody waits for it: the service is told and may send it again (behaviour X13).
	log_warn("%s", e->message);
	app->status = 60;
	esp_view_set(&agent->esp, ESP_APPS, ESP_WORKING, "");
	return true;
}
