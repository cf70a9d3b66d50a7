// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

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

static bool
soap_failed(struct fleet_device *d, struct slice body, struct error *e)
{
	struct enroll_fault fault;
	struct error ignored;

	if (!enroll_fault_parse(d->arena, body, &fault, &ignored))
		return error_wrap(e, "enrolment");
	const struct fault *named = fault_find(fault.message);
	return error_fault(
		e, ERR_DENIED, named ? named->name : "enrollment_failed", "%s", fault.reason);
}

static bool
post(struct fleet_device *d, const char *url, const struct buf *body, struct slice *out,
	struct error *e)
{
	const char *base = d->fleet->options->url;
	size_t len = strlen(base);
	struct http_client_response response;

	if (!str_starts(url, base) || url[len] != '/')
		return error_fault(e, ERR_DENIED, "enrollment_failed",
			"discovery names another server: %.120s", url);
	struct http_client_request request = {.method = "POST",
		.path = url + len,
		.content_type = SOAP_CONTENT_TYPE,
		.body = buf_slice(body)};
	if (!buf_ok(body, e) || !fleet_send(d, false, &request, &response, e))
		return false;
	*out = response.body;
	return true;
}

static struct soap_header
header(struct fleet_device *d, const char *url, const char *token)
{
	struct soap_header h = {
		.message_id = arena_printf(d->arena, "urn:uuid:%s", uuid_new(d->arena)), .to = url};

	if (token)
		h.security =
			(struct soap_security){.kind = SOAP_AUTH_JWT, .token = slice_str(token)};
	return h;
}

static bool
discover(struct fleet_device *d, struct discovery_reply *out, struct error *e)
{
	char *url =
		arena_printf(d->arena, "%s/EnrollmentServer/Discovery.svc", d->fleet->options->url);
	struct discovery_request request = {
		.header = header(d, url, NULL),
		.email = "",
		.version = {5, 0},
		.device_type = "CIMClient_Windows",
		.application_version = "10.0.26100.1",
		.os_edition = "4",
		.auth_policies = AUTH_FEDERATED | AUTH_ONPREMISE,
	};
	struct slice reply;
	struct buf body;

	buf_init(&body, d->arena, SOAP_MAX);
	discovery_request_write(&body, &request);
	return post(d, url, &body, &reply, e) &&
		(discovery_reply_parse(d->arena, reply, out, e) || soap_failed(d, reply, e));
}

static bool
policies(struct fleet_device *d, const char *url, const char *token, struct error *e)
{
	struct policy_request request = {.header = header(d, url, token)};
	struct policy_reply parsed;
	struct slice reply;
	struct buf body;

	buf_init(&body, d->arena, SOAP_MAX);
	policy_request_write(&body, &request);
	return post(d, url, &body, &reply, e) &&
		(policy_reply_parse(d->arena, reply, &parsed, e) || soap_failed(d, reply, e));
}

static struct token_item *
context_items(struct fleet_device *d)
{
	const char *hybrid = d->hybrid ? "true" : "false";
	const struct {
		const char *name, *value;
	} values[] = {
		{"DeviceType", "CIMClient_Windows"},
		{"OSEdition", "4"},
		{"OSVersion", "10.0.26100.1"},
		{"ApplicationVersion", FERRY_VERSION},
		{"DeviceID", d->ztd_id},
		{"DeviceName", d->serial},
		{"EnrollmentType", "Device"},
		{"RequestVersion", "5.0"},
		{"NotInOobe", "false"},
		{"ZeroTouchProvisioning", d->ztd_id},
		{"WhiteGloveHybridJoin", hybrid},
		{"BootstrapDomainJoin", hybrid},
	};
	struct token_item *first = NULL, **end = &first;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		*end = arena_new(d->arena, struct token_item);
		(*end)->name = values[i].name;
		(*end)->value = values[i].value;
		end = &(*end)->next;
	}
	return first;
}

static bool
request_certificate(struct fleet_device *d, const char *url, const char *token,
	struct provisioning *out, struct error *e)
{
	struct token_request request = {
		.header = header(d, url, token), .type = TOKEN_ISSUE, .items = context_items(d)};
	struct token_reply parsed;
	struct slice reply;
	struct buf body;

	if (!csr_build(d->arena, d->soft.device, d->ztd_id, &request.request, e))
		return false;
	buf_init(&body, d->arena, SOAP_MAX);
	token_request_write(&body, &request);
	if (!post(d, url, &body, &reply, e))
		return false;
	if (!token_reply_parse(d->arena, reply, &parsed, e))
		return soap_failed(d, reply, e);
	return provisioning_parse(d->arena, parsed.document, out, e);
}

// From here on the device is known by its certificate.
static bool
open_managed(struct fleet_device *d, const struct provisioning *doc, struct error *e)
{
	autox509 *cert = NULL;
	struct cert_facts facts;
	struct slice pem;

	if (!doc->client_der.len || !doc->app || !doc->app->address)
		return error_fault(e, ERR_INVALID, "enrollment_failed",
			"the provisioning document has no certificate or no management address");
	if (!cert_load(doc->client_der, &cert, e) || !cert_facts(d->arena, cert, &facts, e) ||
		!cert_pem(d->arena, cert, &pem, e))
		return false;
	d->enrollment_id = facts.common_name;
	d->mdm_url = doc->app->address;
	struct http_client_options options = {
		.base_url = d->fleet->options->url,
		.ca = d->fleet->options->ca,
		.client_certificate = arena_strndup(d->arena, (const char *)pem.data, pem.len),
		.client_key = d->soft.device,
		.proxy = "",
	};
	return http_client_open(&options, &d->managed, e);
}

bool
fleet_enroll(struct fleet_device *d, const char *device_token, struct error *e)
{
	struct discovery_reply services;
	struct provisioning document;

	return discover(d, &services, e) &&
		(!services.policy_url || policies(d, services.policy_url, device_token, e)) &&
		request_certificate(d, services.enrollment_url, device_token, &document, e) &&
		open_managed(d, &document, e);
}
