// SPDX-License-Identifier: Apache-2.0
// The TPM of this machine: the only place that speaks to one.
//
// A raw TPM has three object slots and forgets nobody: every call takes a lock, frees what it
// loaded on every path, and what a killed process left behind is flushed at open. One process owns
// the TPM. Faults of every function: tpm_missing (none there, or it went away), tpm_lockout,
// tpm_failed.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "tpm/structs.h"
#include <openssl/types.h>

struct tpm_device;

// Open by TCTI name ("device:/dev/tpmrm0", "swtpm:path=/run/tpm.sock"); NULL: the environment
// variable FERRY_TCTI, else device:/dev/tpmrm0. ERR_NOT_FOUND with fault tpm_missing.
bool tpm_device_open(const char *tcti, struct tpm_device **out, struct error *e) MUST_CHECK;
void tpm_device_close(struct tpm_device *device);

CLEANUP_FN(struct tpm_device *, tpm_device_close, autotpm_p)
#define autotpm CLEANUP(autotpm_p) struct tpm_device

struct tpm_device_identity {
	struct slice ek_public; // TPM2B_PUBLIC of the RSA-2048 EK (TCG template L-1)
	struct slice modulus;	// 256 bytes, big-endian
	const char *ek_id;	// SHA-256 of the modulus, 64 hexadecimal digits
	const char *vendor;	// TPM_PT_MANUFACTURER as text: "IBM", "INTC"; not evidence
	uint64_t firmware;	// TPM_PT_FIRMWARE_VERSION_1 and _2
	const char
		*description; // as in element 13 of a hardware hash: "TPM-Version:2.0 -Level:0-…"
};

// Who this TPM says it is.
bool tpm_device_identity(struct arena *arena, struct tpm_device *device,
	struct tpm_device_identity *out, struct error *e) MUST_CHECK;

// The EK certificate (DER) that belongs to the RSA-2048 EK, found by looking through the NV
// indexes. ERR_NOT_FOUND with fault tpm_ek_certificate_missing.
bool tpm_device_ek_certificate(struct arena *arena, struct tpm_device *device, struct slice *der,
	struct error *e) MUST_CHECK;

// TPM2B_PUBLIC of the attestation key: P-256, restricted, a primary of the endorsement hierarchy,
// so that it is the same each time without being stored.
bool tpm_device_ak_public(struct arena *arena, struct tpm_device *device, struct slice *out,
	struct error *e) MUST_CHECK;

// Answer a challenge (credential.h): gives the secret. ERR_CRYPTO with fault tpm_credential_refused
// when it is for another TPM or another key.
bool tpm_device_activate(struct arena *arena, struct tpm_device *device, struct slice credential,
	struct slice wrapped, struct slice *secret, struct error *e) MUST_CHECK;

struct tpm_quote {
	struct slice attest;	// TPMS_ATTEST
	struct slice signature; // TPMT_SIGNATURE
	struct slice pcrs;	// tpm_pcrs_encode
};

// Quote PCRs of the SHA-256 bank over a nonce of 32 bytes.
bool tpm_device_quote(struct arena *arena, struct tpm_device *device, struct slice nonce,
	uint32_t pcr_mask, struct tpm_quote *out, struct error *e) MUST_CHECK;

// Make the device key: P-256, unrestricted, never leaves this TPM. `blob` (public and encrypted
// private part) is to be stored; it is useless elsewhere.
bool tpm_device_key_create(struct arena *arena, struct tpm_device *device, struct slice *blob,
	struct error *e) MUST_CHECK;

struct tpm_certified {
	struct slice key_public; // TPM2B_PUBLIC
	struct slice attest, signature;
};

// Let the AK certify the device key over a nonce of 32 bytes. Here and below: ERR_NOT_FOUND with
// fault tpm_key_lost when this TPM cannot load the blob: cleared, replaced, or a damaged file.
bool tpm_device_key_certify(struct arena *arena, struct tpm_device *device, struct slice blob,
	struct slice nonce, struct tpm_certified *out, struct error *e) MUST_CHECK;

// The device key for OpenSSL and libcurl, from any one thread. Signing happens in the TPM; the
// device must stay open longer than the key. Free with EVP_PKEY_free.
bool tpm_device_tls_key(
	struct tpm_device *device, struct slice blob, EVP_PKEY **out, struct error *e) MUST_CHECK;

// A certificate request signed by the device key in the TPM (DER).
bool tpm_device_csr(struct arena *arena, struct tpm_device *device, struct slice blob,
	const char *common_name, struct slice *der, struct error *e) MUST_CHECK;

// Open a container of sealed.h. Faults tpm_sealed_malformed, tpm_credential_refused (another TPM),
// tpm_sealed_refused (changed, or another aad).
bool tpm_device_unseal(struct arena *arena, struct tpm_device *device, struct slice sealed,
	struct slice aad, struct slice *plain, struct error *e) MUST_CHECK;
