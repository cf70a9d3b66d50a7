// SPDX-License-Identifier: Apache-2.0
// Against the layout that PKWARE's APPNOTE gives; test/system/graph opens archives with Python's
// zipfile.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codec/zip.h"
#include <string.h>

static void
a_checksum_is_that_of_every_other_program(void **state)
{
	(void)state;
	assert_int_equal(zip_crc32(0, slice_str("")), 0);
	// The check value of CRC-32/ISO-HDLC.
	assert_int_equal(zip_crc32(0, slice_str("123456789")), 0xcbf43926);
	assert_int_equal(
		zip_crc32(zip_crc32(0, slice_str("1234")), slice_str("56789")), 0xcbf43926);
}

static void
a_head_has_the_size_that_was_promised(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct buf out;

	(void)state;
	buf_init(&out, &arena, 1000);
	zip_head(&out, "a.csv", 0x01020304, 5);
	assert_int_equal(out.len, zip_head_size("a.csv"));
	assert_memory_equal(out.data,
		"PK\3\4\x14\0\0\x08\0\0\0\0\x21\0\4\3\2\1\5\0\0\0\5\0\0\0\5\0\0\0a.csv", 35);
}

static void
a_tail_says_where_the_directory_begins(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct buf out;

	(void)state;
	buf_init(&out, &arena, 1000);
	zip_tail(&out, "a.csv", 0, 0x100);
	assert_int_equal(out.len, 46 + 5 + 22);
	assert_memory_equal(out.data, "PK\1\2", 4);
	// One entry of 51 bytes at 35 + 256.
	assert_memory_equal(out.data + 51, "PK\5\6\0\0\0\0\1\0\1\0\x33\0\0\0\x23\1\0\0\0\0", 22);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checksum_is_that_of_every_other_program),
		cmocka_unit_test(a_head_has_the_size_that_was_promised),
		cmocka_unit_test(a_tail_says_where_the_directory_begins),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
