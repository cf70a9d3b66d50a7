// SPDX-License-Identifier: Apache-2.0
#include "pki/x25519.h"

#include "pki/ossl.h"

static bool
public_of(EVP_PKEY *key, uint8_t out[X25519_LEN], struct error *e)
{
	size_t len = X25519_LEN;

	return (EVP_PKEY_get_raw_public_key(key, out, &len) == 1 && len == X25519_LEN) ||
		ossl_error(e, ERR_CRYPTO, "X25519 public key");
}

bool
x25519_new(uint8_t private_key[X25519_LEN], struct error *e)
{
	size_t len = X25519_LEN;
	autopkey *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");

	return (key && EVP_PKEY_get_raw_private_key(key, private_key, &len) == 1 &&
		       len == X25519_LEN) ||
		ossl_error(e, ERR_CRYPTO, "X25519 key");
}

bool
x25519_public(
	const uint8_t private_key[X25519_LEN], uint8_t public_key[X25519_LEN], struct error *e)
{
	autopkey *key =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, X25519_LEN);

	return key ? public_of(key, public_key, e)
		   : ossl_error(e, ERR_CRYPTO, "X25519 private key");
}
