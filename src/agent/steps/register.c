// SPDX-License-Identifier: Apache-2.0
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "pki/cert.h"
#include "pki/ossl.h"

enum { JOIN_TYPE_HYBRID = 6, KEY_BLOB_MAX = 8192 };

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
write_request(struct agent *agent, struct slice csr, struct buf *body)
{
	const struct journal *j = &agent->journal;

	buf_init(body, agent->step, 64 << 10);
	struct jsonw w = jsonw_on(body);
	jsonw_object(&w, NULL);
	jsonw_object(&w, "CertificateRequest");
	jsonw_str(&w, "Type", "pkcs10");
	jsonw_b64(&w, "Data", csr);
	jsonw_end_object(&w);
	jsonw_str(&w, "TargetDomain", j->domain);
	jsonw_str(&w, "DeviceType", "Linux");
	jsonw_str(&w, "OSVersion", "10.0.26100.1");
	jsonw_str(&w, "DeviceDisplayName", j->computer_name);
	jsonw_str(&w, "PrimarySid", j->machine_sid);
	jsonw_str(&w, "Upn", j->user);
	jsonw_int(&w, "JoinType", JOIN_TYPE_HYBRID);
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

bool
step_register(struct agent *agent, struct error *e)
{
	struct slice key, csr, der;
	struct buf body;
	const struct json *answer;
	const char *id;

	if (agent->journal.directory_id)
		return true;
	if (!journal_step(&agent->journal, "register", e) || !directory_key(agent, &key, e) ||
		!tpm_device_csr(
			agent->step, agent->tpm, key, agent->journal.computer_name, &csr, e))
		return false;
	write_request(agent, csr, &body);
	if (!service_post(
		    agent, true, "/EnrollmentServer/device?api-version=2.0", &body, &answer, e) ||
		!json_need_str(answer, "DeviceId", 36, &id, e) ||
		!json_need_b64(
			agent->step, json_get(answer, "Certificate"), "RawBody", 32 << 10, &der, e))
		return false;
	failpoint("agent.directory_answered");
	if (!keep_certificate(agent, der, e))
		return false;
	agent->journal.directory_id = arena_strdup(agent->arena, id);
	return journal_step(&agent->journal, "registered", e);
}
