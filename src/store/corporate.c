// SPDX-License-Identifier: Apache-2.0
#include "store/corporate.h"

#include "base/str.h"
#include "base/uuid.h"
#include "domain/registration.h"
#include "store/queries.h"
#include "store/registration.h"

enum { PARTS = 3, IMEI_MIN = 14, IMEI_MAX = 16, KEY_MAX = 512 };

// One part without blanks around it, in upper case; NULL when nothing is left.
static const char *
part_key(struct arena *arena, const char *text, size_t len)
{
	while (len && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	return len ? str_upper(arena, arena_strndup(arena, text, len)) : NULL;
}

static const char *
triple_key(struct arena *arena, const char *text)
{
	const char *parts[PARTS];

	for (int i = 0; i < PARTS; i++) {
		size_t len = strcspn(text, ",");
		parts[i] = part_key(arena, text, len);
		bool last = i == PARTS - 1;
		if (!parts[i] || (text[len] == ',') == last)
			return NULL;
		text += len + !last;
	}
	return registration_placeholder(parts[PARTS - 1])
		? NULL
		: arena_printf(arena, "%s,%s,%s", parts[0], parts[1], parts[2]);
}

const char *
corporate_key(struct arena *arena, const char *type, const char *identifier)
{
	const char *key = part_key(arena, identifier, strlen(identifier));

	if (!key || strlen(key) > KEY_MAX || !utf8_valid(slice_str(key)))
		return NULL;
	for (const char *c = key; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return NULL;
	if (str_eq(type, "manufacturerModelSerial"))
		return triple_key(arena, identifier);
	if (str_eq(type, "imei"))
		return strlen(key) >= IMEI_MIN && strlen(key) <= IMEI_MAX &&
				!key[strspn(key, "0123456789")]
			? key
			: NULL;
	return str_eq(type, "serialNumber") && !strchr(key, ',') && !registration_placeholder(key)
		? key
		: NULL;
}

struct corporate_ctx {
	const struct work *w;
	struct corporate_identifier *list;
	size_t count;
	bool overwrite;
	const char *id, *actor; // actor: for an audit event, NULL: none
};

static bool
find(struct db *db, struct corporate_ctx *c, struct corporate_identifier *one, struct error *e)
{
	struct arena *arena = c->w->arena;
	const char *key = corporate_key(arena, one->type, one->identifier);
	autorows rows = NULL;

	one->identifier_id = NULL;
	if (!key)
		return true;
	if (!db_query(db, Q_CORPORATE_FIND,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(one->type), DB_TEXT(key)), &rows, e))
		return false;
	if (!db_next(rows))
		return true;
	one->identifier_id = db_text(arena, rows, "identifier_id");
	one->description = db_text(arena, rows, "description");
	return true;
}

static bool
put_one(struct db *db, struct corporate_ctx *c, struct corporate_identifier *one, struct error *e)
{
	const struct work *w = c->w;
	const char *key = corporate_key(w->arena, one->type, one->identifier);
	int64_t n;

	if (!key)
		return error_set(e, ERR_INVALID, "\"%.80s\" is no identifier", one->identifier);
	if (!db_run(db, Q_CORPORATE_INSERT,
		    PARAMS(DB_TEXT(uuid_ordered(w->arena)), DB_TEXT(w->tenant_id),
			    DB_TEXT(one->type), DB_TEXT(one->identifier), DB_TEXT(key),
			    DB_TEXT(one->description), DB_INT(w->now)),
		    &n, e))
		return false;
	one->stored = n == 1 || c->overwrite;
	if (n == 0 && c->overwrite &&
		!db_run(db, Q_CORPORATE_OVERWRITE,
			PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(one->type), DB_TEXT(key),
				DB_TEXT(one->identifier), DB_TEXT(one->description),
				DB_INT(w->now)),
			NULL, e))
		return false;
	return find(db, c, one, e);
}

static bool
put_tx(struct db *db, void *ctx, struct error *e)
{
	struct corporate_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++)
		if (!put_one(db, c, &c->list[i], e))
			return false;
	return !c->actor || !c->count ||
		registration_audit(db, c->w, c->actor, "Create", "Import ImportedDeviceIdentity",
			c->list[0].identifier_id,
			arena_printf(c->w->arena, "%zu identifiers", c->count), e);
}

bool
store_corporate_import(const struct work *w, struct corporate_identifier *list, size_t count,
	bool overwrite, const char *actor, struct error *e)
{
	struct corporate_ctx c = {
		.w = w, .list = list, .count = count, .overwrite = overwrite, .actor = actor};

	return store_write_bulk(w->session, put_tx, &c, e);
}

bool
store_corporate_put(const struct work *w, struct corporate_identifier *list, size_t count,
	bool overwrite, struct error *e)
{
	struct corporate_ctx c = {.w = w, .list = list, .count = count, .overwrite = overwrite};

	return store_write_bulk(w->session, put_tx, &c, e);
}

static bool
search_tx(struct db *db, void *ctx, struct error *e)
{
	struct corporate_ctx *c = ctx;

	for (size_t i = 0; i < c->count; i++)
		if (!find(db, c, &c->list[i], e))
			return false;
	return true;
}

bool
store_corporate_search(
	const struct work *w, struct corporate_identifier *list, size_t count, struct error *e)
{
	struct corporate_ctx c = {.w = w, .list = list, .count = count};

	return store_read(w->session, search_tx, &c, e);
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct corporate_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_CORPORATE_DELETE, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n,
		    e))
		return false;
	return n == 1 || error_set(e, ERR_NOT_FOUND, "no such identifier");
}

bool
store_corporate_delete(const struct work *w, const char *id, struct error *e)
{
	struct corporate_ctx c = {.w = w, .id = id};

	return store_write(w->session, delete_tx, &c, e);
}
