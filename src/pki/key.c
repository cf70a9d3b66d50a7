// SPDX-License-Identifier: Apache-2.0
#include "pki/key.h"

#include "base/str.h"
#include "pki/ossl.h"
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

enum { PEM_MAX = 64 * 1024, P256_LEN = 32 };

bool
key_generate(enum key_type type, EVP_PKEY **out, struct error *e)
{
	EVP_PKEY *key = NULL;

	if (type == KEY_P256)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	else if (type == KEY_RSA2048)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	else
		return error_set(e, ERR_UNSUPPORTED, "only P-256 and RSA-2048 keys are generated");
	if (!key)
		return ossl_error(e, ERR_CRYPTO, "key generation");
	*out = key;
	return true;
}

static bool
rsa_type(const EVP_PKEY *key, enum key_type *out, struct error *e)
{
	autobn *exponent = NULL;
	int bits = EVP_PKEY_get_bits(key);

	if (bits < 2048 || bits > 8192)
		return error_set(e, ERR_UNSUPPORTED, "RSA key of %d bits", bits);
	// FIPS 186-5 asks for 2^16 < e; a larger one than 64 bits only makes verification slow.
	if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) || !BN_is_odd(exponent) ||
		BN_num_bits(exponent) < 17 || BN_num_bits(exponent) > 64)
		return error_set(e, ERR_UNSUPPORTED, "RSA key with an unsuitable exponent");
	*out = bits == 2048 ? KEY_RSA2048 : KEY_RSA_OTHER;
	return true;
}

bool
key_type_of(const EVP_PKEY *key, enum key_type *out, struct error *e)
{
	char group[32];
	size_t len = 0;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return rsa_type(key, out, e);
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
		!EVP_PKEY_get_group_name(key, group, sizeof group, &len))
		return error_set(e, ERR_UNSUPPORTED, "neither an RSA nor a named EC key");
	if (str_eq(group, "prime256v1") || str_eq(group, "P-256"))
		*out = KEY_P256;
	else if (str_eq(group, "secp384r1") || str_eq(group, "P-384"))
		*out = KEY_P384;
	else
		return error_set(e, ERR_UNSUPPORTED, "elliptic curve %s", group);
	return true;
}

static bool
accept(EVP_PKEY *key, EVP_PKEY **out, struct error *e)
{
	enum key_type type;

	if (key && key_type_of(key, &type, e)) {
		*out = key;
		return true;
	}
	EVP_PKEY_free(key);
	return key ? false : ossl_error(e, ERR_INVALID, "key");
}

// An encrypted key must fail rather than ask on the terminal.
static int
no_password(char *buf, int size, int writing, void *data)
{
	(void)buf, (void)size, (void)writing, (void)data;
	return -1;
}

bool
key_load_pem(struct slice pem, EVP_PKEY **out, struct error *e)
{
	autobio *bio = ossl_bio(pem);

	if (pem.len > PEM_MAX)
		return error_set(e, ERR_LIMIT, "key file larger than %d bytes", PEM_MAX);
	return accept(PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL), out, e);
}

bool
key_load_public_pem(struct slice pem, EVP_PKEY **out, struct error *e)
{
	autobio *bio = ossl_bio(pem);

	if (pem.len > PEM_MAX)
		return error_set(e, ERR_LIMIT, "key file larger than %d bytes", PEM_MAX);
	return accept(PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL), out, e);
}

bool
key_load_spki(struct slice der, EVP_PKEY **out, struct error *e)
{
	const unsigned char *at = der.data;

	if (der.len == 0 || der.len > PEM_MAX)
		return error_set(e, ERR_INVALID, "public key of %zu bytes", der.len);
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)der.len);
	if (key && at != der.data + der.len) {
		EVP_PKEY_free(key);
		return error_set(e, ERR_INVALID, "bytes after the public key");
	}
	return accept(key, out, e);
}

bool
key_from_p256_point(struct slice x, struct slice y, EVP_PKEY **out, struct error *e)
{
	uint8_t point[1 + 2 * P256_LEN] = {POINT_CONVERSION_UNCOMPRESSED};
	EVP_PKEY *key = NULL;

	// The lengths come from the wire: refuse before copying.
	if (x.len == 0 || x.len > P256_LEN || y.len == 0 || y.len > P256_LEN)
		return error_set(
			e, ERR_INVALID, "P-256 coordinates of %zu and %zu bytes", x.len, y.len);
	memcpy(point + 1 + P256_LEN - x.len, x.data, x.len);
	memcpy(point + sizeof point - y.len, y.data, y.len);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
		OSSL_PARAM_construct_end()};
	CLEANUP(autopkey_ctx_p)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return ossl_error(e, ERR_INVALID, "P-256 point");
	*out = key;
	return true;
}

// The sizes come from the wire: RSA of 8192 bits is the largest that key_type_of accepts.
enum { RSA_MAX_BYTES = 1024, RSA_EXPONENT_MAX = 8 };

static EVP_PKEY *
rsa_from_params(OSSL_PARAM *params)
{
	CLEANUP(autopkey_ctx_p)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return key;
}

bool
key_from_rsa(struct slice n, struct slice exponent, EVP_PKEY **out, struct error *e)
{
	autobn *modulus = NULL, *power = NULL;
	CLEANUP(autoparams_p) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();

	if (n.len == 0 || n.len > RSA_MAX_BYTES || exponent.len == 0 ||
		exponent.len > RSA_EXPONENT_MAX)
		return error_set(
			e, ERR_INVALID, "RSA key of %zu and %zu bytes", n.len, exponent.len);
	modulus = BN_bin2bn(n.data, (int)n.len, NULL);
	power = BN_bin2bn(exponent.data, (int)exponent.len, NULL);
	if (!modulus || !power || !build ||
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, power) != 1)
		return ossl_error(e, ERR_INVALID, "RSA key");
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY *key = params ? rsa_from_params(params) : NULL;
	OSSL_PARAM_free(params);
	return accept(key, out, e);
}

bool
key_save_pem(struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e)
{
	autobio *bio = BIO_new(BIO_s_secmem());

	if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return ossl_error(e, ERR_CRYPTO, "writing a private key");
	*out = ossl_bio_take(arena, bio);
	return true;
}

bool
key_save_public_pem(struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e)
{
	autobio *bio = BIO_new(BIO_s_mem());

	if (!bio || PEM_write_bio_PUBKEY(bio, key) != 1)
		return ossl_error(e, ERR_CRYPTO, "writing a public key");
	*out = ossl_bio_take(arena, bio);
	return true;
}

bool
key_spki(struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e)
{
	autoossl *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	if (len <= 0)
		return ossl_error(e, ERR_CRYPTO, "encoding a public key");
	*out = slice_of(arena_memdup(arena, der, (size_t)len), (size_t)len);
	return true;
}

bool
key_digest(const EVP_PKEY *key, uint8_t out[SHA256_LEN], struct error *e)
{
	autoossl *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	if (len <= 0)
		return ossl_error(e, ERR_CRYPTO, "encoding a public key");
	sha256(slice_of(der, (size_t)len), out);
	return true;
}

bool
key_rsa_modulus(struct arena *arena, const EVP_PKEY *key, struct slice *out, struct error *e)
{
	autobn *n = NULL;

	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
		!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n))
		return error_set(e, ERR_UNSUPPORTED, "not an RSA key");
	size_t len = (size_t)BN_num_bytes(n);
	uint8_t *bytes = arena_alloc(arena, len);
	BN_bn2bin(n, bytes);
	*out = slice_of(bytes, len);
	return true;
}

bool
key_same(const EVP_PKEY *a, const EVP_PKEY *b)
{
	return a && b && EVP_PKEY_eq(a, b) == 1;
}
