// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "base/uuid.h"
#include "store/sync_internal.h"
#include "store/user_groups.h"

// sAMAccountName is unique in a domain; displayName and CN are not.
static bool
name_usable(struct db *db, const struct sync_tx *t, const struct sync_group *g,
	const char *group_id, bool *usable, struct error *e)
{
	struct arena *a = t->w->arena;
	const char *key = str_lower(a, g->account);
	autorows r = NULL;
	autorows owner = NULL;

	*usable = true;
	if (!db_one(db, Q_SYNC_GROUP_BY_NAME, PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(key)), &r,
		    e))
		return e->code == ERR_NOT_FOUND;
	const char *holder = db_text(a, r, "group_id"), *guid = db_text(a, r, "object_guid");
	if (str_eq(holder, group_id))
		return true;
	*usable = false;
	if (!guid)
		return true;
	if (!db_one(db, Q_SYNC_OBJECT_GET, PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(guid)), &owner,
		    e))
		return e->code == ERR_NOT_FOUND;
	if (!str_eq(db_text(a, owner, "domain"), t->domain))
		return true;
	// As with UPNs: within one domain the other holder's name is outdated.
	*usable = true;
	const char *aside = arena_printf(a, "renamed %s", guid);
	return db_run(db, Q_SYNC_GROUP_UPDATE,
		PARAMS(DB_TEXT(holder), DB_TEXT(t->w->tenant_id), DB_TEXT(aside), DB_TEXT(aside),
			DB_TEXT(""), DB_TEXT(""), DB_INT(t->w->now)),
		NULL, e);
}

static bool
insert_group(struct db *db, const struct sync_tx *t, const struct sync_group *g, const char *id,
	struct error *e)
{
	return db_run(db, Q_SYNC_GROUP_INSERT,
		       PARAMS(DB_TEXT(id), DB_TEXT(t->w->tenant_id), DB_TEXT(g->account),
			       DB_TEXT(str_lower(t->w->arena, g->account)), DB_TEXT(g->description),
			       DB_TEXT(g->guid), DB_TEXT(g->sid), DB_INT(t->w->now)),
		       NULL, e) &&
		db_run(db, Q_SYNC_GROUPS_OF_GROUP,
			PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(id), DB_TEXT(g->guid)), NULL, e);
}

static bool
update_group(struct db *db, const struct sync_tx *t, struct db_rows *r, const struct sync_group *g,
	const char *id, struct error *e)
{
	struct arena *a = t->w->arena;

	if (str_eq(db_text(a, r, "name"), g->account) &&
		str_eq(db_text(a, r, "description"), g->description) &&
		str_eq(db_text(a, r, "sid"), g->sid))
		return true;
	return db_run(db, Q_SYNC_GROUP_UPDATE,
		PARAMS(DB_TEXT(id), DB_TEXT(t->w->tenant_id), DB_TEXT(g->account),
			DB_TEXT(str_lower(a, g->account)), DB_TEXT(g->description), DB_TEXT(g->sid),
			DB_INT(t->w->now)),
		NULL, e);
}

// The row of the group; *id is NULL when there is none, because its name is taken.
static bool
put_row(struct db *db, const struct sync_tx *t, const struct sync_group *g, const char **id,
	struct error *e)
{
	struct arena *a = t->w->arena;
	autorows r = NULL;
	bool usable;

	bool known = db_one(db, Q_SYNC_GROUP_BY_GUID,
		PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(g->guid)), &r, e);
	if (!known && e->code != ERR_NOT_FOUND)
		return false;
	*id = known ? db_text(a, r, "group_id") : NULL;
	if (!name_usable(db, t, g, *id, &usable, e))
		return false;
	if (!usable)
		return sync_problem(db, t, g->guid, g->account, "group_name_taken",
			arena_printf(a, "%s is the name of a group of another source", g->account),
			e);
	if (!sync_no_problem(db, t, g->guid, e))
		return false;
	if (known)
		return update_group(db, t, r, g, *id, e);
	*id = uuid_new(a);
	return insert_group(db, t, g, *id, e);
}

static bool
put_members(struct db *db, const struct sync_tx *t, const struct sync_group *g, struct error *e)
{
	for (size_t i = 0; i < g->member_count; i++)
		if (!db_run(db, Q_SYNC_MEMBER_PUT,
			    PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(g->guid),
				    DB_TEXT(g->members[i]), DB_TEXT(t->run_id)),
			    NULL, e))
			return false;
	return g->more ||
		db_run(db, Q_SYNC_MEMBER_PURGE,
			PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(g->guid), DB_TEXT(t->run_id)),
			NULL, e);
}

bool
sync_put_group(struct db *db, const struct sync_tx *t, const struct sync_group *g, struct error *e)
{
	static const int settle[] = {Q_SYNC_GROUP_USERS_REMOVE, Q_SYNC_GROUP_USERS_ADD,
		Q_SYNC_GROUP_CHILDREN_REMOVE, Q_SYNC_GROUP_CHILDREN_ADD};
	const char *id;
	bool ours;

	if (!sync_object_seen(db, t, g->guid, "group", g->account, &ours, e))
		return false;
	if (!ours)
		return true;
	if (!put_row(db, t, g, &id, e) || !put_members(db, t, g, e))
		return false;
	for (size_t i = 0; i < sizeof settle / sizeof *settle && id && !g->more; i++)
		if (!db_run(db, settle[i],
			    PARAMS(DB_TEXT(t->w->tenant_id), DB_TEXT(id), DB_TEXT(g->guid)), NULL,
			    e))
			return false;
	return g->more || user_groups_moved_later(db, t->w, e);
}
