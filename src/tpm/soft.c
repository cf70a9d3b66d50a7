// SPDX-License-Identifier: Apache-2.0
#include "tpm/soft.h"

#include "base/buf.h"
#include "pki/jwt.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <openssl/core_names.h>
#include <tss2/tss2_tpm2_types.h>

enum { AREA_MAX = 1024, FIRMWARE_MAJOR = 0x00010000 };

#define RESIDENT (TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN)
#define AK_ATTRIBUTES                                                                              \
	(RESIDENT | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_USERWITHAUTH | \
		TPMA_OBJECT_NODA)
#define KEY_ATTRIBUTES                                                                             \
	(RESIDENT | TPMA_OBJECT_SIGN_ENCRYPT | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA)
#define EK_ATTRIBUTES                                                                              \
	(RESIDENT | TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT)

// PolicySecret of the endorsement hierarchy (TCG EK Credential Profile 2.5, PolicyA with SHA-256).
static const uint8_t policy_a[SHA256_LEN] = {0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a,
	0x90, 0xcc, 0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, 0x0b, 0x64,
	0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa};

bool
tpm_soft_make(EVP_PKEY *ek, struct tpm_soft *out, struct error *e)
{
	struct tpm_soft made = {.ek = NULL};

	if (!key_generate(KEY_P256, &made.ak, e) || !key_generate(KEY_P256, &made.device, e)) {
		tpm_soft_finish(&made);
		return false;
	}
	if (EVP_PKEY_up_ref(ek) == 1)
		made.ek = ek;
	*out = made;
	return true;
}

void
tpm_soft_finish(struct tpm_soft *soft)
{
	EVP_PKEY_free(soft->ek);
	EVP_PKEY_free(soft->ak);
	EVP_PKEY_free(soft->device);
	*soft = (struct tpm_soft){.ek = NULL};
}

static struct slice
sized(struct arena *arena, const struct buf *area)
{
	struct buf out;

	buf_init(&out, arena, AREA_MAX);
	tpm_put_sized(&out, buf_slice(area));
	return buf_slice(&out);
}

bool
tpm_soft_ek_public(
	struct arena *arena, const struct tpm_soft *soft, struct slice *out, struct error *e)
{
	struct slice modulus;
	struct buf area;

	if (!key_rsa_modulus(arena, soft->ek, &modulus, e))
		return false;
	buf_init(&area, arena, AREA_MAX);
	tpm_put(&area, TPM2_ALG_RSA, 2);
	tpm_put(&area, TPM2_ALG_SHA256, 2);
	tpm_put(&area, EK_ATTRIBUTES, 4);
	tpm_put_sized(&area, slice_of(policy_a, sizeof policy_a));
	tpm_put(&area, TPM2_ALG_AES, 2);
	tpm_put(&area, 128, 2);
	tpm_put(&area, TPM2_ALG_CFB, 2);
	tpm_put(&area, TPM2_ALG_NULL, 2);
	tpm_put(&area, 2048, 2);
	tpm_put(&area, 0, 4);
	tpm_put_sized(&area, modulus);
	*out = sized(arena, &area);
	return true;
}

static bool
put_coordinate(struct buf *b, const EVP_PKEY *key, const char *name, struct error *e)
{
	uint8_t bytes[32];
	BIGNUM *n = NULL;

	bool ok = EVP_PKEY_get_bn_param(key, name, &n) == 1 && BN_bn2binpad(n, bytes, 32) == 32;
	BN_free(n);
	tpm_put_sized(b, slice_of(bytes, sizeof bytes));
	return ok || ossl_error(e, ERR_CRYPTO, "public area");
}

// A P-256 key; with `scheme` ECDSA and SHA-256 are fixed.
static bool
ec_public(struct arena *arena, const EVP_PKEY *key, uint32_t attributes, bool scheme,
	struct slice *out, struct error *e)
{
	struct buf area;

	buf_init(&area, arena, AREA_MAX);
	tpm_put(&area, TPM2_ALG_ECC, 2);
	tpm_put(&area, TPM2_ALG_SHA256, 2);
	tpm_put(&area, attributes, 4);
	tpm_put_sized(&area, slice_of(NULL, 0));
	tpm_put(&area, TPM2_ALG_NULL, 2);
	tpm_put(&area, scheme ? TPM2_ALG_ECDSA : TPM2_ALG_NULL, 2);
	if (scheme)
		tpm_put(&area, TPM2_ALG_SHA256, 2);
	tpm_put(&area, TPM2_ECC_NIST_P256, 2);
	tpm_put(&area, TPM2_ALG_NULL, 2);
	if (!put_coordinate(&area, key, OSSL_PKEY_PARAM_EC_PUB_X, e) ||
		!put_coordinate(&area, key, OSSL_PKEY_PARAM_EC_PUB_Y, e))
		return false;
	*out = sized(arena, &area);
	return true;
}

bool
tpm_soft_ak_public(
	struct arena *arena, const struct tpm_soft *soft, struct slice *out, struct error *e)
{
	return ec_public(arena, soft->ak, AK_ATTRIBUTES, true, out, e);
}

static bool
name_of(struct slice bytes, uint8_t out[TPM_NAME_LEN], struct error *e)
{
	struct tpm_public public;

	if (!tpm_public_parse(bytes, &public, e))
		return false;
	tpm_name(&public, out);
	return true;
}

bool
tpm_soft_ak_name(const struct tpm_soft *soft, uint8_t out[TPM_NAME_LEN], struct error *e)
{
	autoarena(arena, ARENA_SMALL);
	struct slice bytes;

	return tpm_soft_ak_public(&arena, soft, &bytes, e) && name_of(bytes, out, e);
}

// --- statements ---

// What quotes and certifications begin with (TPMS_ATTEST). The qualified name of the signer and the
// clock are nobody's: no TPM keeps them.
static void
begin_attest(struct buf *b, struct arena *arena, uint16_t type, struct slice nonce)
{
	buf_init(b, arena, AREA_MAX);
	tpm_put(b, TPM2_GENERATED_VALUE, 4);
	tpm_put(b, type, 2);
	tpm_put_sized(b, slice_str("software"));
	tpm_put_sized(b, nonce);
	tpm_put(b, 1, 8); // clock
	tpm_put(b, 0, 4); // resets
	tpm_put(b, 0, 4); // restarts
	tpm_put(b, 1, 1); // safe
	tpm_put(b, FIRMWARE_MAJOR, 8);
}

// TPMT_SIGNATURE: ECDSA with SHA-256.
static bool
sign(struct arena *arena, EVP_PKEY *key, struct slice bytes, struct slice *out, struct error *e)
{
	automd *md = EVP_MD_CTX_new();
	uint8_t der[128], raw[64];
	size_t len = sizeof der;
	struct buf b;

	if (!md || EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key) != 1 ||
		EVP_DigestSign(md, der, &len, bytes.data, bytes.len) != 1)
		return ossl_error(e, ERR_CRYPTO, "signing");
	if (!ecdsa_der_to_raw(slice_of(der, len), raw, e))
		return false;
	buf_init(&b, arena, AREA_MAX);
	tpm_put(&b, TPM2_ALG_ECDSA, 2);
	tpm_put(&b, TPM2_ALG_SHA256, 2);
	tpm_put_sized(&b, slice_of(raw, 32));
	tpm_put_sized(&b, slice_of(raw + 32, 32));
	*out = buf_slice(&b);
	return true;
}

bool
tpm_soft_quote(struct arena *arena, const struct tpm_soft *soft, struct slice nonce,
	uint32_t pcr_mask, struct slice *attest, struct slice *signature, struct slice *pcrs,
	struct error *e)
{
	struct tpm_pcrs values = {.mask = pcr_mask & 0xffffff};
	struct slice parts[TPM_PCR_COUNT];
	uint8_t digest[SHA256_LEN];
	size_t count = 0;
	struct buf b;

	for (int i = 0; i < TPM_PCR_COUNT; i++)
		if (values.mask >> i & 1)
			parts[count++] = slice_of(values.value[i], SHA256_LEN);
	sha256_parts(parts, count, digest);
	begin_attest(&b, arena, TPM2_ST_ATTEST_QUOTE, nonce);
	tpm_put(&b, 1, 4);
	tpm_put(&b, TPM2_ALG_SHA256, 2);
	tpm_put(&b, 3, 1);
	for (int k = 0; k < 3; k++)
		tpm_put(&b, values.mask >> (8 * k) & 0xff, 1);
	tpm_put_sized(&b, slice_of(digest, sizeof digest));
	*attest = buf_slice(&b);
	*pcrs = tpm_pcrs_encode(arena, &values);
	return sign(arena, soft->ak, *attest, signature, e);
}

bool
tpm_soft_certify(struct arena *arena, const struct tpm_soft *soft, struct slice nonce,
	struct slice *key_public, struct slice *attest, struct slice *signature, struct error *e)
{
	uint8_t name[TPM_NAME_LEN];
	struct buf b;

	if (!ec_public(arena, soft->device, KEY_ATTRIBUTES, false, key_public, e) ||
		!name_of(*key_public, name, e))
		return false;
	begin_attest(&b, arena, TPM2_ST_ATTEST_CERTIFY, nonce);
	tpm_put_sized(&b, slice_of(name, sizeof name));
	tpm_put_sized(&b, slice_str("software"));
	*attest = buf_slice(&b);
	return sign(arena, soft->ak, *attest, signature, e);
}
