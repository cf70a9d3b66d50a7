// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/testing.h"
#include "codec/base64.h"
#include "pki/hash.h"

static struct slice
hex(struct arena *arena, const char *text)
{
	struct slice bytes;
	struct error e;

	assert_works(hex_decode(arena, text, &bytes, &e));
	return bytes;
}

static void
digests_are_those_of_the_standard(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice parts[] = {slice_str("a"), slice_of(NULL, 0), slice_str("bc")};
	uint8_t out[SHA256_LEN], thumb[SHA1_LEN];

	// FIPS 180-4, example "abc".
	assert_string_equal(sha256_hex(&arena, slice_str("abc")),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_parts(parts, 3, out);
	assert_string_equal(
		hex_encode(&arena, slice_of(out, 32)), sha256_hex(&arena, slice_str("abc")));
	sha1(slice_str("abc"), thumb);
	assert_string_equal(hex_encode(&arena, slice_of(thumb, 20)),
		"a9993e364706816aba3e25717850c26c9cd0d89d");
	// RFC 4231, test case 2.
	hmac_sha256(slice_str("Jefe"), slice_str("what do ya want for nothing?"), out);
	assert_string_equal(hex_encode(&arena, slice_of(out, 32)),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// RFC 5869, test cases 1 and 3.
static void
derived_keys_are_those_of_the_standard(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice secret = hex(&arena, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
	uint8_t out[42];
	struct error e;

	assert_works(hkdf_sha256(secret, hex(&arena, "000102030405060708090a0b0c"),
		hex(&arena, "f0f1f2f3f4f5f6f7f8f9"), out, sizeof out, &e));
	assert_string_equal(hex_encode(&arena, slice_of(out, sizeof out)),
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
		"5865");
	assert_works(
		hkdf_sha256(secret, slice_of(NULL, 0), slice_of(NULL, 0), out, sizeof out, &e));
	assert_string_equal(hex_encode(&arena, slice_of(out, sizeof out)),
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a"
		"96c8");
}

static void
a_seal_opens_only_unchanged(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	uint8_t key[32] = {1}, nonce[12] = {2}, other[32] = {3};
	struct slice aad = slice_str("for you"), plain = slice_str("secret"), sealed, got;
	struct error e;

	assert_works(aead_seal(&arena, key, nonce, aad, plain, &sealed, &e));
	assert_int_equal(sealed.len, plain.len + AEAD_TAG_LEN);
	for (size_t at = 0; at < sealed.len; at++) {
		uint8_t *changed = arena_memdup(&arena, sealed.data, sealed.len);
		changed[at] ^= 0x80;
		assert_false(aead_open(
			&arena, key, nonce, aad, slice_of(changed, sealed.len), &got, &e));
		assert_int_equal(e.code, ERR_CRYPTO);
		assert_false(
			aead_open(&arena, key, nonce, aad, slice_of(sealed.data, at), &got, &e));
	}
	assert_false(aead_open(&arena, key, nonce, slice_str("for me"), sealed, &got, &e));
	assert_false(aead_open(&arena, other, nonce, aad, sealed, &got, &e));
	assert_works(aead_open(&arena, key, nonce, aad, sealed, &got, &e));
	assert_true(slice_is(got, "secret"));
	// Nothing at all can be sealed too.
	assert_works(
		aead_seal(&arena, key, nonce, slice_of(NULL, 0), slice_of(NULL, 0), &sealed, &e));
	assert_works(aead_open(&arena, key, nonce, slice_of(NULL, 0), sealed, &got, &e));
	assert_int_equal(got.len, 0);
}

static void
absent_secrets_are_never_equal(void **state)
{
	(void)state;
	assert_false(secret_eq(slice_of(NULL, 0), slice_of(NULL, 0)));
	assert_false(secret_eq(slice_str(""), slice_str("")));
	assert_false(secret_eq(slice_str("a"), slice_str("b")));
	assert_false(secret_eq(slice_str("a"), slice_str("aa")));
	assert_true(secret_eq(slice_str("abc"), slice_str("abc")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_those_of_the_standard),
		cmocka_unit_test(derived_keys_are_those_of_the_standard),
		cmocka_unit_test(a_seal_opens_only_unchanged),
		cmocka_unit_test(absent_secrets_are_never_equal),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
