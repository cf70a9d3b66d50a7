// SPDX-License-Identifier: Apache-2.0
#include "agent/service.h"
#include "agent/steps/steps.h"
#include "base/failpoint.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/uuid.h"
#include "domain/fault.h"
#include "pki/cert.h"
#include "pki/ossl.h"
#include "wire/enroll/discovery.h"
#include "wire/enroll/fault.h"
#include "wire/enroll/policy.h"
#include "wire/enroll/provisioning.h"
#include "wire/enroll/token.h"

enum { SOAP_MAX = 256 << 10 };

// A SOAP fault comes with its Autopilot code; the reason is the service's own sentence, its message
// the name of the cause.
static bool
soap_failed(struct agent *agent, const struct http_client_response *response, struct error *e)
{
	struct enroll_fault fault;
	struct error ignored;

	if (!enroll_fault_parse(agent->step, response->body, &fault, &ignored))
		return error_wrap(e, "enrolment");
	const struct fault *named = fault_find(fault.message);
	return error_fault(e, ERR_DENIED, named ? named->name : "enrollment_failed", "%s (0x%08x)",
		fault.reason, enroll_fault_hresult(fault.kind));
}

static bool
post(struct agent *agent, const char *url, const struct buf *body, struct http_client_response *out,
	struct error *e)
{
	size_t len = strlen(agent->config.url);

	// The service's own addresses only: a redirect of the enrolment is refused.
	if (!str_starts(url, agent->config.url) || url[len] != '/')
		return error_fault(e, ERR_DENIED, "enrollment_failed",
			"discovery names another server: %.120s", url);
	return buf_ok(body, e) &&
		service_post_raw(
			agent, false, url + len, SOAP_CONTENT_TYPE, buf_slice(body), out, e);
}

static struct soap_header
header(struct agent *agent, const char *url, const char *device_token)
{
	struct soap_header h = {
		.message_id = arena_printf(agent->step, "urn:uuid:%s", uuid_new(agent->step)),
		.to = url,
	};

	if (device_token)
		h.security = (struct soap_security){
			.kind = SOAP_AUTH_JWT, .token = slice_str(device_token)};
	return h;
}

static bool
discover(struct agent *agent, struct discovery_reply *out, struct error *e)
{
	char *url =
		arena_printf(agent->step, "%s/EnrollmentServer/Discovery.svc", agent->config.url);
	struct discovery_request request = {
		.header = header(agent, url, NULL),
		.email = agent->profile.user ? agent->profile.user : "",
		.version = {5, 0},
		.device_type = "CIMClient_Windows",
		.application_version = "10.0.26100.1",
		.os_edition = "4",
		.auth_policies = AUTH_FEDERATED | AUTH_ONPREMISE,
	};
	struct http_client_response response;
	struct buf body;

	buf_init(&body, agent->step, SOAP_MAX);
	discovery_request_write(&body, &request);
	return post(agent, url, &body, &response, e) &&
		(discovery_reply_parse(agent->step, response.body, out, e) ||
			soap_failed(agent, &response, e));
}

static bool
policies(struct agent *agent, const char *url, const char *device_token, struct error *e)
{
	struct policy_request request = {.header = header(agent, url, device_token)};
	struct policy_reply reply;
	struct http_client_response response;
	struct buf body;

	buf_init(&body, agent->step, SOAP_MAX);
	policy_request_write(&body, &request);
	return post(agent, url, &body, &response, e) &&
		(policy_reply_parse(agent->step, response.body, &reply, e) ||
			soap_failed(agent, &response, e));
}

static struct token_item *
context_items(struct agent *agent)
{
	const struct {
		const char *name, *value;
	} values[] = {
		{"DeviceType", "CIMClient_Windows"},
		{"OSEdition", "4"},
		{"OSVersion", "10.0.26100.1"},
		{"ApplicationVersion", FERRY_VERSION},
		{"DeviceID", agent->profile.ztd_id},
		{"DeviceName", agent->serial},
		{"EnrollmentType", "Device"},
		{"RequestVersion", "5.0"},
		{"NotInOobe", "false"},
		{"ZeroTouchProvisioning", agent->profile.ztd_id},
		{"WhiteGloveHybridJoin",
			str_eq(agent->profile.join_type, "hybrid") ? "true" : "false"},
		{"BootstrapDomainJoin",
			str_eq(agent->profile.join_type, "hybrid") ? "true" : "false"},
	};
	struct token_item *first = NULL, **end = &first;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		*end = arena_new(agent->step, struct token_item);
		(*end)->name = values[i].name;
		(*end)->value = values[i].value;
		end = &(*end)->next;
	}
	return first;
}

static bool
request_token(struct agent *agent, const char *url, const char *device_token,
	struct provisioning *out, struct error *e)
{
	struct slice key;
	struct token_request request = {
		.header = header(agent, url, device_token),
		.type = TOKEN_ISSUE,
		.items = context_items(agent),
	};
	struct token_reply reply;
	struct http_client_response response;
	struct buf body;

	if (!fs_read(agent->step, agent_path(agent, agent->step, "device.key"), 8192, &key, e) ||
		!tpm_device_csr(
			agent->step, agent->tpm, key, agent->profile.ztd_id, &request.request, e))
		return false;
	buf_init(&body, agent->step, SOAP_MAX);
	token_request_write(&body, &request);
	if (!post(agent, url, &body, &response, e))
		return false;
	failpoint("agent.enroll_posted");
	if (!token_reply_parse(agent->step, response.body, &reply, e))
		return soap_failed(agent, &response, e);
	return provisioning_parse(agent->step, reply.document, out, e);
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
	struct discovery_reply services;
	struct provisioning document;

	return journal_step(&agent->journal, "enroll", e) && discover(agent, &services, e) &&
		(!services.policy_url || policies(agent, services.policy_url, device_token, e)) &&
		request_token(agent, services.enrollment_url, device_token, &document, e) &&
		keep_enrollment(agent, &document, e);
}
