// SPDX-License-Identifier: Apache-2.0
// The discovery step of enrolment (MS-MDE2 3.1): which services and which way to sign in a device
// is told to use.
#pragma once

#include "wire/enroll/soap.h"

enum auth_policy { AUTH_FEDERATED = 1, AUTH_CERTIFICATE = 2, AUTH_ONPREMISE = 4 };

// "Federated"; NULL for none of the three.
const char *auth_policy_name(enum auth_policy policy);

struct discovery_request {
	struct soap_header header;
	const char *email; // "" when the device has none
	struct enroll_version version;
	const char *device_type;	 // CIMClient_Windows, WindowsPhone …
	const char *application_version; // a.b.c.d
	const char *os_edition;		 // decimal product code
	unsigned auth_policies;		 // set of enum auth_policy
};

struct discovery_reply {
	struct soap_header header; // relates_to
	enum auth_policy auth_policy;
	struct enroll_version version; // minimum of ours and the requested
	const char *policy_url;	       // may be NULL: the device assumes RSA 2048 and SHA-1
	const char *enrollment_url;
	const char *authentication_url; // required iff Federated
};

// Read a request: elements in any order, any version from 3.0 on (never a list: new clients send
// new ones, mdm-wire.md 1). ERR_PROTOCOL, ERR_LIMIT; ERR_INVALID enroll_version_invalid;
// ERR_UNSUPPORTED enroll_version_too_old (below 3.0, or empty as clients before Windows 10 send
// it).
bool discovery_request_parse(struct arena *arena, struct slice text, struct discovery_request *out,
	struct error *e) MUST_CHECK;
void discovery_request_write(struct buf *out, const struct discovery_request *request);

// Read a reply: the agent's side. ERR_INVALID discovery_incomplete when it names no enrolment
// service, no known AuthPolicy, or no sign-in page for Federated; ERR_DENIED soap_peer_fault.
bool discovery_reply_parse(struct arena *arena, struct slice text, struct discovery_reply *out,
	struct error *e) MUST_CHECK;
void discovery_reply_write(struct buf *out, const struct discovery_reply *reply);
