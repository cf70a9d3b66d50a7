// SPDX-License-Identifier: Apache-2.0
#include "tpm/credential.h"

#include "base/uuid.h"
#include "pki/ossl.h"
#include <openssl/rsa.h>
#include <stdlib.h>

enum { SYMMETRIC_BITS = 128, SEED_LEN = 32, RSA_LEN = 256 };
enum { INNER_MAX = 2 + TPM_SECRET_LEN };

void
tpm_kdfa(struct slice key, const char *label, struct slice context, uint8_t *out, unsigned bits)
{
	uint8_t message[160], mac[SHA256_LEN];
	size_t label_len = strlen(label) + 1, len = 4 + label_len;

	// Labels and contexts are ours: a misfit is a mistake in the program.
	if (len + context.len + 4 > sizeof message || bits % 8 || bits == 0 || bits > 256)
		abort();
	memcpy(message, "\0\0\0\1", 4);
	memcpy(message + 4, label, label_len);
	if (context.len)
		memcpy(message + len, context.data, context.len);
	len += context.len;
	for (int i = 0; i < 4; i++)
		message[len++] = (uint8_t)(bits >> (24 - 8 * i));
	hmac_sha256(key, slice_of(message, len), mac);
	memcpy(out, mac, bits / 8);
	secret_wipe(mac, sizeof mac);
}

// RSAES-OAEP with the label "IDENTITY" including its NUL (Part 1, B.10.4), as a TPM2B.
static bool
wrap_seed(EVP_PKEY *ek, const uint8_t seed[SEED_LEN], uint8_t *out, struct error *e)
{
	CLEANUP(autopkey_ctx_p) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(ek, NULL);
	unsigned char *label = OPENSSL_memdup("IDENTITY", 9);
	size_t len = RSA_LEN;

	bool ok = ctx && label && EVP_PKEY_encrypt_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
		EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
	if (!ok || EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, 9) <= 0) {
		OPENSSL_free(label);
		return ossl_error(e, ERR_CRYPTO, "wrapping a credential");
	}
	if (EVP_PKEY_encrypt(ctx, out + 2, &len, seed, SEED_LEN) != 1 || len != RSA_LEN)
		return ossl_error(e, ERR_CRYPTO, "wrapping a credential");
	out[0] = RSA_LEN >> 8;
	out[1] = RSA_LEN & 0xff;
	return true;
}

static bool
encrypt_cfb(const uint8_t key[16], struct slice plain, uint8_t *out, struct error *e)
{
	CLEANUP(autocipher_p) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	static const uint8_t iv[16];
	int len = 0;

	if (!ctx || EVP_EncryptInit_ex(ctx, EVP_aes_128_cfb128(), NULL, key, iv) != 1 ||
		EVP_EncryptUpdate(ctx, out, &len, plain.data, (int)plain.len) != 1)
		return ossl_error(e, ERR_CRYPTO, "wrapping a credential");
	return true;
}

// TPM2B_ID_OBJECT: integrity HMAC (a TPM2B) and encrypted identity.
static bool
protect(struct arena *arena, const uint8_t seed[SEED_LEN], const uint8_t name[TPM_NAME_LEN],
	struct slice secret, struct slice *out, struct error *e)
{
	uint8_t storage[SYMMETRIC_BITS / 8], integrity[SHA256_LEN];
	uint8_t inner[INNER_MAX], signed_part[INNER_MAX + TPM_NAME_LEN];
	size_t inner_len = 2 + secret.len, total = 2 + SHA256_LEN + inner_len;
	uint8_t *blob = arena_alloc(arena, 2 + total);

	tpm_kdfa(slice_of(seed, SEED_LEN), "STORAGE", slice_of(name, TPM_NAME_LEN), storage,
		SYMMETRIC_BITS);
	tpm_kdfa(slice_of(seed, SEED_LEN), "INTEGRITY", slice_of(NULL, 0), integrity, 256);
	inner[0] = 0;
	inner[1] = (uint8_t)secret.len;
	memcpy(inner + 2, secret.data, secret.len);
	bool ok = encrypt_cfb(storage, slice_of(inner, inner_len), signed_part, e);
	secret_wipe(inner, sizeof inner);
	secret_wipe(storage, sizeof storage);
	if (!ok)
		return false;
	memcpy(signed_part + inner_len, name, TPM_NAME_LEN);
	blob[0] = (uint8_t)(total >> 8);
	blob[1] = (uint8_t)total;
	blob[3] = SHA256_LEN;
	hmac_sha256(slice_of(integrity, sizeof integrity),
		slice_of(signed_part, inner_len + TPM_NAME_LEN), blob + 4);
	memcpy(blob + 4 + SHA256_LEN, signed_part, inner_len);
	*out = slice_of(blob, 2 + total);
	return true;
}

bool
tpm_make_credential(struct arena *arena, const struct tpm_ek *ek, const uint8_t name[TPM_NAME_LEN],
	struct slice secret, struct slice *credential, struct slice *wrapped, struct error *e)
{
	uint8_t seed[SEED_LEN], *seed_out = arena_alloc(arena, 2 + RSA_LEN);

	if (secret.len == 0 || secret.len > TPM_SECRET_LEN)
		return error_set(e, ERR_INVALID, "credential of %zu bytes", secret.len);
	if (ek->type != KEY_RSA2048)
		return error_set(e, ERR_UNSUPPORTED, "credentials need an RSA-2048 EK");
	random_bytes(seed, sizeof seed);
	bool ok = wrap_seed(ek->key, seed, seed_out, e) &&
		protect(arena, seed, name, secret, credential, e);
	secret_wipe(seed, sizeof seed);
	if (ok)
		*wrapped = slice_of(seed_out, 2 + RSA_LEN);
	return ok;
}

bool
tpm_credential_check(struct slice expected, struct slice returned, struct error *e)
{
	if (expected.len == TPM_SECRET_LEN && secret_eq(expected, returned))
		return true;
	return error_fault(e, ERR_CRYPTO, "tpm_credential_wrong",
		"the TPM did not return the secret of the challenge");
}
