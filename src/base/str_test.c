// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/uuid.h"

static void
utf8_refuses_what_rfc3629_refuses(void **state)
{
	(void)state;
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
		"\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80",
		"\xc3", "a\xff"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(utf8_valid(slice_str(bad[i])));
	assert_true(utf8_valid(slice_str("Gr\xc3\xb6\xc3\x9f"
					 "e \xe2\x82\xac \xf0\x9f\x9a\xa2")));
	assert_false(utf8_valid(slice_of("a\0b", 3)));
}

static void
utf8_encode_and_next_are_inverse(void **state)
{
	(void)state;
	char out[4];

	for (uint32_t cp = 1; cp <= 0x110000; cp += cp < 0x3000 ? 1 : 251) {
		size_t len = utf8_encode(cp, out), pos = 0;
		uint32_t back;
		if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
			assert_int_equal(len, 0);
			continue;
		}
		assert_true(utf8_next(slice_of(out, len), &pos, &back));
		assert_int_equal(back, cp);
		assert_int_equal(pos, len);
	}
}

static void
numbers_are_strict(void **state)
{
	(void)state;
	uint64_t v;

	assert_true(str_to_u64("18446744073709551615", UINT64_MAX, &v));
	assert_false(str_to_u64("18446744073709551616", UINT64_MAX, &v));
	assert_false(str_to_u64("", 10, &v));
	assert_false(str_to_u64(" 1", 10, &v));
	assert_false(str_to_u64("-1", 10, &v));
	assert_false(str_to_u64("11", 10, &v));
}

static void
uuids_are_valid_and_distinct(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	char *a = uuid_new(&arena), *b = uuid_new(&arena);

	assert_true(uuid_valid(a));
	assert_int_equal(a[14], '4');
	assert_string_not_equal(a, b);
	assert_false(uuid_valid("00000000-0000-0000-0000-00000000000g"));
	assert_false(uuid_valid("00000000-0000-0000-0000-0000000000000"));
	assert_false(uuid_valid("00000000x0000-0000-0000-000000000000"));
}

static void
what_is_not_unreserved_is_escaped_in_a_uri(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct buf out;

	buf_init(&out, &arena, 64);
	buf_put_escaped(&out, "aZ09-._~ /%+&=?#\xc3\xb6");
	assert_string_equal(buf_text(&out), "aZ09-._~%20%2F%25%2B%26%3D%3F%23%C3%B6");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_refuses_what_rfc3629_refuses),
		cmocka_unit_test(utf8_encode_and_next_are_inverse),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(uuids_are_valid_and_distinct),
		cmocka_unit_test(what_is_not_unreserved_is_escaped_in_a_uri),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
