// SPDX-License-Identifier: Apache-2.0
#include "agent/act.h"

#include "agent/command.h"
#include "agent/flow.h"
#include "agent/login.h"
#include "agent/removal.h"
#include "agent/screens.h"
#include "agent/steps/steps.h"
#include "agent/sudoers.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "domain/vpn_profile.h"

typedef bool act_step(struct agent *agent, struct error *e);

// Bits of what is removed; the steps below in their order.
enum {
	APPS = 1,
	SETTINGS = 2,
	NETWORKS = 4,
	ROOTS = 8,
	HOMES = 16,
	JOIN = 32,
	ENROLLMENT = 64,
	RELEASE = 128,
	EVERYTHING = 255
};

static const struct {
	const char *name, *how; // how: of the page
	unsigned removes;
	enum flow then;
	bool restarts;
} acts[] = {
	[ACT_WIPE] = {"wipe", "wiped", EVERYTHING, FLOW_OOBE, true},
	[ACT_FRESH_START] = {"freshStart", "freshStart", EVERYTHING, FLOW_OOBE, true},
	[ACT_RENEW] = {"renew", "freshStart", APPS | SETTINGS, FLOW_DONE, false},
	[ACT_RETIRE] = {"retire", "retired", EVERYTHING & ~(unsigned)HOMES, FLOW_RETIRED, false},
	[ACT_RESET] = {"reset", "reset", RELEASE | APPS | SETTINGS | HOMES, FLOW_RESET, false},
	[ACT_RESET_LOCAL] = {"resetLocal", "reset", RELEASE | APPS | SETTINGS | HOMES, FLOW_RESET,
		false},
};

// The enrolment goes last but for the journal: until then the device can still be told things.
static const struct {
	unsigned bit;
	const char *step; // failpoint agent.<step>
	act_step *run;
} steps[] = {
	{RELEASE, "act_release", release_forget},
	{RELEASE, "act_administrator", sudoers_revoke},
	{HOMES, "act_accounts", login_accounts_forget},
	{HOMES, "act_homes", removal_homes},
	{APPS, "act_apps", removal_apps},
	{SETTINGS, "act_settings", removal_settings},
	{NETWORKS, "act_networks", removal_networks},
	{ROOTS, "act_roots", removal_roots},
	{JOIN, "act_join", removal_join},
	{ENROLLMENT, "act_enrollment", flow_forget_enrollment},
};

static bool
find(const char *name, enum act *out)
{
	for (enum act a = 0; a < ACT_COUNT; a++)
		if (str_eq(acts[a].name, name)) {
			*out = a;
			return true;
		}
	return false;
}

bool
act_accept(struct agent *agent, enum act act, struct error *e)
{
	enum act before;

	if (find(agent->journal.act, &before) &&
		(acts[before].removes & acts[act].removes) == acts[act].removes)
		return true;
	agent->journal.act = acts[act].name;
	return journal_step(&agent->journal, "act_accepted", e);
}

// Networks and certificates that stay are in place; everything else is sent again.
static void
forget_items(struct journal *journal)
{
	size_t kept = 0;

	for (size_t i = 0; i < journal->done_count; i++)
		if (strstr(journal->done[i], "/WiFi/Profile/") ||
			strstr(journal->done[i], "/" VPN_NODE) ||
			strstr(journal->done[i], "/RootCATrustedCertificates/") ||
			strstr(journal->done[i], "/ClientCertificateInstall/"))
			journal->done[kept++] = journal->done[i];
	journal->done_count = kept;
}

// What this device is from now on; the act is over with the same write.
static bool
begin_anew(struct agent *agent, enum act act, struct error *e)
{
	struct journal *journal = &agent->journal;
	struct journal fresh = {.path = journal->path, .arena = journal->arena};

	if (acts[act].removes & ENROLLMENT) {
		if (act == ACT_RETIRE) {
			fresh.language = journal->language;
			fresh.region = journal->region;
			fresh.keyboard = journal->keyboard;
			fresh.keyboard2 = journal->keyboard2;
		}
		*journal = fresh;
		agent->profile = (struct profile){0};
	} else {
		forget_items(journal);
		journal->package_count = 0;
		journal->act = NULL;
		journal->kiosk = journal->local_reset = false;
	}
	if (acts[act].removes & HOMES) {
		journal->user = journal->user_token = journal->domain_user = NULL;
		journal->account_type = NULL;
		journal->account_ready = false;
		agent->signed_in = NULL;
	}
	agent->bootstrapped = false;
	agent->app_count = 0;
	if (acts[act].then == FLOW_RESET)
		journal->mode = NULL; // its reset has not begun yet (flow_reset.c)
	journal->flow = acts[act].then;
	return journal_step(journal, "act_finished", e);
}

// After a power cut between the journal and the answer the service would wait for ever. One that
// knows it already, or is out of reach, holds nothing up.
static void
tell_service(struct agent *agent, enum act act)
{
	struct error e;

	if (agent->act_told || act == ACT_RESET_LOCAL || !agent->tpm ||
		!agent->journal.enrollment_id)
		return;
	if (!step_manage(agent, false, &e) && !agent->act_told)
		log_warn("%s: the service is not told: %s", acts[act].name, e.message);
	agent->act_told = true;
}

bool
act_run(struct agent *agent, struct error *e)
{
	enum act act;

	if (!find(agent->journal.act, &act))
		return error_set(e, ERR_INVALID, "the journal names an unknown act");
	log_info("%s: what is to go goes now", acts[act].name);
	screen_ended(agent, acts[act].how, NULL);
	arena_reset(agent->step);
	tell_service(agent, act);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		arena_reset(agent->step);
		if (!(acts[act].removes & steps[i].bit))
			continue;
		if (!steps[i].run(agent, e) || !journal_step(&agent->journal, steps[i].step, e))
			return false;
	}
	return begin_anew(agent, act, e) && (!acts[act].restarts || act_power(agent, false, e));
}

bool
act_power(struct agent *agent, bool off, struct error *e)
{
	const char *const argv[] = {
		"sh", "-c", off ? agent->config.power_off : agent->config.reboot, NULL};
	const char *output;

	if (off)
		screen_powering_off(agent);
	agent->powering_off = command_run(agent->step, argv, 60, &output, e);
	return agent->powering_off;
}
