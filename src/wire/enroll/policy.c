// SPDX-License-Identifier: Apache-2.0
#include "wire/enroll/policy.h"

#include "base/str.h"
#include "wire/enroll/names.h"

enum { LARGEST_KEY = 16384, SCHEMA = 3 };

bool
policy_request_parse(
	struct arena *arena, struct slice text, struct policy_request *out, struct error *e)
{
	struct soap_message message;

	if (!soap_parse(arena, text, &message, e) ||
		!soap_expect(arena, &message, NS_X, "GetPolicies", e))
		return false;
	*out = (struct policy_request){.header = message.header};
	return true;
}

static void
nil(struct xmlw *w, const char *name)
{
	xmlw_open(w, name);
	xmlw_attr(w, "xsi:nil", "true");
	xmlw_close(w);
}

static void
nil_all(struct xmlw *w, const char *const names[])
{
	for (; *names; names++)
		nil(w, *names);
}

void
policy_request_write(struct buf *out, const struct policy_request *request)
{
	struct xmlw w = xmlw_on(out);

	soap_begin(&w, &request->header, SOAP_GET_POLICIES);
	xmlw_open(&w, "GetPolicies");
	xmlw_attr(&w, "xmlns", NS_X);
	xmlw_attr(&w, "xmlns:xsi", NS_XSI);
	xmlw_open(&w, "client");
	nil(&w, "lastUpdate");
	nil(&w, "preferredLanguage");
	xmlw_close(&w);
	nil(&w, "requestFilter");
	xmlw_close(&w);
	soap_end(&w);
}

static uint64_t
number(struct arena *arena, const struct xml *parent, const char *name)
{
	uint64_t value;

	return str_to_u64(soap_text(arena, parent, name), UINT32_MAX, &value) ? value : 0;
}

static void
read_providers(struct arena *arena, const struct xml *key, struct policy_reply *r)
{
	const struct xml *list = xml_child(key, NULL, "cryptoProviders");

	for (const struct xml *n = xml_child(list, NULL, "provider");
		n && r->provider_count < POLICY_PROVIDERS; n = xml_next(n, NULL, "provider"))
		r->providers[r->provider_count++] = xml_trimmed(arena, n);
}

static void
resolve_hash(struct arena *arena, const struct xml *payload, const char *reference,
	struct policy_reply *r)
{
	const struct xml *oids = xml_child(payload, NULL, "oIDs");

	for (const struct xml *n = xml_child(oids, NULL, "oID"); n; n = xml_next(n, NULL, "oID")) {
		if (!reference || !str_eq(soap_text(arena, n, "oIDReferenceID"), reference))
			continue;
		r->hash_oid = soap_text(arena, n, "value");
		r->hash_name = soap_text(arena, n, "defaultName");
		return;
	}
}

bool
policy_reply_parse(
	struct arena *arena, struct slice text, struct policy_reply *out, struct error *e)
{
	struct policy_reply r = {0};
	struct soap_message message;

	if (!soap_parse(arena, text, &message, e) ||
		!soap_expect(arena, &message, NS_X, "GetPoliciesResponse", e))
		return false;
	const struct xml *response = xml_child(message.payload, NULL, "response");
	const struct xml *list = xml_child(response, NULL, "policies");
	const struct xml *attributes =
		xml_child(xml_child(list, NULL, "policy"), NULL, "attributes");
	const struct xml *key = xml_child(attributes, NULL, "privateKeyAttributes");
	const struct xml *validity = xml_child(attributes, NULL, "certificateValidity");
	r.header = message.header;
	uint64_t bits = number(arena, key, "minimalKeyLength");
	r.validity_seconds = number(arena, validity, "validityPeriodSeconds");
	r.renewal_seconds = number(arena, validity, "renewalPeriodSeconds");
	r.attestation_failure = soap_text(arena, key, "AttestationFailureBehavior");
	r.operation_timeout = (unsigned)number(arena, key, "OperationTimeout");
	read_providers(arena, key, &r);
	resolve_hash(arena, message.payload,
		soap_text(arena, attributes, "hashAlgorithmOIDReference"), &r);
	const char *wrong = number(arena, attributes, "policySchema") != SCHEMA ? "policySchema"
		: bits == 0 || bits > LARGEST_KEY				? "minimalKeyLength"
		: str_empty(r.hash_oid) ? "hashAlgorithmOIDReference"
					: NULL;
	if (wrong)
		return error_fault(e, ERR_INVALID, "policy_incomplete",
			"%s is missing or not usable in the certificate policy", wrong);
	r.min_key_length = (unsigned)bits;
	*out = r;
	return true;
}

static void
leaf_number(struct xmlw *w, const char *name, uint64_t value)
{
	xmlw_leaf(w, name, arena_printf(w->out->arena, "%llu", (unsigned long long)value));
}

static void
write_key_attributes(struct xmlw *w, const struct policy_reply *r)
{
	static const char *const absent[] = {
		"keySpec", "keyUsageProperty", "permissions", "algorithmOIDReference", NULL};

	xmlw_open(w, "privateKeyAttributes");
	leaf_number(w, "minimalKeyLength", r->min_key_length);
	nil_all(w, absent);
	xmlw_leaf(w, "AttestationFailureBehavior", r->attestation_failure);
	if (r->operation_timeout)
		leaf_number(w, "OperationTimeout", r->operation_timeout);
	if (r->provider_count) {
		xmlw_open(w, "cryptoProviders");
		for (size_t i = 0; i < r->provider_count; i++)
			xmlw_leaf(w, "provider", r->providers[i]);
		xmlw_close(w);
	} else {
		nil(w, "cryptoProviders");
	}
	xmlw_close(w);
}

static void
write_attributes(struct xmlw *w, const struct policy_reply *r)
{
	static const char *const before[] = {"supersededPolicies", "privateKeyFlags",
		"subjectNameFlags", "enrollmentFlags", "generalFlags", NULL};
	static const char *const after[] = {
		"rARequirements", "keyArchivalAttributes", "extensions", NULL};

	xmlw_open(w, "attributes");
	leaf_number(w, "policySchema", SCHEMA);
	if (r->validity_seconds) {
		xmlw_open(w, "certificateValidity");
		leaf_number(w, "validityPeriodSeconds", r->validity_seconds);
		leaf_number(w, "renewalPeriodSeconds", r->renewal_seconds);
		xmlw_close(w);
	}
	write_key_attributes(w, r);
	nil_all(w, before);
	xmlw_leaf(w, "hashAlgorithmOIDReference", "0");
	nil_all(w, after);
	xmlw_close(w);
}

static void
write_response(struct xmlw *w, const struct policy_reply *reply)
{
	static const char *const absent[] = {
		"policyFriendlyName", "nextUpdateHours", "policiesNotChanged", NULL};

	xmlw_open(w, "response");
	xmlw_leaf(w, "policyID", "");
	nil_all(w, absent);
	xmlw_open(w, "policies");
	xmlw_open(w, "policy");
	xmlw_leaf(w, "policyOIDReference", "0");
	nil(w, "cAs");
	write_attributes(w, reply);
	xmlw_close(w);
	xmlw_close(w);
	xmlw_close(w);
}

void
policy_reply_write(struct buf *out, const struct policy_reply *reply)
{
	struct xmlw w = xmlw_on(out);

	soap_begin(&w, &reply->header, SOAP_GET_POLICIES_REPLY);
	xmlw_open(&w, "GetPoliciesResponse");
	xmlw_attr(&w, "xmlns", NS_X);
	xmlw_attr(&w, "xmlns:xsi", NS_XSI);
	write_response(&w, reply);
	nil(&w, "cAs");
	xmlw_open(&w, "oIDs");
	xmlw_open(&w, "oID");
	xmlw_leaf(&w, "value", reply->hash_oid);
	xmlw_leaf(&w, "group", "1"); // hash algorithms (mdm-wire.md 3)
	xmlw_leaf(&w, "oIDReferenceID", "0");
	xmlw_leaf(&w, "defaultName", reply->hash_name);
	xmlw_close(&w);
	xmlw_close(&w);
	xmlw_close(&w);
	soap_end(&w);
}
