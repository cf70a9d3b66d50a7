// SPDX-License-Identifier: Apache-2.0
// The symmetric primitives of Ferry: SHA-256, HMAC, HKDF, AES-256-GCM and comparison in constant
// time.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum { SHA256_LEN = 32, SHA1_LEN = 20 };
enum { AEAD_KEY_LEN = 32, AEAD_NONCE_LEN = 12, AEAD_TAG_LEN = 16 };

// SHA-256 of the bytes (FIPS 180-4). Never fails.
void sha256(struct slice bytes, uint8_t out[SHA256_LEN]);

// SHA-256 of several pieces one after the other.
void sha256_parts(const struct slice *parts, size_t count, uint8_t out[SHA256_LEN]);

// SHA-256 as 64 lower-case hexadecimal digits.
char *sha256_hex(struct arena *arena, struct slice bytes);

// SHA-256 of a file of any size, as sha256_hex, and its size in bytes (`size` may be NULL). ERR_IO,
// ERR_NOT_FOUND.
bool sha256_file(struct arena *arena, const char *path, const char **hex, uint64_t *size,
	struct error *e) MUST_CHECK;

// SHA-1, only for certificate thumbprints as Windows names them.
void sha1(struct slice bytes, uint8_t out[SHA1_LEN]);

// HMAC-SHA-256 (RFC 2104).
void hmac_sha256(struct slice key, struct slice bytes, uint8_t out[SHA256_LEN]);

// HMAC-SHA-1, only for the codes of authenticator apps (RFC 6238), whose apps know nothing else.
void hmac_sha1(struct slice key, struct slice bytes, uint8_t out[SHA1_LEN]);

// HKDF-SHA-256 (RFC 5869), extract and expand, 1..255*32 bytes; an empty salt is 32 zero bytes.
bool hkdf_sha256(struct slice secret, struct slice salt, struct slice info, uint8_t *out,
	size_t len, struct error *e) MUST_CHECK;

// AES-256-GCM (SP 800-38D): ciphertext followed by the 16-byte tag. A key and nonce pair must be
// used once.
bool aead_seal(struct arena *arena, const uint8_t key[AEAD_KEY_LEN],
	const uint8_t nonce[AEAD_NONCE_LEN], struct slice aad, struct slice plain,
	struct slice *out, struct error *e) MUST_CHECK;

// The reverse. ERR_CRYPTO when the key, nonce, aad or any bit of the sealed bytes differs; no
// plaintext then.
bool aead_open(struct arena *arena, const uint8_t key[AEAD_KEY_LEN],
	const uint8_t nonce[AEAD_NONCE_LEN], struct slice aad, struct slice sealed,
	struct slice *out, struct error *e) MUST_CHECK;

// Equality whose time depends on the lengths only. Empty slices are never equal: an absent secret
// must not match an absent expectation.
bool secret_eq(struct slice a, struct slice b) MUST_CHECK;

// Overwrite a secret; the compiler may not remove it.
void secret_wipe(void *data, size_t len);
