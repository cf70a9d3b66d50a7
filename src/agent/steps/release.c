// SPDX-License-Identifier: Apache-2.0
// The end of the way: the service's word that people may sign in, asked for, judged and kept.
#include "agent/command.h"
#include "agent/gate.h"
#include "agent/login.h"
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "agent/sudoers.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "pki/ossl.h"

enum { KEY_MAX = 8192 };

static bool
certificate_key(struct agent *agent, const char **out, struct error *e)
{
	autox509 *cert = NULL;
	struct cert_facts facts;
	struct slice pem;

	if (!fs_read(agent->step, agent_path(agent, agent->step, "device.pem"), KEY_MAX, &pem, e) ||
		!cert_load_pem(pem, &cert, e) || !cert_facts(agent->step, cert, &facts, e))
		return false;
	*out = facts.key_sha256;
	return true;
}

// A disk that was put into another machine brings certificate and token, but not the TPM.
static bool
tpm_holds(struct agent *agent, const char *key_sha256, struct error *e)
{
	autopkey *key = NULL;
	struct slice blob, spki;

	if (!agent->tpm)
		return error_fault(e, ERR_UNAVAILABLE, "tpm_missing", "there is no TPM");
	if (!fs_read(
		    agent->step, agent_path(agent, agent->step, "device.key"), KEY_MAX, &blob, e) ||
		!tpm_device_tls_key(agent->tpm, blob, &key, e) ||
		!key_spki(agent->step, key, &spki, e))
		return false;
	return str_eq(sha256_hex(agent->step, spki), key_sha256) ||
		error_fault(e, ERR_CRYPTO, "tpm_key_lost",
			"the key in the TPM is not that of the certificate");
}

static bool
who_am_i(struct agent *agent, struct gate_self *out, struct error *e)
{
	*out = (struct gate_self){
		.issuer = agent->config.url, .enrollment = agent->journal.enrollment_id};
	return certificate_key(agent, &out->key, e) && tpm_holds(agent, out->key, e);
}

// The system's part: consoles, getty, the face goes. The device is released whether it works or
// not.
static void
open_up(struct agent *agent)
{
	const char *const argv[] = {"sh", "-c", agent->config.released, NULL};
	const char *output;
	struct error e;

	if (!str_empty(agent->config.released) && !command_run(agent->step, argv, 60, &output, &e))
		log_warn("after the release: %s", e.message);
}

void
release_announce(struct agent *agent)
{
	struct gate_self self;
	struct release release;
	struct error e;

	if (!agent->journal.enrollment_id) {
		if (!fs_remove(agent->config.gate_self, &e))
			log_failure("session gate", &e);
		return;
	}
	if (!who_am_i(agent, &self, &e) || !gate_announce(agent->config.gate_self, &self, &e)) {
		log_failure("session gate: nobody can sign in", &e);
		return;
	}
	if (gate_check(agent->step, agent->config.gate_dir, agent->config.gate_self, &release, &e))
		open_up(agent);
}

bool
release_forget(struct agent *agent, struct error *e)
{
	return fs_remove(agent->config.gate_self, e) &&
		gate_release_forget(agent->config.gate_dir, e);
}

static bool
service_keys(struct agent *agent, const struct json **out, struct error *e)
{
	return service_open_managed(agent, e) &&
		service_get(agent, "/device/v1/release", 30000, out, e);
}

bool
release_pin(struct agent *agent, struct error *e)
{
	struct gate_pinned pinned;
	const char *dir = agent->config.gate_dir;
	struct error ignored;

	if (gate_pinned_read(agent->step, dir, &pinned, &ignored) &&
		str_eq(pinned.enrollment, agent->journal.enrollment_id))
		return true;
	// What an earlier enrolment left is worth nothing to this one.
	pinned = (struct gate_pinned){.enrollment = agent->journal.enrollment_id};
	if (!gate_release_forget(dir, e) || !service_keys(agent, &pinned.keys, e) ||
		!gate_pinned_write(dir, &pinned, e))
		return false;
	release_announce(agent);
	failpoint("agent.keys_pinned");
	return true;
}

static bool
ask(struct agent *agent, bool anyway, struct slice *token, struct error *e)
{
	struct buf body;
	const struct json *answer;
	const char *text;

	buf_init(&body, agent->step, 1024);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "continue", anyway);
	jsonw_end_object(&w);
	if (!service_open_managed(agent, e) ||
		!service_post(agent, true, "/device/v1/release", &body, &answer, e) ||
		!json_need_str(answer, "token", JWT_MAX, &text, e))
		return false;
	*token = slice_str(text);
	return true;
}

// The keys may have been exchanged since the enrolment: half a year can lie between the two. The
// newer ones come over the connection that is pinned to the image's authority, and are kept beside
// the older ones.
static bool
learn_newer_keys(
	struct agent *agent, struct slice token, struct gate_pinned *pinned, struct error *e)
{
	const struct json *keys = json_get(pinned->keys, "keys"), *now;
	const char *kid = jwt_kid(agent->step, token);

	for (const struct json *key = keys ? keys->first : NULL; key; key = key->next)
		if (str_eq(json_str(key, "kid"), kid))
			return true;
	if (!service_keys(agent, &now, e))
		return false;
	pinned->keys = gate_keys_add(agent->step, pinned->keys, now);
	return pinned->keys || error_set(e, ERR_LIMIT, "the service's keys are too large");
}

// Who set up a device that joined no domain signs in with the directory's password (login.h). Of
// the people of either one is administrator at most (P11).
static void
make_account(struct agent *agent)
{
	const struct journal *j = &agent->journal;
	struct error e;

	if (!j->joined && j->user && !login_account(agent, j->user, &e))
		log_failure("account", &e);
	else if (!sudoers_apply(agent, &e))
		log_failure("administrator", &e);
}

bool
step_release(struct agent *agent, bool anyway, struct error *e)
{
	const char *dir = agent->config.gate_dir;
	struct gate_pinned pinned;
	struct gate_self self;
	struct release release;
	struct slice token;

	if (!journal_step(&agent->journal, "release", e) || !release_pin(agent, e) ||
		!ask(agent, anyway, &token, e))
		return false;
	failpoint("agent.release_answered");
	if (!gate_pinned_read(agent->step, dir, &pinned, e) || !who_am_i(agent, &self, e) ||
		!learn_newer_keys(agent, token, &pinned, e))
		return false;
	pinned.policy = agent->esp_page.policy;
	if (!gate_judge(agent->step, token, &pinned, &self, &release, e) ||
		!gate_pinned_write(dir, &pinned, e) || !gate_release_write(dir, token, e) ||
		!gate_announce(agent->config.gate_self, &self, e))
		return false;
	log_info("released: the deployment is %s", release.how);
	make_account(agent);
	open_up(agent);
	return journal_step(&agent->journal, "released", e);
}
