// SPDX-License-Identifier: Apache-2.0
#include "store/conflicts.h"

#include "base/str.h"
#include "store/queries.h"

static void
add_setting(struct arena *arena, struct shared_settings *out, struct db_rows *r)
{
	const char *id = db_text(arena, r, "object_id");

	if (out->count && str_eq(out->settings[out->count - 1].id, id))
		return;
	out->settings = arena_more(
		arena, out->settings, out->count, &out->setting_room, sizeof *out->settings);
	out->settings[out->count++] = (struct setting){.id = id,
		.name = db_text(arena, r, "name"),
		.loc_uri = db_text(arena, r, "loc_uri"),
		.format = db_text(arena, r, "format"),
		.data = db_text(arena, r, "data")};
}

bool
shared_settings_load(struct db *db, const struct work *w, const char *item_id,
	struct shared_settings *out, struct error *e)
{
	struct arena *arena = w->arena;
	autorows r = NULL;

	*out = (struct shared_settings){.only = item_id};
	if (!db_query(db, Q_POLICY_SHARED_SETTINGS, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(item_id)),
		    &r, e))
		return false;
	while (db_next(r)) {
		add_setting(arena, out, r);
		out->rows.rows = arena_more(arena, out->rows.rows, out->rows.count, &out->row_room,
			sizeof *out->rows.rows);
		out->rows.rows[out->rows.count++] = (struct assignment_row){
			.object_id = db_text(arena, r, "object_id"),
			.target = assignment_target(db_text(arena, r, "target")),
			.group_id = db_text(arena, r, "group_id"),
		};
	}
	return true;
}

static bool
has(const char *const *ids, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(ids[i], id))
			return true;
	return false;
}

void
shared_settings_check(const struct shared_settings *shared, const char *const *groups,
	size_t group_count, struct findings *out)
{
	struct arena *arena = out->arena;
	const char **ids = arena_array(arena, shared->rows.count + 1, sizeof *ids);
	struct setting *reach = arena_array(arena, shared->count + 1, sizeof *reach);
	size_t count = 0,
	       id_count = assignment_all(
		       shared->rows.rows, shared->rows.count, groups, group_count, ids);

	for (size_t i = 0; i < shared->count; i++)
		if (has(ids, id_count, shared->settings[i].id))
			reach[count++] = shared->settings[i];
	for (size_t i = 0; i < count; i++) {
		const struct setting *winner = setting_winner(reach, count, i);
		if (winner &&
			(!shared->only || str_eq(shared->only, winner->id) ||
				str_eq(shared->only, reach[i].id)))
			finding_add(out, SEVERITY_WARNING, "policy_conflict", "%s",
				setting_conflict(arena, winner, &reach[i]));
	}
}

static bool
is_first_row_of_group(const struct row_list *list, size_t row)
{
	const char *group = list->rows[row].group_id;

	for (size_t i = 0; i < row; i++)
		if (str_eq(list->rows[i].group_id, group))
			return false;
	return group != NULL;
}

void
shared_settings_check_targets(const struct shared_settings *shared, struct findings *out)
{
	if (!shared->rows.count)
		return;
	shared_settings_check(shared, NULL, 0, out);
	for (size_t i = 0; i < shared->rows.count; i++)
		if (is_first_row_of_group(&shared->rows, i))
			shared_settings_check(shared, &shared->rows.rows[i].group_id, 1, out);
}
