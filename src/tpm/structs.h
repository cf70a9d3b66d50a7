// SPDX-License-Identifier: Apache-2.0
// The TPM 2.0 structures that cross the wire, read without copying so that no length can overflow
// anything.
//
// Part numbers refer to the TCG TPM 2.0 Library, Part 2, revision 1.59. Every parser consumes its
// whole input; the slices in the results point into it.
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/slice.h"
#include "pki/hash.h"

enum { TPM_PCR_COUNT = 24, TPM_NAME_LEN = 2 + SHA256_LEN, TPM_NONCE_LEN = 32 };
enum { TPM_STRUCT_MAX = 2048 }; // no structure that we exchange is larger

struct tpm_public {
	uint16_t type; // TPM2_ALG_RSA or TPM2_ALG_ECC
	uint16_t name_alg;
	uint32_t attributes; // TPMA_OBJECT
	struct slice policy;
	uint16_t symmetric, symmetric_bits, symmetric_mode; // algorithm TPM2_ALG_NULL: no more
	uint16_t scheme, scheme_hash;
	uint16_t bits; // RSA
	uint32_t exponent;
	struct slice modulus;
	uint16_t curve, kdf; // ECC
	struct slice x, y;
	struct slice area; // the TPMT_PUBLIC: what the name is the digest of
};

// TPM2B_PUBLIC (12.2.5) of an RSA or ECC key. ERR_INVALID.
bool tpm_public_parse(struct slice in, struct tpm_public *out, struct error *e) MUST_CHECK;

// Name of an object with name algorithm SHA-256: 000B followed by SHA-256 of the public area (Part
// 1, 16).
void tpm_name(const struct tpm_public *public, uint8_t out[TPM_NAME_LEN]);

struct tpm_selection {
	uint16_t hash;
	uint32_t mask; // bit n: PCR n
};

struct tpm_attest {
	uint32_t magic;
	uint16_t type; // TPM2_ST_ATTEST_QUOTE or TPM2_ST_ATTEST_CERTIFY
	struct slice signer, extra_data;
	uint64_t clock;
	uint32_t reset_count, restart_count;
	bool safe;
	uint64_t firmware;
	struct tpm_selection selections[4]; // quote
	uint32_t selection_count;
	struct slice pcr_digest;
	struct slice name, qualified_name; // certify
};

// TPMS_ATTEST (10.12.8), the content of a TPM2B_ATTEST. Other types than quote and certify, and a
// wrong magic, are left to the caller to judge, but nothing after the common part is read then.
bool tpm_attest_parse(struct slice in, struct tpm_attest *out, struct error *e) MUST_CHECK;

struct tpm_signature {
	uint16_t scheme, hash;
	struct slice r, s;
};

// TPMT_SIGNATURE (11.3.4) with ECDSA. ERR_UNSUPPORTED for other schemes.
bool tpm_signature_parse(struct slice in, struct tpm_signature *out, struct error *e) MUST_CHECK;

struct tpm_pcrs {
	uint32_t mask; // which PCRs of the SHA-256 bank are present
	uint8_t value[TPM_PCR_COUNT][SHA256_LEN];
};

// Our own form of PCR values on the wire: the mask as 4 bytes big-endian, then 32 bytes for each
// bit set, lowest PCR first.
struct slice tpm_pcrs_encode(struct arena *arena, const struct tpm_pcrs *pcrs);
bool tpm_pcrs_parse(struct slice in, struct tpm_pcrs *out, struct error *e) MUST_CHECK;

// Bounded reading: after the first read past the end everything is zero and `bad` is set.
struct tpm_reader {
	const uint8_t *at;
	size_t left;
	bool bad;
};

uint64_t tpm_read_int(struct tpm_reader *r, size_t bytes); // big-endian, 1..8 bytes
struct slice tpm_read_bytes(struct tpm_reader *r, size_t len);
struct slice tpm_read_sized(struct tpm_reader *r); // a TPM2B: 2 bytes of length, then the content
// Nothing missing and nothing left over.
bool tpm_read_end(const struct tpm_reader *r);

// Writing them: a big-endian integer of so many bytes, and a TPM2B (its length in two bytes before
// it).
void tpm_put(struct buf *b, uint64_t value, int bytes);
void tpm_put_sized(struct buf *b, struct slice bytes);
