// SPDX-License-Identifier: Apache-2.0
#include "pki/hash.h"

#include "codec/base64.h"
#include "pki/ossl.h"
#include <fcntl.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/sha.h>
#include <stdlib.h>

CLEANUP_FN(EVP_KDF_CTX *, EVP_KDF_CTX_free, autokdf_ctx_p)
CLEANUP_FN(EVP_KDF *, EVP_KDF_free, autokdf_p)

void
sha256(struct slice bytes, uint8_t out[SHA256_LEN])
{
	sha256_parts(&bytes, 1, out);
}

// The digests of the default provider fail only when memory is exhausted, which ends the process as
// it does in an arena.
void
sha256_parts(const struct slice *parts, size_t count, uint8_t out[SHA256_LEN])
{
	automd *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(md, parts[i].data, parts[i].len) == 1;
	if (!ok || EVP_DigestFinal_ex(md, out, NULL) != 1)
		abort();
}

char *
sha256_hex(struct arena *arena, struct slice bytes)
{
	uint8_t digest[SHA256_LEN];

	sha256(bytes, digest);
	return hex_encode(arena, slice_of(digest, sizeof digest));
}

bool
sha256_file(
	struct arena *arena, const char *path, const char **hex, uint64_t *size, struct error *e)
{
	uint8_t chunk[32 << 10], digest[SHA256_LEN];
	autoclose fd = open(path, O_RDONLY | O_CLOEXEC);
	automd *md = EVP_MD_CTX_new();
	uint64_t total = 0;
	ssize_t n;

	if (fd < 0)
		return error_errno(e, "%s", path);
	if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
		abort();
	while ((n = read(fd, chunk, sizeof chunk)) > 0) {
		if (EVP_DigestUpdate(md, chunk, (size_t)n) != 1)
			abort();
		total += (uint64_t)n;
	}
	if (n < 0)
		return error_errno(e, "%s", path);
	if (EVP_DigestFinal_ex(md, digest, NULL) != 1)
		abort();
	*hex = hex_encode(arena, slice_of(digest, sizeof digest));
	if (size)
		*size = total;
	return true;
}

void
sha1(struct slice bytes, uint8_t out[SHA1_LEN])
{
	if (EVP_Digest(bytes.data, bytes.len, out, NULL, EVP_sha1(), NULL) != 1)
		abort();
}

void
hmac_sha256(struct slice key, struct slice bytes, uint8_t out[SHA256_LEN])
{
	static const uint8_t none;

	if (key.len > INT_MAX ||
		!HMAC(EVP_sha256(), key.len ? key.data : &none, (int)key.len,
			bytes.len ? bytes.data : &none, bytes.len, out, NULL))
		abort();
}

void
hmac_sha1(struct slice key, struct slice bytes, uint8_t out[SHA1_LEN])
{
	static const uint8_t none;

	if (key.len > INT_MAX ||
		!HMAC(EVP_sha1(), key.len ? key.data : &none, (int)key.len,
			bytes.len ? bytes.data : &none, bytes.len, out, NULL))
		abort();
}

bool
hkdf_sha256(struct slice secret, struct slice salt, struct slice info, uint8_t *out, size_t len,
	struct error *e)
{
	CLEANUP(autokdf_p) EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	CLEANUP(autokdf_ctx_p) EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	static const uint8_t zeros[SHA256_LEN];
	OSSL_PARAM params[5], *p = params;

	if (salt.len == 0)
		salt = slice_of(zeros, sizeof zeros);
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0);
	*p++ = OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)secret.data, secret.len);
	*p++ = OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt.data, salt.len);
	*p++ = OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.data, info.len);
	*p = OSSL_PARAM_construct_end();
	if (!ctx || EVP_KDF_derive(ctx, out, len, params) != 1)
		return ossl_error(e, ERR_CRYPTO, "HKDF");
	return true;
}

bool
aead_seal(struct arena *arena, const uint8_t key[AEAD_KEY_LEN], const uint8_t nonce[AEAD_NONCE_LEN],
	struct slice aad, struct slice plain, struct slice *out, struct error *e)
{
	CLEANUP(autocipher_p) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	if (aad.len > INT_MAX || plain.len > INT_MAX - AEAD_TAG_LEN)
		return error_set(e, ERR_LIMIT, "too large to seal");
	uint8_t *sealed = arena_alloc(arena, plain.len + AEAD_TAG_LEN);
	bool ok = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1;
	if (ok && aad.len)
		ok = EVP_EncryptUpdate(ctx, NULL, &n, aad.data, (int)aad.len) == 1;
	if (ok && plain.len)
		ok = EVP_EncryptUpdate(ctx, sealed, &n, plain.data, (int)plain.len) == 1;
	if (!ok || EVP_EncryptFinal_ex(ctx, sealed + plain.len, &n) != 1 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_LEN, sealed + plain.len) !=
			1)
		return ossl_error(e, ERR_CRYPTO, "AES-256-GCM");
	*out = slice_of(sealed, plain.len + AEAD_TAG_LEN);
	return true;
}

bool
aead_open(struct arena *arena, const uint8_t key[AEAD_KEY_LEN], const uint8_t nonce[AEAD_NONCE_LEN],
	struct slice aad, struct slice sealed, struct slice *out, struct error *e)
{
	CLEANUP(autocipher_p) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[AEAD_TAG_LEN];
	int n = 0;

	if (sealed.len < AEAD_TAG_LEN)
		return error_set(e, ERR_CRYPTO, "sealed bytes shorter than their tag");
	if (aad.len > INT_MAX || sealed.len > INT_MAX)
		return error_set(e, ERR_LIMIT, "too large to open");
	size_t len = sealed.len - AEAD_TAG_LEN;
	uint8_t *plain = arena_alloc(arena, len + 1);
	memcpy(tag, sealed.data + len, AEAD_TAG_LEN);
	bool ok = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce) == 1;
	if (ok && aad.len)
		ok = EVP_DecryptUpdate(ctx, NULL, &n, aad.data, (int)aad.len) == 1;
	if (ok && len)
		ok = EVP_DecryptUpdate(ctx, plain, &n, sealed.data, (int)len) == 1;
	if (!ok || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_LEN, tag) != 1 ||
		EVP_DecryptFinal_ex(ctx, plain + len, &n) != 1) {
		secret_wipe(plain, len);
		return ossl_error(e, ERR_CRYPTO, "the seal does not open");
	}
	*out = slice_of(plain, len);
	return true;
}

bool
secret_eq(struct slice a, struct slice b)
{
	return a.len == b.len && a.len > 0 && CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}

void
secret_wipe(void *data, size_t len)
{
	if (len)
		OPENSSL_cleanse(data, len);
}
