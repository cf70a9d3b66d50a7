// SPDX-License-Identifier: Apache-2.0
#include "pki/envelope.h"

#include "pki/hash.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <openssl/evp.h>

enum { VERSION = 1, POINT = 65, COORDINATE = 32, SHARED = 32 };

// One key is used for one message, so the nonce may always be the same.
static const uint8_t NONCE[AEAD_NONCE_LEN];

static bool
point_of(const EVP_PKEY *key, uint8_t out[POINT], struct error *e)
{
	enum key_type type;
	size_t len = 0;

	if (!key_type_of(key, &type, e))
		return false;
	if (type != KEY_P256)
		return error_set(e, ERR_UNSUPPORTED, "an envelope needs a P-256 key");
	if (EVP_PKEY_get_octet_string_param(key, "pub", out, POINT, &len) != 1 || len != POINT)
		return error_set(e, ERR_INTERNAL, "cannot write a public point");
	return true;
}

static bool
derive_shared(EVP_PKEY *own, EVP_PKEY *peer, uint8_t out[SHARED])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t len = SHARED;

	bool ok = ctx && EVP_PKEY_derive_init(ctx) == 1 &&
		EVP_PKEY_derive_set_peer(ctx, peer) == 1 && EVP_PKEY_derive(ctx, out, &len) == 1 &&
		len == SHARED;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

// Both points go into the key, so that it belongs to exactly this sender and this recipient.
static bool
message_key(EVP_PKEY *own, EVP_PKEY *peer, const uint8_t ephemeral[POINT],
	const uint8_t recipient[POINT], uint8_t out[AEAD_KEY_LEN], struct error *e)
{
	uint8_t shared[SHARED], info[16 + 2 * POINT] = "ferry-envelope-1";

	memcpy(info + 16, ephemeral, POINT);
	memcpy(info + 16 + POINT, recipient, POINT);
	if (!derive_shared(own, peer, shared))
		return error_set(e, ERR_CRYPTO, "the key agreement failed");
	bool ok = hkdf_sha256(slice_of(shared, sizeof shared), slice_of(NULL, 0),
		slice_of(info, sizeof info), out, AEAD_KEY_LEN, e);
	secret_wipe(shared, sizeof shared);
	return ok;
}

bool
envelope_seal(struct arena *arena, EVP_PKEY *recipient, struct slice context, struct slice plain,
	struct slice *out, struct error *e)
{
	uint8_t ephemeral[POINT], point[POINT], key[AEAD_KEY_LEN];
	autopkey *own = NULL;
	struct slice sealed;

	if (plain.len > ENVELOPE_MAX)
		return error_set(e, ERR_LIMIT, "too long for an envelope");
	if (!point_of(recipient, point, e) || !key_generate(KEY_P256, &own, e) ||
		!point_of(own, ephemeral, e) ||
		!message_key(own, recipient, ephemeral, point, key, e))
		return false;
	bool ok = aead_seal(arena, key, NONCE, context, plain, &sealed, e);
	secret_wipe(key, sizeof key);
	if (!ok)
		return false;
	uint8_t *bytes = arena_alloc(arena, 1 + POINT + sealed.len);
	bytes[0] = VERSION;
	memcpy(bytes + 1, ephemeral, POINT);
	memcpy(bytes + 1 + POINT, sealed.data, sealed.len);
	*out = slice_of(bytes, 1 + POINT + sealed.len);
	return true;
}

bool
envelope_open(struct arena *arena, EVP_PKEY *own, struct slice context, struct slice sealed,
	struct slice *out, struct error *e)
{
	uint8_t point[POINT], key[AEAD_KEY_LEN];
	autopkey *peer = NULL;

	if (sealed.len < ENVELOPE_OVERHEAD || sealed.len > ENVELOPE_MAX + ENVELOPE_OVERHEAD ||
		sealed.data[0] != VERSION || sealed.data[1] != 4)
		return error_set(e, ERR_CRYPTO, "not an envelope");
	const uint8_t *ephemeral = sealed.data + 1;
	if (!point_of(own, point, e))
		return false;
	// Checks that the point is on the curve.
	if (!key_from_p256_point(slice_of(ephemeral + 1, COORDINATE),
		    slice_of(ephemeral + 1 + COORDINATE, COORDINATE), &peer, e))
		return error_set(e, ERR_CRYPTO, "not an envelope");
	if (!message_key(own, peer, ephemeral, point, key, e))
		return false;
	bool ok = aead_open(arena, key, NONCE, context,
		slice_of(sealed.data + 1 + POINT, sealed.len - 1 - POINT), out, e);
	secret_wipe(key, sizeof key);
	return ok;
}
