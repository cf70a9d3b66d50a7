// SPDX-License-Identifier: Apache-2.0
#include "store/groups.h"

#include "base/str.h"
#include "domain/membership_rule.h"
#include "store/assign.h"
#include "store/queries.h"
#include "store/user_groups.h"

struct group_ctx {
	const struct work *w;
	const char *id, *other;
	const struct group *in;
	struct group *out;
	bool add, moved;
	const char *const *wanted;
	size_t wanted_count;
	const char **found;
	size_t found_count;
};

static bool
read_group(struct db *db, const struct group_ctx *c, struct group *out, struct error *e)
{
	struct arena *a = c->w->arena;
	autorows rows = NULL;

	if (!db_one(db, Q_OBJECT_GROUP_GET, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &rows,
		    e))
		return e->code == ERR_NOT_FOUND
			? error_set(e, ERR_NOT_FOUND, "there is no group with this id")
			: false;
	*out = (struct group){
		.id = db_text(a, rows, "group_id"),
		.name = db_text(a, rows, "name"),
		.description = db_text(a, rows, "description"),
		.mail_nickname = db_text(a, rows, "mail_nickname"),
		.rule = db_text(a, rows, "rule"),
		.subject = db_text(a, rows, "subject"),
		.processing = db_text(a, rows, "processing"),
		.source = db_text(a, rows, "source"),
		.version = db_int(rows, "version"),
	};
	return true;
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;

	return read_group(db, c, c->out, e);
}

bool
store_group(const struct work *w, const char *id, struct group *out, struct error *e)
{
	struct group_ctx c = {.w = w, .id = id, .out = out};

	return store_read(w->session, get_tx, &c, e);
}

static bool
name_taken(struct error *e, const struct group *in)
{
	error_set(e, ERR_CONFLICT, "a group called \"%.80s\" exists already", in->name);
	return error_hint(e, "names of groups are unique in Ferry, so that rules can be read");
}

// In whose favour the rule is decides who is looked at again.
static bool
rule_changed(struct db *db, const struct group_ctx *c, struct error *e)
{
	bool users = str_eq(c->in->subject, "user");

	if (users && !user_groups_refresh(db, c->w, c->in->id, e))
		return false;
	return assigner_refresh(db, c->w, c->in->id, e) &&
		(users || user_groups_moved(db, c->w, NULL, e));
}

static bool
insert_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;
	const struct group *in = c->in;
	int64_t n;

	if (!db_run(db, Q_OBJECT_GROUP_INSERT,
		    PARAMS(DB_TEXT(in->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->name),
			    DB_TEXT(str_lower(c->w->arena, in->name)), DB_TEXT(in->description),
			    DB_TEXT(in->mail_nickname), DB_TEXT(in->rule), DB_TEXT(in->subject),
			    DB_TEXT(in->processing), DB_INT(c->w->now)),
		    &n, e))
		return false;
	if (n == 0)
		return name_taken(e, in);
	return !in->rule || rule_changed(db, c, e);
}

bool
store_group_insert(const struct work *w, const struct group *in, struct error *e)
{
	struct group_ctx c = {.w = w, .in = in};

	if (in->rule && !rule_compile(w->arena, in->rule, e))
		return error_wrap(e, "membershipRule");
	return store_write(w->session, insert_tx, &c, e);
}

static bool
has_row(struct db *db, int query, struct db_params params, bool *out, struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, query, params, &rows, e))
		return false;
	*out = db_next(rows);
	return true;
}

static bool
is_name_free(struct db *db, const struct group_ctx *c, struct error *e)
{
	bool taken;

	if (!has_row(db, Q_OBJECT_GROUP_NAME_TAKEN,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(str_lower(c->w->arena, c->in->name)),
			    DB_TEXT(c->in->id)),
		    &taken, e))
		return false;
	return !taken || name_taken(e, c->in);
}

// A rule takes the place of the members that people put in.
static bool
clear_members(struct db *db, const struct group_ctx *c, struct error *e)
{
	struct db_params group = PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->in->id));

	return db_run(db, Q_OBJECT_GROUP_DEVICES_CLEAR, group, NULL, e) &&
		db_run(db, Q_OBJECT_GROUP_USERS_CLEAR, group, NULL, e);
}

static bool
update_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;
	const struct group *in = c->in;
	struct group before;
	int64_t n;

	c->id = in->id;
	if (!read_group(db, c, &before, e) || !is_name_free(db, c, e) ||
		!db_run(db, Q_OBJECT_GROUP_UPDATE,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(in->id), DB_INT(in->version),
				DB_TEXT(in->name), DB_TEXT(str_lower(c->w->arena, in->name)),
				DB_TEXT(in->description), DB_TEXT(in->mail_nickname),
				DB_TEXT(in->rule), DB_TEXT(in->subject), DB_TEXT(in->processing),
				DB_INT(c->w->now)),
			&n, e))
		return false;
	if (n == 0)
		return error_fault(e, ERR_CONFLICT, "graph_changed_meanwhile",
			"somebody else changed it meanwhile");
	bool same = (!before.rule && !in->rule) || str_eq(before.rule, in->rule);
	if (same && str_eq(before.processing, in->processing))
		return true;
	return (same || clear_members(db, c, e)) && rule_changed(db, c, e);
}

bool
store_group_update(const struct work *w, const struct group *in, struct error *e)
{
	struct group_ctx c = {.w = w, .in = in};

	if (in->rule && !rule_compile(w->arena, in->rule, e))
		return error_wrap(e, "membershipRule");
	return store_write(w->session, update_tx, &c, e);
}

// Devices whose cohort has the group among its own must be looked at again.
static bool
device_ids(
	struct db *db, const struct group_ctx *c, const char ***out, size_t *count, struct error *e)
{
	autorows rows = NULL;
	size_t room = 0;

	*out = NULL;
	*count = 0;
	if (!db_query(db, Q_OBJECT_GROUP_DEVICE_IDS,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &rows, e))
		return false;
	while (db_next(rows)) {
		*out = arena_more(c->w->arena, *out, *count, &room, sizeof **out);
		(*out)[(*count)++] = db_text(c->w->arena, rows, "device_id");
	}
	return true;
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;
	struct assigner *assigner;
	const char **ids;
	size_t count;
	int64_t n;

	if (!device_ids(db, c, &ids, &count, e) ||
		!db_run(db, Q_OBJECT_GROUP_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)),
			&n, e))
		return false;
	if (n == 0)
		return error_set(e, ERR_NOT_FOUND, "there is no group with this id");
	if (!assigner_open(db, c->w, &assigner, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!assigner_apply(assigner, db, ids[i], e))
			return false;
	return assigner_refresh(db, c->w, NULL, e) && user_groups_moved(db, c->w, NULL, e);
}

bool
store_group_delete(const struct work *w, const char *id, struct error *e)
{
	struct group_ctx c = {.w = w, .id = id};

	return store_write(w->session, delete_tx, &c, e);
}

// --- members ---

// What a directory object is: id column of the row, or NULL when it is not of that kind.
static bool
find_id(struct db *db, const struct group_ctx *c, int query, const char *column, const char **out,
	struct error *e)
{
	autorows rows = NULL;

	*out = NULL;
	if (!db_query(db, query, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->other)), &rows, e))
		return false;
	if (db_next(rows))
		*out = db_text(c->w->arena, rows, column);
	return true;
}

static bool
changed_one(const struct group_ctx *c, int64_t n, struct error *e)
{
	if (n)
		return true;
	return c->add ? error_set(e, ERR_INVALID,
				"One or more added object references already "
				"exist for the following modified properties: "
				"'members'.")
		      : error_set(e, ERR_NOT_FOUND, "this is not a member of the group");
}

static bool
change_device(struct db *db, const struct group_ctx *c, const char *device_id, struct error *e)
{
	struct assigner *assigner;
	int64_t n;
	bool done = c->add
		? db_run(db, Q_GROUP_MEMBER_ADD,
			  PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(device_id),
				  DB_INT(0)),
			  &n, e)
		: db_run(db, Q_GROUP_MEMBER_REMOVE,
			  PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(device_id)), &n,
			  e);

	return done && changed_one(c, n, e) && assigner_open(db, c->w, &assigner, e) &&
		assigner_apply(assigner, db, device_id, e);
}

static bool
change_row(struct db *db, const struct group_ctx *c, int add, int remove, struct error *e)
{
	int64_t n;

	return db_run(db, c->add ? add : remove,
		       PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id), DB_TEXT(c->other)), &n,
		       e) &&
		changed_one(c, n, e);
}

static bool
change_child(struct db *db, const struct group_ctx *c, struct error *e)
{
	bool inside = false;

	if (c->add &&
		!has_row(db, Q_OBJECT_CHILD_INSIDE,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->other), DB_TEXT(c->id)),
			&inside, e))
		return false;
	if (inside)
		return error_set(e, ERR_INVALID, "a group cannot be inside itself");
	return change_row(db, c, Q_OBJECT_CHILD_ADD, Q_OBJECT_CHILD_REMOVE, e) &&
		assigner_refresh(db, c->w, NULL, e) && user_groups_moved(db, c->w, NULL, e);
}

static bool
member_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;
	struct group_ctx child = {.w = c->w, .id = c->other};
	const char *device, *user;
	struct group group, inner;

	if (!read_group(db, c, &group, e))
		return false;
	if (group.rule) {
		error_set(e, ERR_INVALID, "members of a dynamic group follow its rule");
		return error_hint(e, "change membershipRule, or use an assigned group");
	}
	if (!find_id(db, c, Q_OBJECT_DEVICE_OF, "device_id", &device, e) ||
		!find_id(db, c, Q_OBJECT_USER_OF, "user_id", &user, e))
		return false;
	if (device)
		return change_device(db, c, device, e);
	if (user)
		return change_row(db, c, Q_OBJECT_USER_ADD, Q_OBJECT_USER_REMOVE, e) &&
			user_groups_moved(db, c->w, user, e);
	if (read_group(db, &child, &inner, e))
		return change_child(db, c, e);
	return e->code == ERR_NOT_FOUND ? error_set(e, ERR_NOT_FOUND,
						  "there is no device, user or group with the id "
						  "\"%.40s\"",
						  c->other)
					: false;
}

static bool
change_member(const struct work *w, const char *group_id, const char *member_id, bool add,
	struct error *e)
{
	struct group_ctx c = {
		.w = w, .id = group_id, .other = str_lower(w->arena, member_id), .add = add};

	return store_write(w->session, member_tx, &c, e);
}

bool
store_group_member_add(
	const struct work *w, const char *group_id, const char *member_id, struct error *e)
{
	return change_member(w, group_id, member_id, true, e);
}

bool
store_group_member_remove(
	const struct work *w, const char *group_id, const char *member_id, struct error *e)
{
	return change_member(w, group_id, member_id, false, e);
}

static bool
is_in(const char *const *ids, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(ids[i], id))
			return true;
	return false;
}

static bool
put_device(struct db *db, struct group_ctx *c, struct assigner *assigner, const char *device_id,
	bool add, struct error *e)
{
	struct db_param tenant = DB_TEXT(c->w->tenant_id), group = DB_TEXT(c->id);
	struct db_param device = DB_TEXT(device_id);

	c->moved = true;
	return (add ? db_run(db, Q_GROUP_MEMBER_ADD, PARAMS(tenant, group, device, DB_INT(0)), NULL,
			      e)
		    : db_run(db, Q_GROUP_MEMBER_REMOVE, PARAMS(tenant, group, device), NULL, e)) &&
		assigner_apply(assigner, db, device_id, e);
}

static bool
devices_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;
	struct assigner *assigner;
	struct group group;
	const char **old;
	size_t count;

	c->moved = false;
	if (!read_group(db, c, &group, e) || !device_ids(db, c, &old, &count, e) ||
		!assigner_open(db, c->w, &assigner, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_in(c->wanted, c->wanted_count, old[i]) &&
			!put_device(db, c, assigner, old[i], false, e))
			return false;
	for (size_t i = 0; i < c->wanted_count; i++)
		if (!is_in((const char *const *)old, count, c->wanted[i]) &&
			!put_device(db, c, assigner, c->wanted[i], true, e))
			return false;
	return true;
}

bool
store_group_devices(const struct work *w, const char *group_id, const char *const *wanted,
	size_t count, bool *changed, struct error *e)
{
	struct group_ctx c = {.w = w, .id = group_id, .wanted = wanted, .wanted_count = count};

	if (!store_write(w->session, devices_tx, &c, e))
		return false;
	*changed = c.moved;
	return true;
}

static bool
device_list_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;

	return device_ids(db, c, &c->found, &c->found_count, e);
}

bool
store_group_device_list(const struct work *w, const char *group_id, const char ***out,
	size_t *count, struct error *e)
{
	struct group_ctx c = {.w = w, .id = group_id};

	if (!store_read(w->session, device_list_tx, &c, e))
		return false;
	*out = c.found;
	*count = c.found_count;
	return true;
}

static bool
owner_tx(struct db *db, void *ctx, struct error *e)
{
	struct group_ctx *c = ctx;
	const char *user, *client;
	struct group group;

	if (!read_group(db, c, &group, e) ||
		!find_id(db, c, Q_OBJECT_USER_OF, "user_id", &user, e) ||
		!find_id(db, c, Q_OBJECT_CLIENT_OF, "client_id", &client, e))
		return false;
	if (c->add && !user && !client)
		return error_set(e, ERR_NOT_FOUND, "there is no user or API client with this id");
	return change_row(db, c, Q_OBJECT_OWNER_ADD, Q_OBJECT_OWNER_REMOVE, e);
}

bool
store_group_owner_add(
	const struct work *w, const char *group_id, const char *owner_id, struct error *e)
{
	struct group_ctx c = {
		.w = w, .id = group_id, .other = str_lower(w->arena, owner_id), .add = true};

	return store_write(w->session, owner_tx, &c, e);
}

bool
store_group_owner_remove(
	const struct work *w, const char *group_id, const char *owner_id, struct error *e)
{
	struct group_ctx c = {.w = w, .id = group_id, .other = str_lower(w->arena, owner_id)};

	return store_write(w->session, owner_tx, &c, e);
}
