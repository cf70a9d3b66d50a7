// SPDX-License-Identifier: Apache-2.0
// MS-MDE2: discovery, certificate policy, and the exchange of a device token for a management
// certificate.
#include "base/failpoint.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "ferryd/device_token.h"
#include "ferryd/handlers.h"
#include "ferryd/organization.h"
#include "ferryd/preparation.h"
#include "ferryd/signer_client.h"
#include "pki/csr.h"
#include "pki/hash.h"
#include "store/deployments.h"
#include "store/gate.h"
#include "wire/enroll/discovery.h"
#include "wire/enroll/fault.h"
#include "wire/enroll/policy.h"
#include "wire/enroll/provisioning.h"
#include "wire/enroll/token.h"

enum { SOAP_MAX = 1 << 20, DEVICE_CERT_DAYS = 365, RENEW_DAYS = 60, RENEW_RETRY_DAYS = 4 };

static const struct enroll_version our_version = {5, 0};

// HTTP errors without SOAP show on the client as 0x8019xxxx: faults are sent with 500 (mdm-wire.md
// section 7).
static bool
soap_fault(struct call *c, const char *action, const char *relates_to, const struct error *why,
	struct error *e)
{
	struct buf body;
	const char *trace = uuid_new(c->arena);

	// A part of the service that is away for a moment is no verdict about the device: HTTP 503.
	if (why->code == ERR_UNAVAILABLE) {
		*e = *why;
		return false;
	}
	struct enroll_fault fault = {
		.kind = enroll_fault_of(why->code),
		.reason = why->message,
		.message = why->fault ? why->fault : "",
		.trace_id = trace,
		.relates_to = relates_to,
	};

	log_info("%s: %s [%s]", c->req->path, why->message, trace);
	buf_init(&body, c->arena, SOAP_MAX);
	enroll_fault_write(&body, action, &fault);
	if (!buf_ok(&body, e))
		return false;
	http_response_set(c->resp, 500, SOAP_CONTENT_TYPE, buf_slice(&body));
	return true;
}

static bool
soap_reply(struct call *c, const struct buf *body, struct error *e)
{
	if (!buf_ok(body, e))
		return false;
	http_response_set(c->resp, 200, SOAP_CONTENT_TYPE, buf_slice(body));
	return true;
}

// GET on discovery is a probe (mdm-wire.md section 1, 2).
bool
enrollment_probe(struct call *c, struct error *e)
{
	(void)e;
	http_response_set(c->resp, 200, NULL, slice_of(NULL, 0));
	return true;
}

bool
enrollment_discover(struct call *c, struct error *e)
{
	struct discovery_request request = {0};
	const char *base = c->service->base_url;
	struct buf body;

	if (!discovery_request_parse(c->arena, c->req->body, &request, e))
		return soap_fault(c, SOAP_DISCOVER_REPLY, NULL, e, e);
	struct discovery_reply reply = {
		.header = {.relates_to = request.header.message_id},
		.auth_policy = AUTH_FEDERATED,
		.version = enroll_version_min(our_version, request.version),
		.policy_url = arena_printf(c->arena, "%s/EnrollmentServer/Policy.svc", base),
		.enrollment_url =
			arena_printf(c->arena, "%s/EnrollmentServer/Enrollment.svc", base),
		.authentication_url = arena_printf(c->arena, "%s/EnrollmentServer/Auth", base),
	};
	buf_init(&body, c->arena, SOAP_MAX);
	discovery_reply_write(&body, &reply);
	return soap_reply(c, &body, e);
}

static bool
verify_security(struct call *c, const struct soap_security *security, struct device_token *out,
	struct error *e)
{
	if (security->kind != SOAP_AUTH_JWT || !security->token.len)
		return error_fault(e, ERR_UNAUTHENTICATED, "enrollment_refused",
			"a device token (ValueType jwt) is needed");
	if (!device_token_verify(c, security->token, out, e))
		return false;
	c->work.tenant_id = out->tenant_id;
	return true;
}

bool
enrollment_policies(struct call *c, struct error *e)
{
	struct policy_request request = {0};
	struct device_token token;
	struct buf body;

	if (!policy_request_parse(c->arena, c->req->body, &request, e) ||
		!verify_security(c, &request.header.security, &token, e))
		return soap_fault(c, SOAP_GET_POLICIES_REPLY, request.header.message_id, e, e);
	// 2048 is what a Windows client with RSA needs; our own agent's keys are P-256 whatever the
	// number says.
	struct policy_reply reply = {
		.header = {.relates_to = request.header.message_id},
		.min_key_length = 2048,
		.hash_oid = POLICY_SHA256_OID,
		.hash_name = "szOID_NIST_sha256",
		.providers = {POLICY_TPM_PROVIDER},
		.provider_count = 1,
	};
	buf_init(&body, c->arena, SOAP_MAX);
	policy_reply_write(&body, &reply);
	return soap_reply(c, &body, e);
}

// The request's key must be the one that the TPM certified (threats row 14).
static bool
check_key(struct call *c, const struct token_request *request, const struct device_token *token,
	struct error *e)
{
	autocsr csr = {0};

	if (!csr_parse(c->arena, request->request, &csr, e))
		return false;
	if (!str_eq(sha256_hex(c->arena, csr.spki), token->key_sha256))
		return error_fault(e, ERR_UNAUTHENTICATED, "enrollment_refused",
			"the certificate request is not for the certified key");
	return true;
}

// Platform restrictions and who may enrol (behaviour section 4), now that the device says what it
// runs. A refusal stands in the timeline with its cause.
static bool
check_gate(struct call *c, const struct token_request *request, const struct device_token *token,
	const struct deployment *deployment, struct error *e)
{
	const char *version = token_item(request, "OSVersion");
	const char *edition = token_item(request, "OSEdition");
	struct gate_device says = {.os_version = version ? version : "",
		.edition = edition ? edition : "",
		.userless = str_empty(deployment->upn)};
	struct gate_verdict verdict;
	struct device device;
	struct error ignored;

	// The token outlives a deployment that somebody has ended meanwhile.
	if (deployment->finished_at)
		return error_fault(e, ERR_DENIED, "enrollment_refused", "the deployment is over");
	// A reset keeps the enrolment that the device has; it is no way around the re-use block
	// (B1).
	if (str_eq(deployment->mode, "autopilotReset"))
		return error_fault(e, ERR_DENIED, "enrollment_refused",
			"a reset device keeps its enrolment and gets no other");
	if (!store_device_by_id(&c->work, token->device_id, &device, e))
		return false;
	if (!says.userless)
		device.assigned_upn = deployment->upn;
	if (!store_gate(&c->work, &device, &says, &verdict, e))
		return false;
	if (verdict.allowed)
		return true;
	struct event event = {.source = "service",
		.phase = "devicePreparation",
		.row_name = "registering",
		.state = "error",
		.fault = verdict.fault,
		.reason = verdict.reason};
	if (!store_events_add(&c->work, token->deployment_id, &event, 1, &ignored))
		log_info("%s: %s", verdict.fault, ignored.message);
	return error_fault(e, ERR_DENIED, verdict.fault, "%s", verdict.reason);
}

static bool
enroll(struct call *c, const struct token_request *request, const struct device_token *token,
	const struct deployment *deployment, struct slice *certificate_der,
	const char **enrollment_id, struct error *e)
{
	struct enrollment existing;
	struct issued_certificate certificate;

	// The answer to a repeated step is the same as to the first one.
	if (store_enrollment_by_key(
		    &c->work, token->device_id, token->key_sha256, &existing, certificate_der, e) &&
		str_eq(existing.deployment_id, token->deployment_id)) {
		*enrollment_id = existing.enrollment_id;
		return true;
	}
	*enrollment_id = uuid_new(c->arena);
	if (!signer_certificate(c, "device", *enrollment_id, NULL, request->request,
		    DEVICE_CERT_DAYS, &certificate, e))
		return false;
	failpoint("ferryd.enroll_issued");
	struct enrollment in = {
		.enrollment_id = *enrollment_id,
		.device_id = token->device_id,
		.deployment_id = token->deployment_id,
		.attestation_id = token->attestation_id,
		.upn = deployment->upn,
		.key_sha256 = token->key_sha256,
	};
	if (!preparation_enroll(c, &in, &certificate, e))
		return false;
	failpoint("ferryd.enroll_stored");
	*certificate_der = certificate.der;
	return true;
}

// The wap-provisioningdoc of mdm-wire.md section 5 for a device enrolment.
static void
write_document(struct call *c, struct buf *out, const char *enrollment_id, struct slice client_der)
{
	const char *subject = arena_printf(c->arena, "CN=%s", enrollment_id);
	struct provisioning_cert root = {.store = STORE_ROOT, .der = c->service->root_der};
	struct provisioning_renew renew = {.period = RENEW_DAYS, .retry = RENEW_RETRY_DAYS};
	struct provisioning_app app = {
		.provider_id = "Ferry",
		.name = organization_name(c),
		.address =
			arena_printf(c->arena, "%s/ManagementServer/MDM.svc", c->service->base_url),
		.role = 4294967295u,
		.retries = 6,
		.initial_backoff = 30000,
		.max_backoff = 120000,
		.no_compat_retry = true,
		.encoding = "application/vnd.syncml.dm+xml",
		.cert_criteria = provisioning_criteria(c->arena, subject, SCOPE_SYSTEM),
		// The TLS client certificate authenticates; Windows wants both blocks all the same.
		.client = {.type = "DIGEST", .secret = "unused", .nonce = "bm9uY2U="},
		.server = {.type = "DIGEST",
			.name = enrollment_id,
			.secret = "unused",
			.nonce = "bm9uY2U="},
	};
	struct provisioning_poll poll = {
		.first_retries = 8,
		.first_interval = 3,
		.second_retries = 5,
		.second_interval = 15,
		.remaining_interval = 480,
		.on_login = true,
	};
	struct provisioning_dmclient dmclient = {
		.provider_id = "Ferry", .device_id = enrollment_id, .poll = &poll};
	struct provisioning doc = {
		.trusted = &root,
		.client_der = client_der,
		.scope = SCOPE_SYSTEM,
		.renew = &renew,
		.app = &app,
		.dmclient = &dmclient,
	};

	provisioning_write(out, &doc);
}

bool
enrollment_token(struct call *c, struct error *e)
{
	struct token_request request = {0};
	struct device_token token;
	struct deployment deployment;
	const char *enrollment_id;
	struct slice certificate;
	struct buf document, body;

	if (!token_request_parse(c->arena, c->req->body, &request, e) ||
		!verify_security(c, &request.header.security, &token, e) ||
		!store_deployment_get(&c->work, token.deployment_id, &deployment, e) ||
		!check_key(c, &request, &token, e) ||
		!check_gate(c, &request, &token, &deployment, e) ||
		!enroll(c, &request, &token, &deployment, &certificate, &enrollment_id, e))
		return soap_fault(c, SOAP_REQUEST_TOKEN_REPLY, request.header.message_id, e, e);
	buf_init(&document, c->arena, SOAP_MAX / 2);
	write_document(c, &document, enrollment_id, certificate);
	if (!buf_ok(&document, e))
		return false;
	struct token_reply reply = {
		.header =
			{
				.relates_to = request.header.message_id,
				.security =
					{
						.created = clock_rfc3339(
							c->arena, c->work.now - 5 * US_PER_MIN),
						.expires = clock_rfc3339(
							c->arena, c->work.now + 5 * US_PER_MIN),
					},
			},
		.document = buf_slice(&document),
	};
	buf_init(&body, c->arena, SOAP_MAX);
	token_reply_write(&body, &reply);
	return soap_reply(c, &body, e);
}
