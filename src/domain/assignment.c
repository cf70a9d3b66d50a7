// SPDX-License-Identifier: Apache-2.0
#include "domain/assignment.h"

#include "base/buf.h"
#include "base/str.h"
#include <limits.h>

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

// Whose groups are asked, and which target means everybody.
struct side {
	const char *const *groups;
	size_t count;
	enum assignment_target all;
	const char *all_name, *who;
};

static bool
reaches(const struct assignment_row *row, const struct side *side)
{
	return row->target == side->all ||
		(row->target == TARGET_GROUP && in_group(row->group_id, side->groups, side->count));
}

// The lowest number wins; what has none (0) comes after what has one.
static unsigned
rank(const struct assignment_row *row)
{
	return row->priority > 0 ? (unsigned)row->priority : UINT_MAX;
}

// True if `a` beats `b`: by priority (X16), then a group beats All devices, then age (P19), then
// the id so that the order is total.
static bool
beats(const struct assignment_row *a, const struct assignment_row *b)
{
	bool a_group = a->target == TARGET_GROUP, b_group = b->target == TARGET_GROUP;

	if (rank(a) != rank(b))
		return rank(a) < rank(b);
	if (a_group != b_group)
		return a_group;
	if (a->created_at != b->created_at)
		return a->created_at < b->created_at;
	return strcmp(a->object_id, b->object_id) < 0;
}

static const char *
why_lost(struct arena *arena, const struct assignment_row *loser,
	const struct assignment_row *winner)
{
	if (rank(loser) != rank(winner))
		return loser->priority ? arena_printf(arena, "its priority is lower (%d, not %d)",
						 loser->priority, winner->priority)
				       : "it has no priority";
	if (winner->target == TARGET_GROUP && loser->target != TARGET_GROUP)
		return loser->target == TARGET_ALL_USERS ? "All users is only the default"
							 : "All devices is only the default";
	if (loser->created_at == winner->created_at)
		return "it was created at the same time, and its id comes later";
	return "it was created later";
}

static const struct assignment_row *
best_row(const struct assignment_row *rows, size_t count, const struct side *side,
	const char *object_id)
{
	const struct assignment_row *best = NULL;

	for (size_t i = 0; i < count; i++) {
		if ((object_id && !str_eq(rows[i].object_id, object_id)) ||
			!reaches(&rows[i], side) ||
			(!object_id &&
				is_excluded(
					rows, count, rows[i].object_id, side->groups, side->count)))
			continue;
		if (!best || beats(&rows[i], best))
			best = &rows[i];
	}
	return best;
}

// The row is the one by which its object does best: an object with several assignments counts once.
static bool
speaks_for_object(const struct assignment_row *rows, size_t count, const struct side *side,
	const struct assignment_row *row)
{
	return best_row(rows, count, side, row->object_id) == row;
}

static size_t
find_losers(struct arena *arena, const struct assignment_row *rows, size_t count,
	const struct side *side, const struct assignment_row *best, struct assignment_loser **out)
{
	size_t n = 0, room = 0;

	*out = NULL;
	for (size_t i = 0; i < count; i++) {
		if ((best && str_eq(rows[i].object_id, best->object_id)) ||
			!reaches(&rows[i], side) || !speaks_for_object(rows, count, side, &rows[i]))
			continue;
		bool excluded =
			is_excluded(rows, count, rows[i].object_id, side->groups, side->count);
		*out = arena_more(arena, *out, n, &room, sizeof **out);
		(*out)[n++] = (struct assignment_loser){.row = &rows[i],
			.reason = excluded
				? arena_printf(arena, "the %s is in an excluded group", side->who)
				: why_lost(arena, &rows[i], best)};
	}
	return n;
}

static struct assignment_choice
decide(struct arena *arena, const struct assignment_row *rows, size_t count,
	const struct side *side)
{
	const struct assignment_row *best = best_row(rows, count, side, NULL);
	struct assignment_loser *losers;
	struct buf lost;

	buf_init(&lost, arena, 20000);
	size_t n = find_losers(arena, rows, count, side, best, &losers);
	for (size_t i = 0; i < n; i++)
		buf_printf(&lost, "%s\"%s\" lost: %s", i ? "; " : "", losers[i].row->object_name,
			losers[i].reason);
	const char *text = lost.len ? buf_text(&lost) : "";
	if (!best)
		return (struct assignment_choice){
			.reason = arena_printf(
				arena, "no assignment reaches a group of this %s", side->who),
			.lost = text};
	return (struct assignment_choice){
		.object_id = best->object_id,
		.object_name = best->object_name,
		.row = best,
		.reason = best->target == TARGET_GROUP
			? arena_printf(arena, "assigned to group \"%s\"", best->group_name)
			: side->all_name,
		.lost = text,
	};
}

static struct side
device_side(const char *const *groups, size_t count)
{
	return (struct side){
		groups, count, TARGET_ALL_DEVICES, "assigned to All devices", "device"};
}

struct assignment_choice
assignment_decide(struct arena *arena, const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count)
{
	struct side side = device_side(groups, group_count);

	return decide(arena, rows, row_count, &side);
}

struct assignment_choice
assignment_decide_user(struct arena *arena, const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count)
{
	struct side side = {groups, group_count, TARGET_ALL_USERS, "assigned to All users", "user"};

	return decide(arena, rows, row_count, &side);
}

const struct assignment_row *
assignment_best(const struct assignment_row *rows, size_t row_count, const char *const *groups,
	size_t group_count)
{
	struct side side = device_side(groups, group_count);

	return best_row(rows, row_count, &side, NULL);
}

size_t
assignment_losers(struct arena *arena, const struct assignment_row *rows, size_t row_count,
	const char *const *groups, size_t group_count, const struct assignment_choice *choice,
	struct assignment_loser **out)
{
	struct side side = device_side(groups, group_count);

	return find_losers(arena, rows, row_count, &side, choice->row, out);
}

size_t
assignment_all(const struct assignment_row *rows, size_t row_count, const char *const *groups,
	size_t group_count, const char **out)
{
	struct side side = device_side(groups, group_count);
	size_t count = 0;

	for (size_t i = 0; i < row_count; i++) {
		if ((!reaches(&rows[i], &side) && rows[i].target != TARGET_ALL_USERS) ||
			is_excluded(rows, row_count, rows[i].object_id, groups, group_count) ||
			in_group(rows[i].object_id, out, count))
			continue;
		out[count++] = rows[i].object_id;
	}
	return count;
}
