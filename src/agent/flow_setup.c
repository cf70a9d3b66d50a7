// SPDX-License-Identifier: Apache-2.0
#include "agent/esp_run.h"
#include "agent/face.h"
#include "agent/flow.h"
#include "agent/screens.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "agent/tunnel.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"

// A step that failed marks its row and goes to the timeline.
static bool
failed(struct agent *agent, enum esp_row which, const struct error *e)
{
	esp_view_because(&agent->esp, which, ESP_ERROR, e);
	screen_esp(agent);
	service_report(agent, esp_phase_key(esp_row_info(which)->phase), esp_row_info(which)->key,
		"error", e);
	return false;
}

bool
flow_forget_enrollment(struct agent *agent, struct error *e)
{
	static const char *const files[] = {
		"device.pem", "device.key", "directory.pem", "directory.key"};

	service_close_managed(agent);
	agent->bootstrapped = false;
	agent->journal.enrollment_id = NULL;
	agent->journal.directory_id = NULL;
	if (!journal_save(&agent->journal, e) || !release_forget(agent, e))
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
	esp_row_set(agent, ESP_JOINING, ESP_WORKING, "");
	if (!step_rename(agent, e) ||
		!step_join_directory(agent, person ? person : device_token, e))
		return false;
	esp_row_set(agent, ESP_JOINING, ESP_COMPLETE, "");
	return true;
}

static bool
secure_and_enroll(struct agent *agent, struct error *e)
{
	const char *device_token;

	esp_row_set(agent, ESP_SECURING, ESP_WORKING, "");
	if (!step_begin_deployment(agent, e) || !step_attest(agent, &device_token, e))
		return failed(agent, ESP_SECURING, e);
	esp_row_set(agent, ESP_SECURING, ESP_COMPLETE, "");
	if (!join_directory(agent, device_token, e))
		return failed(agent, ESP_JOINING, e);
	esp_row_set(agent, ESP_REGISTERING, ESP_WORKING, "");
	if (!step_enroll(agent, device_token, e))
		return failed(agent, ESP_REGISTERING, e);
	return true;
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
	esp_row_set(agent, ESP_SECURING, ESP_COMPLETE, "");
	esp_row_set(agent, ESP_REGISTERING, ESP_COMPLETE, "");
	esp_row_set(agent, ESP_PREPARING, ESP_WORKING, "");
	if (hybrid && !agent->journal.joined)
		esp_row_set(agent, ESP_JOINING, ESP_WORKING, "Waiting for the computer account");
	else
		esp_row_set(agent, ESP_JOINING, ESP_COMPLETE, "");
	return true;
}

bool
flow_technician(struct agent *agent, struct error *e)
{
	esp_begin(agent);
	arena_reset(agent->step);
	if (!prepare(agent, e) || !step_enter_phase(agent, "technician", e) ||
		!esp_hold(agent, false, e))
		return false;
	agent->journal.technician_seconds = screen_elapsed(agent);
	agent->journal.flow = FLOW_READY;
	return journal_step(&agent->journal, "technician_done", e);
}

bool
flow_domain_is_far(const struct error *e)
{
	static const char *const faults[] = {"ad_domain_unresolvable", "dc_unreachable",
		"dc_timeout", "vpn_not_started", "vpn_no_handshake"};

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		if (str_eq(e->fault, faults[i]))
			return true;
	return false;
}

// The way to the domain may lead through a tunnel (pains row 3). One that does not open is the
// cause only where the domain cannot be reached otherwise: in the office nobody needs it.
bool
flow_reach_domain(struct agent *agent, struct error *e)
{
	struct error tunnel = {0};
	bool open = tunnels_open(agent, agent->config.vpn_wait, &tunnel);

	if (step_prove_membership(agent, e))
		return true;
	if (!open && flow_domain_is_far(e))
		*e = tunnel;
	return false;
}

bool
flow_reach_domain_anew(struct agent *agent, struct error *e)
{
	struct error settings = {0};

	if (!flow_domain_is_far(e))
		return false;
	log_info("%s: the settings are asked for again", e->message);
	if (esp_hold(agent, false, &settings))
		return flow_reach_domain(agent, e);
	if (agent->powering_off || agent->journal.act || str_starts(settings.fault, "vpn_"))
		*e = settings;
	return false;
}

// The domain controller decides who signs in; a wrong password is not a failure of the deployment.
static bool
sign_in(struct agent *agent, struct error *e)
{
	struct face_action action;
	const char *problem = "";

	while (agent->journal.joined && !agent->journal.domain_user) {
		arena_reset(agent->step);
		screen_sign_in(agent, problem);
		flow_wait(agent, &action);
		if (!str_eq(action.name, "signin"))
			continue;
		bool ok = step_sign_in(agent, action.user, action.password, e);
		face_action_wipe(&action);
		if (ok)
			break;
		if (!str_starts(e->fault, "signin_") &&
			!(agent->profile.skip_domain_check && flow_domain_is_far(e)))
			return false;
		problem = fault_of(e, "agent_error")->name;
	}
	agent->signed_in = agent->journal.user;
	return true;
}

static bool
account_setup(struct agent *agent, struct error *e)
{
	esp_row_set(agent, ESP_ACCOUNT_JOINING, ESP_WORKING, "");
	if (!step_register(agent, e))
		return failed(agent, ESP_ACCOUNT_JOINING, e);
	esp_row_set(agent, ESP_ACCOUNT_JOINING, ESP_COMPLETE, "");
	if (!esp_hold(agent, true, e))
		return false;
	esp_row_set(agent, ESP_ACCOUNT_JOINING, ESP_WORKING,
		"Comparing Active Directory, directory and management");
	arena_reset(agent->step);
	if (!step_finish(agent, e))
		return failed(agent, ESP_ACCOUNT_JOINING, e);
	esp_row_set(agent, ESP_ACCOUNT_JOINING, ESP_COMPLETE, "");
	return true;
}

// After a long time on the shelf the certificates are over: the TPM proves itself anew, and nobody
// is asked (behaviour W8, pains row 21).
static bool
known_again(struct agent *agent, struct error *e)
{
	if (agent->journal.enrollment_id) {
		if (step_known_profile(agent, e))
			return true;
		if (!str_eq(e->fault, "client_certificate_expired"))
			return failed(agent, ESP_POLICIES, e);
		log_warn("%s: the TPM proves itself anew", e->message);
		if (!flow_forget_enrollment(agent, e))
			return false;
	}
	return prepare(agent, e);
}

bool
flow_user(struct agent *agent, struct error *e)
{
	esp_begin(agent);
	arena_reset(agent->step);
	screen_esp(agent);
	if (!known_again(agent, e))
		return false;
	if (!str_eq(agent->profile.join_type, "hybrid") && !agent->journal.user)
		flow_person_alone(agent); // U2: the directory's sign-in comes first
	if (!step_enter_phase(agent, "user", e))
		return failed(agent, ESP_POLICIES, e);
	if (agent->journal.joined && !flow_reach_domain(agent, e) &&
		!flow_reach_domain_anew(agent, e))
		return failed(agent, str_starts(e->fault, "vpn_") ? ESP_NETWORKS : ESP_POLICIES, e);
	if (!esp_hold(agent, false, e) || !sign_in(agent, e) || !account_setup(agent, e))
		return false;
	return flow_account_ready(agent, e);
}

// --- for the other flows ---

void
flow_begin(struct agent *agent)
{
	esp_begin(agent);
	arena_reset(agent->step);
}

void
flow_row(struct agent *agent, enum esp_row which, enum esp_state state, const char *detail)
{
	esp_row_set(agent, which, state, detail);
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
	return esp_hold(agent, user, e);
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
