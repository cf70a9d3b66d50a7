// SPDX-License-Identifier: Apache-2.0
#include "store/people.h"

#include "store/people_internal.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/queries.h"
#include "store/user_groups.h"

struct people_ctx {
	const struct work *w;
	const char *key, *text;
	int64_t limit;
	unsigned roles;
	const struct new_person *in;
	const struct person_change *change;
	struct person *out, *list;
	size_t count, room;
};

static struct person
read_person(struct arena *a, struct db_rows *r)
{
	return (struct person){
		.user_id = db_text(a, r, "user_id"),
		.tenant_id = db_text(a, r, "tenant_id"),
		.upn = db_text(a, r, "upn"),
		.display_name = db_text(a, r, "display_name"),
		.given_name = db_text(a, r, "given_name"),
		.surname = db_text(a, r, "surname"),
		.mail = db_text(a, r, "mail"),
		.job_title = db_text(a, r, "job_title"),
		.department = db_text(a, r, "department"),
		.enabled = db_bool(r, "account_enabled"),
		.source = db_text(a, r, "source"),
		.domain = db_text(a, r, "domain"),
		.account_name = db_text(a, r, "account_name"),
		.sid = db_text(a, r, "sid"),
		.created_at = db_int(r, "created_at"),
	};
}

static bool
unknown(struct error *e)
{
	return error_fault(e, ERR_NOT_FOUND, "user_unknown", "there is no such user");
}

static bool
by_id_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;
	autorows r = NULL;

	if (!db_one(db, Q_USER_BY_ID, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r, e))
		return e->code == ERR_NOT_FOUND ? unknown(e) : false;
	*c->out = read_person(c->w->arena, r);
	return true;
}

bool
store_person_by_id(const struct work *w, const char *user_id, struct person *out, struct error *e)
{
	struct people_ctx c = {.w = w, .key = user_id, .out = out};

	return store_read(w->session, by_id_tx, &c, e);
}

static bool
by_upn_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;
	autorows r = NULL;

	if (!db_query(db, Q_USER_BY_UPN, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r, e))
		return false;
	if (!db_next(r))
		return unknown(e);
	*c->out = read_person(c->w->arena, r);
	return !db_next(r) || unknown(e);
}

bool
store_person_by_upn(const struct work *w, const char *upn, struct person *out, struct error *e)
{
	struct people_ctx c = {.w = w, .key = str_lower(w->arena, upn), .out = out};

	return store_read(w->session, by_upn_tx, &c, e);
}

static bool
page_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;
	autorows r = NULL;

	c->list = NULL;
	c->count = c->room = 0;
	if (!db_query(db, Q_USER_PAGE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key), DB_INT(c->limit)), &r, e))
		return false;
	while (db_next(r)) {
		c->list = arena_more(c->w->arena, c->list, c->count, &c->room, sizeof *c->list);
		c->list[c->count++] = read_person(c->w->arena, r);
	}
	return true;
}

bool
store_person_page(const struct work *w, const char *after, int64_t limit, struct person **out,
	size_t *count, struct error *e)
{
	struct people_ctx c = {.w = w, .key = after, .limit = limit};

	if (!store_read(w->session, page_tx, &c, e))
		return false;
	*out = c.list;
	*count = c.count;
	return true;
}

// --- roles ---

static bool
put_roles(struct db *db, const struct work *w, const char *user_id, unsigned roles, struct error *e)
{
	for (enum role role = 0; role < ROLE_COUNT; role++)
		if (roles & ROLE_BIT(role) &&
			!db_run(db, Q_ROLE_ADD,
				PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(user_id),
					DB_TEXT(role_template(role)), DB_INT(w->now)),
				NULL, e))
			return false;
	return true;
}

static bool
create_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;
	const struct work *w = c->w;
	const struct new_person *in = c->in;
	int64_t made;

	if (!db_run(db, Q_USER_INSERT_LOCAL,
		    PARAMS(DB_TEXT(c->key), DB_TEXT(w->tenant_id), DB_TEXT(in->upn),
			    DB_TEXT(str_lower(w->arena, in->upn)), DB_TEXT(in->display_name),
			    DB_TEXT(in->given_name), DB_TEXT(in->surname), DB_TEXT(in->mail),
			    DB_TEXT(in->department ? in->department : ""),
			    DB_TEXT(in->job_title ? in->job_title : ""),
			    DB_TEXT(in->usage_location ? in->usage_location : ""), DB_INT(w->now)),
		    &made, e))
		return false;
	if (!made)
		return error_fault(
			e, ERR_CONFLICT, "user_exists", "there is a user of that name already");
	return (!in->password_hash ||
		       db_run(db, Q_PASSWORD_PUT,
			       PARAMS(DB_TEXT(c->key), DB_TEXT(w->tenant_id),
				       DB_TEXT(in->password_hash), DB_BOOL(in->must_change),
				       DB_INT(w->now)),
			       NULL, e)) &&
		put_roles(db, w, c->key, in->roles, e) && user_groups_apply(db, w, c->key, e);
}

bool
store_person_create(
	const struct work *w, const struct new_person *in, const char **user_id, struct error *e)
{
	struct people_ctx c = {.w = w, .key = uuid_new(w->arena), .in = in};

	if (!store_write(w->session, create_tx, &c, e))
		return false;
	*user_id = c.key;
	return true;
}

static bool
roles_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;
	autorows r = NULL;

	c->roles = 0;
	if (!db_query(db, Q_ROLE_LIST, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), &r, e))
		return false;
	while (db_next(r)) {
		enum role role = role_find(db_text(c->w->arena, r, "role"));
		if (role != ROLE_COUNT)
			c->roles |= ROLE_BIT(role);
	}
	return true;
}

bool
store_roles(const struct work *w, const char *user_id, unsigned *roles, struct error *e)
{
	struct people_ctx c = {.w = w, .key = user_id};

	if (!store_read(w->session, roles_tx, &c, e))
		return false;
	*roles = c.roles;
	return true;
}

// Somebody must be left who can give roles.
static bool
keep_an_administrator(struct db *db, struct people_ctx *c, struct error *e)
{
	struct people_ctx before = {.w = c->w, .key = c->key};
	autorows r = NULL;

	if (c->roles & ROLE_BIT(ROLE_GLOBAL_ADMINISTRATOR))
		return true;
	if (!roles_tx(db, &before, e))
		return false;
	if (!(before.roles & ROLE_BIT(ROLE_GLOBAL_ADMINISTRATOR)))
		return true;
	if (!db_one(db, Q_ROLE_HOLDERS,
		    PARAMS(DB_TEXT(c->w->tenant_id),
			    DB_TEXT(role_template(ROLE_GLOBAL_ADMINISTRATOR)), DB_TEXT(c->key)),
		    &r, e))
		return false;
	return db_int(r, "holders") > 0 ||
		error_fault(e, ERR_CONFLICT, "last_administrator",
			"this is the only Global Administrator");
}

static bool
set_roles_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;
	struct person person;

	c->out = &person;
	return by_id_tx(db, c, e) && keep_an_administrator(db, c, e) &&
		db_run(db, Q_ROLE_CLEAR, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), NULL,
			e) &&
		put_roles(db, c->w, c->key, c->roles, e);
}

// --- changes ---

// Who comes from Active Directory is changed there: the next synchronization would undo it.
static bool
find_own(struct db *db, struct people_ctx *c, struct error *e)
{
	struct person person;

	c->out = &person;
	if (!by_id_tx(db, c, e))
		return false;
	return !str_eq(person.source, "domain") ||
		error_fault(e, ERR_CONFLICT, "user_synchronized", "%s comes from Active Directory",
			person.upn);
}

static bool
update_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;
	const struct person_change *in = c->change;
	bool shut_out = in->enabled && !*in->enabled;

	return find_own(db, c, e) && (!shut_out || keep_an_administrator(db, c, e)) &&
		db_run(db, Q_USER_UPDATE,
			PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key), DB_TEXT(in->display_name),
				DB_TEXT(in->given_name), DB_TEXT(in->surname), DB_TEXT(in->mail),
				DB_TEXT(in->department), DB_TEXT(in->job_title),
				DB_TEXT(in->usage_location),
				in->enabled ? DB_BOOL(*in->enabled) : DB_NULL_INT,
				DB_INT(c->w->now)),
			NULL, e) &&
		(!shut_out || person_end_everything(db, c->w, c->key, "account_disabled", "", e)) &&
		user_groups_apply(db, c->w, c->key, e);
}

bool
store_person_update(
	const struct work *w, const char *user_id, const struct person_change *in, struct error *e)
{
	struct people_ctx c = {.w = w, .key = user_id, .change = in};

	return store_write(w->session, update_tx, &c, e);
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct people_ctx *c = ctx;

	return find_own(db, c, e) && keep_an_administrator(db, c, e) &&
		db_run(db, Q_USER_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->key)), NULL,
			e);
}

bool
store_person_delete(const struct work *w, const char *user_id, struct error *e)
{
	struct people_ctx c = {.w = w, .key = user_id};

	return store_write(w->session, delete_tx, &c, e);
}

bool
store_roles_set(const struct work *w, const char *user_id, unsigned roles, struct error *e)
{
	struct people_ctx c = {.w = w, .key = user_id, .roles = roles};

	return store_write(w->session, set_roles_tx, &c, e);
}

scope_set
roles_scopes(unsigned roles)
{
	scope_set set = role_scopes(ROLE_USER);

	for (enum role role = 0; role < ROLE_COUNT; role++)
		if (roles & ROLE_BIT(role))
			set |= role_scopes(role);
	return set;
}

bool
roles_administer(unsigned roles)
{
	return roles & ~(ROLE_BIT(ROLE_USER) | ROLE_BIT(ROLE_TECHNICIAN));
}
