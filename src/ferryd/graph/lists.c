// SPDX-License-Identifier: Apache-2.0
// Lists, counts and single objects of both storages.
#include "ferryd/graph/edge.h"

#include "base/str.h"
#include "wire/odata/eval.h"
#include "wire/odata/token.h"
#include <stdlib.h>

// --- expanding ---

static bool
expand_object(struct call *c, const struct graph_collection *collection,
	const struct odata_query *query, const struct object *document, struct json_maker *m,
	struct error *e)
{
	for (size_t i = 0; i < query->expand_count; i++) {
		const struct odata_expand *expand = &query->expand[i];
		const struct odata_property *p = expand->path.properties[expand->path.count - 1];
		const struct json *value;
		if (document && p->complex == &graph_assignment) {
			if (!graph_assignments(c, collection, document, &value, e))
				return false;
			json_put(m, p->name, value);
		} else if (collection->expand && !collection->expand(c, expand, m->whole, m, e)) {
			return false;
		}
	}
	return true;
}

// An object of a view as one that members can be added to.
static struct json_maker
reopen(struct arena *arena, const struct json *object)
{
	struct json_maker m = json_make(arena, JSON_OBJECT);

	for (const struct json *v = object->first; v; v = v->next)
		json_put(&m, v->name, v);
	return m;
}

static bool
expand_view_object(struct call *c, const struct graph_collection *collection,
	const struct odata_query *query, const struct json **object, struct error *e)
{
	if (!query->expand_count)
		return true;
	struct json_maker m = reopen(c->arena, *object);
	*object = m.whole;
	return expand_object(c, collection, query, NULL, &m, e);
}

// --- views ---

enum { VIEW_PARAMS = 2 };

static struct view_request
view_request(struct call *c, const struct view *view, const char *path, struct db_param *params,
	const struct odata_query *query)
{
	return (struct view_request){
		.view = view,
		.collection = arena_printf(
			c->arena, "%s/%s", graph_version(c) == ODATA_BETA ? "beta" : "v1.0", path),
		.query = query,
		.params = params,
		.page = GRAPH_PAGE,
	};
}

static bool
send_view(struct call *c, const struct graph_collection *collection, struct view_request *request,
	const char *path, struct odata_query *query, struct error *e)
{
	struct view_page page;
	struct graph_answer answer = {
		.path = path, .type = request->view->type, .query = query, .total = -1};

	request->page = graph_page_size(c, query, collection ? collection->page : 0);
	if (!store_view_page(&c->work, request, &page, e))
		return false;
	for (size_t i = 0; collection && i < page.count; i++)
		if (!expand_view_object(c, collection, query, &page.objects[i], e))
			return false;
	// Counting everything on every page would cost more than the page: only who asks is told,
	// and who has seen everything.
	if (query->count && !store_view_count(&c->work, request, &answer.total, e))
		return false;
	if (!query->count && !page.skiptoken && !query->skiptoken && !query->skip)
		answer.total = (int64_t)page.count;
	answer.objects = page.objects;
	answer.count = page.count;
	answer.skiptoken = page.skiptoken;
	return graph_send_list(c, &answer, e);
}

static struct view_request
collection_request(struct call *c, const struct graph_collection *collection,
	struct db_param *params, const struct odata_query *query)
{
	struct view_request request =
		view_request(c, collection->view, collection->path, params, query);

	if (collection->params)
		collection->params(c, params, &request.param_count);
	return request;
}

bool
graph_list_view(struct call *c, const struct view *view, const char *path, const char *parameter,
	struct error *e)
{
	struct db_param params[VIEW_PARAMS];
	struct odata_query *query;

	if (!graph_query(c, view->type, &query, e))
		return false;
	struct view_request request = view_request(c, view, path, params, query);
	if (parameter)
		params[request.param_count++] = DB_TEXT(str_lower(c->arena, parameter));
	return send_view(c, NULL, &request, path, query, e);
}

bool
graph_view_object(struct call *c, const struct graph_collection *collection, const char *id,
	const struct json **out, struct error *e)
{
	struct db_param params[VIEW_PARAMS];
	struct view_request request = collection_request(c, collection, params, NULL);
	const char *column = "id", *key = strchr(id, '=');

	// devices(deviceId='…'): an alternate key.
	if (key) {
		const struct odata_property *p = odata_property_find(
			collection->type, arena_strndup(c->arena, id, (size_t)(key - id)));
		if (!p || !p->column || p->kind != OD_STRING || (p->flags & OD_LIST))
			return error_set(e, ERR_INVALID, "'%.60s' is no key", id);
		column = p->column;
		id = key + 1;
	} else if (collection == &graph_users && strchr(id, '@')) {
		column = "upn"; // users/name@domain
	}
	if (store_view_one(&c->work, &request, column, id, out, e))
		return true;
	return e->code == ERR_NOT_FOUND ? error_set(e, ERR_NOT_FOUND,
						  "Resource '%.80s' does not exist or one of its "
						  "queried reference-property objects are not "
						  "present.",
						  id)
					: false;
}

// --- documents ---

static bool
all_documents(struct call *c, const struct graph_collection *collection, const struct json ***out,
	struct object **documents, size_t *count, struct error *e)
{
	struct object *stored, one;
	size_t n = 0, stored_count;

	if (!store_objects(&c->work, collection->path, &stored, &stored_count, e))
		return false;
	const struct graph_default *d = collection->defaults;
	for (*count = 0; d && d[*count].key;)
		++*count;
	size_t room = *count + stored_count + 1;
	*out = arena_array(c->arena, room, sizeof **out);
	*documents = arena_array(c->arena, room, sizeof **documents);
	for (; d && d->key; d++) {
		if (!graph_find(c, collection,
			    collection->default_ids_are_keys
				    ? d->key
				    : arena_printf(c->arena, "%s_%s", c->work.tenant_id, d->key),
			    &one, e))
			return false;
		(*documents)[n++] = one;
	}
	for (size_t i = 0; i < stored_count; i++) {
		bool is_default = false;
		for (size_t k = 0; k < *count; k++)
			is_default |= str_eq((*documents)[k].id, stored[i].id);
		if (!is_default)
			(*documents)[n++] = stored[i];
	}
	for (size_t i = 0; i < n; i++)
		(*out)[i] = graph_object(c, collection, &(*documents)[i]).whole;
	*count = n;
	return true;
}

static const char *
age(const struct json *object)
{
	const char *made = json_str(object, "createdDateTime");

	return made && !str_eq(made, GRAPH_NO_DATE) ? made : "~";
}

// Without $orderby, and among equals: oldest first, and last what nobody has made or changed, as it
// has the least priority.
static int
by_age(const void *a, const void *b)
{
	const struct json *x = *(const struct json *const *)a, *y = *(const struct json *const *)b;
	const char *left = json_str(x, "id"), *right = json_str(y, "id");
	int order = strcmp(age(x), age(y));

	return order ? order : strcmp(left ? left : "", right ? right : "");
}

static const struct json *
token_value(struct call *c, const struct odata_token *token, size_t i)
{
	struct error ignored;

	if (i >= token->count || token->values[i].kind != ODATA_TOKEN_TEXT)
		return NULL;
	return json_parse(c->arena, slice_str(token->values[i].text), NULL, &ignored);
}

// What the sort sees of the last row of the page before: its values along $orderby, age and id.
static const struct json *
marker(struct call *c, const struct odata_query *query, const struct odata_token *token)
{
	struct json_maker m = json_make(c->arena, JSON_OBJECT);

	for (size_t i = 0; i < query->order_count; i++) {
		const struct odata_path *path = &query->order[i].path;
		const struct json *value = token_value(c, token, i);
		for (size_t k = path->count; value && k-- > 1;) {
			struct json_maker inner = json_make(c->arena, JSON_OBJECT);
			json_put(&inner, path->properties[k]->name, value);
			value = inner.whole;
		}
		if (value && !json_get(m.whole, path->properties[0]->name))
			json_put(&m, path->properties[0]->name, value);
	}
	const struct json *made = token_value(c, token, query->order_count);
	if (made && !json_get(m.whole, "createdDateTime"))
		json_put(&m, "createdDateTime", made);
	if (!json_get(m.whole, "id"))
		json_put_str(&m, "id", token->id);
	return m.whole;
}

static const struct json *
value_at(const struct json *object, const struct odata_path *path)
{
	for (size_t i = 0; i < path->count; i++)
		object = json_get(object, path->properties[i]->name);
	return object;
}

static uint64_t
list_hash(
	struct call *c, const struct graph_collection *collection, const struct odata_query *query)
{
	return odata_query_hash(c->arena,
		arena_printf(c->arena, "%s/%s/%d", c->work.tenant_id, collection->path,
			graph_version(c)),
		query);
}

static bool
add_value(struct call *c, struct odata_token *token, const struct json *value, struct error *e)
{
	struct odata_token_value *v = &token->values[token->count++];

	v->kind = value ? ODATA_TOKEN_TEXT : ODATA_TOKEN_NULL;
	return !value || json_text(c->arena, value, 2048, &v->text, e);
}

static bool
make_token(struct call *c, const struct graph_collection *collection,
	const struct odata_query *query, const struct json *last, const char **out, struct error *e)
{
	struct odata_token token = {
		.query = list_hash(c, collection, query), .id = json_str(last, "id")};

	if (query->order_count >= ODATA_TOKEN_VALUES)
		return error_set(e, ERR_LIMIT, "$orderby takes at most %d properties here",
			ODATA_TOKEN_VALUES - 1);
	for (size_t i = 0; i < query->order_count; i++)
		if (!add_value(c, &token, value_at(last, &query->order[i].path), e))
			return false;
	return add_value(c, &token, json_get(last, "createdDateTime"), e) &&
		odata_token_encode(c->arena, &token, out, e);
}

// Sort, and go to the row after the one that the token names, whether that still exists or not: a
// stand-in with its values is sorted along.
static bool
place(struct call *c, const struct graph_collection *collection, const struct odata_query *query,
	const struct json **objects, size_t *count, size_t *first, struct error *e)
{
	struct odata_token token;
	const struct json *stand_in = NULL;

	*first = 0;
	if (query->skiptoken) {
		if (!odata_token_decode(
			    c->arena, query->skiptoken, list_hash(c, collection, query), &token, e))
			return false;
		stand_in = marker(c, query, &token);
		for (size_t i = 0; i < *count; i++)
			if (str_eq(json_str(objects[i], "id"), token.id)) {
				memmove(&objects[i], &objects[i + 1],
					(*count - i - 1) * sizeof *objects);
				--*count;
				break;
			}
		objects[(*count)++] = stand_in;
	}
	qsort(objects, *count, sizeof *objects, by_age);
	odata_sort(c->arena, objects, *count, query, collection->type);
	for (size_t i = 0; stand_in && i < *count; i++)
		if (objects[i] == stand_in)
			*first = i + 1;
	if (!query->skiptoken)
		*first = (size_t)query->skip < *count ? (size_t)query->skip : *count;
	return true;
}

static bool
list_documents(struct call *c, const struct graph_collection *collection, struct odata_query *query,
	struct error *e)
{
	const struct json **objects;
	struct object *documents;
	size_t all, count = 0, first;

	if (!all_documents(c, collection, &objects, &documents, &all, e))
		return false;
	const struct json **found = arena_array(c->arena, all + 2, sizeof *found);
	for (size_t i = 0; i < all; i++)
		if (odata_query_matches(query, collection->type, objects[i]))
			found[count++] = objects[i];
	int64_t total = (int64_t)count;
	size_t size = (size_t)graph_page_size(c, query, GRAPH_MAX_PAGE);
	if (!place(c, collection, query, found, &count, &first, e))
		return false;
	size_t n = count - first < size ? count - first : size;
	struct graph_answer answer = {
		.path = collection->path,
		.type = collection->type,
		.query = query,
		.objects = found + first,
		.count = n,
		.total = total,
	};
	if (n && count - first > n &&
		!make_token(c, collection, query, found[first + n - 1], &answer.skiptoken, e))
		return false;
	for (size_t i = 0; query->expand_count && i < n; i++)
		for (size_t k = 0; k < all; k++) {
			if (objects[k] != found[first + i])
				continue;
			struct json_maker m = reopen(c->arena, objects[k]);
			found[first + i] = m.whole;
			if (!expand_object(c, collection, query, &documents[k], &m, e))
				return false;
			break;
		}
	return graph_send_list(c, &answer, e);
}

// --- handlers ---

bool
graph_list(struct call *c, struct error *e)
{
	const struct graph_collection *collection = c->collection;
	struct db_param params[VIEW_PARAMS];
	struct odata_query *query;

	if (!graph_query(c, collection->type, &query, e))
		return false;
	if (!collection->view)
		return list_documents(c, collection, query, e);
	struct view_request request = collection_request(c, collection, params, query);
	return send_view(c, collection, &request, collection->path, query, e);
}

// GET …/$count: a number as text.
bool
graph_count(struct call *c, struct error *e)
{
	const struct graph_collection *collection = c->collection;
	struct db_param params[VIEW_PARAMS];
	struct odata_query *query;
	int64_t total = 0;

	if (!graph_query(c, collection->type, &query, e))
		return false;
	if (collection->view) {
		struct view_request request = collection_request(c, collection, params, query);
		if (!store_view_count(&c->work, &request, &total, e))
			return false;
	} else {
		const struct json **objects;
		struct object *documents;
		size_t count;
		if (!all_documents(c, collection, &objects, &documents, &count, e))
			return false;
		for (size_t i = 0; i < count; i++)
			total += odata_query_matches(query, collection->type, objects[i]);
	}
	http_response_set(c->resp, 200, "text/plain",
		slice_str(arena_printf(c->arena, "%lld", (long long)total)));
	return true;
}

static bool
get_document(struct call *c, const struct graph_collection *collection, const char *id,
	struct odata_query *query, struct error *e)
{
	struct object found;

	if (!graph_find(c, collection, id, &found, e))
		return false;
	if (graph_not_modified(c, found.version))
		return true;
	struct json_maker m = graph_object(c, collection, &found);
	if (!expand_object(c, collection, query, &found, &m, e))
		return false;
	const struct json *object = m.whole;
	struct graph_answer answer = {
		.path = collection->path,
		.type = collection->type,
		.query = query,
		.objects = &object,
		.count = 1,
	};
	return graph_send_object(c, 200, &answer, found.version, e);
}

bool
graph_get(struct call *c, struct error *e)
{
	const struct graph_collection *collection = c->collection;
	const char *id = http_param(c->req, "id");
	const struct json *object;
	struct odata_query *query;

	if (!graph_query(c, collection->type, &query, e))
		return false;
	if (!collection->view)
		return get_document(c, collection, id, query, e);
	if (!graph_view_object(c, collection, id, &object, e) ||
		!expand_view_object(c, collection, query, &object, e))
		return false;
	struct graph_answer answer = {
		.path = collection->path,
		.type = collection->type,
		.query = query,
		.objects = &object,
		.count = 1,
	};
	return graph_send_object(c, 200, &answer, 0, e);
}
