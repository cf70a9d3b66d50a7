// SPDX-License-Identifier: Apache-2.0
#include "pki/csr.h"

#include "pki/key.h"
#include "pki/ossl.h"

enum { CSR_MAX = 16 * 1024 };

bool
csr_parse(struct arena *arena, struct slice der, struct csr *out, struct error *e)
{
	const unsigned char *at = der.data;
	enum key_type type;
	autoossl *spki = NULL;

	if (der.len == 0 || der.len > CSR_MAX)
		return error_set(e, ERR_INVALID, "certificate request of %zu bytes", der.len);
	CLEANUP(autoreq_p) X509_REQ *req = d2i_X509_REQ(NULL, &at, (long)der.len);
	if (!req)
		return ossl_error(e, ERR_INVALID, "certificate request");
	if (at != der.data + der.len)
		return error_set(e, ERR_INVALID, "bytes after the certificate request");
	EVP_PKEY *key = X509_REQ_get0_pubkey(req);
	if (!key)
		return ossl_error(e, ERR_INVALID, "key of the certificate request");
	if (!key_type_of(key, &type, e))
		return error_wrap(e, "certificate request");
	if (X509_REQ_verify(req, key) != 1)
		return ossl_error(e, ERR_CRYPTO, "signature of the certificate request");
	int len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(req), &spki);
	if (len <= 0)
		return ossl_error(e, ERR_CRYPTO, "key of the certificate request");
	EVP_PKEY_up_ref(key);
	*out = (struct csr){
		.key = key, .spki = slice_of(arena_memdup(arena, spki, (size_t)len), (size_t)len)};
	return true;
}

void
csr_finish(struct csr *csr)
{
	EVP_PKEY_free(csr->key);
	csr->key = NULL;
}

bool
csr_build(struct arena *arena, EVP_PKEY *key, const char *common_name, struct slice *der,
	struct error *e)
{
	CLEANUP(autoreq_p) X509_REQ *req = X509_REQ_new();
	autoossl *bytes = NULL;
	int len = 0;

	bool ok = req && X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1 &&
		X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(req), NID_commonName,
			MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1 &&
		X509_REQ_set_pubkey(req, key) == 1 && X509_REQ_sign(req, key, EVP_sha256()) > 0;
	if (ok)
		len = i2d_X509_REQ(req, &bytes);
	if (len <= 0)
		return ossl_error(e, ERR_CRYPTO, "making a certificate request");
	*der = slice_of(arena_memdup(arena, bytes, (size_t)len), (size_t)len);
	return true;
}
