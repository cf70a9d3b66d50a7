// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/base64.h"

static struct error e;

// True when `text` decodes to `want` (NULL: must be refused as ERR_INVALID).
static bool
decodes(const char *text, unsigned flags, const char *want)
{
	autoarena(arena, ARENA_SMALL);
	struct slice out = slice_str("untouched");

	e = (struct error){0};
	bool ok = base64_decode(&arena, slice_str(text), flags, 1000, &out, &e);
	if (!want)
		return !ok && e.code == ERR_INVALID && slice_is(out, "untouched");
	return ok && slice_is(out, want) && out.data[out.len] == '\0';
}

static void
strict_refuses_all_that_is_not_canonical(void **state)
{
	(void)state;
	static const char *const bad[] = {"Q", "QQ", "QQ=", "QQ===", "QR==", "QUJ", "QUK=", "QUI",
		"QUI==", "QUJD=", "QUJD====", "=", "====", "Q===", "QU=I", "QQ==QQ==", "QUJD\n",
		" QUJD", "QUJD QUJD", "QU-_", "Q\x80==", "QUJD!"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_true(decodes(bad[i], BASE64_STRICT, NULL));
}

static void
errors_name_the_offset(void **state)
{
	(void)state;
	assert_true(decodes("QUJD*UJD", BASE64_STRICT, NULL));
	assert_non_null(strstr(e.message, "offset 4"));
}

static void
strict_accepts_the_vectors_of_rfc4648(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"},
		{"Zm9v", "foo"}, {"Zm9vYg==", "foob"}, {"Zm9vYmE=", "fooba"},
		{"Zm9vYmFy", "foobar"}};
	autoarena(arena, ARENA_SMALL);

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_true(decodes(pairs[i][0], BASE64_STRICT, pairs[i][1]));
		assert_string_equal(base64_encode(&arena, slice_str(pairs[i][1])), pairs[i][0]);
	}
}

static void
padding_may_be_missing_only_where_asked_for(void **state)
{
	(void)state;
	assert_true(decodes("Zm8", BASE64_NO_PADDING, "fo"));
	assert_true(decodes("Zg", BASE64_NO_PADDING, "f"));
	assert_true(decodes("Zg==", BASE64_NO_PADDING, "f"));
	assert_true(decodes("Zg=", BASE64_NO_PADDING, NULL));
	assert_true(decodes("Zm9vY", BASE64_NO_PADDING, NULL));
	assert_true(decodes("Zh", BASE64_NO_PADDING, NULL));
}

static void
white_space_is_skipped_only_where_asked_for(void **state)
{
	(void)state;
	assert_true(decodes("\r\nZm9v\r\n\tYg = =\r\n", BASE64_WHITESPACE, "foob"));
	assert_true(decodes("Zm9v\vYg==", BASE64_WHITESPACE, NULL));
	assert_true(decodes("Zm9v Yg", BASE64_WHITESPACE | BASE64_NO_PADDING, "foob"));
	assert_true(decodes(" ", BASE64_WHITESPACE, ""));
}

static void
unused_bits_may_be_set_only_where_asked_for(void **state)
{
	(void)state;
	assert_true(decodes("Zh==", BASE64_LENIENT_BITS, "f"));
	assert_true(decodes("Zm9=", BASE64_LENIENT_BITS, "fo"));
	assert_true(decodes("Zh", BASE64_LENIENT_BITS, NULL));
	assert_true(decodes("Zh", BASE64_LENIENT_BITS | BASE64_NO_PADDING, "f"));
}

static void
more_than_the_limit_is_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct slice out;

	assert_true(base64_decode(&arena, slice_str("Zm9vYmE="), 0, 5, &out, &e));
	assert_false(base64_decode(&arena, slice_str("Zm9vYmFy"), 0, 5, &out, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(
		base64_decode(&arena, slice_str("Zm9v\nYmFyZm9v"), BASE64_WHITESPACE, 5, &out, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(base64_decode(&arena, slice_str("Zm9vYmFyZm9vYmFyZm9vYmFy"), 0, 3, &out, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_true(base64_decode(&arena, slice_str(""), 0, 0, &out, &e));
	assert_false(base64_decode(&arena, slice_str("Zg=="), 0, 0, &out, &e));
}

static void
base64url_has_its_alphabet_and_no_padding(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char *const bad[] = {"Zg==", "Zm8=", "-_+_", "-_/_", "A", "-_-_\n", "Zh"};
	struct slice out;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(base64url_decode(&arena, slice_str(bad[i]), 100, &out, &e));
	assert_true(base64url_decode(&arena, slice_str("-_-_Zg"), 100, &out, &e));
	assert_true(slice_eq(out,
		slice_of("\xfb\xff\xbf"
			 "f",
			4)));
	assert_string_equal(base64url_encode(&arena, out), "-_-_Zg");
}

static void
every_byte_survives_every_alignment(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	uint8_t bytes[258];
	struct slice out;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		struct slice in = slice_of(bytes, len);
		assert_true(base64_decode(
			&arena, slice_str(base64_encode(&arena, in)), 0, len, &out, &e));
		assert_true(slice_eq(in, out));
		assert_true(base64url_decode(
			&arena, slice_str(base64url_encode(&arena, in)), len, &out, &e));
		assert_true(slice_eq(in, out));
		assert_true(hex_decode(&arena, hex_encode(&arena, in), &out, &e));
		assert_true(slice_eq(in, out));
		arena_reset(&arena);
	}
}

static void
hex_refuses_odd_and_foreign_digits(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char *const bad[] = {"0", "0g", "0x", " 0", "00 ", "-1"};
	struct slice out;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(hex_decode(&arena, bad[i], &out, &e));
	assert_true(hex_decode(&arena, "DEADbeef", &out, &e));
	assert_string_equal(hex_encode(&arena, out), "deadbeef");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_refuses_all_that_is_not_canonical),
		cmocka_unit_test(errors_name_the_offset),
		cmocka_unit_test(strict_accepts_the_vectors_of_rfc4648),
		cmocka_unit_test(padding_may_be_missing_only_where_asked_for),
		cmocka_unit_test(white_space_is_skipped_only_where_asked_for),
		cmocka_unit_test(unused_bits_may_be_set_only_where_asked_for),
		cmocka_unit_test(more_than_the_limit_is_refused),
		cmocka_unit_test(base64url_has_its_alphabet_and_no_padding),
		cmocka_unit_test(every_byte_survives_every_alignment),
		cmocka_unit_test(hex_refuses_odd_and_foreign_digits),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
