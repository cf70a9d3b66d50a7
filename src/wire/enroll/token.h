// SPDX-License-Identifier: Apache-2.0
// The certificate step of enrolment (MS-WSTEP as MS-MDE2 uses it): a certificate request with what
// the device says about itself, answered by a provisioning document.
#pragma once

#include "wire/enroll/soap.h"

enum {
	TOKEN_MAX_REQUEST = 32 << 10, // bytes of a PKCS#10 or of the CMS around it
	TOKEN_MAX_DOCUMENT = 512 << 10,
	TOKEN_MAX_ITEMS = 200,
};

enum token_request_type { TOKEN_ISSUE, TOKEN_RENEW, TOKEN_RECOVERY };

// What the device says about itself; names repeat (MAC, IMEI).
struct token_item {
	struct token_item *next;
	const char *name;
	const char *value; // trimmed
};

struct token_request {
	struct soap_header header; // who asks: header.security
	enum token_request_type type;
	bool cms;	      // the request is CMS SignedData around a PKCS#10 (renewal)
	struct slice request; // DER
	struct token_item *items;
};

struct token_reply {
	struct soap_header
		header;		// relates_to; security.created and .expires (5 minutes around now)
	struct slice document;	// wap-provisioningdoc, or DER when value_type says X.509
	const char *value_type; // NULL: DeviceEnrollmentProvisionDoc
	const char *request_id; // NULL: "0"
};

// First value of a context item by name, or NULL.
const char *token_item(const struct token_request *request, const char *name);

// True when the item says "true" in any case (WhiteGlove, BootstrapDomainJoin …).
bool token_item_true(const struct token_request *request, const char *name);

// Read a request (mdm-wire.md 4 and 6). ERR_PROTOCOL, ERR_LIMIT (soap_too_large); ERR_INVALID
// enroll_request_missing or enroll_request_not_base64; ERR_UNSUPPORTED enroll_request_type for
// other RequestTypes and enroll_request_format for what is neither PKCS#10 nor PKCS#7.
bool token_request_parse(struct arena *arena, struct slice text, struct token_request *out,
	struct error *e) MUST_CHECK;
void token_request_write(struct buf *out, const struct token_request *request);

// Read a reply: the agent's side. ERR_INVALID enroll_reply_incomplete; ERR_DENIED soap_peer_fault;
// ERR_PROTOCOL, ERR_LIMIT.
bool token_reply_parse(struct arena *arena, struct slice text, struct token_reply *out,
	struct error *e) MUST_CHECK;
void token_reply_write(struct buf *out, const struct token_reply *reply);
