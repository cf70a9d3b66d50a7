// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static void
memory_is_zeroed_aligned_and_distinct(void **state)
{
	(void)state;
	autoarena(arena, 10 << 20);
	char *previous = NULL;

	for (size_t size = 1; size < 20000; size += 777) {
		char *p = arena_alloc(&arena, size);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xaa, size);
		assert_ptr_not_equal(p, previous);
		previous = p;
	}
}

static void
reset_zeroes_what_it_hands_out_again(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);

	memset(arena_alloc(&arena, 100), 0xff, 100);
	arena_reset(&arena);
	char *again = arena_alloc(&arena, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(again[i], 0);
	assert_int_equal(arena.used, 100);
}

static void
going_back_releases_what_came_after_the_mark_and_nothing_before(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct arena_mark empty = arena_mark(&arena);
	char *before = arena_strdup(&arena, "before");
	struct arena_mark mark = arena_mark(&arena);

	// Many times what the arena may hold, in small and large pieces.
	for (int i = 0; i < 100; i++) {
		arena_back(&arena, &mark);
		memset(arena_alloc(&arena, 100), 'x', 100);
		memset(arena_alloc(&arena, 200000), 'y', 200000);
	}
	arena_back(&arena, &mark);
	assert_string_equal(before, "before");
	assert_int_equal(*(char *)arena_alloc(&arena, 1), 0);
	arena_back(&arena, &empty);
	assert_int_equal(arena.used, 0);
	assert_null(arena.head);
}

static void
buf_never_exceeds_its_maximum(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct buf b;
	struct error e;

	buf_init(&b, &arena, 10);
	buf_puts(&b, "12345");
	buf_printf(&b, "%s", "67890");
	assert_true(buf_ok(&b, &e));
	assert_string_equal(buf_text(&b), "1234567890");
	buf_putc(&b, '!');
	assert_false(buf_ok(&b, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(b.len, 10);
}

static void
error_wrap_keeps_the_inner_message(void **state)
{
	(void)state;
	struct error e;
	char longest[500];

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_false(error_fault(&e, ERR_DENIED, "ou_denied", "inner %d", 7));
	assert_false(error_wrap(&e, "%s", longest));
	assert_non_null(strstr(e.message, ": inner 7"));
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(e.fault, "ou_denied");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_distinct),
		cmocka_unit_test(reset_zeroes_what_it_hands_out_again),
		cmocka_unit_test(going_back_releases_what_came_after_the_mark_and_nothing_before),
		cmocka_unit_test(buf_never_exceeds_its_maximum),
		cmocka_unit_test(error_wrap_keeps_the_inner_message),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
