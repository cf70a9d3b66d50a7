// SPDX-License-Identifier: Apache-2.0
// Documents: how they are known, checked, stored, and read with what is worked out.
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "base/uuid.h"
#include <ctype.h>

// "#microsoft.graph.windows10X" -> "Windows10X".
static const char *
type_suffix(struct arena *arena, const char *type)
{
	const char *dot = strrchr(type, '.');
	char *name = arena_strdup(arena, dot ? dot + 1 : type);

	name[0] = (char)toupper((unsigned char)name[0]);
	return name;
}

static const char *
default_id(struct call *c, const struct graph_default *d)
{
	return arena_printf(c->arena, "%s_%s", c->work.tenant_id, d->key);
}

static const struct graph_default *
find_default(struct call *c, const struct graph_collection *collection, const char *id)
{
	for (const struct graph_default *d = collection->defaults; d && d->key; d++)
		if (str_ieq(id, collection->default_ids_are_keys ? d->key : default_id(c, d)) ||
			str_ieq(id, default_id(c, d)))
			return d;
	return NULL;
}

const char *
graph_id(struct call *c, const struct graph_collection *collection, const struct object *object)
{
	const struct graph_default *d = find_default(c, collection, object->id);

	if (d)
		return collection->default_ids_are_keys ? d->key : default_id(c, d);
	if (!collection->typed_ids)
		return object->id;
	return arena_printf(c->arena, "%s_%s", object->id, type_suffix(c->arena, object->type));
}

const struct odata_type *
graph_type_of(const struct graph_collection *collection, const struct object *object)
{
	const struct odata_type *type = odata_type_find(collection->type, object->type);

	return type ? type : collection->type;
}

// A default that nobody has changed: version 0.
static bool
make_default(struct call *c, const struct graph_collection *collection,
	const struct graph_default *d, struct object *out, struct error *e)
{
	struct odata_body body;
	const struct json *sent = json_parse(c->arena, slice_str(d->document), NULL, e);

	if (!sent || !odata_validate(c->arena, d->type, sent, ODATA_CREATE, &body, e))
		return false;
	*out = (struct object){
		.id = default_id(c, d),
		.collection = collection->path,
		.type = d->type->name,
		.name = json_str(sent, "displayName"),
		.document = body.document,
	};
	return true;
}

bool
graph_find(struct call *c, const struct graph_collection *collection, const char *id,
	struct object *out, struct error *e)
{
	const struct graph_default *d = find_default(c, collection, id);
	const char *stored = d ? default_id(c, d) : str_lower(c->arena, id);

	if (!d && collection->typed_ids)
		stored = arena_strndup(c->arena, stored, strcspn(stored, "_"));
	if (store_object(&c->work, collection->path, stored, out, e))
		return true;
	if (e->code != ERR_NOT_FOUND)
		return false;
	if (d)
		return make_default(c, collection, d, out, e);
	return error_set(e, ERR_NOT_FOUND,
		"Resource '%.80s' does not exist or one of its queried "
		"reference-property objects are not present.",
		id);
}

struct json_maker
graph_object(struct call *c, const struct graph_collection *collection, const struct object *object)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);

	json_put_str(&m, "@odata.type", object->type);
	json_put_str(&m, "id", graph_id(c, collection, object));
	if (object->created_at) {
		json_put_str(&m, "createdDateTime", view_time(c->arena, object->created_at));
		json_put_str(&m, "lastModifiedDateTime", view_time(c->arena, object->modified_at));
	}
	if (odata_property_find(collection->type, "version"))
		json_put_int(&m, "version", object->version ? object->version : 1);
	if (collection->decorate)
		collection->decorate(c, object, &m);
	for (const struct json *v = object->document->first; v; v = v->next)
		if (!json_get(m.whole, v->name))
			json_put(&m, v->name, v);
	return m;
}

static const char *
display_name(const struct json *document)
{
	const char *name = json_str(document, "displayName");

	return name ? name : json_str(document, "name") ? json_str(document, "name") : "";
}

static bool
note_change(struct call *c, const struct graph_change *change, struct error *e)
{
	struct graph_note note = {
		.operation = change->before ? "Patch" : "Create",
		.noun = change->collection->noun,
		.category = change->collection->category,
		.resource_id = graph_id(c, change->collection, &change->object),
		.resource_name = change->object.name,
		.type = change->type,
		.before = change->before,
		.after = change->object.document,
	};

	return graph_note(c, &note, e);
}

bool
graph_store(struct call *c, struct graph_change *change, struct error *e)
{
	const struct graph_collection *collection = change->collection;
	struct object *object = &change->object;

	object->name = display_name(object->document);
	if (collection->check && !collection->check(c, change, e))
		return false;
	object->name = display_name(object->document);
	object->priority = json_int(object->document, "priority", 0);
	if (object->version == 0 ? !store_object_insert(&c->work, object, e)
				 : !store_object_update(&c->work, object, e))
		return false;
	object->version++;
	object->modified_at = c->work.now;
	if (object->version == 1)
		object->created_at = c->work.now;
	return (!collection->project || collection->project(c, change, e)) &&
		(!change->decide || store_decide(&c->work, NULL, e)) &&
		(change->quiet || note_change(c, change, e));
}

// --- create ---

struct write_ctx {
	struct call *c;
	const struct graph_collection *collection;
	const struct json *sent;
	const char *id;
	struct odata_body body;
	struct graph_change change;
};

static bool
create_tx(void *ctx, struct error *e)
{
	struct write_ctx *w = ctx;

	w->change = (struct graph_change){
		.collection = w->collection,
		.type = w->body.type,
		.sent = w->body.document,
		.object =
			{
				.id = w->id,
				.collection = w->collection->path,
				.type = w->body.type->name,
				.document = w->body.document,
			},
	};
	return graph_store(w->c, &w->change, e);
}

static bool
send_written(struct write_ctx *w, int status, struct error *e)
{
	const struct json *object = graph_object(w->c, w->collection, &w->change.object).whole;
	struct graph_answer answer = {.path = w->collection->path,
		.type = w->collection->type,
		.objects = &object,
		.count = 1};

	return graph_send_object(w->c, status, &answer, w->change.object.version, e);
}

bool
graph_create(struct call *c, struct error *e)
{
	struct write_ctx w = {.c = c, .collection = c->collection, .id = uuid_new(c->arena)};

	return graph_body(c, &w.sent, e) &&
		odata_validate(c->arena, c->collection->type, w.sent, ODATA_CREATE, &w.body, e) &&
		store_together(c->work.session, create_tx, &w, e) && send_written(&w, 201, e);
}

// --- change ---

static bool
patch_tx(void *ctx, struct error *e)
{
	struct write_ctx *w = ctx;
	struct call *c = w->c;
	struct graph_change *change = &w->change;

	*change = (struct graph_change){.collection = w->collection};
	if (!graph_find(c, w->collection, w->id, &change->object, e) ||
		!graph_if_match(c, change->object.version, e))
		return false;
	change->type = graph_type_of(w->collection, &change->object);
	if (!odata_validate(c->arena, change->type, w->sent, ODATA_PATCH, &w->body, e))
		return false;
	change->sent = w->body.document;
	change->before = change->object.document;
	change->object.document =
		odata_merge(c->arena, change->type, change->before, w->body.document);
	return graph_store(c, change, e);
}

bool
graph_patch(struct call *c, struct error *e)
{
	struct write_ctx w = {.c = c, .collection = c->collection, .id = http_param(c->req, "id")};

	return graph_body(c, &w.sent, e) && store_together(c->work.session, patch_tx, &w, e) &&
		graph_look_at(c, &w.change.object, true, e) && send_written(&w, 200, e);
}

// --- delete ---

static bool
delete_tx(void *ctx, struct error *e)
{
	struct write_ctx *w = ctx;
	struct call *c = w->c;
	struct object *object = &w->change.object;

	if (!graph_find(c, w->collection, w->id, object, e) ||
		!graph_if_match(c, object->version, e))
		return false;
	if (find_default(c, w->collection, object->id))
		return error_set(e, ERR_INVALID, "a default cannot be deleted, only changed");
	const struct odata_type *type = graph_type_of(w->collection, object);
	const char *kind = w->collection->kind ? w->collection->kind(type) : NULL;
	struct graph_note note = {
		.operation = "Delete",
		.noun = w->collection->noun,
		.category = w->collection->category,
		.resource_id = graph_id(c, w->collection, object),
		.resource_name = object->name,
		.type = type,
		.before = object->document,
	};
	return (!w->collection->may_delete || w->collection->may_delete(c, object, e)) &&
		store_object_delete(&c->work, w->collection->path, object->id, kind, e) &&
		graph_note(c, &note, e);
}

bool
graph_delete(struct call *c, struct error *e)
{
	struct write_ctx w = {.c = c, .collection = c->collection, .id = http_param(c->req, "id")};

	return store_together(c->work.session, delete_tx, &w, e) && call_done(c);
}

// --- members ---

const struct json *
graph_with(struct call *c, const struct json *document, const char *name, const struct json *value)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);

	for (const struct json *v = document->first; v; v = v->next)
		if (!str_eq(v->name, name))
			json_put(&m, v->name, v);
	json_put(&m, name, value);
	return m.whole;
}

const struct json *
graph_with_int(struct call *c, const struct json *document, const char *name, int64_t value)
{
	struct json_maker m = json_make(c->arena, JSON_ARRAY);

	json_put_int(&m, NULL, value);
	return graph_with(c, document, name, m.whole->first);
}
