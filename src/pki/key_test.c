// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/testing.h"
#include "codec/base64.h"
#include "pki/hash.h"
#include "pki/key.h"
#include "pki/ossl.h"

static void
keys_that_we_do_not_accept_do_not_load(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	autopkey *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	autopkey *small = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	const EVP_PKEY *bad[] = {ed, small};
	EVP_PKEY *key = NULL;
	struct slice pem, spki;
	struct error e;

	for (size_t i = 0; i < 2; i++) {
		assert_works(key_save_pem(&arena, bad[i], &pem, &e));
		assert_false(key_load_pem(pem, &key, &e));
		assert_int_equal(e.code, ERR_UNSUPPORTED);
		assert_works(key_spki(&arena, bad[i], &spki, &e));
		assert_false(key_load_spki(spki, &key, &e));
	}
	assert_false(key_load_pem(slice_str("garbage"), &key, &e));
	assert_false(key_load_public_pem(slice_str(""), &key, &e));
	assert_false(key_load_spki(slice_of(NULL, 0), &key, &e));
	assert_false(key_generate(KEY_P384, &key, &e));
	assert_null(key);
}

static void
keys_survive_being_written(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const enum key_type types[] = {KEY_P256, KEY_RSA2048};
	struct error e;

	for (size_t i = 0; i < 2; i++) {
		autopkey *made = NULL, *private = NULL, *public = NULL, *spki_key = NULL;
		uint8_t digest[SHA256_LEN];
		struct slice pem, spki;
		enum key_type type;
		assert_works(key_generate(types[i], &made, &e));
		assert_works(key_type_of(made, &type, &e));
		assert_int_equal(type, types[i]);
		assert_works(key_save_pem(&arena, made, &pem, &e));
		assert_works(key_load_pem(pem, &private, &e));
		assert_works(key_save_public_pem(&arena, made, &pem, &e));
		assert_false(key_load_pem(pem, &public, &e));
		assert_works(key_load_public_pem(pem, &public, &e));
		assert_works(key_spki(&arena, made, &spki, &e));
		assert_works(key_load_spki(spki, &spki_key, &e));
		assert_true(key_same(made, private) && key_same(made, public) &&
			key_same(made, spki_key));
		assert_works(key_digest(made, digest, &e));
		assert_string_equal(
			hex_encode(&arena, slice_of(digest, 32)), sha256_hex(&arena, spki));
	}
	assert_false(key_same(NULL, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_we_do_not_accept_do_not_load),
		cmocka_unit_test(keys_survive_being_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
