// SPDX-License-Identifier: Apache-2.0
// A secret sealed to one attested TPM: whoever stores or forwards it can neither read nor change
// it.
#pragma once

#include "tpm/credential.h"

enum { TPM_SEALED_PLAIN_MAX = 64 * 1024, TPM_SEALED_MAX = TPM_SEALED_PLAIN_MAX + 1024 };

// The parts of a container, pointing into it. Layout, integers big-endian:
//
//    0  "FSB1"                              magic and version
//    4  u16 c, u16 w, u32 n                 lengths of the three variable parts
//   12  c bytes TPM2B_ID_OBJECT             credential for the AK's name
//    .  w bytes TPM2B_ENCRYPTED_SECRET      its seed under the EK
//    .  12 bytes nonce
//    .  n bytes AES-256-GCM ciphertext and tag
struct tpm_sealed {
	struct slice credential, wrapped, nonce, ciphertext;
	struct slice header; // everything before the ciphertext: authenticated
};

// Seal `plain` (1..64 KiB) so that only the TPM of `ek` can open it, and only while it holds the
// attestation key `ak_public` (TPM2B_PUBLIC, see tpm_ak_accept).
//
// A fresh 32-byte secret is wrapped by MakeCredential; HKDF-SHA-256 of it with info "ferry sealed
// blob v1" || SHA-256(aad) is the AES-256-GCM key. `aad` says what the blob is and for whom; the
// opener must give the same. The one who seals trusts the EK chain alone. ERR_CRYPTO
// (tpm_ak_refused), ERR_LIMIT, ERR_UNSUPPORTED (EC EK).
bool tpm_seal(struct arena *arena, const struct tpm_ek *ek, struct slice ak_public,
	struct slice plain, struct slice aad, struct slice *out, struct error *e) MUST_CHECK;

// Take a container apart. ERR_INVALID with fault tpm_sealed_malformed.
bool tpm_sealed_parse(struct slice in, struct tpm_sealed *out, struct error *e) MUST_CHECK;

// Open with the secret that ActivateCredential gave (the device side is tpm_device_unseal).
// ERR_CRYPTO with fault tpm_sealed_refused when anything was changed or the aad differs.
bool tpm_sealed_open(struct arena *arena, const struct tpm_sealed *sealed, struct slice secret,
	struct slice aad, struct slice *plain, struct error *e) MUST_CHECK;
