// SPDX-License-Identifier: Apache-2.0
// Key pairs: which kinds Ferry accepts, how they are made, written down and named.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "pki/hash.h"
#include <openssl/types.h>

// P-256 everywhere a Windows client does not force RSA (stack.md "Crypto").
enum key_type { KEY_P256, KEY_RSA2048, KEY_P384, KEY_RSA_OTHER };

// Make a P-256 or RSA-2048 key. ERR_UNSUPPORTED for the others. Free with EVP_PKEY_free
// (`autopkey`).
bool key_generate(enum key_type type, EVP_PKEY **out, struct error *e) MUST_CHECK;

// Which kind a key is: RSA_OTHER is RSA of 3072..8192 bits with an odd exponent above 2^16.
// ERR_UNSUPPORTED for everything else: smaller RSA, exponent 3, other curves, DSA, …
bool key_type_of(const EVP_PKEY *key, enum key_type *out, struct error *e) MUST_CHECK;

// Read an unencrypted private key (PKCS#8 or traditional PEM) of a kind we accept.
bool key_load_pem(struct slice pem, EVP_PKEY **out, struct error *e) MUST_CHECK;

// Read a public key from PEM ("PUBLIC KEY") or from the DER of a SubjectPublicKeyInfo; nothing may
// follow the DER.
bool key_load_public_pem(struct slice pem, EVP_PKEY **out, struct error *e) MUST_CHECK;
bool key_load_spki(struct slice der, EVP_PKEY **out, struct error *e) MUST_CHECK;

// A P-256 public key from its affine coordinates, each at most 32 bytes big-endian (shorter ones
// are padded on the left). ERR_INVALID when too long or not on the curve.
bool key_from_p256_point(
	struct slice x, struct slice y, EVP_PKEY **out, struct error *e) MUST_CHECK;

// A public RSA key from modulus and exponent, big-endian. ERR_INVALID when too long,
// ERR_UNSUPPORTED for sizes and exponents that key_type_of does not accept.
bool key_from_rsa(
	struct slice n, struct slice exponent, EVP_PKEY **out, struct error *e) MUST_CHECK;

// Write as PKCS#8 PEM without encryption (the caller stores it with mode 0600), or the public half.
bool key_save_pem(
	struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e) MUST_CHECK;
bool key_save_public_pem(
	struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e) MUST_CHECK;

// DER of the SubjectPublicKeyInfo (RFC 5280 4.1.2.7), and SHA-256 of it: the name of a key in
// Ferry.
bool key_spki(
	struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e) MUST_CHECK;
bool key_digest(const EVP_PKEY *key, uint8_t out[SHA256_LEN], struct error *e) MUST_CHECK;

// Modulus of an RSA key, big-endian without leading zeros. ERR_UNSUPPORTED for other keys.
bool key_rsa_modulus(
	struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e) MUST_CHECK;

// True when both are the same public key.
bool key_same(const EVP_PKEY *a, const EVP_PKEY *b) MUST_CHECK;
