// SPDX-License-Identifier: Apache-2.0
#include "store/objects.h"

#include "base/str.h"
#include "base/uuid.h"
#include "store/assign.h"
#include "store/queries.h"

enum { DOCUMENT_MAX = 4 << 20 };

struct object_ctx {
	const struct work *w;
	const char *collection, *id, *kind;
	const struct object *in;
	const void *projection;
	const char *document;
	bool (*put)(struct db *db, const struct object_ctx *c, struct error *e);
	struct object *list;
	size_t count;
};

static bool
read_object(const struct work *w, struct db_rows *rows, struct object *out, struct error *e)
{
	struct json_limits limits = {.max_bytes = DOCUMENT_MAX};
	struct arena *a = w->arena;
	const char *document = db_text(a, rows, "document");

	*out = (struct object){
		.id = db_text(a, rows, "object_id"),
		.collection = db_text(a, rows, "collection"),
		.type = db_text(a, rows, "type"),
		.name = db_text(a, rows, "name"),
		.priority = db_int(rows, "priority"),
		.version = db_int(rows, "version"),
		.created_at = db_int(rows, "created_at"),
		.modified_at = db_int(rows, "modified_at"),
	};
	if (!document)
		return error_set(e, ERR_INTERNAL, "a document cannot be read");
	out->document = json_parse(a, slice_str(document), &limits, e);
	return out->document || error_wrap(e, "document %s", out->id);
}

static bool
list_tx(struct db *db, void *ctx, struct error *e)
{
	struct object_ctx *c = ctx;
	autorows rows = NULL;
	size_t room = 0;

	c->list = NULL;
	c->count = 0;
	if (!db_query(db, Q_OBJECT_LIST, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->collection)),
		    &rows, e))
		return false;
	while (db_next(rows)) {
		if (c->count == OBJECTS_MAX)
			return error_set(e, ERR_LIMIT, "more than %d objects", OBJECTS_MAX);
		c->list = arena_more(c->w->arena, c->list, c->count, &room, sizeof *c->list);
		if (!read_object(c->w, rows, &c->list[c->count++], e))
			return false;
	}
	return true;
}

bool
store_objects(const struct work *w, const char *collection, struct object **out, size_t *count,
	struct error *e)
{
	struct object_ctx c = {.w = w, .collection = collection};

	if (!store_read(w->session, list_tx, &c, e))
		return false;
	*out = c.list;
	*count = c.count;
	return true;
}

static bool
get_tx(struct db *db, void *ctx, struct error *e)
{
	struct object_ctx *c = ctx;
	autorows rows = NULL;

	if (!db_one(db, Q_OBJECT_GET,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->collection), DB_TEXT(c->id)), &rows,
		    e))
		return false;
	return read_object(c->w, rows, c->list, e);
}

bool
store_object(const struct work *w, const char *collection, const char *id, struct object *out,
	struct error *e)
{
	struct object_ctx c = {.w = w, .collection = collection, .id = id, .list = out};

	return store_read(w->session, get_tx, &c, e);
}

static bool
insert_tx(struct db *db, void *ctx, struct error *e)
{
	struct object_ctx *c = ctx;
	const struct object *in = c->in;
	int64_t n;

	if (!db_run(db, Q_OBJECT_INSERT,
		    PARAMS(DB_TEXT(in->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->collection),
			    DB_TEXT(in->type), DB_TEXT(in->name), DB_TEXT(c->document),
			    DB_INT(in->priority), DB_INT(c->w->now)),
		    &n, e))
		return false;
	return n == 1 || error_set(e, ERR_CONFLICT, "an object with this id exists already");
}

bool
store_object_insert(const struct work *w, const struct object *in, struct error *e)
{
	struct object_ctx c = {.w = w, .in = in};

	return json_text(w->arena, in->document, DOCUMENT_MAX, &c.document, e) &&
		store_write(w->session, insert_tx, &c, e);
}

static bool
update_tx(struct db *db, void *ctx, struct error *e)
{
	struct object_ctx *c = ctx;
	const struct object *in = c->in;
	int64_t n;

	if (!db_run(db, Q_OBJECT_UPDATE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(in->id), DB_INT(in->version),
			    DB_TEXT(in->name), DB_TEXT(c->document), DB_INT(in->priority),
			    DB_INT(c->w->now)),
		    &n, e))
		return false;
	return n == 1 ||
		error_fault(e, ERR_CONFLICT, "graph_changed_meanwhile",
			"somebody else changed it meanwhile");
}

bool
store_object_update(const struct work *w, const struct object *in, struct error *e)
{
	struct object_ctx c = {.w = w, .in = in};

	return json_text(w->arena, in->document, DOCUMENT_MAX, &c.document, e) &&
		store_write(w->session, update_tx, &c, e);
}

// The table that devices read, by kind.
static int
drop_query(const char *kind)
{
	return str_eq(kind, "profile")	      ? Q_OBJECT_DROP_PROFILE
		: str_eq(kind, "esp")	      ? Q_OBJECT_DROP_ESP
		: str_eq(kind, "domain_join") ? Q_OBJECT_DROP_DOMAIN_JOIN
		: str_eq(kind, "item")	      ? Q_OBJECT_DROP_ITEM
					      : -1;
}

static bool
delete_tx(struct db *db, void *ctx, struct error *e)
{
	struct object_ctx *c = ctx;
	int query = drop_query(c->kind);
	struct db_params object = PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id));
	int64_t assigned, n;

	if (!db_run(db, Q_ASSIGNMENT_CLEAR, object, &assigned, e))
		return false;
	if (assigned && c->kind && !str_eq(c->kind, "item") && !assigner_refresh(db, c->w, NULL, e))
		return false;
	if (query >= 0 && !db_run(db, query, object, NULL, e))
		return false;
	if (!db_run(db, Q_OBJECT_DELETE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->collection), DB_TEXT(c->id)), &n,
		    e))
		return false;
	return n == 1 || error_set(e, ERR_NOT_FOUND, "there is nothing with this id");
}

bool
store_object_delete(const struct work *w, const char *collection, const char *id, const char *kind,
	struct error *e)
{
	struct object_ctx c = {.w = w, .collection = collection, .id = id, .kind = kind};

	return store_write(w->session, delete_tx, &c, e);
}

// --- projections ---

static bool
put_tx(struct db *db, void *ctx, struct error *e)
{
	struct object_ctx *c = ctx;

	return c->put(db, c, e);
}

static bool
put_profile(struct db *db, const struct object_ctx *c, struct error *e)
{
	const struct new_profile *in = c->projection;

	return db_run(db, Q_OBJECT_PUT_PROFILE,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->name),
			DB_TEXT(in->description), DB_TEXT(in->join_type),
			DB_BOOL(in->preprovisioning), DB_TEXT(in->trust_store), DB_INT(c->w->now)),
		NULL, e);
}

static bool
put_esp(struct db *db, const struct object_ctx *c, struct error *e)
{
	const struct new_esp *in = c->projection;

	return db_run(db, Q_OBJECT_PUT_ESP,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->name),
			DB_INT(in->priority), DB_INT(in->timeout_minutes),
			DB_INT(in->hybrid_extra_minutes), DB_INT(c->w->now)),
		NULL, e);
}

static bool
put_domain_join(struct db *db, const struct object_ctx *c, struct error *e)
{
	const struct new_domain_join *in = c->projection;

	return db_run(db, Q_OBJECT_PUT_DOMAIN_JOIN,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->name),
			DB_TEXT(in->domain), DB_TEXT(in->ou), DB_TEXT(in->name_template),
			DB_INT(c->w->now)),
		NULL, e);
}

static bool
put_item(struct db *db, const struct object_ctx *c, struct error *e)
{
	const struct new_item *in = c->projection;

	return db_run(db, Q_OBJECT_PUT_ITEM,
		PARAMS(DB_TEXT(c->id), DB_TEXT(c->w->tenant_id), DB_TEXT(in->kind),
			DB_TEXT(in->scope), DB_TEXT(in->name), DB_TEXT(in->loc_uri),
			DB_TEXT(in->format), DB_TEXT(in->data), DB_TEXT(in->content_sha256),
			in->content_sha256 ? DB_INT(in->content_size) : DB_NULL_INT,
			DB_TEXT(in->content_name), DB_INT(c->w->now)),
		NULL, e);
}

bool
store_put_profile(
	const struct work *w, const char *id, const struct new_profile *in, struct error *e)
{
	struct object_ctx c = {.w = w, .id = id, .projection = in, .put = put_profile};

	return store_write(w->session, put_tx, &c, e);
}

bool
store_put_esp(const struct work *w, const char *id, const struct new_esp *in, struct error *e)
{
	struct object_ctx c = {.w = w, .id = id, .projection = in, .put = put_esp};

	return store_write(w->session, put_tx, &c, e);
}

bool
store_put_domain_join(
	const struct work *w, const char *id, const struct new_domain_join *in, struct error *e)
{
	struct object_ctx c = {.w = w, .id = id, .projection = in, .put = put_domain_join};

	return store_write(w->session, put_tx, &c, e);
}

bool
store_put_item(const struct work *w, const char *id, const struct new_item *in, struct error *e)
{
	struct object_ctx c = {.w = w, .id = id, .projection = in, .put = put_item};

	return store_write(w->session, put_tx, &c, e);
}

// --- assignments ---

struct assignment_ctx {
	const struct work *w;
	const char *id;
	const struct new_assignment *in;
	struct assignment *list;
	size_t count;
};

static bool
assignments_tx(struct db *db, void *ctx, struct error *e)
{
	struct assignment_ctx *c = ctx;
	struct arena *a = c->w->arena;
	autorows rows = NULL;
	size_t room = 0;

	c->list = NULL;
	c->count = 0;
	if (!db_query(db, Q_OBJECT_ASSIGNMENTS, PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)),
		    &rows, e))
		return false;
	while (db_next(rows)) {
		c->list = arena_more(a, c->list, c->count, &room, sizeof *c->list);
		c->list[c->count++] = (struct assignment){
			.id = db_text(a, rows, "assignment_id"),
			.object_kind = db_text(a, rows, "object_kind"),
			.object_id = db_text(a, rows, "object_id"),
			.target = db_text(a, rows, "target"),
			.group_id = db_text(a, rows, "group_id"),
			.intent = db_text(a, rows, "intent"),
			.created_at = db_int(rows, "created_at"),
		};
	}
	return true;
}

bool
store_assignments(const struct work *w, const char *object_id, struct assignment **out,
	size_t *count, struct error *e)
{
	struct assignment_ctx c = {.w = w, .id = object_id};

	if (!store_read(w->session, assignments_tx, &c, e))
		return false;
	*out = c.list;
	*count = c.count;
	return true;
}

static bool
assignment_add_tx(struct db *db, void *ctx, struct error *e)
{
	struct assignment_ctx *c = ctx;

	return db_run(db, Q_ASSIGNMENT_INSERT,
		PARAMS(DB_TEXT(uuid_new(c->w->arena)), DB_TEXT(c->w->tenant_id),
			DB_TEXT(c->in->object_kind), DB_TEXT(c->in->object_id),
			DB_TEXT(c->in->target), DB_TEXT(c->in->group_id),
			DB_TEXT(c->in->intent ? c->in->intent : ""), DB_INT(c->w->now)),
		NULL, e);
}

bool
store_assignment_add(const struct work *w, const struct new_assignment *in, struct error *e)
{
	struct assignment_ctx c = {.w = w, .in = in};

	return store_write(w->session, assignment_add_tx, &c, e);
}

static bool
assignment_remove_tx(struct db *db, void *ctx, struct error *e)
{
	struct assignment_ctx *c = ctx;
	int64_t n;

	if (!db_run(db, Q_OBJECT_ASSIGNMENT_REMOVE,
		    PARAMS(DB_TEXT(c->w->tenant_id), DB_TEXT(c->id)), &n, e))
		return false;
	return n == 1 || error_set(e, ERR_NOT_FOUND, "there is no such assignment");
}

bool
store_assignment_remove(const struct work *w, const char *id, struct error *e)
{
	struct assignment_ctx c = {.w = w, .id = id};

	return store_write(w->session, assignment_remove_tx, &c, e);
}

static bool
decide_tx(struct db *db, void *ctx, struct error *e)
{
	struct assignment_ctx *c = ctx;

	return assigner_refresh(db, c->w, c->id, e);
}

bool
store_decide(const struct work *w, const char *group_id, struct error *e)
{
	struct assignment_ctx c = {.w = w, .id = group_id};

	return store_write(w->session, decide_tx, &c, e);
}
