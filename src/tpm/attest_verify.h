// SPDX-License-Identifier: Apache-2.0
// What a TPM's signed statements prove, checked without a TPM (tpm-and-hardware.md "What the server
// must check").
#pragma once

#include "pki/key.h"
#include "tpm/structs.h"

struct tpm_ak {
	EVP_PKEY *key; // owned; release with tpm_ak_finish (`autoak`)
	uint8_t name[TPM_NAME_LEN];
};

// Accept an attestation key (TPM2B_PUBLIC): P-256, restricted signing with ECDSA and SHA-256,
// fixedTPM, fixedParent, sensitiveDataOrigin, not decrypting, name algorithm SHA-256, no other
// bits. ERR_CRYPTO with fault tpm_ak_refused.
bool tpm_ak_accept(struct slice ak_public, struct tpm_ak *out, struct error *e) MUST_CHECK;
void tpm_ak_finish(struct tpm_ak *ak);

#define autoak CLEANUP(tpm_ak_finish) struct tpm_ak

struct tpm_quote_facts {
	uint64_t firmware; // TPM firmware version; real because the AK is in the endorsement
			   // hierarchy
	uint32_t reset_count, restart_count;
	uint64_t clock_ms;
	bool clock_safe;
};

// Verify a quote: signature by the AK (ECDSA, SHA-256), magic, type, nothing left over, extraData
// equal to `nonce` (32 bytes), selection exactly `pcr_mask` of the SHA-256 bank, and the digest
// recomputed from the values sent. ERR_CRYPTO with fault tpm_quote_refused.
bool tpm_quote_verify(const struct tpm_ak *ak, struct slice attest, struct slice signature,
	struct slice nonce, uint32_t pcr_mask, const struct tpm_pcrs *pcrs,
	struct tpm_quote_facts *out, struct error *e) MUST_CHECK;

// Verify that the AK certifies a device key (TPM2B_PUBLIC): signature, magic, type, its own nonce,
// the name of the key; and that the key is P-256, unrestricted signing without a fixed scheme,
// fixedTPM, fixedParent, sensitiveDataOrigin, not decrypting. ERR_CRYPTO with fault
// tpm_key_not_certified.
bool tpm_certify_verify(const struct tpm_ak *ak, struct slice attest, struct slice signature,
	struct slice nonce, struct slice key_public, EVP_PKEY **out, struct error *e) MUST_CHECK;

// Is the key of the certificate request the certified one? The request's own signature is checked
// by csr_parse. ERR_CRYPTO with fault tpm_key_not_certified.
bool tpm_csr_key_check(
	const EVP_PKEY *certified, const EVP_PKEY *requested, struct error *e) MUST_CHECK;
