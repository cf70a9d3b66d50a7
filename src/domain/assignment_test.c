// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/assignment.h"

static struct arena arena = {.cap = ARENA_SMALL};
static const char *const groups[] = {"g1", "g2"};

static struct assignment_choice
decide(const struct assignment_row *rows, size_t count)
{
	return assignment_decide(&arena, rows, count, groups, 2);
}

#define ROW(id, made, prio, kind, group)                                                           \
	{                                                                                          \
		.object_id = (id), .object_name = (id), .created_at = (made), .priority = (prio),  \
		.target = TARGET_##kind, .group_id = (group), .group_name = (group)                \
	}

static void
without_an_assignment_that_reaches_it_a_device_gets_nothing(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {
		ROW("p1", 1, 0, GROUP, "g9"), ROW("p2", 1, 0, EXCLUDE_GROUP, "g1")};

	assert_null(decide(rows, 0).object_id);
	struct assignment_choice none = decide(rows, 2);
	assert_null(none.object_id);
	assert_non_null(none.reason);
	assert_string_equal(none.lost, "");
	assert_null(assignment_decide(&arena, rows, 2, NULL, 0).object_id);
}

// P18
static void
an_excluded_group_takes_the_object_away_however_it_was_included(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {
		ROW("p1", 1, 0, GROUP, "g1"),
		ROW("p1", 1, 0, ALL_DEVICES, NULL),
		ROW("p1", 1, 0, EXCLUDE_GROUP, "g2"),
		ROW("p2", 2, 0, ALL_DEVICES, NULL),
	};
	struct assignment_choice choice = decide(rows, 4);

	assert_string_equal(choice.object_id, "p2");
	assert_non_null(strstr(choice.lost, "\"p1\" lost: the device is in an excluded group"));
	const char *const other[] = {"g1"};
	assert_string_equal(assignment_decide(&arena, rows, 4, other, 1).object_id, "p1");
}

// P19
static void
the_profile_created_first_wins_in_every_order_of_rows(void **state)
{
	(void)state;
	const struct assignment_row forward[] = {ROW("old", 10, 0, GROUP, "g2"),
		ROW("new", 20, 0, GROUP, "g1"), ROW("older", 1, 0, ALL_DEVICES, NULL)};
	const struct assignment_row backward[] = {ROW("older", 1, 0, ALL_DEVICES, NULL),
		ROW("new", 20, 0, GROUP, "g1"), ROW("old", 10, 0, GROUP, "g2")};

	for (int i = 0; i < 2; i++) {
		struct assignment_choice choice = decide(i ? backward : forward, 3);
		assert_string_equal(choice.object_id, "old");
		assert_string_equal(choice.reason, "assigned to group \"g2\"");
		assert_non_null(strstr(choice.lost, "\"new\" lost: it was created later"));
		assert_non_null(
			strstr(choice.lost, "\"older\" lost: All devices is only the default"));
	}
}

static void
all_devices_is_the_default_when_no_group_matches(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {
		ROW("group", 1, 0, GROUP, "g9"), ROW("all", 2, 0, ALL_DEVICES, NULL)};
	struct assignment_choice choice = decide(rows, 2);

	assert_string_equal(choice.object_id, "all");
	assert_string_equal(choice.reason, "assigned to All devices");
	assert_string_equal(choice.lost, "");
}

// X16
static void
the_best_priority_of_status_pages_wins_over_age(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {ROW("second", 1, 2, GROUP, "g1"),
		ROW("first", 9, 1, GROUP, "g2"), ROW("default", 0, 0, ALL_DEVICES, NULL)};
	struct assignment_choice choice = decide(rows, 3);

	assert_string_equal(choice.object_id, "first");
	assert_non_null(strstr(choice.lost, "\"second\" lost: its priority is lower"));
}

static void
a_tie_is_decided_the_same_way_every_time(void **state)
{
	(void)state;
	const struct assignment_row a[] = {
		ROW("a", 1, 0, GROUP, "g1"), ROW("b", 1, 0, GROUP, "g2")};
	const struct assignment_row b[] = {
		ROW("b", 1, 0, GROUP, "g2"), ROW("a", 1, 0, GROUP, "g1")};

	assert_string_equal(decide(a, 2).object_id, "a");
	assert_string_equal(decide(b, 2).object_id, "a");
}

static void
objects_that_do_not_compete_all_reach_the_device_once(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {
		ROW("p1", 1, 0, GROUP, "g1"),
		ROW("p1", 1, 0, GROUP, "g2"),
		ROW("p2", 1, 0, ALL_USERS, NULL),
		ROW("p3", 1, 0, ALL_DEVICES, NULL),
		ROW("p3", 1, 0, EXCLUDE_GROUP, "g1"),
		ROW("p4", 1, 0, GROUP, "g9"),
	};
	const char *out[6];

	assert_int_equal(assignment_all(rows, 6, groups, 2, out), 2);
	assert_string_equal(out[0], "p1");
	assert_string_equal(out[1], "p2");
	assert_int_equal(assignment_all(rows, 0, groups, 2, out), 0);
}

// J5
static void
users_never_decide_what_belongs_to_a_device(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {
		ROW("p1", 1, 0, ALL_USERS, NULL), ROW("p2", 2, 0, GROUP, "u1")};
	const char *const users[] = {"u1"};

	assert_null(decide(rows, 2).object_id);
	assert_string_equal(assignment_decide_user(&arena, rows, 2, users, 1).object_id, "p2");
	struct assignment_choice all = assignment_decide_user(&arena, rows, 1, users, 1);
	assert_string_equal(all.object_id, "p1");
	assert_string_equal(all.reason, "assigned to All users");
	const struct assignment_row devices[] = {ROW("p3", 1, 0, ALL_DEVICES, NULL)};
	assert_null(assignment_decide_user(&arena, devices, 1, users, 1).object_id);
}

// P19: several assignments of one object are one object.
static void
an_object_assigned_several_times_wins_or_loses_once(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {ROW("won", 1, 0, GROUP, "g1"),
		ROW("won", 1, 0, GROUP, "g2"), ROW("won", 1, 0, ALL_DEVICES, NULL),
		ROW("lost", 2, 0, ALL_DEVICES, NULL), ROW("lost", 2, 0, GROUP, "g2"),
		ROW("lost", 2, 0, GROUP, "g1"), ROW("lost", 2, 0, GROUP, "g1")};
	struct assignment_loser *losers;
	struct assignment_choice choice = decide(rows, 7);

	assert_string_equal(choice.lost, "\"lost\" lost: it was created later");
	assert_int_equal(assignment_losers(&arena, rows, 7, groups, 2, &choice, &losers), 1);
	assert_string_equal(losers[0].row->object_id, "lost");
	assert_int_equal(losers[0].row->target, TARGET_GROUP);
	assert_ptr_equal(assignment_best(rows, 7, groups, 2), choice.row);
}

// P18: Ferry supports what Autopilot does not.
static void
an_exclusion_beside_all_devices_leaves_a_reason_when_nothing_else_is_there(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {
		ROW("all", 1, 0, ALL_DEVICES, NULL), ROW("all", 1, 0, EXCLUDE_GROUP, "g2")};
	struct assignment_choice choice = decide(rows, 2);

	assert_null(choice.object_id);
	assert_string_equal(choice.lost, "\"all\" lost: the device is in an excluded group");
}

// X16: All devices is a device target like any other.
static void
a_better_priority_wins_even_for_all_devices(void **state)
{
	(void)state;
	const struct assignment_row rows[] = {
		ROW("group", 1, 2, GROUP, "g1"), ROW("all", 9, 1, ALL_DEVICES, NULL)};
	struct assignment_choice choice = decide(rows, 2);

	assert_string_equal(choice.object_id, "all");
	assert_string_equal(choice.lost, "\"group\" lost: its priority is lower (2, not 1)");
}

static int
teardown(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_assignment_that_reaches_it_a_device_gets_nothing),
		cmocka_unit_test(an_excluded_group_takes_the_object_away_however_it_was_included),
		cmocka_unit_test(the_profile_created_first_wins_in_every_order_of_rows),
		cmocka_unit_test(all_devices_is_the_default_when_no_group_matches),
		cmocka_unit_test(the_best_priority_of_status_pages_wins_over_age),
		cmocka_unit_test(a_tie_is_decided_the_same_way_every_time),
		cmocka_unit_test(objects_that_do_not_compete_all_reach_the_device_once),
		cmocka_unit_test(users_never_decide_what_belongs_to_a_device),
		cmocka_unit_test(an_object_assigned_several_times_wins_or_loses_once),
		cmocka_unit_test(
			an_exclusion_beside_all_devices_leaves_a_reason_when_nothing_else_is_there),
		cmocka_unit_test(a_better_priority_wins_even_for_all_devices),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, teardown);
}
