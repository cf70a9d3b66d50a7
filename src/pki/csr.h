// SPDX-License-Identifier: Apache-2.0
// Certificate requests (PKCS#10): read leniently for their key alone, and written for our own
// programs.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <openssl/types.h>

struct csr {
	EVP_PKEY *key;	   // public key that signed the request; owned
	struct slice spki; // DER of its SubjectPublicKeyInfo, in the arena
};

// Read a DER request of at most 16 KiB and check that it is signed by its own key.
//
// Only the key is taken: the subject may be anything (Windows sends "<GUID>!<id>\0" as a
// PrintableString), and the signature may name the old sha1WithRSA 1.3.14.3.2.29 (mdm-wire.md 4).
// The one who issues chooses the subject. ERR_INVALID, ERR_UNSUPPORTED (kind of key), ERR_CRYPTO
// (signature). Release with csr_finish (`autocsr`).
bool csr_parse(struct arena *arena, struct slice der, struct csr *out, struct error *e) MUST_CHECK;
void csr_finish(struct csr *csr);

#define autocsr CLEANUP(csr_finish) struct csr

// Make a request with the subject CN and sign it with SHA-256. The key may live in a TPM
// (tpm/device.h).
bool csr_build(struct arena *arena, EVP_PKEY *key, const char *common_name, struct slice *der,
	struct error *e) MUST_CHECK;
