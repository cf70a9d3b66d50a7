// SPDX-License-Identifier: Apache-2.0
// What an endorsement key certificate proves: which maker vouches that the key lives in one of its
// TPMs.
#pragma once

#include "base/clock.h"
#include "pki/key.h"
#include "tpm/trust_store.h"

struct tpm_ek {
	EVP_PKEY *key; // owned; release with tpm_ek_finish (`autoek`)
	enum key_type type;
	const char *store;     // name of the trust store that vouches
	uint32_t manufacturer; // SAN tpmManufacturer 2.23.133.2.1 as a number
	const char *vendor;    // the same as text: "INTC", or hexadecimal when not printable
	const char *model;     // 2.23.133.2.2, or ""
	const char *version;   // 2.23.133.2.3, or ""
	struct slice modulus;  // RSA, big-endian; empty for EC
	const char *ek_id;     // SHA-256 of the modulus (EC: of x and y), 64 hexadecimal digits
	const char *sha256;    // fingerprint of the certificate
	time_us not_after;
	bool expired; // a fact, not a failure
};

// Verify an EK certificate (DER, NV padding of 00 or FF after it is allowed) against one named
// trust store (TCG EK Credential Profile 2.5): chain, EKU tcg-kp-EKCertificate 2.23.133.8.1, not a
// CA, SAN manufacturer allowed for that root, RSA-2048 (or P-256, P-384), no ROCA fingerprint.
//
// ERR_CRYPTO with fault tpm_ek_untrusted, tpm_ek_revoked or tpm_vulnerable; ERR_INVALID with
// tpm_ek_untrusted when malformed; ERR_NOT_FOUND with tpm_ek_certificate_missing when empty. A
// struct tpm_ek can only come from here, so holding one means "verified".
bool tpm_ek_verify(struct arena *arena, const struct tpm_trust_store *store, struct slice der,
	time_us now, struct tpm_ek *out, struct error *e) MUST_CHECK;
void tpm_ek_finish(struct tpm_ek *ek);

#define autoek CLEANUP(tpm_ek_finish) struct tpm_ek

// Is the EK public area (TPM2B_PUBLIC) that a device sends the key of the certificate? ERR_CRYPTO
// with fault tpm_ek_mismatch.
bool tpm_ek_matches(const struct tpm_ek *ek, struct slice ek_public, struct error *e) MUST_CHECK;

// Length of the DER structure at the beginning of NV content; 0 when there is none.
size_t tpm_der_length(struct slice nv);
