// SPDX-License-Identifier: Apache-2.0
#include "codec/base64.h"
#include "wire/enroll/names.h"
#include "wire/enroll/soap.h"

static void
must_understand(struct xmlw *w, const char *name, const char *text)
{
	xmlw_open(w, name);
	xmlw_attr(w, "s:mustUnderstand", "1");
	xmlw_text(w, text);
	xmlw_close(w);
}

static void
write_timestamp(struct xmlw *w, const struct soap_security *security)
{
	if (!security->created)
		return;
	xmlw_open(w, "u:Timestamp");
	xmlw_attr(w, "u:Id", "_0");
	xmlw_leaf(w, "u:Created", security->created);
	xmlw_leaf(w, "u:Expires", security->expires);
	xmlw_close(w);
}

static const char *
value_type_of(const struct soap_security *security)
{
	if (security->value_type)
		return security->value_type;
	switch (security->kind) {
	case SOAP_AUTH_JWT:
		return VALUE_JWT;
	case SOAP_AUTH_CERTIFICATE:
		return VALUE_X509;
	default:
		return VALUE_USER_TOKEN;
	}
}

static bool
has_token(const struct soap_security *security)
{
	return security->kind == SOAP_AUTH_PASSWORD ||
		(security->kind != SOAP_AUTH_NONE && security->token.data);
}

static void
write_token(struct xmlw *w, const struct soap_security *security)
{
	if (security->kind == SOAP_AUTH_PASSWORD) {
		xmlw_open(w, "o:UsernameToken");
		xmlw_attr(w, "u:Id", "uuid-cc1ccc1f-2fba-4bcf-b063-ffc0cac77917-4");
		xmlw_leaf(w, "o:Username", security->username);
		xmlw_open(w, "o:Password");
		xmlw_attr(w, "o:Type", PASSWORD_TEXT); // as the Windows client spells it
		xmlw_text(w, security->password);
		xmlw_close(w);
		xmlw_close(w);
	} else if (has_token(security)) {
		xmlw_open(w, "o:BinarySecurityToken");
		xmlw_attr(w, "ValueType", value_type_of(security));
		xmlw_attr(w, "EncodingType", B64);
		xmlw_text(w, base64_encode(w->out->arena, security->token));
		xmlw_close(w);
	}
}

static void
write_security(struct xmlw *w, const struct soap_security *security)
{
	if (!has_token(security) && !security->created)
		return;
	xmlw_open(w, "o:Security");
	xmlw_attr(w, "s:mustUnderstand", "1");
	xmlw_attr(w, "xmlns:o", NS_O);
	xmlw_attr(w, "xmlns:u", NS_U);
	write_timestamp(w, security);
	write_token(w, security);
	xmlw_close(w);
}

void
soap_begin(struct xmlw *w, const struct soap_header *header, const char *action)
{
	xmlw_open(w, "s:Envelope");
	xmlw_attr(w, "xmlns:s", NS_S);
	xmlw_attr(w, "xmlns:a", NS_A);
	xmlw_open(w, "s:Header");
	must_understand(w, "a:Action", action);
	xmlw_leaf(w, "a:MessageID", header->message_id);
	if (header->message_id) {
		xmlw_open(w, "a:ReplyTo");
		xmlw_leaf(w, "a:Address", NS_A "/anonymous");
		xmlw_close(w);
	}
	xmlw_leaf(w, "a:RelatesTo", header->relates_to);
	if (header->to)
		must_understand(w, "a:To", header->to);
	write_security(w, &header->security);
	xmlw_close(w);
	xmlw_open(w, "s:Body");
}

void
soap_end(struct xmlw *w)
{
	xmlw_close(w);
	xmlw_close(w);
}
