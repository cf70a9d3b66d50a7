// SPDX-License-Identifier: Apache-2.0
// X.509 certificates: what each of Ferry's profiles contains, what one says, and whether a chain
// holds.
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"
#include "pki/hash.h"
#include <openssl/types.h>

enum cert_profile {
	CERT_ROOT_CA,	  // signs issuing CAs
	CERT_ISSUING_CA,  // signs end entities and CRLs; path length 0
	CERT_TLS_SERVER,  // serverAuth
	CERT_DEVICE,	  // management certificate of a device: clientAuth
	CERT_CONNECTOR,	  // clientAuth
	CERT_DEVICE_JOIN, // device identity of MS-DVRJ: clientAuth and its extensions (mdm-wire.md
			  // 10)
	CERT_AIK,	  // tcg-kp-AIKCertificate 2.23.133.8.3
	CERT_PROFILE_COUNT
};

struct cert_extension {
	const char *oid; // dotted
	bool critical;
	struct slice der; // content of extnValue
};

struct cert_template {
	enum cert_profile profile;
	const char *common_name;	 // UTF-8, 1..64 characters
	const char *organizational_unit; // or NULL
	struct slice spki;		 // DER of the subject's SubjectPublicKeyInfo (csr.h, key.h)
	uint8_t serial[16];		 // random; made positive by clearing the first bit
	time_us not_before, not_after;
	const char *const *dns_names; // NULL-terminated, or NULL
	const char *const *ip_names;  // IPv4 or IPv6 texts, NULL-terminated, or NULL
	const struct cert_extension *extensions;
	size_t extension_count;
};

struct cert_issuer {
	X509 *cert; // NULL: self-signed
	EVP_PKEY *key;
};

// Issue a certificate, signed with SHA-256. About 400 us: the subject key is copied without being
// decoded (stack.md "Crypto"), so check it before (csr_parse does). ERR_INVALID for a template that
// says nonsense.
bool cert_issue(struct arena *arena, const struct cert_template *template,
	const struct cert_issuer *issuer, struct slice *der, struct error *e) MUST_CHECK;

// Read one certificate of at most 32 KiB. Free with X509_free (`autox509`).
bool cert_load(struct slice der, X509 **out, struct error *e) MUST_CHECK;
bool cert_load_pem(struct slice pem, X509 **out, struct error *e) MUST_CHECK;

// Write as DER and as PEM.
bool cert_der(struct arena *arena, const X509 *cert, struct slice *out, struct error *e) MUST_CHECK;
bool cert_pem(struct arena *arena, const X509 *cert, struct slice *out, struct error *e) MUST_CHECK;

// What a client binds its authentication to: the certificate's digest under the hash of its
// signature, SHA-256 in place of weaker ones (tls-server-end-point, RFC 5929 section 4.1).
bool cert_end_point(
	struct arena *arena, const X509 *cert, struct slice *out, struct error *e) MUST_CHECK;

struct cert_facts {
	const char *common_name; // "" when the subject has none
	const char *subject;	 // RFC 2253 text
	const char *issuer;
	const char *serial;	// lower-case hexadecimal
	const char *thumbprint; // SHA-1 of the DER, upper-case hexadecimal as Windows writes it
	const char *sha256;	// of the DER, lower-case hexadecimal
	const char *key_sha256; // of the SubjectPublicKeyInfo, lower-case hexadecimal
	time_us not_before, not_after;
	bool is_ca;
};

// What a certificate says. ERR_INVALID when a field is malformed.
bool cert_facts(
	struct arena *arena, const X509 *cert, struct cert_facts *out, struct error *e) MUST_CHECK;

// Certificates for building chains. Zero-initialize; release with cert_pool_finish.
struct cert_pool {
	struct stack_st_X509 *certs;
};

// Add all certificates of a PEM text (comments between them are skipped); 1..`max` of them.
bool cert_pool_add_pem(
	struct cert_pool *pool, struct slice pem, size_t max, struct error *e) MUST_CHECK;
bool cert_pool_add_der(struct cert_pool *pool, struct slice der, struct error *e) MUST_CHECK;
size_t cert_pool_count(const struct cert_pool *pool);
void cert_pool_finish(struct cert_pool *pool);

#define autopool CLEANUP(cert_pool_finish) struct cert_pool

enum cert_usage { CERT_FOR_ANY, CERT_FOR_CLIENT, CERT_FOR_SERVER };

// Does a chain lead from the certificate over `untrusted` (may be NULL) to one of `roots` at the
// given time, and may it be used so? ERR_CRYPTO with fault certificate_expired (also: not yet
// valid) or certificate_untrusted.
bool cert_verify(X509 *cert, const struct cert_pool *roots, const struct cert_pool *untrusted,
	enum cert_usage usage, time_us now, struct error *e) MUST_CHECK;
