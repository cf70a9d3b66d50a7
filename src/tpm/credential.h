// SPDX-License-Identifier: Apache-2.0
// MakeCredential without a TPM: a secret that only the TPM with a given EK can open, and only for a
// given key.
#pragma once

#include "tpm/ek_cert.h"
#include "tpm/structs.h"

enum { TPM_SECRET_LEN = 32 };

// KDFa with HMAC-SHA-256 (Part 1, 11.4.10.2): label is NUL-terminated, contextU only, 8..256 bits.
void tpm_kdfa(
	struct slice key, const char *label, struct slice context, uint8_t *out, unsigned bits);

// Wrap a secret of 1..32 bytes (Part 1, 24). `credential` is a TPM2B_ID_OBJECT and `wrapped` a
// TPM2B_ENCRYPTED_SECRET, both with their length. ERR_UNSUPPORTED for an EK that is not RSA-2048.
bool tpm_make_credential(struct arena *arena, const struct tpm_ek *ek,
	const uint8_t name[TPM_NAME_LEN], struct slice secret, struct slice *credential,
	struct slice *wrapped, struct error *e) MUST_CHECK;

// Is the secret that the device returned the one that was wrapped? Constant time. ERR_CRYPTO with
// fault tpm_credential_wrong. One use and a short life are the caller's business.
bool tpm_credential_check(struct slice expected, struct slice returned, struct error *e) MUST_CHECK;
