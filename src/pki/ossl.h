// SPDX-License-Identifier: Apache-2.0
// How OpenSSL's handles are released and how its error queue becomes one of our errors.
#pragma once

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

CLEANUP_FN(EVP_PKEY *, EVP_PKEY_free, autopkey_p)
CLEANUP_FN(EVP_PKEY_CTX *, EVP_PKEY_CTX_free, autopkey_ctx_p)
CLEANUP_FN(EVP_MD_CTX *, EVP_MD_CTX_free, automd_p)
CLEANUP_FN(EVP_CIPHER_CTX *, EVP_CIPHER_CTX_free, autocipher_p)
CLEANUP_FN(X509 *, X509_free, autox509_p)
CLEANUP_FN(X509_REQ *, X509_REQ_free, autoreq_p)
CLEANUP_FN(X509_NAME *, X509_NAME_free, autoname_p)
CLEANUP_FN(X509_ALGOR *, X509_ALGOR_free, autoalgor_p)
CLEANUP_FN(X509_EXTENSION *, X509_EXTENSION_free, autoext_p)
CLEANUP_FN(ASN1_OBJECT *, ASN1_OBJECT_free, autoobject_p)
CLEANUP_FN(ASN1_INTEGER *, ASN1_INTEGER_free, autointeger_p)
CLEANUP_FN(ASN1_OCTET_STRING *, ASN1_OCTET_STRING_free, autooctets_p)
CLEANUP_FN(ASN1_TIME *, ASN1_TIME_free, autotime_p)
CLEANUP_FN(BIGNUM *, BN_free, autobn_p)
CLEANUP_FN(BIO *, BIO_free_all, autobio_p)
CLEANUP_FN(ECDSA_SIG *, ECDSA_SIG_free, autoecdsa_p)
CLEANUP_FN(GENERAL_NAMES *, GENERAL_NAMES_free, autonames_p)
CLEANUP_FN(EXTENDED_KEY_USAGE *, EXTENDED_KEY_USAGE_free, autoeku_p)
CLEANUP_FN(X509_STORE *, X509_STORE_free, autostore_p)
CLEANUP_FN(OSSL_PARAM_BLD *, OSSL_PARAM_BLD_free, autoparams_p)
CLEANUP_FN(X509_STORE_CTX *, X509_STORE_CTX_free, autostore_ctx_p)

#define autopkey CLEANUP(autopkey_p) EVP_PKEY
#define automd CLEANUP(automd_p) EVP_MD_CTX
#define autox509 CLEANUP(autox509_p) X509
#define autobio CLEANUP(autobio_p) BIO
#define autobn CLEANUP(autobn_p) BIGNUM

// Bytes that OpenSSL allocated (i2d_*, BIO).
static inline void
autoossl_p(unsigned char **data)
{
	OPENSSL_free(*data);
}

#define autoossl CLEANUP(autoossl_p) unsigned char

// Set `code` with "what: reason of OpenSSL" and empty its error queue. Always returns false.
bool ossl_error(struct error *e, enum error_code code, const char *what);

// A read-only BIO over the bytes; NULL only when memory is exhausted.
BIO *ossl_bio(struct slice bytes);

// What a memory BIO collected, copied into the arena (NUL-terminated).
struct slice ossl_bio_take(struct arena *arena, BIO *bio);

// An ASN.1 time as microseconds since 1970, within the years 1..9999; false when malformed.
bool ossl_time(const ASN1_TIME *time, time_us *out) MUST_CHECK;
