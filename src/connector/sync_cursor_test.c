// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "connector/sync.h"

#define DC "0f0e0d0c-0b0a-4908-8706-050403020100"

static const struct sync_config CONFIG = {
	.bases = {"OU=People,DC=corp,DC=example,DC=com", "OU=A\\, B,DC=corp,DC=example,DC=com"},
	.base_count = 2,
	.interval_s = 300,
	.full_s = 1000};

static void
what_is_no_cursor_is_nothing_known(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "1", "2 " DC " 5 6 0123456789abcdef",
		"1 " DC " 5 6", "1 " DC " -5 6 0123456789abcdef", "1 nonsense 5 6 0123456789abcdef",
		"1 " DC " 5 6 0123456789abcdef x", "1 " DC " 5 6 0123456789ABCDEFG"};
	struct sync_cursor c;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(sync_cursor_parse(texts[i], &c));
	assert_false(sync_cursor_parse(NULL, &c));
}

static void
a_cursor_is_read_as_it_was_written(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct sync_cursor c, again;

	assert_true(sync_cursor_parse("1 " DC " 4711 1790000000 0123456789abcdef", &c));
	assert_int_equal(c.usn, 4711);
	assert_true(sync_cursor_parse(sync_cursor_text(&arena, &c), &again));
	assert_string_equal(
		sync_cursor_text(&arena, &again), "1 " DC " 4711 1790000000 0123456789abcdef");
}

static void
a_number_of_another_database_or_from_the_future_counts_nothing(void **state)
{
	(void)state;
	struct sync_cursor old, now;

	assert_true(sync_cursor_parse("1 " DC " 100 5000 0123456789abcdef", &old));
	now = old;
	now.usn = 101;
	assert_null(sync_full_reason(&old, true, &now, &CONFIG, 5999));
	assert_string_equal(sync_full_reason(&old, false, &now, &CONFIG, 5999), "first");
	now.usn = 99;
	assert_string_equal(sync_full_reason(&old, true, &now, &CONFIG, 5999), "dc_changed");
	now.usn = 100;
	now.invocation[0] = '1';
	assert_string_equal(sync_full_reason(&old, true, &now, &CONFIG, 5999), "dc_changed");
	now = old;
	assert_string_equal(sync_full_reason(&old, true, &now, &CONFIG, 6000), "due");
	assert_string_equal(sync_full_reason(&old, true, &now, &CONFIG, 4999), "due");
	now.scope[0] = 'f';
	assert_string_equal(sync_full_reason(&old, true, &now, &CONFIG, 5999), "scope_changed");
}

static void
only_what_is_below_a_base_is_in_scope(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);

	assert_true(sync_in_scope(&arena, &CONFIG, "CN=a,OU=People,DC=corp,DC=example,DC=com"));
	assert_true(sync_in_scope(
		&arena, &CONFIG, "cn=a, ou=x, ou=people, dc=CORP, dc=example, dc=com"));
	assert_true(sync_in_scope(&arena, &CONFIG, "OU=People,DC=corp,DC=example,DC=com"));
	assert_true(sync_in_scope(&arena, &CONFIG, "CN=x,OU=A\\2C B,DC=corp,DC=example,DC=com"));
	assert_false(sync_in_scope(&arena, &CONFIG, "CN=a,OU=Others,DC=corp,DC=example,DC=com"));
	assert_false(sync_in_scope(&arena, &CONFIG, "CN=a,OU=NoPeople,DC=corp,DC=example,DC=com"));
	assert_false(sync_in_scope(
		&arena, &CONFIG, "CN=a\\,OU=People,DC=corp,DC=example,DC=com,DC=evil"));
	assert_false(
		sync_in_scope(&arena, &CONFIG, "CN=a\\,OU\\=People\\,DC=corp,DC=example,DC=com"));
	assert_false(sync_in_scope(&arena, &CONFIG, "nonsense"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_cursor_is_nothing_known),
		cmocka_unit_test(a_cursor_is_read_as_it_was_written),
		cmocka_unit_test(a_number_of_another_database_or_from_the_future_counts_nothing),
		cmocka_unit_test(only_what_is_below_a_base_is_in_scope),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
