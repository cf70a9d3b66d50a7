// SPDX-License-Identifier: Apache-2.0
#include "wire/enroll/client.h"

#include "base/str.h"
#include "base/uuid.h"
#include "wire/enroll/policy.h"
#include "wire/enroll/token.h"

enum { SOAP_MAX = 256 << 10 };

// What could not be read as the answer may be a fault.
static bool
failed(struct enroll_client *c, struct slice reply, struct error *e)
{
	struct error ignored;

	c->refused = enroll_fault_parse(c->arena, reply, &c->fault, &ignored);
	return c->refused ? false : error_wrap(e, "enrolment");
}

static struct soap_header
header(const struct enroll_client *c, const char *url, const char *token)
{
	struct soap_header h = {
		.message_id = arena_printf(c->arena, "urn:uuid:%s", uuid_new(c->arena)),
		.to = url,
	};

	if (token)
		h.security =
			(struct soap_security){.kind = SOAP_AUTH_JWT, .token = slice_str(token)};
	return h;
}

bool
enroll_discover(struct enroll_client *c, struct discovery_reply *out, struct error *e)
{
	char *url = arena_printf(c->arena, "%s/EnrollmentServer/Discovery.svc", c->base_url);
	struct discovery_request request = {
		.header = header(c, url, NULL),
		.email = c->email,
		.version = {5, 0},
		.device_type = "CIMClient_Windows",
		.application_version = "10.0.26100.1",
		.os_edition = "4",
		.auth_policies = AUTH_FEDERATED | AUTH_ONPREMISE,
	};
	struct slice reply;
	struct buf body;

	buf_init(&body, c->arena, SOAP_MAX);
	discovery_request_write(&body, &request);
	return c->post(c->context, url, &body, &reply, e) &&
		(discovery_reply_parse(c->arena, reply, out, e) || failed(c, reply, e));
}

bool
enroll_policies(struct enroll_client *c, const char *url, struct error *e)
{
	struct policy_request request = {.header = header(c, url, c->device_token)};
	struct policy_reply parsed;
	struct slice reply;
	struct buf body;

	buf_init(&body, c->arena, SOAP_MAX);
	policy_request_write(&body, &request);
	return c->post(c->context, url, &body, &reply, e) &&
		(policy_reply_parse(c->arena, reply, &parsed, e) || failed(c, reply, e));
}

static struct token_item *
context_items(const struct enroll_client *c)
{
	const char *hybrid = c->hybrid ? "true" : "false";
	const struct {
		const char *name, *value;
	} values[] = {
		{"DeviceType", "CIMClient_Windows"},
		{"OSEdition", "4"},
		{"OSVersion", "10.0.26100.1"},
		{"ApplicationVersion", FERRY_VERSION},
		{"DeviceID", c->device_id},
		{"DeviceName", c->device_name},
		{"EnrollmentType", "Device"},
		{"RequestVersion", "5.0"},
		{"NotInOobe", "false"},
		{"ZeroTouchProvisioning", c->device_id},
		{"WhiteGloveHybridJoin", hybrid},
		{"BootstrapDomainJoin", hybrid},
	};
	struct token_item *first = NULL, **end = &first;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		*end = arena_new(c->arena, struct token_item);
		(*end)->name = values[i].name;
		(*end)->value = values[i].value;
		end = &(*end)->next;
	}
	return first;
}

bool
enroll_certificate(struct enroll_client *c, const char *url, struct slice csr,
	struct provisioning *out, struct error *e)
{
	struct token_request request = {
		.header = header(c, url, c->device_token),
		.type = TOKEN_ISSUE,
		.items = context_items(c),
		.request = csr,
	};
	struct token_reply parsed;
	struct slice reply;
	struct buf body;

	buf_init(&body, c->arena, SOAP_MAX);
	token_request_write(&body, &request);
	if (!c->post(c->context, url, &body, &reply, e))
		return false;
	if (!token_reply_parse(c->arena, reply, &parsed, e))
		return failed(c, reply, e);
	return provisioning_parse(c->arena, parsed.document, out, e);
}
