// SPDX-License-Identifier: Apache-2.0
#include "agent/hardware.h"
#include "agent/offline_file.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/log.h"
#include "base/str.h"

static const char *
keep(struct agent *agent, const char *text)
{
	return text ? arena_strdup(agent->arena, text) : NULL;
}

// A missing TPM does not keep the first screens from showing: it is the cause that Provision names.
bool
step_hardware(struct agent *agent, struct error *e)
{
	struct tpm_device_identity identity;
	struct hwhash hash;
	bool tpm = agent->tpm || tpm_device_open(agent->config.tcti, &agent->tpm, e);

	if (!tpm)
		log_warn("TPM: %s", e->message);
	if (tpm && !tpm_device_identity(agent->step, agent->tpm, &identity, e))
		return false;
	if (!hardware_collect(agent->step, agent->config.sysfs, tpm ? &identity : NULL, &hash, e) ||
		!hwhash_to_text(agent->arena, &hash, &agent->hardware_hash, e))
		return false;
	agent->serial = keep(agent, hash.serial);
	agent->model = keep(agent, hash.product ? hash.product : "");
	agent->manufacturer = keep(agent, hash.manufacturer);
	return true;
}

static bool
tpm_answers(struct agent *agent)
{
	struct tpm_device_identity identity;
	struct error e;

	return agent->tpm && tpm_device_identity(agent->step, agent->tpm, &identity, &e);
}

void
step_hardware_again(struct agent *agent, const struct error *why)
{
	struct error e;

	if (!str_starts(why->fault, "tpm_") && tpm_answers(agent))
		return;
	service_close_managed(agent);
	tpm_device_close(agent->tpm);
	agent->tpm = NULL;
	if (!step_hardware(agent, &e))
		log_failure("TPM", &e);
}

static void
keep_profile(struct agent *agent, const struct json *json)
{
	const struct json *oobe = json_get(json, "oobe"), *branding = json_get(json, "branding");

	agent->profile = (struct profile){
		.ztd_id = keep(agent, json_str(json, "ztdId")),
		.organization = keep(agent, json_str(json, "organization")),
		.name = keep(agent, json_str(json, "profile")),
		.join_type = keep(agent, json_str(json, "joinType")),
		.domain = keep(agent, json_str(json, "domain")),
		.user = keep(agent, json_str(json, "user")),
		.companion_url = keep(agent, json_str(json, "companionUrl")),
		.fault = keep(agent, json_str(json, "fault")),
		.reason = keep(agent, json_str(json, "reason")),
		.timeout_minutes = json_int(json, "timeoutMinutes", 60),
		.mode = keep(agent,
			json_str(json, "profile") ||
					str_eq(json_str(json, "mode"), "devicePreparation")
				? json_str(json, "mode")
				: NULL),
		.automatic = json_bool(json_get(json, "preparation"), "automatic", false),
		.group_tag = keep(agent, json_str(json, "groupTag")),
		.device_name = keep(agent, json_str(json, "deviceName")),
		.color = keep(agent, json_str(branding, "color")),
		.support = keep(agent, json_str(branding, "support")),
		.locale = keep(agent, json_str(oobe, "locale")),
		.eula_hidden = json_bool(oobe, "eulaHidden", false),
		.privacy_hidden = json_bool(oobe, "privacyHidden", false),
		.change_account_hidden = json_bool(oobe, "changeAccountHidden", false),
		.standard_user = json_bool(oobe, "standardUser", false),
		.keyboard_skipped = json_bool(oobe, "keyboardSkipped", false),
		.skip_domain_check = json_bool(oobe, "skipDomainCheck", false),
	};
	if (agent->has_offline)
		offline_file_apply(agent);
}

bool
step_profile(struct agent *agent, struct error *e)
{
	struct buf body;
	const struct json *answer;

	if (!service_open(agent, e))
		return false;
	buf_init(&body, agent->step, 64 << 10);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "hardwareHash", agent->hardware_hash);
	offline_file_write(agent, &w);
	jsonw_end_object(&w);
	if (!service_post(agent, false, "/device/v1/profile", &body, &answer, e))
		return false;
	keep_profile(agent, answer);
	return true;
}

bool
step_known_profile(struct agent *agent, struct error *e)
{
	const struct json *answer;

	if (!service_open_managed(agent, e) ||
		!service_get(agent, "/device/v1/profile", 30000, &answer, e))
		return false;
	keep_profile(agent, answer);
	return true;
}
