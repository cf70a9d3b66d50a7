// SPDX-License-Identifier: Apache-2.0
// A foreign EC_KEY_METHOD: deprecated in OpenSSL 3, but the one way in which only the signature
// goes to the TPM and everything else stays in the default provider (tpm-and-hardware.md "TPM-bound
// TLS key").
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tpm/device_internal.h"

#include "pki/csr.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <stdlib.h>

struct tls_key {
	struct tpm_device *device;
	struct tpm_object object; // loaded while it is the device's resident key
	uint8_t *blob;
	size_t blob_len;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static EC_KEY_METHOD *method;
static int ex_index = -1;

void
tpm_evict(struct tpm_device *device)
{
	if (device->resident)
		tpm_object_release(&device->resident->object);
	device->resident = NULL;
}

static void
free_tls_key(struct tls_key *key)
{
	free(key->blob);
	free(key);
}

static void
on_free(void *parent, void *pointer, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
	struct tls_key *key = pointer;

	(void)parent, (void)data, (void)index, (void)argl, (void)argp;
	if (!key)
		return;
	pthread_mutex_lock(&key->device->lock);
	if (key->device->resident == key)
		tpm_evict(key->device);
	pthread_mutex_unlock(&key->device->lock);
	free_tls_key(key);
}

// A copy would share the slot in the TPM: refuse.
static int
on_copy(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **pointer, int index, long argl,
	void *argp)
{
	(void)to, (void)from, (void)index, (void)argl, (void)argp;
	return *pointer == NULL;
}

static bool
make_resident(struct tls_key *key, struct error *e)
{
	TPM2B_PUBLIC public;

	if (key->device->resident == key)
		return true;
	tpm_evict(key->device);
	if (!tpm_load_key(
		    key->device, slice_of(key->blob, key->blob_len), &key->object, &public, e))
		return false;
	key->device->resident = key;
	return true;
}

static TSS2_RC
sign_once(struct tls_key *key, const uint8_t *digest, size_t len, TPMT_SIGNATURE **out)
{
	const TPMT_TK_HASHCHECK ticket = {.tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL};
	TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_ECDSA};
	TPM2B_DIGEST data = {.size = (UINT16)len};

	scheme.details.ecdsa.hashAlg = len == 32 ? TPM2_ALG_SHA256
		: len == 48			 ? TPM2_ALG_SHA384
						 : TPM2_ALG_SHA512;
	memcpy(data.buffer, digest, len);
	return Esys_Sign(key->device->esys, key->object.handle, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &data, &scheme, &ticket, out);
}

static ECDSA_SIG *
to_ecdsa(const TPMS_SIGNATURE_ECC *ecc)
{
	BIGNUM *r = BN_bin2bn(ecc->signatureR.buffer, ecc->signatureR.size, NULL);
	BIGNUM *s = BN_bin2bn(ecc->signatureS.buffer, ecc->signatureS.size, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();

	if (r && s && sig && ECDSA_SIG_set0(sig, r, s) == 1)
		return sig;
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return NULL;
}

// With the lock held. A loaded handle does not survive a reset of the TPM: load it once more.
static ECDSA_SIG *
sign_locked(struct tls_key *key, const uint8_t *digest, size_t len)
{
	autoesys TPMT_SIGNATURE *signature = NULL;
	struct error e;

	if (!make_resident(key, &e))
		return NULL;
	if (sign_once(key, digest, len, &signature) != TSS2_RC_SUCCESS) {
		tpm_evict(key->device);
		if (!make_resident(key, &e) ||
			sign_once(key, digest, len, &signature) != TSS2_RC_SUCCESS)
			return NULL;
	}
	return to_ecdsa(&signature->signature.ecdsa);
}

static ECDSA_SIG *
sign_sig(const unsigned char *digest, int len, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *ec)
{
	struct tls_key *key = EC_KEY_get_ex_data(ec, ex_index);

	(void)kinv, (void)r;
	if (!key || (len != 32 && len != 48 && len != 64))
		return NULL;
	pthread_mutex_lock(&key->device->lock);
	ECDSA_SIG *sig = sign_locked(key, digest, (size_t)len);
	pthread_mutex_unlock(&key->device->lock);
	return sig;
}

static int
sign(int type, const unsigned char *digest, int len, unsigned char *out, unsigned int *out_len,
	const BIGNUM *kinv, const BIGNUM *r, EC_KEY *ec)
{
	CLEANUP(autoecdsa_p) ECDSA_SIG *sig = sign_sig(digest, len, kinv, r, ec);

	(void)type;
	if (!sig)
		return 0;
	*out_len = (unsigned)i2d_ECDSA_SIG(sig, &out);
	return 1;
}

static void
make_method(void)
{
	int (*setup)(EC_KEY *, BN_CTX *, BIGNUM **, BIGNUM **);

	ex_index = EC_KEY_get_ex_new_index(0, NULL, NULL, on_copy, on_free);
	method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	if (!method)
		return;
	EC_KEY_METHOD_get_sign(method, NULL, &setup, NULL);
	EC_KEY_METHOD_set_sign(method, sign, setup, sign_sig);
}

static struct tls_key *
new_tls_key(struct tpm_device *device, struct slice blob)
{
	struct tls_key *key = calloc(1, sizeof *key);

	if (!key || !(key->blob = malloc(blob.len))) {
		free(key);
		return NULL;
	}
	memcpy(key->blob, blob.data, blob.len);
	key->blob_len = blob.len;
	key->device = device;
	return key;
}

// The point of the key, and a check that this TPM can load it.
static bool
read_point(struct tpm_device *device, struct slice blob, TPMS_ECC_POINT *out, struct error *e)
{
	CLEANUP(tpm_leave) struct tpm_device *held = tpm_enter(device);
	autoobject object = {.esys = NULL};
	TPM2B_PUBLIC public;

	if (!tpm_load_key(held, blob, &object, &public, e))
		return false;
	*out = public.publicArea.unique.ecc;
	return true;
}

static EVP_PKEY *
wrap(struct tls_key *key, const TPMS_ECC_POINT *point)
{
	autobn *x = BN_bin2bn(point->x.buffer, point->x.size, NULL);
	autobn *y = BN_bin2bn(point->y.buffer, point->y.size, NULL);
	EC_KEY *ec = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
	EVP_PKEY *pkey = EVP_PKEY_new();

	if (x && y && ec && pkey && EC_KEY_set_public_key_affine_coordinates(ec, x, y) == 1 &&
		EC_KEY_set_method(ec, method) == 1 && EVP_PKEY_set1_EC_KEY(pkey, ec) == 1 &&
		EC_KEY_set_ex_data(ec, ex_index, key) == 1) {
		EC_KEY_free(ec);
		return pkey;
	}
	EC_KEY_free(ec);
	EVP_PKEY_free(pkey);
	return NULL;
}

bool
tpm_device_tls_key(struct tpm_device *device, struct slice blob, EVP_PKEY **out, struct error *e)
{
	TPMS_ECC_POINT point;

	pthread_once(&once, make_method);
	if (!method || ex_index < 0)
		return error_set(e, ERR_INTERNAL, "no room for a key method");
	if (!read_point(device, blob, &point, e))
		return false;
	struct tls_key *key = new_tls_key(device, blob);
	EVP_PKEY *pkey = key ? wrap(key, &point) : NULL;
	if (!pkey) {
		if (key)
			free_tls_key(key);
		return ossl_error(e, ERR_CRYPTO, "device key");
	}
	*out = pkey;
	return true;
}

bool
tpm_device_csr(struct arena *arena, struct tpm_device *device, struct slice blob,
	const char *common_name, struct slice *der, struct error *e)
{
	autopkey *key = NULL;

	return tpm_device_tls_key(device, blob, &key, e) &&
		csr_build(arena, key, common_name, der, e);
}
