// SPDX-License-Identifier: Apache-2.0
#include "store/identifiers.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/queries.h"
#include "store/store.h"

struct identifier_ctx {
	const struct work *w;
	struct corporate_identifier *list;
	size_t count;
	bool overwrite;
	const char *id;
};

static bool
find(struct db *db, const struct work *w, struct corporate_identifier *item, struct error *e)
{
	autorows rows = NULL;

	if (!db_query(db, Q_IDENTIFIER_FIND,
		    PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(item->type),
			    DB_TEXT(str_lower(w->arena, item->identifier))),
		    &rows, e))
		return false;
	item->id = db_next(rows) ? db_text(w->arena, rows, "identifier_id") : NULL;
	return true;
}

static bool
put(struct db *db, const struct identifier_ctx *c, struct corporate_identifier *item,
	struct error *e)
{
	const struct work *w = c->w;
	struct db_param tenant = DB_TEXT(w->tenant_id), type = DB_TEXT(item->type),
			key = DB_TEXT(str_lower(w->arena, item->identifier)),
			description = DB_TEXT(item->description), now = DB_INT(w->now);
	int64_t n;

	if (!db_run(db, Q_IDENTIFIER_INSERT,
		    PARAMS(DB_TEXT(uuid_ordered(w->arena)), tenant, type, DB_TEXT(item->identifier),
			    key, description, now, now),
		    &n, e))
		return false;
	if (n == 0 && c->overwrite &&
		!db_run(db, Q_IDENTIFIER_UPDATE, PARAMS(tenant, type, key, description, now), &n,
			e))
		return false;
	item->done = n == 1;
	return find(db, w, item, e);
}

static bool
put_tx(struct db *db, void *ctx, struct error *e)
{
	struct identifier_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++)
		if (!put(db, c, &c->list[i], e))
			return false;
	return true;
}

bool
store_identifiers_put(const struct work *w, struct corporate_identifier *list, size_t count,
	bool overwrite, struct error *e)
{
	struct identifier_ctx c = {.w = w, .list = list, .count = count, .overwrite = overwrite};

	return store_write(w->session, put_tx, &c, e);
}

static bool
find_tx(struct db *db, void *ctx, struct error *e)
{
	struct identifier_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++)
		if (!find(db, c->w, &c->list[i], e))
			return false;
	return true;
}

bool
store_identifiers_find(
	const struct work *w, struct corporate_identifier *list, size_t count, struct error *e)
{
	struct identifier_ctx c = {.w = w, .list = list, .count = count};

	return store_read(w->session, find_tx, &c, e);
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct identifier_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_IDENTIFIER_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n,
		    e))
		return false;
	return n == 1 || error_set(e, ERR_NOT_FOUND, "there is no such identifier");
}

bool
store_identifier_delete(const struct work *w, const char *id, struct error *e)
{
	struct identifier_ctx c = {.w = w, .id = id};

	return store_write(w->session, delete_tx, &c, e);
}
