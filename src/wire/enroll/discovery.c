// SPDX-License-Identifier: Apache-2.0
#include "wire/enroll/discovery.h"

#include "base/str.h"
#include "wire/enroll/names.h"

static const struct {
	enum auth_policy policy;
	const char *name;
} policies[] = {{AUTH_FEDERATED, "Federated"}, {AUTH_CERTIFICATE, "Certificate"},
	{AUTH_ONPREMISE, "OnPremise"}};

enum { POLICIES = sizeof policies / sizeof *policies, OLDEST_MAJOR = 3 };

const char *
auth_policy_name(enum auth_policy policy)
{
	for (size_t i = 0; i < POLICIES; i++)
		if (policies[i].policy == policy)
			return policies[i].name;
	return NULL;
}

// 0 for an unknown name.
static unsigned
policy_named(const char *name)
{
	for (size_t i = 0; i < POLICIES; i++)
		if (str_eq(name, policies[i].name))
			return policies[i].policy;
	return 0;
}

static bool
read_version(const char *text, struct enroll_version *out, struct error *e)
{
	if (str_empty(text))
		return error_fault(e, ERR_UNSUPPORTED, "enroll_version_too_old",
			"the client names no RequestVersion; 3.0 is the oldest that is served");
	if (!enroll_version_parse(text, out))
		return error_fault(e, ERR_INVALID, "enroll_version_invalid",
			"RequestVersion \"%.20s\" is no decimal number", text);
	if (out->major < OLDEST_MAJOR)
		return error_fault(e, ERR_UNSUPPORTED, "enroll_version_too_old",
			"RequestVersion %.20s; 3.0 is the oldest that is served", text);
	return true;
}

bool
discovery_request_parse(
	struct arena *arena, struct slice text, struct discovery_request *out, struct error *e)
{
	struct discovery_request r = {0};
	struct soap_message message;

	if (!soap_parse(arena, text, &message, e) ||
		!soap_expect(arena, &message, NS_E, "Discover", e))
		return false;
	const struct xml *request = xml_child(message.payload, NULL, "request");
	if (!read_version(soap_text(arena, request, "RequestVersion"), &r.version, e))
		return false;
	r.header = message.header;
	r.email = soap_text(arena, request, "EmailAddress");
	if (!r.email)
		r.email = "";
	r.device_type = soap_text(arena, request, "DeviceType");
	r.application_version = soap_text(arena, request, "ApplicationVersion");
	r.os_edition = soap_text(arena, request, "OSEdition");
	const struct xml *list = xml_child(request, NULL, "AuthPolicies");
	for (const struct xml *n = list ? list->first : NULL; n; n = n->next)
		r.auth_policies |= policy_named(xml_trimmed(arena, n));
	*out = r;
	return true;
}

static void
write_version(struct xmlw *w, const char *name, struct enroll_version version)
{
	xmlw_leaf(w, name, arena_printf(w->out->arena, "%u.%u", version.major, version.minor));
}

void
discovery_request_write(struct buf *out, const struct discovery_request *request)
{
	struct xmlw w = xmlw_on(out);

	soap_begin(&w, &request->header, SOAP_DISCOVER);
	xmlw_open(&w, "Discover");
	xmlw_attr(&w, "xmlns", NS_E);
	xmlw_open(&w, "request");
	xmlw_leaf(&w, "EmailAddress", request->email);
	xmlw_leaf(&w, "OSEdition", request->os_edition);
	write_version(&w, "RequestVersion", request->version);
	xmlw_leaf(&w, "DeviceType", request->device_type);
	xmlw_leaf(&w, "ApplicationVersion", request->application_version);
	xmlw_open(&w, "AuthPolicies");
	for (size_t i = 0; i < POLICIES; i++)
		if (request->auth_policies & policies[i].policy)
			xmlw_leaf(&w, "AuthPolicy", policies[i].name);
	xmlw_close(&w);
	xmlw_close(&w);
	xmlw_close(&w);
	soap_end(&w);
}

static bool
check_reply(const struct discovery_reply *r, const char *policy, struct error *e)
{
	if (!r->auth_policy)
		return error_fault(e, ERR_INVALID, "discovery_incomplete",
			"AuthPolicy \"%.30s\" is not known", policy ? policy : "");
	if (str_empty(r->enrollment_url))
		return error_fault(
			e, ERR_INVALID, "discovery_incomplete", "EnrollmentServiceUrl is missing");
	if (r->auth_policy == AUTH_FEDERATED && str_empty(r->authentication_url))
		return error_fault(e, ERR_INVALID, "discovery_incomplete",
			"AuthenticationServiceUrl is missing");
	return true;
}

bool
discovery_reply_parse(
	struct arena *arena, struct slice text, struct discovery_reply *out, struct error *e)
{
	struct discovery_reply r = {0};
	struct soap_message message;

	if (!soap_parse(arena, text, &message, e) ||
		!soap_expect(arena, &message, NS_E, "DiscoverResponse", e))
		return false;
	const struct xml *result = xml_child(message.payload, NULL, "DiscoverResult");
	const char *policy = soap_text(arena, result, "AuthPolicy");
	const char *version = soap_text(arena, result, "EnrollmentVersion");
	r.header = message.header;
	r.auth_policy = (enum auth_policy)policy_named(policy);
	// Replies of MS-MDE have none; a text that is no version is as good as none.
	if (!enroll_version_parse(version, &r.version))
		r.version = (struct enroll_version){0};
	r.policy_url = soap_text(arena, result, "EnrollmentPolicyServiceUrl");
	r.enrollment_url = soap_text(arena, result, "EnrollmentServiceUrl");
	r.authentication_url = soap_text(arena, result, "AuthenticationServiceUrl");
	if (!check_reply(&r, policy, e))
		return false;
	*out = r;
	return true;
}

void
discovery_reply_write(struct buf *out, const struct discovery_reply *reply)
{
	struct xmlw w = xmlw_on(out);

	soap_begin(&w, &reply->header, SOAP_DISCOVER_REPLY);
	xmlw_open(&w, "DiscoverResponse");
	xmlw_attr(&w, "xmlns", NS_E);
	xmlw_open(&w, "DiscoverResult");
	xmlw_leaf(&w, "AuthPolicy", auth_policy_name(reply->auth_policy));
	write_version(&w, "EnrollmentVersion", reply->version);
	xmlw_leaf(&w, "EnrollmentPolicyServiceUrl", reply->policy_url);
	xmlw_leaf(&w, "EnrollmentServiceUrl", reply->enrollment_url);
	xmlw_leaf(&w, "AuthenticationServiceUrl", reply->authentication_url);
	xmlw_close(&w);
	xmlw_close(&w);
	soap_end(&w);
}
