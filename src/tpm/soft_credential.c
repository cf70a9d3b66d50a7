// SPDX-License-Identifier: Apache-2.0
#include "pki/ossl.h"
#include "tpm/soft.h"

#include <openssl/rsa.h>

enum { SYMMETRIC_BITS = 128, SEED_LEN = 32, RSA_LEN = 256 };
enum { INNER_MAX = 2 + TPM_SECRET_LEN };

static bool
refused(struct error *e, const char *why)
{
	return error_fault(e, ERR_CRYPTO, "tpm_credential_refused", "the credential %s", why);
}

// RSAES-OAEP with the label "IDENTITY" including its NUL (Part 1, B.10.4).
static bool
unwrap_seed(EVP_PKEY *ek, struct slice wrapped, uint8_t seed[SEED_LEN], struct error *e)
{
	CLEANUP(autopkey_ctx_p) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ek, NULL);
	unsigned char *label = OPENSSL_memdup("IDENTITY", 9);
	uint8_t plain[RSA_LEN];
	size_t len = sizeof plain;

	bool ok = ctx && label && EVP_PKEY_decrypt_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
		EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
	if (!ok || EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, 9) <= 0) {
		OPENSSL_free(label);
		return ossl_error(e, ERR_CRYPTO, "opening a credential");
	}
	ok = EVP_PKEY_decrypt(ctx, plain, &len, wrapped.data, wrapped.len) == 1 && len == SEED_LEN;
	if (ok)
		memcpy(seed, plain, SEED_LEN);
	secret_wipe(plain, sizeof plain);
	struct error ignored;
	return ok || (ossl_error(&ignored, ERR_CRYPTO, ""), refused(e, "is for another TPM"));
}

static bool
decrypt_cfb(const uint8_t key[16], struct slice in, uint8_t *out, struct error *e)
{
	CLEANUP(autocipher_p) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	static const uint8_t iv[16];
	int len = 0;

	if (!ctx || EVP_DecryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL, key, iv) != 1 ||
		EVP_DecryptUpdate(ctx, out, &len, in.data, (int)in.len) != 1)
		return ossl_error(e, ERR_CRYPTO, "opening a credential");
	return true;
}

// The HMAC is over the encrypted identity and the name of the key that may open it.
static bool
check_integrity(const uint8_t seed[SEED_LEN], struct slice integrity, struct slice encrypted,
	const uint8_t name[TPM_NAME_LEN], struct error *e)
{
	uint8_t key[SHA256_LEN], mac[SHA256_LEN], signed_part[INNER_MAX + TPM_NAME_LEN];

	tpm_kdfa(slice_of(seed, SEED_LEN), "INTEGRITY", slice_of(NULL, 0), key, 256);
	memcpy(signed_part, encrypted.data, encrypted.len);
	memcpy(signed_part + encrypted.len, name, TPM_NAME_LEN);
	hmac_sha256(slice_of(key, sizeof key), slice_of(signed_part, encrypted.len + TPM_NAME_LEN),
		mac);
	secret_wipe(key, sizeof key);
	return secret_eq(integrity, slice_of(mac, sizeof mac)) ||
		refused(e, "is for another key, or was changed");
}

// TPM2B_ID_OBJECT: integrity (a TPM2B) and encrypted identity.
static bool
read_object(struct slice credential, struct slice *integrity, struct slice *encrypted)
{
	struct tpm_reader outer = {.at = credential.data, .left = credential.len};
	struct slice object = tpm_read_sized(&outer);

	if (!tpm_read_end(&outer))
		return false;
	struct tpm_reader r = {.at = object.data, .left = object.len};
	*integrity = tpm_read_sized(&r);
	*encrypted = tpm_read_bytes(&r, r.left);
	return tpm_read_end(&r) && integrity->len == SHA256_LEN && encrypted->len > 2 &&
		encrypted->len <= INNER_MAX;
}

static bool
open_identity(struct arena *arena, const uint8_t seed[SEED_LEN], const uint8_t name[TPM_NAME_LEN],
	struct slice encrypted, struct slice *secret, struct error *e)
{
	uint8_t storage[SYMMETRIC_BITS / 8], *inner = arena_alloc(arena, INNER_MAX);

	tpm_kdfa(slice_of(seed, SEED_LEN), "STORAGE", slice_of(name, TPM_NAME_LEN), storage,
		SYMMETRIC_BITS);
	bool ok = decrypt_cfb(storage, encrypted, inner, e);
	secret_wipe(storage, sizeof storage);
	if (!ok)
		return false;
	if ((size_t)inner[0] << 8 == 0 && (size_t)inner[1] + 2 == encrypted.len) {
		*secret = slice_of(inner + 2, inner[1]);
		return true;
	}
	return refused(e, "has a wrong length");
}

bool
tpm_activate_credential(struct arena *arena, EVP_PKEY *ek, const uint8_t name[TPM_NAME_LEN],
	struct slice credential, struct slice wrapped, struct slice *secret, struct error *e)
{
	struct tpm_reader r = {.at = wrapped.data, .left = wrapped.len};
	struct slice seed_in = tpm_read_sized(&r), integrity, encrypted;
	uint8_t seed[SEED_LEN];

	if (!tpm_read_end(&r) || !read_object(credential, &integrity, &encrypted))
		return refused(e, "is malformed");
	bool ok = unwrap_seed(ek, seed_in, seed, e) &&
		check_integrity(seed, integrity, encrypted, name, e) &&
		open_identity(arena, seed, name, encrypted, secret, e);
	secret_wipe(seed, sizeof seed);
	return ok;
}
