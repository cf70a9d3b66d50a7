// SPDX-License-Identifier: Apache-2.0
#include "domain/assignment.h"

#include "base/buf.h"
#include "base/str.h"

static bool
in_group(const char *group_id, const char *const *groups, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(groups[i], group_id))
			return true;
	return false;
}

static bool
is_excluded(const struct assignment_row *rows, size_t row_count, const char *object_id,
	const char *const *groups, size_t group_count)
{
	for (size_t i = 0; i < row_count; i++)
		if (rows[i].target == TARGET_EXCLUDE_GROUP &&
			str_eq(rows[i].object_id, object_id) &&
			in_group(rows[i].group_id, groups, group_count))
			return true;
	return false;
}

static bool
reaches(const struct assignment_row *row, const char *const *groups, size_t group_count)
{
	return row->target == TARGET_ALL_DEVICES || row->target == TARGET_ALL_USERS ||
		(row->target == TARGET_GROUP && in_group(row->group_id, groups, group_count));
}

// True if `a` beats `b`: a group beats All devices, then priority, then age, then the id so that
// the order is total.
static bool
beats(const struct assignment_row *a, const struct assignment_row *b)
{
	bool a_group = a->target == TARGET_GROUP, b_group = b->target == TARGET_GROUP;

	if (a_group != b_group)
		return a_group;
	if (a->priority != b->priority)
		return a->priority < b->priority;
	if (a->created_at != b->created_at)
		return a->created_at < b->created_at;
	return strcmp(a->object_id, b->object_id) < 0;
}

static const char *
why_lost(const struct assignment_row *loser, const struct assignment_row *winner)
{
	if (winner->target == TARGET_GROUP && loser->target != TARGET_GROUP)
		return "All devices is only the default";
	if (loser->priority != winner->priority)
		return "its priority is lower";
	return "it was created later";
}

struct assignment_choice
assignment_decide(struct arena *arena, const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count)
{
	const struct assignment_row *best = NULL;
	struct buf lost;

	for (size_t i = 0; i < row_count; i++) {
		if (!reaches(&rows[i], groups, group_count) ||
			is_excluded(rows, row_count, rows[i].object_id, groups, group_count))
			continue;
		if (!best || beats(&rows[i], best))
			best = &rows[i];
	}
	if (!best)
		return (struct assignment_choice){
			.reason = "no assignment reaches a group of this device", .lost = ""};
	buf_init(&lost, arena, 2000);
	for (size_t i = 0; i < row_count; i++) {
		if (str_eq(rows[i].object_id, best->object_id) ||
			!reaches(&rows[i], groups, group_count))
			continue;
		bool excluded =
			is_excluded(rows, row_count, rows[i].object_id, groups, group_count);
		buf_printf(&lost, "%s\"%s\" lost: %s", lost.len ? "; " : "", rows[i].object_name,
			excluded ? "the device is in an excluded group" : why_lost(&rows[i], best));
	}
	return (struct assignment_choice){
		.object_id = best->object_id,
		.object_name = best->object_name,
		.reason = best->target == TARGET_GROUP
			? arena_printf(arena, "assigned to group \"%s\"", best->group_name)
			: "assigned to All devices",
		.lost = buf_text(&lost),
	};
}

size_t
assignment_all(const struct assignment_row *rows, size_t row_count, const char *const *groups,
	size_t group_count, const char **out)
{
	size_t count = 0;

	for (size_t i = 0; i < row_count; i++) {
		if (!reaches(&rows[i], groups, group_count) ||
			is_excluded(rows, row_count, rows[i].object_id, groups, group_count) ||
			in_group(rows[i].object_id, out, count))
			continue;
		out[count++] = rows[i].object_id;
	}
	return count;
}
