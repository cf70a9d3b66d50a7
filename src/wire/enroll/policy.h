// SPDX-License-Identifier: Apache-2.0
// The certificate policy step of enrolment (MS-XCEP): what kind of key a device is told to make.
#pragma once

#include "wire/enroll/soap.h"

enum { POLICY_PROVIDERS = 8 };

#define POLICY_SHA256_OID "2.16.840.1.101.3.4.2.1"
#define POLICY_TPM_PROVIDER "Microsoft Platform Crypto Provider"
#define POLICY_SOFTWARE_PROVIDER "Microsoft Software Key Storage Provider"

struct policy_request {
	struct soap_header header; // who asks: header.security
};

struct policy_reply {
	struct soap_header header;		    // relates_to
	unsigned min_key_length;		    // bits
	const char *hash_oid;			    // POLICY_SHA256_OID
	const char *hash_name;			    // "szOID_NIST_sha256"; may be NULL
	uint64_t validity_seconds, renewal_seconds; // of the certificate; 0: not said
	const char *attestation_failure; // FailOnError, IgnoreOnError, RetryOnError; NULL: not said
	unsigned operation_timeout;	 // 0: not said
	const char *providers[POLICY_PROVIDERS]; // in order of preference
	size_t provider_count;
};

// Read a request. ERR_PROTOCOL, ERR_LIMIT.
bool policy_request_parse(struct arena *arena, struct slice text, struct policy_request *out,
	struct error *e) MUST_CHECK;
void policy_request_write(struct buf *out, const struct policy_request *request);

// Read a reply: the agent's side. ERR_INVALID policy_incomplete without a schema of 3, a key length
// of 1..16384 or a hash algorithm that resolves; ERR_DENIED soap_peer_fault.
bool policy_reply_parse(struct arena *arena, struct slice text, struct policy_reply *out,
	struct error *e) MUST_CHECK;

// Write a reply as mdm-wire.md 3 has it: policySchema 3, the hash reference resolved in group 1,
// and xsi:nil for all else.
void policy_reply_write(struct buf *out, const struct policy_reply *reply);
