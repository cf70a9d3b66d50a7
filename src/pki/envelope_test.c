// SPDX-License-Identifier: Apache-2.0
#include "pki/envelope.h"

#include "pki/key.h"
#include "pki/ossl.h"
// cmocka needs these first.
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CONTEXT slice_str("ferry-check\n1\npassword")

static void
nothing_opens_that_was_changed(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	autopkey *key = NULL;
	struct slice sealed, out;
	struct error e;

	assert_true(key_generate(KEY_P256, &key, &e));
	assert_true(envelope_seal(&arena, key, CONTEXT, slice_str("secret"), &sealed, &e));
	for (size_t i = 0; i < sealed.len; i++) {
		uint8_t *bytes = arena_memdup(&arena, sealed.data, sealed.len);
		bytes[i] ^= 1;
		assert_false(
			envelope_open(&arena, key, CONTEXT, slice_of(bytes, sealed.len), &out, &e));
		assert_int_equal(e.code, ERR_CRYPTO);
		assert_false(
			envelope_open(&arena, key, CONTEXT, slice_of(sealed.data, i), &out, &e));
	}
}

static void
another_key_or_context_does_not_open(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	autopkey *key = NULL, *other = NULL;
	struct slice sealed, out;
	struct error e;

	assert_true(key_generate(KEY_P256, &key, &e));
	assert_true(key_generate(KEY_P256, &other, &e));
	assert_true(envelope_seal(&arena, key, CONTEXT, slice_str("secret"), &sealed, &e));
	assert_false(envelope_open(&arena, other, CONTEXT, sealed, &out, &e));
	assert_false(envelope_open(
		&arena, key, slice_str("ferry-check\n2\npassword"), sealed, &out, &e));
	assert_int_equal(e.code, ERR_CRYPTO);
}

static void
an_rsa_key_is_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	autopkey *key = NULL;
	struct slice sealed;
	struct error e;

	assert_true(key_generate(KEY_RSA2048, &key, &e));
	assert_false(envelope_seal(&arena, key, CONTEXT, slice_str("secret"), &sealed, &e));
	assert_int_equal(e.code, ERR_UNSUPPORTED);
}

static void
the_holder_of_the_key_reads_it_and_no_two_look_alike(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	autopkey *key = NULL;
	struct slice a, b, out;
	struct error e;

	assert_true(key_generate(KEY_P256, &key, &e));
	assert_true(envelope_seal(&arena, key, CONTEXT, slice_str("secret"), &a, &e));
	assert_true(envelope_seal(&arena, key, CONTEXT, slice_str("secret"), &b, &e));
	assert_false(slice_eq(a, b));
	assert_int_equal(a.len, 6 + ENVELOPE_OVERHEAD);
	assert_true(envelope_open(&arena, key, CONTEXT, a, &out, &e));
	assert_true(slice_is(out, "secret"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_opens_that_was_changed),
		cmocka_unit_test(another_key_or_context_does_not_open),
		cmocka_unit_test(an_rsa_key_is_refused),
		cmocka_unit_test(the_holder_of_the_key_reads_it_and_no_two_look_alike),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
