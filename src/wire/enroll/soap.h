// SPDX-License-Identifier: Apache-2.0
// The SOAP 1.2 envelope of the enrolment messages: addressing, and the forms in which a caller
// proves who it is.
#pragma once

#include "base/buf.h"
#include "codec/xml.h"

#define SOAP_CONTENT_TYPE "application/soap+xml; charset=utf-8"

// Actions of requests and replies (mdm-wire.md 1, 3, 4).
#define SOAP_DISCOVER                                                                              \
	"http://schemas.microsoft.com/windows/management/2012/01/enrollment/IDiscoveryService/"    \
	"Discover"
#define SOAP_DISCOVER_REPLY SOAP_DISCOVER "Response"
#define SOAP_GET_POLICIES                                                                          \
	"http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/IPolicy/GetPolicies"
#define SOAP_GET_POLICIES_REPLY SOAP_GET_POLICIES "Response"
#define SOAP_REQUEST_TOKEN "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep"
#define SOAP_REQUEST_TOKEN_REPLY                                                                   \
	"http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RSTRC/wstep"

enum {
	SOAP_MAX_TOKEN = 64 << 10, // bytes of a security token
};

// Who asks (mdm-wire.md 2).
enum soap_auth {
	SOAP_AUTH_NONE,
	SOAP_AUTH_USER_TOKEN,  // a: opaque token of the federated sign-in page
	SOAP_AUTH_JWT,	       // a: token of the directory
	SOAP_AUTH_PASSWORD,    // b: UsernameToken
	SOAP_AUTH_CERTIFICATE, // c: X.509 and an XML signature, which is not verified here
	SOAP_AUTH_OTHER,       // a Security header with something else
};

struct soap_security {
	enum soap_auth kind;
	const char *value_type; // of the BinarySecurityToken
	struct slice token;	// decoded token; data is NULL when the text is no base64
	const char *username, *password;
	const char *created, *expires; // u:Timestamp, as sent ("2026-11-21T09:30:00.000Z")
};

struct soap_header {
	const char *action;
	const char *message_id; // verbatim, white space included: what RelatesTo must repeat
	const char *relates_to;
	const char *to;
	struct soap_security security;
};

struct soap_message {
	struct soap_header header;
	const struct xml *payload; // first element of the body, NULL when the body is empty
};

// Read an envelope. Element names of envelope, header and body are taken in any case and SOAP 1.1
// is taken for 1.2: published replies have both (mdm-wire.md 7). Limits: 1 MiB, depth 32, 10,000
// nodes, tokens of 64 KiB. ERR_PROTOCOL, ERR_LIMIT. Faults: soap_not_xml, soap_not_an_envelope,
// soap_too_large.
bool soap_parse(struct arena *arena, struct slice text, struct soap_message *out,
	struct error *e) MUST_CHECK;

// The payload must be the element `name` of namespace `ns` (one "/" more or less is tolerated).
// A fault of the peer is ERR_DENIED with its reason (see fault.h for the details). ERR_PROTOCOL.
// Faults: soap_unexpected_payload, soap_peer_fault.
bool soap_expect(struct arena *arena, const struct soap_message *message, const char *ns,
	const char *name, struct error *e) MUST_CHECK;

// A child's trimmed text by local name, or NULL.
const char *soap_text(struct arena *arena, const struct xml *parent, const char *name);

// Write the envelope up to and including the start of the body, and its end. MessageID brings an
// anonymous ReplyTo; a security of kind NONE with `created` writes the Timestamp of a reply.
// Signing (kind CERTIFICATE) is not offered: only its token is written.
void soap_begin(struct xmlw *w, const struct soap_header *header, const char *action);
void soap_end(struct xmlw *w);

// Version of the enrolment protocol: "5.0".
struct enroll_version {
	unsigned major, minor;
};

// Read a decimal version. False when it is none.
bool enroll_version_parse(const char *text, struct enroll_version *out);

// The lower of two versions: what a server answers is the minimum of its own and the requested.
struct enroll_version enroll_version_min(struct enroll_version a, struct enroll_version b);
