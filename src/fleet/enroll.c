// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet.h"

#include "base/str.h"
#include "domain/fault.h"
#include "pki/cert.h"
#include "pki/ossl.h"
#include "wire/enroll/client.h"

static bool
post(void *context, const char *url, const struct buf *body, struct slice *reply, struct error *e)
{
	struct fleet_device *d = context;
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
	*reply = response.body;
	return true;
}

static bool
ask(struct fleet_device *d, struct enroll_client *client, struct provisioning *out, struct error *e)
{
	struct discovery_reply services;
	struct slice csr;

	if (enroll_discover(client, &services, e) &&
		(!services.policy_url || enroll_policies(client, services.policy_url, e)) &&
		csr_build(d->arena, d->soft.device, d->ztd_id, &csr, e) &&
		enroll_certificate(client, services.enrollment_url, csr, out, e))
		return true;
	if (!client->refused)
		return false;
	const struct fault *named = fault_find(client->fault.message);
	return error_fault(e, ERR_DENIED, named ? named->name : "enrollment_failed", "%s",
		client->fault.reason);
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
	struct enroll_client client = {
		.arena = d->arena,
		.base_url = d->fleet->options->url,
		.device_token = device_token,
		.email = "",
		.device_id = d->ztd_id,
		.device_name = d->serial,
		.hybrid = d->hybrid,
		.post = post,
		.context = d,
	};
	struct provisioning document;

	return ask(d, &client, &document, e) && open_managed(d, &document, e);
}
