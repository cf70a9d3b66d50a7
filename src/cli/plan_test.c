// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "cli/output.h"
#include "cli/plan.h"

static struct arena arena;
static struct cli cli;

static int
reset(void **state)
{
	static const struct verb verb = {.noun = "group", .name = "delete"};

	(void)state;
	arena_finish(&arena);
	arena_init(&arena, ARENA_REQUEST);
	cli = (struct cli){.arena = &arena, .verb = &verb};
	cli.plan = plan_new(&arena);
	return 0;
}

static const char *
plan(void)
{
	struct error e = {0};
	struct buf out;

	buf_init(&out, &arena, 1 << 20);
	assert_true(plan_text(&cli, &out, &e));
	return buf_text(&out);
}

static void
a_body_that_is_no_json_gives_an_object_with_an_id_alone(void **state)
{
	(void)state;
	const struct json *answer = plan_request(&cli, "POST", "/x", "{broken");
	assert_string_equal(json_str(answer, "id"), "{new}");
	assert_int_equal(answer->count, 1);
}

static void
a_plan_without_requests_says_that_nothing_was_changed(void **state)
{
	(void)state;
	assert_string_equal(plan(), "dry run: nothing was changed\n");
}

static void
the_answer_that_stands_in_has_what_was_sent(void **state)
{
	(void)state;
	const struct json *answer =
		plan_request(&cli, "POST", "/beta/groups", "{\"id\":\"x\",\"displayName\":\"A\"}");
	assert_string_equal(json_str(answer, "id"), "{new}");
	assert_string_equal(json_str(answer, "displayName"), "A");
	assert_string_equal(json_str(plan_request(&cli, "DELETE", "/y", NULL), "id"), "{new}");
}

static void
requests_are_told_in_their_order_with_what_is_lost(void **state)
{
	struct losses *losses = arena_new(&arena, struct losses);
	struct error e = {0};

	(void)state;
	losses_add(losses, &arena, "%d members\033", 3);
	assert_true(confirm(&cli, "delete group \"A\"", losses, &e));
	plan_request(&cli, "POST", "/a", "{\"b\":1}");
	plan_request(&cli, "DELETE", "/c", NULL);
	assert_string_equal(plan(),
		"dry run: nothing was changed\n"
		"would delete group \"A\"\n"
		"  3 members \n"
		"POST /a {\"b\":1}\n"
		"DELETE /c\n");
	cli.format = OUTPUT_JSON;
	assert_string_equal(plan(),
		"{\"dryRun\":true,\"action\":\"delete group \\\"A\\\"\",\"requests\":["
		"{\"method\":\"POST\",\"path\":\"/a\",\"body\":{\"b\":1}},"
		"{\"method\":\"DELETE\",\"path\":\"/c\"}],\"lost\":[\"3 members \"]}");
}

static void
losses_that_have_no_room_are_counted(void **state)
{
	struct losses *losses = arena_new(&arena, struct losses);
	struct error e = {0};

	(void)state;
	for (int i = 0; i < 130; i++)
		losses_add(losses, &arena, "line %d", i);
	assert_int_equal(losses->more, 2);
	assert_true(confirm(&cli, "delete it", losses, &e));
	assert_non_null(strstr(plan(), "  line 127\n  … and 2 more\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			a_body_that_is_no_json_gives_an_object_with_an_id_alone, reset),
		cmocka_unit_test_setup(
			a_plan_without_requests_says_that_nothing_was_changed, reset),
		cmocka_unit_test_setup(the_answer_that_stands_in_has_what_was_sent, reset),
		cmocka_unit_test_setup(requests_are_told_in_their_order_with_what_is_lost, reset),
		cmocka_unit_test_setup(losses_that_have_no_room_are_counted, reset),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}
