// SPDX-License-Identifier: Apache-2.0
#include "wire/enroll/fault.h"

#include "base/str.h"
#include "wire/enroll/names.h"

static const struct {
	const char *subcode;	// with the prefix of the envelope we write
	const char *error_type; // NULL: the subcode says it all
	uint32_t hresult;
} table[ENROLL_FAULT_COUNT] = {
	[ENROLL_FAULT_MESSAGE_FORMAT] = {"s:MessageFormat", NULL, 0x80180001},
	[ENROLL_FAULT_AUTHENTICATION] = {"s:Authentication", NULL, 0x80180002},
	[ENROLL_FAULT_AUTHORIZATION] = {"s:Authorization", NULL, 0x80180003},
	[ENROLL_FAULT_CERTIFICATE_REQUEST] = {"s:CertificateRequest", NULL, 0x80180004},
	[ENROLL_FAULT_ENROLLMENT_SERVER] = {"s:EnrollmentServer", NULL, 0x80180005},
	[ENROLL_FAULT_INTERNAL_SERVICE] = {"a:InternalServiceFault", NULL, 0x80180006},
	[ENROLL_FAULT_INVALID_SECURITY] = {"a:InvalidSecurity", NULL, 0x80180007},
	[ENROLL_FAULT_DEVICE_CAP_REACHED] = {"s:Authorization", "DeviceCapReached", 0x80180013},
	[ENROLL_FAULT_DEVICE_NOT_SUPPORTED] = {"s:Authorization", "DeviceNotSupported", 0x80180014},
	[ENROLL_FAULT_NOT_SUPPORTED] = {"s:Authorization", "NotSupported", 0x80180015},
	[ENROLL_FAULT_NOT_ELIGIBLE_TO_RENEW] = {"s:Authorization", "NotEligibleToRenew",
		0x80180016},
	[ENROLL_FAULT_IN_MAINTENANCE] = {"s:EnrollmentServer", "InMaintenance", 0x80180017},
	[ENROLL_FAULT_USER_LICENSE] = {"s:Authorization", "UserLicense", 0x80180018},
	[ENROLL_FAULT_INVALID_ENROLLMENT_DATA] = {"s:MessageFormat", "InvalidEnrollmentData",
		0x80180019},
	[ENROLL_FAULT_CUSTOM_SERVER_ERROR] = {"s:EnrollmentServer", "CustomServerError",
		0x80180032},
	[ENROLL_FAULT_UNKNOWN] = {"a:InternalServiceFault", NULL, 0x80180008},
};

uint32_t
enroll_fault_hresult(enum enroll_fault_kind kind)
{
	return table[kind].hresult;
}

const char *
enroll_fault_name(enum enroll_fault_kind kind)
{
	if (kind == ENROLL_FAULT_UNKNOWN)
		return "Unknown";
	return table[kind].error_type ? table[kind].error_type : table[kind].subcode + 2;
}

enum enroll_fault_kind
enroll_fault_of(enum error_code code)
{
	static const enum enroll_fault_kind kinds[ERR_CODE_COUNT] = {
		[ERR_NONE] = ENROLL_FAULT_INTERNAL_SERVICE,
		[ERR_INVALID] = ENROLL_FAULT_MESSAGE_FORMAT,
		[ERR_NOT_FOUND] = ENROLL_FAULT_AUTHORIZATION,
		[ERR_CONFLICT] = ENROLL_FAULT_ENROLLMENT_SERVER,
		[ERR_DENIED] = ENROLL_FAULT_AUTHORIZATION,
		[ERR_UNAUTHENTICATED] = ENROLL_FAULT_AUTHENTICATION,
		[ERR_LIMIT] = ENROLL_FAULT_MESSAGE_FORMAT,
		[ERR_TIMEOUT] = ENROLL_FAULT_ENROLLMENT_SERVER,
		[ERR_UNAVAILABLE] = ENROLL_FAULT_IN_MAINTENANCE,
		[ERR_PROTOCOL] = ENROLL_FAULT_MESSAGE_FORMAT,
		[ERR_CRYPTO] = ENROLL_FAULT_CERTIFICATE_REQUEST,
		[ERR_IO] = ENROLL_FAULT_INTERNAL_SERVICE,
		[ERR_UNSUPPORTED] = ENROLL_FAULT_NOT_SUPPORTED,
		[ERR_INTERNAL] = ENROLL_FAULT_INTERNAL_SERVICE,
	};

	return code < ERR_CODE_COUNT ? kinds[code] : ENROLL_FAULT_INTERNAL_SERVICE;
}

static void
write_code(struct xmlw *w, const char *subcode)
{
	xmlw_open(w, "s:Code");
	xmlw_leaf(w, "s:Value", "s:Receiver");
	xmlw_open(w, "s:Subcode");
	xmlw_leaf(w, "s:Value", subcode);
	xmlw_close(w);
	xmlw_close(w);
}

static void
write_detail(struct xmlw *w, const struct enroll_fault *fault)
{
	xmlw_open(w, "s:Detail");
	xmlw_open(w, "DeviceEnrollmentServiceError");
	xmlw_attr(w, "xmlns", NS_W);
	xmlw_leaf(w, "ErrorType", enroll_fault_name(fault->kind));
	xmlw_leaf(w, "Message", fault->message ? fault->message : fault->reason);
	xmlw_leaf(w, "TraceId", fault->trace_id);
	xmlw_close(w);
	xmlw_close(w);
}

void
enroll_fault_write(struct buf *out, const char *action, const struct enroll_fault *fault)
{
	struct soap_header header = {.relates_to = fault->relates_to};
	struct xmlw w = xmlw_on(out);

	soap_begin(&w, &header, action);
	xmlw_open(&w, "s:Fault");
	write_code(&w, table[fault->kind].subcode);
	xmlw_open(&w, "s:Reason");
	xmlw_open(&w, "s:Text");
	xmlw_attr(&w, "xml:lang", "en-us");
	xmlw_text(&w, fault->reason);
	xmlw_close(&w);
	xmlw_close(&w);
	write_detail(&w, fault);
	xmlw_close(&w);
	soap_end(&w);
}

// Child by local name in any case: the published faults are all-lower-case (mdm-wire.md 7).
static const struct xml *
part(const struct xml *parent, const char *name)
{
	const struct xml *n = parent ? parent->first : NULL;

	while (n && !str_ieq(n->name, name))
		n = n->next;
	return n;
}

static bool
names_subcode(const char *value, const char *subcode)
{
	const char *colon = strchr(value, ':');

	return str_ieq(colon ? colon + 1 : value, subcode + 2);
}

static enum enroll_fault_kind
kind_of(const char *error_type, const char *subcode)
{
	for (int i = 0; i < ENROLL_FAULT_UNKNOWN; i++)
		if (str_ieq(error_type, table[i].error_type))
			return (enum enroll_fault_kind)i;
	for (int i = 0; subcode && i < ENROLL_FAULT_UNKNOWN; i++)
		if (!table[i].error_type && names_subcode(subcode, table[i].subcode))
			return (enum enroll_fault_kind)i;
	return ENROLL_FAULT_UNKNOWN;
}

bool
enroll_fault_parse(
	struct arena *arena, struct slice text, struct enroll_fault *out, struct error *e)
{
	struct soap_message message;

	if (!soap_parse(arena, text, &message, e))
		return false;
	const struct xml *fault = message.payload;
	if (!fault || !str_ieq(fault->name, "Fault"))
		return error_fault(
			e, ERR_PROTOCOL, "soap_unexpected_payload", "the body has no fault");
	const struct xml *code = part(fault, "Code"), *reason = part(fault, "Reason");
	const struct xml *detail = part(part(fault, "Detail"), "DeviceEnrollmentServiceError");
	const char *error_type = xml_trimmed(arena, part(detail, "ErrorType"));
	const char *subcode = xml_trimmed(arena, part(part(code, "Subcode"), "Value"));
	const char *sentence = xml_trimmed(arena, part(reason, "Text"));
	*out = (struct enroll_fault){.kind = kind_of(error_type, subcode),
		.reason = sentence ? sentence : "",
		.message = xml_trimmed(arena, part(detail, "Message")),
		.trace_id = xml_trimmed(arena, part(detail, "TraceId")),
		.relates_to = message.header.relates_to};
	return true;
}
