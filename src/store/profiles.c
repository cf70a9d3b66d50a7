// SPDX-License-Identifier: Apache-2.0
#include "store/profiles.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/membership_rule.h"
#include "domain/naming.h"
#include "store/assign.h"
#include "store/objects.h"
#include "store/queries.h"

struct group_ctx {
	const struct work *w;
	const struct new_group *in;
	const char *id;
};

static bool
create_group_tx(struct db *db, void *ctx, struct error *e)
{
	const struct group_ctx *c = ctx;
	const struct new_group *in = c->in;

	return db_run(db, Q_GROUP_INSERT,
		       PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->name),
			       DB_TEXT(str_lower(c->w->arena, in->name)), DB_TEXT(in->description),
			       DB_TEXT(""), DB_TEXT(in->rule), DB_TEXT(in->rule ? "device" : ""),
			       DB_INT(c->w->now)),
		       NULL, e) &&
		(!in->rule || assigner_refresh(db, c->w, c->id, e));
}

bool
store_group_create(
	const struct work *w, const struct new_group *in, const char **id, struct error *e)
{
	struct group_ctx c = {.w = w, .in = in, .id = uuid_new(w->arena)};

	if ((in->rule && !rule_compile(w->arena, in->rule, e)) ||
		!store_write(w->session, create_group_tx, &c, e))
		return false;
	*id = c.id;
	return true;
}

bool
store_profile_create(
	const struct work *w, const struct new_profile *in, const char **id, struct error *e)
{
	if (!str_eq(in->join_type, "hybrid") && !str_eq(in->join_type, "directory"))
		return error_set(e, ERR_INVALID, "join type must be directory or hybrid");
	*id = uuid_new(w->arena);
	return store_put_profile(w, *id, in, e);
}

bool
store_esp_create(const struct work *w, const struct new_esp *in, const char **id, struct error *e)
{
	if (in->timeout_minutes < 1 || in->timeout_minutes > 1440)
		return error_set(e, ERR_INVALID, "the time limit must be 1 to 1440 minutes");
	*id = uuid_new(w->arena);
	return store_put_esp(w, *id, in, e);
}

static bool
check_domain_join(const struct new_domain_join *in, struct error *e)
{
	if (!naming_check(in->name_template, e))
		return error_wrap(e, "computer name");
	if (!strchr(in->domain, '.')) {
		error_set(e, ERR_INVALID, "\"%.80s\" is not a fully qualified domain name",
			in->domain);
		return error_hint(
			e, "use corp.example.com, not the NetBIOS name CORP (behaviour J2)");
	}
	if (!str_empty(in->ou) && !strcasestr(in->ou, "DC="))
		return error_set(e, ERR_INVALID,
			"the organizational unit must be a full distinguished name with DC= "
			"(behaviour J3)");
	return true;
}

bool
store_domain_join_create(
	const struct work *w, const struct new_domain_join *in, const char **id, struct error *e)
{
	*id = uuid_new(w->arena);
	return check_domain_join(in, e) && store_put_domain_join(w, *id, in, e);
}

struct assign_ctx {
	const struct work *w;
	const char *kind, *object_id;
	const struct new_assignment *in;
	size_t count;
};

bool
assign_in(struct db *db, const struct work *w, const char *kind, const char *object_id,
	const struct new_assignment *in, size_t count, struct error *e)
{
	if (!db_run(db, Q_ASSIGNMENT_CLEAR, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(object_id)), NULL,
		    e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!db_run(db, Q_ASSIGNMENT_INSERT,
			    PARAMS(DB_TEXT(uuid_new(w->arena)), DB_TEXT(w->tenant_id),
				    DB_TEXT(kind), DB_TEXT(object_id), DB_TEXT(in[i].target),
				    DB_TEXT(in[i].group_id),
				    DB_TEXT(in[i].intent ? in[i].intent : ""), DB_INT(w->now)),
			    NULL, e))
			return false;
	// Items do not change what a device row says: they are read when the device asks.
	return str_eq(kind, "item") || assigner_refresh(db, w, NULL, e);
}

static bool
assign_tx(struct db *db, void *ctx, struct error *e)
{
	struct assign_ctx *c = ctx;

	return assign_in(db, c->w, c->kind, c->object_id, c->in, c->count, e);
}

bool
store_assign(const struct work *w, const char *object_kind, const char *object_id,
	const struct new_assignment *in, size_t count, struct error *e)
{
	struct assign_ctx c = {
		.w = w, .kind = object_kind, .object_id = object_id, .in = in, .count = count};

	return store_write(w->session, assign_tx, &c, e);
}

struct list_ctx {
	const struct work *w;
	int query;
	bool (*row)(struct db_rows *rows, const struct work *w, void *ctx, struct error *e);
	void *ctx;
};

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct list_ctx *c = ctx;
	autorows rows = NULL;

	if (!db_query(db, c->query, PARAMS(DB_TEXT(c->w->tenant_id)), &rows, e))
		return false;
	while (db_next(rows))
		if (!c->row(rows, c->w, c->ctx, e))
			return false;
	return true;
}

bool
store_list(const struct work *w, int query,
	bool (*row)(struct db_rows *rows, const struct work *w, void *ctx, struct error *e),
	void *ctx, struct error *e)
{
	struct list_ctx c = {.w = w, .query = query, .row = row, .ctx = ctx};

	return store_read(w->session, list_tx, &c, e);
}

struct find_ctx {
	const struct work *w;
	const char *key;
	const char *text;
	int64_t number;
};

static bool
group_by_name_tx(struct db *db, void *ctx, struct error *e)
{
	struct find_ctx *c = ctx;
	autorows rows = NULL;

	if (!db_one(db, Q_GROUP_BY_NAME,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(str_lower(c->w->arena, c->key))),
		    &rows, e))
		return false;
	c->text = db_text(c->w->arena, rows, "group_id");
	return true;
}

bool
store_group_by_name(const struct work *w, const char *name, const char **id, struct error *e)
{
	struct find_ctx c = {.w = w, .key = name};

	if (!store_read(w->session, group_by_name_tx, &c, e))
		return false;
	*id = c.text;
	return true;
}

static bool
content_tx(struct db *db, void *ctx, struct error *e)
{
	struct find_ctx *c = ctx;
	autorows rows = NULL;

	if (!db_one(db, Q_ITEM_BY_CONTENT, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &rows,
		    e))
		return false;
	c->number = db_int(rows, "content_size");
	c->text = db_text(c->w->arena, rows, "content_name");
	return true;
}

bool
store_content(
	const struct work *w, const char *sha256, int64_t *size, const char **name, struct error *e)
{
	struct find_ctx c = {.w = w, .key = sha256};

	if (!store_read(w->session, content_tx, &c, e))
		return false;
	*size = c.number;
	*name = c.text;
	return true;
}
