// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "codec/base64.h"
#include "pki/x25519.h"
#include <string.h>

static void
the_public_key_is_that_of_the_standard(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice key;
	struct error e;
	uint8_t out[X25519_LEN];

	// RFC 7748 section 6.1, Bob.
	assert_true(hex_decode(&arena,
		"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", &key, &e));
	assert_true(x25519_public(key.data, out, &e));
	assert_string_equal(hex_encode(&arena, slice_of(out, sizeof out)),
		"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
}

static void
no_two_keys_are_the_same(void **state)
{
	(void)state;
	uint8_t a[X25519_LEN], b[X25519_LEN];
	struct error e;

	assert_true(x25519_new(a, &e));
	assert_true(x25519_new(b, &e));
	assert_memory_not_equal(a, b, sizeof a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_public_key_is_that_of_the_standard),
		cmocka_unit_test(no_two_keys_are_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
