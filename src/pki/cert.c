// SPDX-License-Identifier: Apache-2.0
#include "pki/cert.h"

#include "base/str.h"
#include "codec/base64.h"
#include "pki/ossl.h"
#include <openssl/err.h>
#include <openssl/pem.h>

enum { CERT_MAX = 32 * 1024, POOL_PEM_MAX = 8 * 1024 * 1024 };

static int
no_password(char *buf, int size, int writing, void *data)
{
	(void)buf, (void)size, (void)writing, (void)data;
	return -1;
}

bool
cert_load(struct slice der, X509 **out, struct error *e)
{
	const unsigned char *at = der.data;

	if (der.len == 0 || der.len > CERT_MAX)
		return error_set(e, ERR_INVALID, "certificate of %zu bytes", der.len);
	X509 *cert = d2i_X509(NULL, &at, (long)der.len);
	if (!cert)
		return ossl_error(e, ERR_INVALID, "certificate");
	if (at != der.data + der.len) {
		X509_free(cert);
		return error_set(e, ERR_INVALID, "bytes after the certificate");
	}
	*out = cert;
	return true;
}

bool
cert_load_pem(struct slice pem, X509 **out, struct error *e)
{
	autobio *bio = ossl_bio(pem);
	X509 *cert = PEM_read_bio_X509(bio, NULL, no_password, NULL);

	if (!cert)
		return ossl_error(e, ERR_INVALID, "certificate");
	*out = cert;
	return true;
}

bool
cert_der(struct arena *arena, const X509 *cert, struct slice *out, struct error *e)
{
	autoossl *der = NULL;
	int len = i2d_X509(cert, &der);

	if (len <= 0)
		return ossl_error(e, ERR_CRYPTO, "encoding a certificate");
	*out = slice_of(arena_memdup(arena, der, (size_t)len), (size_t)len);
	return true;
}

bool
cert_pem(struct arena *arena, const X509 *cert, struct slice *out, struct error *e)
{
	autobio *bio = BIO_new(BIO_s_mem());

	if (!bio || PEM_write_bio_X509(bio, (X509 *)(uintptr_t)cert) != 1)
		return ossl_error(e, ERR_CRYPTO, "writing a certificate");
	*out = ossl_bio_take(arena, bio);
	return true;
}

static const char *
name_text(struct arena *arena, const X509_NAME *name)
{
	autobio *bio = BIO_new(BIO_s_mem());

	if (!bio || X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
		return "";
	return (const char *)ossl_bio_take(arena, bio).data;
}

// The last CN, as the most specific one; "" when there is none or it holds a NUL.
static const char *
common_name(struct arena *arena, const X509_NAME *name)
{
	autoossl *utf8 = NULL;
	int at = -1, last = -1;

	while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
		last = at;
	if (last < 0)
		return "";
	int len = ASN1_STRING_to_UTF8(
		&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
	if (len <= 0 || !utf8_valid(slice_of(utf8, (size_t)len)))
		return "";
	return arena_strndup(arena, (const char *)utf8, (size_t)len);
}

static const char *
serial_hex(struct arena *arena, const X509 *cert)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);

	return hex_encode(
		arena, slice_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)));
}

bool
cert_facts(struct arena *arena, const X509 *cert, struct cert_facts *out, struct error *e)
{
	struct cert_facts facts = {0};
	uint8_t thumb[SHA1_LEN];
	autoossl *spki = NULL;
	struct slice der;

	if (!ossl_time(X509_get0_notBefore(cert), &facts.not_before) ||
		!ossl_time(X509_get0_notAfter(cert), &facts.not_after))
		return error_set(e, ERR_INVALID, "certificate with a malformed validity");
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	if (len <= 0 || !cert_der(arena, cert, &der, e))
		return ossl_error(e, ERR_INVALID, "certificate");
	sha1(der, thumb);
	facts.common_name = common_name(arena, X509_get_subject_name(cert));
	facts.subject = name_text(arena, X509_get_subject_name(cert));
	facts.issuer = name_text(arena, X509_get_issuer_name(cert));
	facts.serial = serial_hex(arena, cert);
	facts.thumbprint = str_upper(arena, hex_encode(arena, slice_of(thumb, sizeof thumb)));
	facts.sha256 = sha256_hex(arena, der);
	facts.key_sha256 = sha256_hex(arena, slice_of(spki, (size_t)len));
	facts.is_ca = X509_check_ca((X509 *)(uintptr_t)cert) > 0;
	*out = facts;
	return true;
}

static bool
pool_push(struct cert_pool *pool, X509 *cert, struct error *e)
{
	if (!pool->certs)
		pool->certs = sk_X509_new_null();
	if (pool->certs && sk_X509_push(pool->certs, cert) > 0)
		return true;
	X509_free(cert);
	return error_set(e, ERR_INTERNAL, "out of memory");
}

bool
cert_pool_add_pem(struct cert_pool *pool, struct slice pem, size_t max, struct error *e)
{
	autobio *bio = ossl_bio(pem);
	X509 *cert;
	size_t count = 0;

	if (pem.len > POOL_PEM_MAX)
		return error_set(e, ERR_LIMIT, "more than %d bytes of certificates", POOL_PEM_MAX);
	while ((cert = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
		if (++count > max) {
			X509_free(cert);
			return error_set(e, ERR_LIMIT, "more than %zu certificates", max);
		}
		if (!pool_push(pool, cert, e))
			return false;
	}
	// The end of the text shows as "no start line"; anything else is a broken certificate.
	unsigned long last = ERR_peek_last_error();
	if (count == 0 || ERR_GET_LIB(last) != ERR_LIB_PEM ||
		ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
		return ossl_error(e, ERR_INVALID, "certificates");
	ERR_clear_error();
	return true;
}

bool
cert_pool_add_der(struct cert_pool *pool, struct slice der, struct error *e)
{
	X509 *cert;

	return cert_load(der, &cert, e) && pool_push(pool, cert, e);
}

size_t
cert_pool_count(const struct cert_pool *pool)
{
	return pool->certs ? (size_t)sk_X509_num(pool->certs) : 0;
}

void
cert_pool_finish(struct cert_pool *pool)
{
	sk_X509_pop_free(pool->certs, X509_free);
	pool->certs = NULL;
}

static bool
refused(X509_STORE_CTX *ctx, struct error *e)
{
	int why = X509_STORE_CTX_get_error(ctx);
	bool time = why == X509_V_ERR_CERT_HAS_EXPIRED || why == X509_V_ERR_CERT_NOT_YET_VALID;

	ERR_clear_error();
	return error_fault(e, ERR_CRYPTO, time ? "certificate_expired" : "certificate_untrusted",
		"certificate chain: %s", X509_verify_cert_error_string(why));
}

bool
cert_verify(X509 *cert, const struct cert_pool *roots, const struct cert_pool *untrusted,
	enum cert_usage usage, time_us now, struct error *e)
{
	static const int purposes[] = {[CERT_FOR_ANY] = X509_PURPOSE_ANY,
		[CERT_FOR_CLIENT] = X509_PURPOSE_SSL_CLIENT,
		[CERT_FOR_SERVER] = X509_PURPOSE_SSL_SERVER};
	CLEANUP(autostore_ctx_p) X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	if (!ctx || X509_STORE_CTX_init(ctx, NULL, cert, untrusted ? untrusted->certs : NULL) != 1)
		return ossl_error(e, ERR_INTERNAL, "certificate chain");
	STACK_OF(X509) *trusted = roots->certs ? roots->certs : sk_X509_new_null();
	X509_STORE_CTX_set0_trusted_stack(ctx, trusted);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, now / US_PER_S);
	bool ok = X509_VERIFY_PARAM_set_purpose(param, purposes[usage]) == 1 &&
		X509_verify_cert(ctx) == 1;
	if (!ok)
		refused(ctx, e);
	if (!roots->certs)
		sk_X509_free(trusted);
	return ok;
}

bool
cert_end_point(struct arena *arena, const X509 *cert, struct slice *out, struct error *e)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	int hash = NID_undef, strength = 0;

	// Ed25519 and the like name no hash.
	if (X509_get_signature_info((X509 *)(uintptr_t)cert, &hash, NULL, &strength, NULL) != 1 ||
		hash == NID_undef || hash == NID_md5 || hash == NID_sha1)
		hash = NID_sha256;
	if (X509_digest(cert, EVP_get_digestbynid(hash), digest, &len) != 1)
		return ossl_error(e, ERR_INTERNAL, "digest of a certificate");
	*out = slice_of(arena_memdup(arena, digest, len), len);
	return true;
}
