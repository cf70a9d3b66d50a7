// SPDX-License-Identifier: Apache-2.0
// The wap-provisioningdoc that ends an enrolment: certificates, the management account and its
// polling schedule (MS-MDE2 2.2.9).
#pragma once

#include "base/buf.h"

enum { PROVISIONING_MAX_CERTS = 20, PROVISIONING_MAX_CERT = 16 << 10 };

enum provisioning_store { STORE_ROOT, STORE_CA };
enum provisioning_scope { SCOPE_USER, SCOPE_SYSTEM }; // My/User, My/System

// A certificate to trust.
struct provisioning_cert {
	const struct provisioning_cert *next;
	enum provisioning_store store;
	struct slice der;
};

// Renewal of the client certificate, in days.
struct provisioning_renew {
	unsigned period;	// 1..1000 before expiry
	unsigned retry;		// at most `period`
	const char *server_url; // NULL: the discovery URL
};

// One side of the OMA-DM account's authentication.
struct provisioning_auth {
	const char *type; // DIGEST, BASIC; NULL: the side is absent
	const char *name; // NULL on the client's side
	const char *secret;
	const char *nonce; // base64
};

// The w7 APPLICATION. Texts that are NULL and numbers that are 0 are left out.
struct provisioning_app {
	const char *provider_id, *name, *address;
	uint32_t role;				 // 4294967295 works with real clients
	unsigned retries;			 // CONNRETRYFREQ
	unsigned initial_backoff, max_backoff;	 // ms
	bool no_compat_retry;			 // BACKCOMPATRETRYDISABLED
	const char *encoding;			 // application/vnd.syncml.dm+xml
	const char *cert_criteria;		 // see provisioning_criteria()
	struct provisioning_auth client, server; // AAUTHLEVEL CLIENT and APPSRV
};

struct provisioning_poll {
	unsigned first_retries, first_interval; // intervals in minutes
	unsigned second_retries, second_interval;
	unsigned remaining_retries, remaining_interval; // 0 retries: for ever
	bool on_login;
};

struct provisioning_dmclient {
	const char *provider_id;
	const char *upn, *device_name; // may be NULL
	const char *device_id;	       // EntDMID: becomes the HTTP Client-Request-Id; NULL: absent
	const struct provisioning_poll *poll; // may be NULL
};

struct provisioning {
	const struct provisioning_cert *trusted;
	struct slice client_der; // empty: none
	enum provisioning_scope scope;
	const struct provisioning_renew
		*renew; // may be NULL, as the rest: a renewal brings only certificates
	const struct provisioning_app *app;
	const struct provisioning_dmclient *dmclient;
};

// "Subject=CN%3dDEVICE1&Stores=My%5CUser" for the subject "CN=DEVICE1": the value of
// SSLCLIENTCERTSEARCHCRITERIA, which must equal the issued subject (mdm-wire.md 5).
char *provisioning_criteria(
	struct arena *arena, const char *subject, enum provisioning_scope scope);

// Write the document without white space. Thumbprints (upper-case SHA-1) are computed here.
void provisioning_write(struct buf *out, const struct provisioning *doc);

// Read a document: the agent's side. Characteristics and parameters that are not listed above are
// ignored; numbers that are absent are 0. ERR_INVALID provisioning_not_xml,
// provisioning_bad_certificate (no base64, empty, or not the certificate its thumbprint names) or
// provisioning_bad_number; ERR_LIMIT provisioning_too_large.
bool provisioning_parse(struct arena *arena, struct slice text, struct provisioning *out,
	struct error *e) MUST_CHECK;
