// SPDX-License-Identifier: Apache-2.0
// Who is proven to be whom: attestation sessions, issued certificates, enrolments and directory
// registrations.
#pragma once

#include "base/slice.h"
#include "store/work.h"

struct device;

struct attestation {
	const char *session_id, *tenant_id, *device_id, *deployment_id, *trust_store;
	struct slice ek_certificate, ak_public, secret, quote_nonce, certify_nonce;
	// To store_attestation_proven() only: of the verified certificate, the way that the device
	// goes, and who signed in for it. NULL: not known, stays, stays.
	const char *ek_id, *mode, *upn;
	time_us expires_at, proven_at;
};

struct issued_certificate {
	const char *serial, *kind, *subject_id, *sha256;
	struct slice der;
	time_us not_after;
};

struct enrollment {
	const char *enrollment_id, *tenant_id, *device_id, *deployment_id, *attestation_id, *state;
	const char *upn, *key_sha256, *certificate_sha256;
	time_us created_at, last_session_at;
};

bool store_attestation_begin(
	const struct work *w, const struct attestation *in, struct error *e) MUST_CHECK;

// Take a session for its only use. ERR_NOT_FOUND (fault attestation_expired) when it is unknown,
// used or too old; a used one stays used even if what follows fails (threats row 14).
bool store_attestation_take(const struct work *w, const char *session_id, struct attestation *out,
	struct error *e) MUST_CHECK;

// The proof succeeded: session, device and deployment are marked, the timeline says so. A
// registration without EK gets this one. ERR_CRYPTO with fault tpm_ek_mismatch when it has another
// one, ERR_CONFLICT with hardware_mismatch when the EK is another registration's.
bool store_attestation_proven(
	const struct work *w, const struct attestation *a, struct error *e) MUST_CHECK;

bool store_attestation_get(const struct work *w, const char *session_id, struct attestation *out,
	struct error *e) MUST_CHECK;

// Keep for people that another TPM answered for a registration, at most once a day; nothing else
// changes: anybody can show a copied hash and a TPM of his own (threats rows 1 and 3).
bool store_device_mismatch(const struct work *w, const char *device_id, struct error *e) MUST_CHECK;

// Record an enrolment and its certificate, retiring an earlier one of the device. A caller asks
// store_enrollment_by_key() first, so that a repeated request gets the first answer.
bool store_enroll(const struct work *w, const struct enrollment *in,
	const struct issued_certificate *certificate, struct error *e) MUST_CHECK;

// The device's enrolment made with this key, and its certificate. ERR_NOT_FOUND.
bool store_enrollment_by_key(const struct work *w, const char *device_id, const char *key_sha256,
	struct enrollment *out, struct slice *der, struct error *e) MUST_CHECK;

// By the SHA-256 of the client certificate: the only way a managed device is recognised.
// ERR_UNAUTHENTICATED.
bool store_enrollment_by_certificate(const struct work *w, const char *sha256,
	struct enrollment *out, struct error *e) MUST_CHECK;

// The same, with the registration as it is at that moment.
bool store_device_by_certificate(const struct work *w, const char *sha256,
	struct enrollment *enrollment, struct device *device, struct error *e) MUST_CHECK;

// The current enrolment of a device; ERR_NOT_FOUND.
bool store_enrollment_current(const struct work *w, const char *device_id, struct enrollment *out,
	struct error *e) MUST_CHECK;

// Register the directory's facet (MS-DVRJ) with its certificate.
struct directory_registration {
	const char *device_id, *deployment_id, *display_name, *trust_type, *on_premises_sid, *upn;
	bool before_account; // the join of device preparation (X21), not of Account setup (X28)
};
bool store_directory_register(const struct work *w, const struct directory_registration *in,
	const struct issued_certificate *certificate, const char **directory_id,
	struct error *e) MUST_CHECK;

// May people use the device, as its entry in the directory says?
bool store_directory_enabled(
	const struct work *w, const char *device_id, bool *out, struct error *e) MUST_CHECK;

bool store_certificate_insert(struct db *db, const struct work *w,
	const struct issued_certificate *certificate, struct error *e) MUST_CHECK;

// A client of the API.
struct api_client {
	const char *client_id, *tenant_id, *name, *secret_sha256, *roles;
};

// Make a tenant and its first API client, if there is no tenant yet.
bool store_bootstrap(const struct work *w, const char *name, const char *domain,
	const struct api_client *client, struct error *e) MUST_CHECK;

// Make one more, whose domain no other has. ERR_CONFLICT.
bool store_organization_add(const struct work *w, const char *name, const char *domain,
	const struct api_client *client, struct error *e) MUST_CHECK;
