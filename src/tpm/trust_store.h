// SPDX-License-Identifier: Apache-2.0
// Which roots may vouch for a TPM: named stores, never mixed, each root pinned to the makers it may
// speak for.
#pragma once

#include "base/error.h"
#include "base/slice.h"
#include "pki/cert.h"

// A store is built from three texts:
//
//   manifest           one statement a line, '#' begins a comment
//     store NAME                      "hardware" or "lab"
//     root SHA256 ID [ID…]            a root (fingerprint of its DER) and the SAN manufacturer ids,
//                                     8 hexadecimal digits, that it may issue for
//     revoked SHA256                  a certificate that must not occur in any chain
//     firmware ID FIRST LAST          firmware versions (16 hexadecimal digits, as in a quote) with
//                                     a known weakness
//   roots.pem          certificates; those the manifest does not name are left out
//   intermediates.pem  may be absent; never anchors (tpm-and-hardware.md "trust stores")
struct tpm_trust_store;

// Build a store. ERR_INVALID when a statement is malformed, the name is not `name`, a root the
// manifest names is missing, or a "hardware" store allows a TPM emulator's id.
bool tpm_trust_store_parse(const char *name, struct slice manifest, struct slice roots,
	struct slice intermediates, struct tpm_trust_store **out, struct error *e) MUST_CHECK;

// The same from the files `manifest`, `roots.pem` and `intermediates.pem` of a folder.
bool tpm_trust_store_load(const char *name, const char *folder, struct tpm_trust_store **out,
	struct error *e) MUST_CHECK;
void tpm_trust_store_free(struct tpm_trust_store *store);

CLEANUP_FN(struct tpm_trust_store *, tpm_trust_store_free, autotrust_p)
#define autotrust CLEANUP(autotrust_p) struct tpm_trust_store

// "hardware", "lab": to be recorded with everything the store let in.
const char *tpm_trust_store_name(const struct tpm_trust_store *store);
size_t tpm_trust_store_roots(const struct tpm_trust_store *store);

// Is this firmware of this maker on the deny list?
bool tpm_trust_store_firmware_denied(
	const struct tpm_trust_store *store, uint32_t manufacturer, uint64_t firmware);

// Verify the chain of an EK certificate; validity times are ignored, because expired EK
// certificates are common and must not fail by themselves. `manufacturer` is what the certificate
// claims: the root must be allowed to issue for it. ERR_CRYPTO with fault tpm_ek_untrusted or
// tpm_ek_revoked. Safe to call from several threads.
bool tpm_trust_store_check(const struct tpm_trust_store *store, X509 *cert, uint32_t manufacturer,
	struct error *e) MUST_CHECK;
