// SPDX-License-Identifier: Apache-2.0
// Makes TPM evidence of every shape, genuine or forged, from keys in software: only for tests and
// fuzzers.
#pragma once

#include "pki/key.h"
#include "tpm/evidence.h"
#include <openssl/types.h>
#include <tss2/tss2_tpm2_types.h>

#define FORGE_RESIDENT                                                                             \
	(TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)
#define FORGE_AK_ATTRIBUTES                                                                        \
	(FORGE_RESIDENT | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT |                      \
		TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA)
#define FORGE_KEY_ATTRIBUTES                                                                       \
	(FORGE_RESIDENT | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA)

// An EK certificate.
struct forge_cert {
	EVP_PKEY *subject;
	X509 *issuer; // NULL: self-signed
	EVP_PKEY *issuer_key;
	const char *eku;	  // dotted, or NULL
	const char *manufacturer; // "id:00001014", or NULL: no SAN
	const char *second_manufacturer;
	bool ca;
	time_us not_before, not_after;
};

X509 *forge_certificate(const struct forge_cert *spec);
struct slice forge_der(struct arena *arena, X509 *cert);
struct slice forge_pem(struct arena *arena, X509 *cert);

// A trust store manifest line for a root.
const char *forge_manifest(
	struct arena *arena, const char *store, X509 *root, const char *manufacturers);

// A store "lab" whose only root issued nothing: whatever it lets in was forged.
struct tpm_trust_store *forge_store(void);

// A public area; x and y, or the modulus, as given.
struct forge_public {
	uint16_t type, name_alg, symmetric, scheme, scheme_hash, curve, kdf;
	uint32_t attributes, exponent;
	struct slice x, y, modulus;
	size_t trailing; // bytes after the area, inside its length
};

struct forge_public forge_ec(
	struct arena *arena, const EVP_PKEY *key, uint32_t attributes, uint16_t scheme);
struct slice forge_public_bytes(struct arena *arena, const struct forge_public *spec);

struct forge_attest {
	uint32_t magic;
	uint16_t type;
	struct slice nonce;
	uint16_t bank;
	uint32_t selections; // how many times the selection is repeated
	uint32_t mask;
	struct slice digest; // quote
	struct slice name;   // certify
	uint64_t firmware;
	uint8_t safe;
	size_t trailing;
};

struct slice forge_attest_bytes(struct arena *arena, const struct forge_attest *spec);

// TPMT_SIGNATURE over the bytes; `pad` zeros in front of r.
struct slice forge_signature(struct arena *arena, EVP_PKEY *key, struct slice bytes,
	uint16_t scheme, uint16_t hash, size_t pad);
