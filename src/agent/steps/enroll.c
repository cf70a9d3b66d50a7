// SPDX-License-Identifier: Apache-2.0
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include "domain/fault.h"
#include "pki/cert.h"
#include "pki/ossl.h"
#include "wire/enroll/client.h"

static bool
post(void *context, const char *url, const struct buf *body, struct slice *reply, struct error *e)
{
	struct agent *agent = context;
	size_t len = strlen(agent->config.url);
	struct http_client_response response;

	// The service's own addresses only: a redirect of the enrolment is refused.
	if (!str_starts(url, agent->config.url) || url[len] != '/')
		return error_fault(e, ERR_DENIED, "enrollment_failed",
			"discovery names another server: %.120s", url);
	if (!buf_ok(body, e) ||
		!service_post_raw(
			agent, false, url + len, SOAP_CONTENT_TYPE, buf_slice(body), &response, e))
		return false;
	*reply = response.body;
	return true;
}

// A SOAP fault comes with its Autopilot code; the reason is the service's own sentence, its message
// the name of the cause.
static bool
refused(const struct enroll_client *client, struct error *e)
{
	const struct enroll_fault *fault = &client->fault;
	const struct fault *named = fault_find(fault->message);

	return error_fault(e, ERR_DENIED, named ? named->name : "enrollment_failed", "%s (0x%08x)",
		fault->reason, enroll_fault_hresult(fault->kind));
}

static bool
ask(struct agent *agent, struct enroll_client *client, struct provisioning *out, struct error *e)
{
	struct discovery_reply services;
	struct slice key, csr;

	if (!enroll_discover(client, &services, e) ||
		(services.policy_url && !enroll_policies(client, services.policy_url, e)) ||
		!fs_read(
			agent->step, agent_path(agent, agent->step, "device.key"), 8192, &key, e) ||
		!tpm_device_csr(agent->step, agent->tpm, key, agent->profile.ztd_id, &csr, e) ||
		!enroll_certificate(client, services.enrollment_url, csr, out, e))
		return client->refused ? refused(client, e) : false;
	failpoint("agent.enroll_posted");
	return true;
}

// The certificate and what the journal says of it; the journal comes last and makes it count.
static bool
keep_enrollment(struct agent *agent, const struct provisioning *doc, struct error *e)
{
	autox509 *cert = NULL;
	struct slice pem;
	struct cert_facts facts;

	if (!doc->client_der.len || !doc->app || !doc->app->address)
		return error_fault(e, ERR_INVALID, "enrollment_failed",
			"the provisioning document has no certificate or no management address");
	if (!cert_load(doc->client_der, &cert, e) || !cert_facts(agent->step, cert, &facts, e) ||
		!cert_pem(agent->step, cert, &pem, e) ||
		!fs_write(agent_path(agent, agent->step, "device.pem"), pem, 0644, e))
		return false;
	failpoint("agent.certificate_stored");
	agent->journal.enrollment_id = arena_strdup(agent->arena, facts.common_name);
	agent->journal.mdm_url = arena_strdup(agent->arena, doc->app->address);
	return journal_step(&agent->journal, "enrolled", e);
}

bool
step_enroll(struct agent *agent, const char *device_token, struct error *e)
{
	struct enroll_client client = {
		.arena = agent->step,
		.base_url = agent->config.url,
		.device_token = device_token,
		.email = agent->profile.user ? agent->profile.user : "",
		.device_id = agent->profile.ztd_id,
		.device_name = agent->serial,
		.hybrid = str_eq(agent->profile.join_type, "hybrid"),
		.post = post,
		.context = agent,
	};
	struct provisioning document;

	return journal_step(&agent->journal, "enroll", e) && ask(agent, &client, &document, e) &&
		keep_enrollment(agent, &document, e);
}
