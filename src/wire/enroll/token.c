// SPDX-License-Identifier: Apache-2.0
#include "wire/enroll/token.h"

#include "base/str.h"
#include "codec/base64.h"
#include "wire/enroll/names.h"

#define VALUE_DOCUMENT CM "DeviceEnrollmentProvisionDoc"
#define TOKEN_TYPE CM "DeviceEnrollmentToken"

static const struct {
	const char *uri;
	enum token_request_type type;
} types[] = {{NS_T "/Issue", TOKEN_ISSUE}, {NS_T "/Renew", TOKEN_RENEW},
	{NS_T "/Recovery", TOKEN_RECOVERY}};

enum { TYPES = sizeof types / sizeof *types };

const char *
token_item(const struct token_request *request, const char *name)
{
	for (const struct token_item *i = request->items; i; i = i->next)
		if (str_eq(i->name, name))
			return i->value;
	return NULL;
}

bool
token_item_true(const struct token_request *request, const char *name)
{
	return str_ieq(token_item(request, name), "true");
}

static bool
read_type(const char *uri, enum token_request_type *type, struct error *e)
{
	for (size_t i = 0; i < TYPES; i++)
		if (str_eq(uri, types[i].uri)) {
			*type = types[i].type;
			return true;
		}
	return error_fault(e, ERR_UNSUPPORTED, "enroll_request_type",
		"the RequestType \"%.80s\" is not offered", uri ? uri : "");
}

static bool
decode_token(struct arena *arena, const struct xml *token, size_t max, struct slice *out,
	struct error *e)
{
	if (base64_decode(arena, slice_of(token->text, token->len), BASE64_WHITESPACE, max, out, e))
		return true;
	if (e->code == ERR_LIMIT)
		return error_fault(e, ERR_LIMIT, "soap_too_large",
			"line %zu: the BinarySecurityToken has more than %zu bytes", token->line,
			max);
	char why[100];
	snprintf(why, sizeof why, "%.99s", e->message);
	return error_fault(e, ERR_INVALID, "enroll_request_not_base64",
		"line %zu: the BinarySecurityToken is not base64: %s", token->line, why);
}

// Value types are told apart by their end: the namespace before it differs between documents
// (mdm-wire.md 6).
static bool
read_request(
	struct arena *arena, const struct xml *payload, struct token_request *r, struct error *e)
{
	const struct xml *token = xml_child(payload, NS_O, "BinarySecurityToken");
	const char *value_type = xml_attr(token, NULL, "ValueType");

	if (!token)
		return error_fault(e, ERR_INVALID, "enroll_request_missing",
			"the RequestSecurityToken has no certificate request");
	r->cms = str_ends(value_type, "#PKCS7");
	if (!r->cms && !str_ends(value_type, "#PKCS10"))
		return error_fault(e, ERR_UNSUPPORTED, "enroll_request_format",
			"the certificate request is neither PKCS#10 nor PKCS#7: \"%.80s\"",
			value_type ? value_type : "");
	if (!decode_token(arena, token, TOKEN_MAX_REQUEST, &r->request, e))
		return false;
	return r->request.len ||
		error_fault(e, ERR_INVALID, "enroll_request_missing",
			"the certificate request is empty");
}

static bool
read_items(
	struct arena *arena, const struct xml *payload, struct token_item **link, struct error *e)
{
	const struct xml *context = xml_child(payload, NS_C, "AdditionalContext");
	size_t count = 0;

	for (const struct xml *n = xml_child(context, NS_C, "ContextItem"); n;
		n = xml_next(n, NS_C, "ContextItem")) {
		if (++count > TOKEN_MAX_ITEMS)
			return error_fault(e, ERR_LIMIT, "soap_too_large",
				"more than %d context items", TOKEN_MAX_ITEMS);
		struct token_item *item = arena_new(arena, struct token_item);
		const char *name = xml_attr(n, NULL, "Name");
		const char *value = xml_child_text(arena, n, NS_C, "Value");
		item->name = name ? name : "";
		item->value = value ? value : "";
		*link = item;
		link = &item->next;
	}
	return true;
}

bool
token_request_parse(
	struct arena *arena, struct slice text, struct token_request *out, struct error *e)
{
	struct token_request r = {0};
	struct soap_message message;

	if (!soap_parse(arena, text, &message, e) ||
		!soap_expect(arena, &message, NS_T, "RequestSecurityToken", e))
		return false;
	r.header = message.header;
	if (!read_type(soap_text(arena, message.payload, "RequestType"), &r.type, e) ||
		!read_request(arena, message.payload, &r, e) ||
		!read_items(arena, message.payload, &r.items, e))
		return false;
	*out = r;
	return true;
}

static void
write_items(struct xmlw *w, const struct token_item *item)
{
	if (!item)
		return;
	xmlw_open(w, "c:AdditionalContext");
	xmlw_attr(w, "xmlns:c", NS_C);
	for (; item; item = item->next) {
		xmlw_open(w, "c:ContextItem");
		xmlw_attr(w, "Name", item->name);
		xmlw_leaf(w, "c:Value", item->value);
		xmlw_close(w);
	}
	xmlw_close(w);
}

static void
write_token(struct xmlw *w, const char *value_type, struct slice bytes)
{
	xmlw_open(w, "BinarySecurityToken");
	xmlw_attr(w, "xmlns", NS_O);
	xmlw_attr(w, "ValueType", value_type);
	xmlw_attr(w, "EncodingType", B64);
	xmlw_text(w, base64_encode(w->out->arena, bytes));
	xmlw_close(w);
}

void
token_request_write(struct buf *out, const struct token_request *request)
{
	struct xmlw w = xmlw_on(out);

	soap_begin(&w, &request->header, SOAP_REQUEST_TOKEN);
	xmlw_open(&w, "t:RequestSecurityToken");
	xmlw_attr(&w, "xmlns:t", NS_T);
	xmlw_leaf(&w, "t:TokenType", TOKEN_TYPE);
	xmlw_leaf(&w, "t:RequestType", types[request->type].uri);
	write_token(&w, request->cms ? NS_O "#PKCS7" : NS_W "#PKCS10", request->request);
	write_items(&w, request->items);
	xmlw_close(&w);
	soap_end(&w);
}

bool
token_reply_parse(struct arena *arena, struct slice text, struct token_reply *out, struct error *e)
{
	struct token_reply r = {0};
	struct soap_message message;

	if (!soap_parse(arena, text, &message, e) ||
		!soap_expect(arena, &message, NS_T, "RequestSecurityTokenResponseCollection", e))
		return false;
	const struct xml *response =
		xml_child(message.payload, NS_T, "RequestSecurityTokenResponse");
	const struct xml *requested = xml_child(response, NS_T, "RequestedSecurityToken");
	const struct xml *token = xml_child(requested, NS_O, "BinarySecurityToken");
	if (!token)
		return error_fault(e, ERR_INVALID, "enroll_reply_incomplete",
			"the reply has no RequestedSecurityToken with a BinarySecurityToken");
	if (!decode_token(arena, token, TOKEN_MAX_DOCUMENT, &r.document, e)) {
		if (e->code == ERR_INVALID)
			e->fault = "enroll_reply_incomplete";
		return false;
	}
	r.header = message.header;
	r.value_type = xml_attr(token, NULL, "ValueType");
	r.request_id = soap_text(arena, response, "RequestID");
	*out = r;
	return true;
}

static void
write_in_w(struct xmlw *w, const char *name, const char *text)
{
	xmlw_open(w, name);
	xmlw_attr(w, "xmlns", NS_W);
	xmlw_text(w, text);
	xmlw_close(w);
}

void
token_reply_write(struct buf *out, const struct token_reply *reply)
{
	struct xmlw w = xmlw_on(out);

	soap_begin(&w, &reply->header, SOAP_REQUEST_TOKEN_REPLY);
	xmlw_open(&w, "RequestSecurityTokenResponseCollection");
	xmlw_attr(&w, "xmlns", NS_T);
	xmlw_open(&w, "RequestSecurityTokenResponse");
	xmlw_leaf(&w, "TokenType", TOKEN_TYPE);
	write_in_w(&w, "DispositionMessage", "");
	xmlw_open(&w, "RequestedSecurityToken");
	write_token(&w, reply->value_type ? reply->value_type : VALUE_DOCUMENT, reply->document);
	xmlw_close(&w);
	write_in_w(&w, "RequestID", reply->request_id ? reply->request_id : "0");
	xmlw_close(&w);
	xmlw_close(&w);
	soap_end(&w);
}
