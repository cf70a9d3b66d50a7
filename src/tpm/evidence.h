// SPDX-License-Identifier: Apache-2.0
// The two halves of attestation as a server does them: make the challenge, judge the proof
// (tpm-and-hardware.md "Protocol").
#pragma once

#include "base/clock.h"
#include "pki/csr.h"
#include "tpm/attest_verify.h"
#include "tpm/credential.h"

// What a device sends first.
struct tpm_identity_claim {
	struct slice ek_certificate; // DER
	struct slice ek_public;	     // TPM2B_PUBLIC
	struct slice ak_public;	     // TPM2B_PUBLIC
};

// What the server answers and keeps. The nonces, the secret and the AK are for one use within five
// minutes and for one provisioning session; keeping them so is the caller's business
// (threats-and-faults.md row 14).
struct tpm_challenge {
	struct tpm_ek ek; // owned; release with tpm_challenge_finish (`autochallenge`)
	uint8_t secret[TPM_SECRET_LEN];
	uint8_t quote_nonce[TPM_NONCE_LEN], certify_nonce[TPM_NONCE_LEN];
	struct slice credential, wrapped; // for the device
};

// Check EK certificate, EK public and AK public, and make a challenge that only that TPM can
// answer. `registered_ek_id`: SHA-256 of the EK modulus in the registered hardware hash, or NULL.
// Faults of tpm_ek_verify, tpm_ek_matches and tpm_ak_accept; tpm_ek_mismatch when the TPM is not
// the registered one.
bool tpm_challenge_make(struct arena *arena, const struct tpm_trust_store *store,
	const struct tpm_identity_claim *claim, const char *registered_ek_id, time_us now,
	struct tpm_challenge *out, struct error *e) MUST_CHECK;
void tpm_challenge_finish(struct tpm_challenge *challenge);

#define autochallenge CLEANUP(tpm_challenge_finish) struct tpm_challenge

// What the device answers.
struct tpm_proof {
	struct slice secret; // from ActivateCredential
	struct slice quote, quote_signature, pcrs;
	struct slice key_public, certify, certify_signature;
	struct slice csr; // DER
};

// What the server kept of the challenge.
struct tpm_proof_expect {
	const struct tpm_trust_store *store;
	uint32_t manufacturer; // of the EK certificate
	struct slice ak_public;
	struct slice secret, quote_nonce, certify_nonce;
	uint32_t pcr_mask;
};

struct tpm_proof_result {
	struct csr csr; // key certified and request signed by it; release with csr_finish
	struct tpm_quote_facts quote;
	struct tpm_pcrs pcrs;
};

// Judge the proof: every check of the table "What the server must check". The faults are those of
// the functions above, tpm_vulnerable for firmware on the deny list, tpm_key_not_certified for a
// broken request.
bool tpm_proof_verify(struct arena *arena, const struct tpm_proof_expect *expect,
	const struct tpm_proof *proof, struct tpm_proof_result *out, struct error *e) MUST_CHECK;
