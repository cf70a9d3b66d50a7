// SPDX-License-Identifier: Apache-2.0
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "pki/cert.h"
#include "pki/ossl.h"

enum { JOIN_TYPE_DIRECTORY = 0, JOIN_TYPE_HYBRID = 6, KEY_BLOB_MAX = 8192 };

static bool
directory_key(struct agent *agent, struct slice *blob, struct error *e)
{
	const char *path = agent_path(agent, agent->step, "directory.key");

	if (fs_read(agent->step, path, KEY_BLOB_MAX, blob, e))
		return true;
	return e->code == ERR_NOT_FOUND &&
		tpm_device_key_create(agent->step, agent->tpm, blob, e) &&
		fs_write(path, *blob, 0600, e);
}

static void
write_request(struct agent *agent, int join_type, struct slice csr, struct buf *body)
{
	const struct journal *j = &agent->journal;
	bool hybrid = join_type == JOIN_TYPE_HYBRID;

	buf_init(body, agent->step, 64 << 10);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_object(&w, "CertificateRequest");
	jsonw_str(&w, "Type", "pkcs10");
	jsonw_b64(&w, "Data", csr);
	jsonw_end_object(&w);
	jsonw_str(&w, "TargetDomain", hybrid ? j->domain : NULL);
	jsonw_str(&w, "DeviceType", "Linux");
	jsonw_str(&w, "OSVersion", "10.0.26100.1");
	jsonw_str(&w, "DeviceDisplayName", j->computer_name);
	jsonw_str(&w, "PrimarySid", hybrid ? j->machine_sid : NULL);
	jsonw_str(&w, "Upn", j->user);
	jsonw_int(&w, "JoinType", join_type);
	jsonw_end_object(&w);
}

static bool
keep_certificate(struct agent *agent, struct slice der, struct error *e)
{
	autox509 *cert = NULL;
	struct slice pem;

	return cert_load(der, &cert, e) && cert_pem(agent->step, cert, &pem, e) &&
		fs_write(agent_path(agent, agent->step, "directory.pem"), pem, 0644, e);
}

static bool
make_request(struct agent *agent, int join_type, struct buf *body, struct error *e)
{
	const char *name = agent->journal.computer_name;
	struct slice key, csr;

	if (!journal_step(&agent->journal, "register", e) || !directory_key(agent, &key, e) ||
		!tpm_device_csr(agent->step, agent->tpm, key, name ? name : agent->serial, &csr, e))
		return false;
	write_request(agent, join_type, csr, body);
	return true;
}

static bool
keep_answer(struct agent *agent, const struct json *answer, struct error *e)
{
	struct slice der;
	const char *id;

	if (!json_need_str(answer, "DeviceId", 36, &id, e) ||
		!json_need_b64(
			agent->step, json_get(answer, "Certificate"), "RawBody", 32 << 10, &der, e))
		return false;
	failpoint("agent.directory_answered");
	if (!keep_certificate(agent, der, e))
		return false;
	agent->journal.directory_id = arena_strdup(agent->arena, id);
	return journal_step(&agent->journal, "registered", e);
}

#define JOIN_PATH "/EnrollmentServer/device?api-version=2.0"

bool
step_register(struct agent *agent, struct error *e)
{
	struct buf body;
	const struct json *answer;

	return agent->journal.directory_id ||
		(make_request(agent, JOIN_TYPE_HYBRID, &body, e) &&
			service_post(agent, true, JOIN_PATH, &body, &answer, e) &&
			keep_answer(agent, answer, e));
}

bool
step_join_directory(struct agent *agent, const char *token, struct error *e)
{
	struct buf body;
	const struct json *answer;

	return agent->journal.directory_id ||
		(make_request(agent, JOIN_TYPE_DIRECTORY, &body, e) &&
			service_post_bearer(agent, JOIN_PATH, token, &body, &answer, e) &&
			keep_answer(agent, answer, e));
}
