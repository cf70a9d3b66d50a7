// SPDX-License-Identifier: Apache-2.0
#include "wire/enroll/soap.h"

#include "base/str.h"
#include "codec/base64.h"
#include "wire/enroll/names.h"

const char *
soap_text(struct arena *arena, const struct xml *parent, const char *name)
{
	return xml_child_text(arena, parent, NULL, name);
}

// First child of the envelope's own namespace with that name in any case.
static const struct xml *
envelope_part(const struct xml *parent, const char *name)
{
	for (const struct xml *n = parent->first; n; n = n->next)
		if (str_eq(n->ns, parent->ns) && str_ieq(n->name, name))
			return n;
	return NULL;
}

static enum soap_auth
kind_of_token(const struct xml *security, const char *value_type)
{
	// Provisioning packages sign with a certificate, whatever value type they name
	// (mdm-wire.md 2c).
	if (xml_child(security, NS_DS, "Signature") || str_ends(value_type, "#X509v3"))
		return SOAP_AUTH_CERTIFICATE;
	if (str_eq(value_type, VALUE_JWT))
		return SOAP_AUTH_JWT;
	return str_eq(value_type, VALUE_USER_TOKEN) ? SOAP_AUTH_USER_TOKEN : SOAP_AUTH_OTHER;
}

static bool
read_binary_token(struct arena *arena, const struct xml *security, const struct xml *token,
	struct soap_security *out, struct error *e)
{
	out->value_type = xml_attr(token, NULL, "ValueType");
	out->kind = kind_of_token(security, out->value_type);
	if (base64_decode(arena, slice_of(token->text, token->len), BASE64_WHITESPACE,
		    SOAP_MAX_TOKEN, &out->token, e))
		return true;
	if (e->code == ERR_LIMIT)
		return error_fault(e, ERR_LIMIT, "soap_too_large",
			"the security token has more than %d bytes", SOAP_MAX_TOKEN);
	out->token = (struct slice){0}; // whoever checks the token refuses it
	return true;
}

static bool
read_security(
	struct arena *arena, const struct xml *header, struct soap_security *out, struct error *e)
{
	const struct xml *security = xml_child(header, NS_O, "Security");
	const struct xml *token = xml_child(security, NS_O, "BinarySecurityToken");
	const struct xml *name = xml_child(security, NS_O, "UsernameToken");
	const struct xml *stamp = xml_child(security, NS_U, "Timestamp");

	if (!security)
		return true;
	out->created = xml_child_text(arena, stamp, NS_U, "Created");
	out->expires = xml_child_text(arena, stamp, NS_U, "Expires");
	if (token)
		return read_binary_token(arena, security, token, out, e);
	if (name) {
		const struct xml *password = xml_child(name, NS_O, "Password");
		out->kind = SOAP_AUTH_PASSWORD;
		out->username = xml_child_text(arena, name, NS_O, "Username");
		// Verbatim: a password may begin or end with a blank.
		out->password = password ? password->text : NULL;
	} else if (security->first && security->first != stamp) {
		out->kind = SOAP_AUTH_OTHER;
	}
	return true;
}

static bool
read_header(struct arena *arena, const struct xml *header, struct soap_header *out, struct error *e)
{
	const struct xml *message_id;

	if (!header)
		return true;
	out->action = xml_child_text(arena, header, NS_A, "Action");
	out->relates_to = xml_child_text(arena, header, NS_A, "RelatesTo");
	out->to = xml_child_text(arena, header, NS_A, "To");
	message_id = xml_child(header, NS_A, "MessageID");
	out->message_id = message_id ? message_id->text : NULL;
	return read_security(arena, header, &out->security, e);
}

static bool
is_envelope(const struct xml *root)
{
	return str_ieq(root->name, "Envelope") &&
		(str_eq(root->ns, NS_S) || str_eq(root->ns, NS_S11));
}

bool
soap_parse(struct arena *arena, struct slice text, struct soap_message *out, struct error *e)
{
	struct soap_message message = {0};
	const struct xml *root = xml_parse(arena, text, NULL, e);

	if (!root) {
		bool limit = e->code == ERR_LIMIT;
		e->fault = limit ? "soap_too_large" : "soap_not_xml";
		if (!limit)
			e->code = ERR_PROTOCOL;
		return false;
	}
	const struct xml *body = is_envelope(root) ? envelope_part(root, "Body") : NULL;
	if (!body)
		return error_fault(e, ERR_PROTOCOL, "soap_not_an_envelope",
			"<%.60s> is no SOAP 1.2 envelope with a body", root->name);
	if (!read_header(arena, envelope_part(root, "Header"), &message.header, e))
		return false;
	message.payload = body->first;
	*out = message;
	return true;
}

static bool
peer_fault(struct arena *arena, const struct xml *fault, struct error *e)
{
	const struct xml *reason = envelope_part(fault, "Reason");
	const struct xml *text = reason ? envelope_part(reason, "Text") : NULL;

	return error_fault(e, ERR_DENIED, "soap_peer_fault", "the server refused: %s",
		text ? xml_trimmed(arena, text) : "no reason given");
}

bool
soap_expect(struct arena *arena, const struct soap_message *message, const char *ns,
	const char *name, struct error *e)
{
	const struct xml *payload = message->payload;

	if (xml_is_like(payload, ns, name))
		return true;
	if (payload && str_ieq(payload->name, "Fault") &&
		(str_eq(payload->ns, NS_S) || str_eq(payload->ns, NS_S11)))
		return peer_fault(arena, payload, e);
	return error_fault(e, ERR_PROTOCOL, "soap_unexpected_payload",
		"the body has <%.60s> of namespace \"%.60s\" where %s was expected",
		payload ? payload->name : "", payload ? payload->ns : "", name);
}

bool
enroll_version_parse(const char *text, struct enroll_version *out)
{
	unsigned long parts[2] = {0, 0};
	const char *p = text;

	for (int i = 0; p && i < 2; i++) {
		const char *begin = p;
		while (*p >= '0' && *p <= '9' && p - begin < 5)
			parts[i] = parts[i] * 10 + (unsigned long)(*p++ - '0');
		if (p == begin)
			return false;
		if (*p == '\0') {
			*out = (struct enroll_version){(unsigned)parts[0], (unsigned)parts[1]};
			return true;
		}
		if (*p++ != '.')
			return false;
	}
	return false;
}

struct enroll_version
enroll_version_min(struct enroll_version a, struct enroll_version b)
{
	bool a_is_lower = a.major != b.major ? a.major < b.major : a.minor < b.minor;

	return a_is_lower ? a : b;
}
