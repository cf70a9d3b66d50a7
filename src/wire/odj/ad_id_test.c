// SPDX-License-Identifier: Apache-2.0
#include "wire/odj/ad_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
texts_that_are_no_sid_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "S", "S-1", "S-1-", "S-2-5-21", "S-1-5-", "S-1-5-x",
		"S-1-5-4294967296", "S-1-281474976710656-1", "S-1-5--1", "S-1-5-21 ",
		"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"};
	struct sid sid;
	struct error e;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(sid_parse(bad[i], &sid, &e));
}

static void
binary_sids_of_wrong_length_are_refused(void **state)
{
	(void)state;
	static const uint8_t good[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
	uint8_t wrong_version[sizeof good];
	struct sid sid;
	struct error e;

	for (size_t len = 0; len < sizeof good; len++)
		assert_false(sid_from_bytes(slice_of(good, len), &sid, &e));
	memcpy(wrong_version, good, sizeof good);
	wrong_version[0] = 2;
	assert_false(sid_from_bytes(slice_of(wrong_version, sizeof good), &sid, &e));
	assert_true(sid_from_bytes(slice_of(good, sizeof good), &sid, &e));
}

static void
a_machine_sid_is_the_domain_sid_and_a_rid(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct sid machine, domain, expected;
	struct error e;

	assert_true(sid_parse("S-1-5-21-1760403545-3446481863-3192138470-1106", &machine, &e));
	assert_true(sid_parse("S-1-5-21-1760403545-3446481863-3192138470", &expected, &e));
	assert_int_equal(sid_rid(&machine), 1106);
	domain = sid_domain(&machine);
	assert_true(sid_eq(&domain, &expected));
	assert_false(sid_eq(&domain, &machine));
	assert_string_equal(sid_text(&arena, &domain), "S-1-5-21-1760403545-3446481863-3192138470");
}

static void
guids_have_their_first_three_fields_reversed(void **state)
{
	(void)state;
	static const uint8_t le[16] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99,
		0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
	char text[UUID_TEXT];
	uint8_t back[16];

	guid_from_le(le, text);
	assert_string_equal(text, "00112233-4455-6677-8899-aabbccddeeff");
	assert_true(guid_to_le(text, back));
	assert_memory_equal(back, le, 16);
	assert_false(guid_to_le("00112233-4455-6677-8899-aabbccddeef", back));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_that_are_no_sid_are_refused),
		cmocka_unit_test(binary_sids_of_wrong_length_are_refused),
		cmocka_unit_test(a_machine_sid_is_the_domain_sid_and_a_rid),
		cmocka_unit_test(guids_have_their_first_three_fields_reversed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
