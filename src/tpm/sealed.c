// SPDX-License-Identifier: Apache-2.0
#include "tpm/sealed.h"

#include "base/buf.h"
#include "base/uuid.h"
#include "tpm/attest_verify.h"

static const char magic[] = "FSB1";

enum { MAGIC_LEN = 4, FIXED_LEN = 12, PART_MAX = 512 };

static bool
derive(struct slice secret, struct slice aad, uint8_t key[AEAD_KEY_LEN], struct error *e)
{
	static const char purpose[] = "ferry sealed blob v1";
	uint8_t info[sizeof purpose - 1 + SHA256_LEN];

	memcpy(info, purpose, sizeof purpose - 1);
	sha256(aad, info + sizeof purpose - 1);
	return hkdf_sha256(
		secret, slice_of(NULL, 0), slice_of(info, sizeof info), key, AEAD_KEY_LEN, e);
}

static void
put_int(struct buf *out, size_t value, int bytes)
{
	while (bytes--)
		buf_putc(out, (char)(value >> (8 * bytes) & 0xff));
}

static bool
build(struct arena *arena, const struct tpm_sealed *parts, const uint8_t key[AEAD_KEY_LEN],
	struct slice plain, struct slice *out, struct error *e)
{
	struct slice ciphertext;
	struct buf b;

	buf_init(&b, arena, TPM_SEALED_MAX);
	buf_put(&b, magic, MAGIC_LEN);
	put_int(&b, parts->credential.len, 2);
	put_int(&b, parts->wrapped.len, 2);
	put_int(&b, plain.len + AEAD_TAG_LEN, 4);
	buf_put(&b, parts->credential.data, parts->credential.len);
	buf_put(&b, parts->wrapped.data, parts->wrapped.len);
	buf_put(&b, parts->nonce.data, parts->nonce.len);
	if (!buf_ok(&b, e) ||
		!aead_seal(arena, key, parts->nonce.data, buf_slice(&b), plain, &ciphertext, e))
		return false;
	buf_put(&b, ciphertext.data, ciphertext.len);
	if (!buf_ok(&b, e))
		return false;
	*out = buf_slice(&b);
	return true;
}

bool
tpm_seal(struct arena *arena, const struct tpm_ek *ek, struct slice ak_public, struct slice plain,
	struct slice aad, struct slice *out, struct error *e)
{
	uint8_t secret[TPM_SECRET_LEN], nonce[AEAD_NONCE_LEN], key[AEAD_KEY_LEN];
	struct tpm_sealed parts = {.nonce = slice_of(nonce, sizeof nonce)};
	autoak ak = {0};

	if (plain.len == 0 || plain.len > TPM_SEALED_PLAIN_MAX)
		return error_set(e, ERR_LIMIT, "%zu bytes cannot be sealed", plain.len);
	if (!tpm_ak_accept(ak_public, &ak, e))
		return false;
	random_bytes(secret, sizeof secret);
	random_bytes(nonce, sizeof nonce);
	bool ok = tpm_make_credential(arena, ek, ak.name, slice_of(secret, sizeof secret),
			  &parts.credential, &parts.wrapped, e) &&
		derive(slice_of(secret, sizeof secret), aad, key, e) &&
		build(arena, &parts, key, plain, out, e);
	secret_wipe(secret, sizeof secret);
	secret_wipe(key, sizeof key);
	return ok;
}

bool
tpm_sealed_parse(struct slice in, struct tpm_sealed *out, struct error *e)
{
	struct tpm_reader r = {.at = in.data, .left = in.len};
	struct tpm_sealed got;

	struct slice mark = tpm_read_bytes(&r, MAGIC_LEN);
	size_t credential = tpm_read_int(&r, 2), wrapped = tpm_read_int(&r, 2);
	size_t ciphertext = tpm_read_int(&r, 4);
	got.credential = tpm_read_bytes(&r, credential);
	got.wrapped = tpm_read_bytes(&r, wrapped);
	got.nonce = tpm_read_bytes(&r, AEAD_NONCE_LEN);
	got.ciphertext = tpm_read_bytes(&r, ciphertext);
	if (!tpm_read_end(&r) || !slice_is(mark, magic) || in.len > TPM_SEALED_MAX ||
		credential > PART_MAX || wrapped > PART_MAX || ciphertext <= AEAD_TAG_LEN)
		return error_fault(e, ERR_INVALID, "tpm_sealed_malformed",
			"not a sealed blob of a version that is known here");
	got.header = slice_of(in.data, in.len - ciphertext);
	*out = got;
	return true;
}

bool
tpm_sealed_open(struct arena *arena, const struct tpm_sealed *sealed, struct slice secret,
	struct slice aad, struct slice *plain, struct error *e)
{
	uint8_t key[AEAD_KEY_LEN];
	struct error inner;

	if (secret.len != TPM_SECRET_LEN || !derive(secret, aad, key, &inner) ||
		!aead_open(arena, key, sealed->nonce.data, sealed->header, sealed->ciphertext,
			plain, &inner)) {
		secret_wipe(key, sizeof key);
		return error_fault(e, ERR_CRYPTO, "tpm_sealed_refused",
			"the sealed blob was changed, or is not for this use");
	}
	secret_wipe(key, sizeof key);
	return true;
}
