// SPDX-License-Identifier: Apache-2.0
#include "tpm/forge.h"

#include "base/buf.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/jwt.h"
#include "pki/ossl.h"
#include <openssl/core_names.h>
#include <stdlib.h>

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
add_attribute(X509_NAME *name, const char *oid, const char *value)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);

	must(X509_NAME_add_entry_by_OBJ(
		     name, object, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) == 1);
	ASN1_OBJECT_free(object);
}

static void
add_san(X509 *cert, const struct forge_cert *spec)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *name = GENERAL_NAME_new();
	X509_NAME *directory = X509_NAME_new();

	add_attribute(directory, "2.23.133.2.1", spec->manufacturer);
	if (spec->second_manufacturer)
		add_attribute(directory, "2.23.133.2.1", spec->second_manufacturer);
	add_attribute(directory, "2.23.133.2.2", "forged");
	add_attribute(directory, "2.23.133.2.3", "id:00010002");
	GENERAL_NAME_set0_value(name, GEN_DIRNAME, directory);
	sk_GENERAL_NAME_push(names, name);
	must(X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 1, 0) == 1);
	GENERAL_NAMES_free(names);
}

static void
add_eku(X509 *cert, const char *oid)
{
	EXTENDED_KEY_USAGE *list = EXTENDED_KEY_USAGE_new();

	sk_ASN1_OBJECT_push(list, OBJ_txt2obj(oid, 1));
	must(X509_add1_ext_i2d(cert, NID_ext_key_usage, list, 0, 0) == 1);
	EXTENDED_KEY_USAGE_free(list);
}

X509 *
forge_certificate(const struct forge_cert *spec)
{
	static long serial = 1;
	X509 *cert = X509_new();
	BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();

	must(cert && X509_set_version(cert, X509_VERSION_3) == 1 &&
		ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++) == 1);
	ASN1_TIME_adj(X509_getm_notBefore(cert), spec->not_before / US_PER_S, 0, 0);
	ASN1_TIME_adj(X509_getm_notAfter(cert), spec->not_after / US_PER_S, 0, 0);
	X509_NAME_add_entry_by_NID(X509_get_subject_name(cert), NID_commonName, MBSTRING_UTF8,
		(const unsigned char *)(spec->ca ? "forged CA" : "forged EK"), -1, -1, 0);
	if (spec->ca)
		X509_NAME_add_entry_by_NID(X509_get_subject_name(cert), NID_serialNumber,
			MBSTRING_UTF8, (const unsigned char *)(spec->issuer ? "2" : "1"), -1, -1,
			0);
	must(X509_set_issuer_name(cert, X509_get_subject_name(spec->issuer ? spec->issuer : cert)));
	must(X509_set_pubkey(cert, spec->subject) == 1);
	constraints->ca = spec->ca ? 0xff : 0;
	must(X509_add1_ext_i2d(cert, NID_basic_constraints, constraints, 1, 0) == 1);
	BASIC_CONSTRAINTS_free(constraints);
	if (spec->manufacturer)
		add_san(cert, spec);
	if (spec->eku)
		add_eku(cert, spec->eku);
	must(X509_sign(cert, spec->issuer_key, EVP_sha256()) > 0);
	return cert;
}

struct slice
forge_der(struct arena *arena, X509 *cert)
{
	struct slice der;
	struct error e;

	must(cert_der(arena, cert, &der, &e));
	return der;
}

struct slice
forge_pem(struct arena *arena, X509 *cert)
{
	struct slice pem;
	struct error e;

	must(cert_pem(arena, cert, &pem, &e));
	return pem;
}

const char *
forge_manifest(struct arena *arena, const char *store, X509 *root, const char *manufacturers)
{
	return arena_printf(arena, "store %s\nroot %s %s\n", store,
		sha256_hex(arena, forge_der(arena, root)), manufacturers);
}

static struct slice
coordinate(struct arena *arena, const EVP_PKEY *key, const char *name)
{
	uint8_t *bytes = arena_alloc(arena, 32);
	BIGNUM *n = NULL;

	must(EVP_PKEY_get_bn_param(key, name, &n) && BN_bn2binpad(n, bytes, 32) == 32);
	BN_free(n);
	return slice_of(bytes, 32);
}

struct forge_public
forge_ec(struct arena *arena, const EVP_PKEY *key, uint32_t attributes, uint16_t scheme)
{
	return (struct forge_public){.type = TPM2_ALG_ECC,
		.name_alg = TPM2_ALG_SHA256,
		.symmetric = TPM2_ALG_NULL,
		.scheme = scheme,
		.scheme_hash = TPM2_ALG_SHA256,
		.curve = TPM2_ECC_NIST_P256,
		.kdf = TPM2_ALG_NULL,
		.attributes = attributes,
		.x = coordinate(arena, key, OSSL_PKEY_PARAM_EC_PUB_X),
		.y = coordinate(arena, key, OSSL_PKEY_PARAM_EC_PUB_Y)};
}

struct slice
forge_public_bytes(struct arena *arena, const struct forge_public *spec)
{
	struct buf area, out;

	buf_init(&area, arena, 4096);
	tpm_put(&area, spec->type, 2);
	tpm_put(&area, spec->name_alg, 2);
	tpm_put(&area, spec->attributes, 4);
	tpm_put(&area, 0, 2);
	tpm_put(&area, spec->symmetric, 2);
	if (spec->symmetric != TPM2_ALG_NULL)
		tpm_put(&area, 128ull << 16 | TPM2_ALG_CFB, 4);
	tpm_put(&area, spec->scheme, 2);
	if (spec->scheme != TPM2_ALG_NULL)
		tpm_put(&area, spec->scheme_hash, 2);
	if (spec->type == TPM2_ALG_RSA) {
		tpm_put(&area, 2048, 2);
		tpm_put(&area, spec->exponent, 4);
		tpm_put_sized(&area, spec->modulus);
	} else {
		tpm_put(&area, spec->curve, 2);
		tpm_put(&area, spec->kdf, 2);
		if (spec->kdf != TPM2_ALG_NULL)
			tpm_put(&area, TPM2_ALG_SHA256, 2);
		tpm_put_sized(&area, spec->x);
		tpm_put_sized(&area, spec->y);
	}
	for (size_t i = 0; i < spec->trailing; i++)
		tpm_put(&area, 0, 1);
	buf_init(&out, arena, 4096);
	tpm_put_sized(&out, buf_slice(&area));
	return buf_slice(&out);
}

struct slice
forge_attest_bytes(struct arena *arena, const struct forge_attest *spec)
{
	struct buf b;

	buf_init(&b, arena, 4096);
	tpm_put(&b, spec->magic, 4);
	tpm_put(&b, spec->type, 2);
	tpm_put_sized(&b, slice_str("signer"));
	tpm_put_sized(&b, spec->nonce);
	tpm_put(&b, 12345, 8);
	tpm_put(&b, 2, 4);
	tpm_put(&b, 0, 4);
	tpm_put(&b, spec->safe, 1);
	tpm_put(&b, spec->firmware, 8);
	if (spec->type == TPM2_ST_ATTEST_CERTIFY) {
		tpm_put_sized(&b, spec->name);
		tpm_put_sized(&b, slice_str("qualified"));
	} else {
		tpm_put(&b, spec->selections, 4);
		for (uint32_t i = 0; i < spec->selections; i++) {
			tpm_put(&b, spec->bank, 2);
			tpm_put(&b, 3, 1);
			for (int k = 0; k < 3; k++)
				tpm_put(&b, spec->mask >> (8 * k) & 0xff, 1);
		}
		tpm_put_sized(&b, spec->digest);
	}
	for (size_t i = 0; i < spec->trailing; i++)
		tpm_put(&b, 0, 1);
	return buf_slice(&b);
}

struct slice
forge_signature(struct arena *arena, EVP_PKEY *key, struct slice bytes, uint16_t scheme,
	uint16_t hash, size_t pad)
{
	automd *md = EVP_MD_CTX_new();
	uint8_t der[128], raw[64];
	size_t len = sizeof der;
	struct error e;
	struct buf b;

	must(EVP_DigestSignInit(md, NULL, hash == TPM2_ALG_SHA384 ? EVP_sha384() : EVP_sha256(),
		     NULL, key) == 1 &&
		EVP_DigestSign(md, der, &len, bytes.data, bytes.len) == 1);
	must(ecdsa_der_to_raw(slice_of(der, len), raw, &e));
	buf_init(&b, arena, 4096);
	tpm_put(&b, scheme, 2);
	tpm_put(&b, hash, 2);
	tpm_put(&b, 32 + pad, 2);
	for (size_t i = 0; i < pad; i++)
		tpm_put(&b, 0, 1);
	buf_put(&b, raw, 32);
	tpm_put_sized(&b, slice_of(raw + 32, 32));
	return buf_slice(&b);
}

struct tpm_trust_store *
forge_store(void)
{
	autoarena(arena, ARENA_SMALL);
	struct forge_cert spec = {.ca = true, .not_after = 4102444800 * US_PER_S};
	struct tpm_trust_store *store;
	struct error e;

	if (!key_generate(KEY_P256, &spec.subject, &e))
		abort();
	spec.issuer_key = spec.subject;
	X509 *root = forge_certificate(&spec);
	if (!tpm_trust_store_parse("lab",
		    slice_str(forge_manifest(&arena, "lab", root, "00001014")),
		    forge_pem(&arena, root), slice_of(NULL, 0), &store, &e))
		abort();
	X509_free(root);
	EVP_PKEY_free(spec.subject);
	return store;
}
