// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/tar.h"
#include <string.h>

static struct arena arena = {.cap = 16 << 20};

static void
what_is_no_gzip_or_too_long_is_refused(void **state)
{
	(void)state;
	struct slice packed, plain;
	struct error e;

	assert_false(gunzip(&arena, slice_str("no gzip"), 100, &plain, &e));
	assert_int_equal(e.code, ERR_INVALID);
	assert_true(gzip(&arena, slice_of((uint8_t[5000]){0}, 5000), 1000, &packed, &e));
	assert_false(gunzip(&arena, packed, 4999, &plain, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_false(gunzip(&arena, slice_of(packed.data, packed.len - 9), 5000, &plain, &e));
	assert_false(gzip(&arena, slice_str("abcdefgh"), 3, &packed, &e));
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
files_lie_one_after_the_other_in_blocks(void **state)
{
	(void)state;
	struct buf out;
	struct slice packed, plain;
	struct error e;

	buf_init(&out, &arena, 1 << 20);
	tar_put(&out, "a/one.txt", slice_str("first"), 1700000000);
	tar_put(&out, "a/empty", slice_str(""), 0);
	tar_end(&out);
	assert_true(buf_ok(&out, &e));
	assert_int_equal(out.len, 5 * 512);
	assert_true(gzip(&arena, buf_slice(&out), 1 << 20, &packed, &e));
	assert_true(gunzip(&arena, packed, 1 << 20, &plain, &e));
	assert_int_equal(plain.len, out.len);
	assert_string_equal((const char *)plain.data, "a/one.txt");
	assert_memory_equal(plain.data + 124, "00000000005", 11); // size
	assert_memory_equal(plain.data + 257, "ustar\00000", 8);
	assert_memory_equal(plain.data + 512, "first", 5);
	assert_string_equal((const char *)plain.data + 1024, "a/empty");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_gzip_or_too_long_is_refused),
		cmocka_unit_test(files_lie_one_after_the_other_in_blocks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
