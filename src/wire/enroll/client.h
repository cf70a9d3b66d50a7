// SPDX-License-Identifier: Apache-2.0
// The device's half of an enrolment (MS-MDE2): what it asks for, one call a step. How bytes travel
// is its caller's.
#pragma once

#include "wire/enroll/discovery.h"
#include "wire/enroll/fault.h"
#include "wire/enroll/provisioning.h"

// Post a SOAP message to an address that the service itself named, and take the answer, also that
// of status 500.
typedef bool enroll_post(void *context, const char *url, const struct buf *body,
	struct slice *reply, struct error *e);

struct enroll_client {
	struct arena *arena;
	const char *base_url;
	const char *device_token; // JWT; NULL for discovery
	const char *email;	  // of the user, or ""
	const char *device_id, *device_name;
	bool hybrid;
	enroll_post *post;
	void *context;
	bool refused; // by a SOAP fault: `fault` says why
	struct enroll_fault fault;
};

// Each: errors of the post and of the parsers, with `refused` set for a fault of the service.
bool enroll_discover(
	struct enroll_client *c, struct discovery_reply *out, struct error *e) MUST_CHECK;
bool enroll_policies(struct enroll_client *c, const char *url, struct error *e) MUST_CHECK;
// `csr`: PKCS#10 (DER).
bool enroll_certificate(struct enroll_client *c, const char *url, struct slice csr,
	struct provisioning *out, struct error *e) MUST_CHECK;
