// SPDX-License-Identifier: Apache-2.0
// A TPM that is none: its keys lie in memory, so it proves nothing about the machine. For simulated
// devices alone; its maker's id is refused by every trust store called "hardware".
#pragma once

#include "base/clock.h"
#include "pki/csr.h"
#include "tpm/credential.h"

// "FLET" in the SAN of its certificates, where a TPM's maker stands.
#define TPM_SOFT_MANUFACTURER 0x464c4554u

// Open a credential of tpm_make_credential() with the EK's private key (RSA-2048): the inverse of
// it, as TPM2_ActivateCredential does it (Part 1, 24). ERR_CRYPTO with fault tpm_credential_refused
// when it is for another EK or another name, or was changed.
bool tpm_activate_credential(struct arena *arena, EVP_PKEY *ek, const uint8_t name[TPM_NAME_LEN],
	struct slice credential, struct slice wrapped, struct slice *secret,
	struct error *e) MUST_CHECK;

// The three keys; owned. Release with tpm_soft_finish (`autosoft`).
struct tpm_soft {
	EVP_PKEY *ek;	  // RSA-2048
	EVP_PKEY *ak;	  // P-256, restricted in its public area alone
	EVP_PKEY *device; // P-256
};

// New AK and device key; the EK is given, and a reference to it taken.
bool tpm_soft_make(EVP_PKEY *ek, struct tpm_soft *out, struct error *e) MUST_CHECK;
void tpm_soft_finish(struct tpm_soft *soft);

#define autosoft CLEANUP(tpm_soft_finish) struct tpm_soft

// TPM2B_PUBLIC of EK (TCG template L-1) and AK, as a real TPM gives them.
bool tpm_soft_ek_public(struct arena *arena, const struct tpm_soft *soft, struct slice *out,
	struct error *e) MUST_CHECK;
bool tpm_soft_ak_public(struct arena *arena, const struct tpm_soft *soft, struct slice *out,
	struct error *e) MUST_CHECK;

// The name of the AK, for tpm_activate_credential().
bool tpm_soft_ak_name(
	const struct tpm_soft *soft, uint8_t out[TPM_NAME_LEN], struct error *e) MUST_CHECK;

// TPMS_ATTEST and TPMT_SIGNATURE by the AK: a quote of PCRs that are all zero, and the
// certification of the device key. `nonce`: 32 bytes.
bool tpm_soft_quote(struct arena *arena, const struct tpm_soft *soft, struct slice nonce,
	uint32_t pcr_mask, struct slice *attest, struct slice *signature, struct slice *pcrs,
	struct error *e) MUST_CHECK;
bool tpm_soft_certify(struct arena *arena, const struct tpm_soft *soft, struct slice nonce,
	struct slice *key_public, struct slice *attest, struct slice *signature,
	struct error *e) MUST_CHECK;

// --- its maker ---

// A CA of its own: a new self-signed certificate for the key. Free with X509_free.
bool tpm_soft_ca(EVP_PKEY *key, time_us now, X509 **out, struct error *e) MUST_CHECK;

// The EK certificate (DER) that says openly what it is: maker TPM_SOFT_MANUFACTURER, model
// "simulated".
bool tpm_soft_ek_certificate(struct arena *arena, EVP_PKEY *ek, X509 *ca, EVP_PKEY *ca_key,
	time_us now, struct slice *der, struct error *e) MUST_CHECK;

// The manifest of a trust store of this name that accepts this CA and nothing else (trust_store.h).
const char *tpm_soft_manifest(
	struct arena *arena, const char *store, X509 *ca, struct error *e) MUST_CHECK;
