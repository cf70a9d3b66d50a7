// SPDX-License-Identifier: Apache-2.0
// POST /$batch: up to 20 requests in one. Each is served as if it had come alone, through the same
// table of routes and the same check of rights.
#include "ferryd/graph/edge.h"
#include "ferryd/graph/family.h"

#include "base/str.h"
#include "codec/base64.h"
#include "ferryd/routes.h"
#include "http/parse.h"

enum {
	MAX_REQUESTS = 20,
	MAX_BODY = 4 << 20,
	MAX_HEADERS = 40,
	MAX_ID = 128,
	MAX_REPLY = 64 << 20
};

struct item {
	const char *id, *method, *url;
	const struct json *headers, *body, *depends;
	struct http_response response;
	bool done;
};

static const struct item *
find_item(const struct item *items, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i].id, id))
			return &items[i];
	return NULL;
}

static bool
read_item(const struct json *in, struct item *items, size_t count, struct error *e)
{
	struct item *item = &items[count];

	*item = (struct item){
		.id = graph_text(in, "id"),
		.method = graph_text(in, "method"),
		.url = graph_text(in, "url"),
		.headers = json_get(in, "headers"),
		.body = json_get(in, "body"),
		.depends = json_get(in, "dependsOn"),
	};
	if (str_empty(item->id) || strlen(item->id) > MAX_ID || str_empty(item->method) ||
		str_empty(item->url))
		return error_set(e, ERR_INVALID, "each request needs id, method and url");
	if (find_item(items, count, item->id))
		return error_set(e, ERR_INVALID, "the id \"%.60s\" is used twice", item->id);
	if (strstr(item->url, "://"))
		return error_set(e, ERR_INVALID, "urls are relative: \"%.80s\"", item->url);
	return true;
}

static bool
read_items(struct call *c, struct item *items, size_t *count, struct error *e)
{
	const struct json *body, *list;

	if (!graph_body(c, &body, e))
		return false;
	list = json_get(body, "requests");
	if (!list || list->type != JSON_ARRAY || list->count > MAX_REQUESTS)
		return error_set(
			e, ERR_INVALID, "requests must be a list of at most %d", MAX_REQUESTS);
	*count = 0;
	for (const struct json *in = list->first; in; in = in->next, ++*count)
		if (!read_item(in, items, *count, e))
			return false;
	for (size_t i = 0; i < *count; i++)
		for (const struct json *d = items[i].depends ? items[i].depends->first : NULL; d;
			d = d->next)
			if (d->type != JSON_STRING || !find_item(items, *count, d->text))
				return error_set(e, ERR_INVALID,
					"dependsOn of \"%.60s\" names no request", items[i].id);
	return true;
}

// --- one request ---

// Its own headers, and of the batch's only who asks.
static void
take_headers(struct call *c, const struct item *item, struct http_request *req)
{
	static const char *const inherited[] = {"Authorization", "client-request-id"};
	struct http_header *headers = arena_array(c->arena, MAX_HEADERS, sizeof *headers);
	size_t n = 0;

	for (size_t i = 0; i < 2; i++) {
		const char *value = http_header(c->req, inherited[i]);
		if (value)
			headers[n++] = (struct http_header){inherited[i], value};
	}
	for (const struct json *h = item->headers ? item->headers->first : NULL; h; h = h->next)
		if (n < MAX_HEADERS && h->name && h->type == JSON_STRING &&
			!str_ieq(h->name, "Authorization"))
			headers[n++] = (struct http_header){h->name, h->text};
	req->headers = headers;
	req->header_count = n;
}

static bool
take_body(struct call *c, const struct item *item, struct http_request *req)
{
	struct error ignored;
	const char *text;

	req->body = slice_of("", 0);
	if (!item->body || item->body->type == JSON_NULL)
		return true;
	if (item->body->type == JSON_STRING)
		return base64_decode(c->arena, slice_str(item->body->text), BASE64_STRICT, MAX_BODY,
			&req->body, &ignored);
	if (!json_text(c->arena, item->body, MAX_BODY, &text, &ignored))
		return false;
	req->body = slice_str(text);
	return true;
}

// The address below the batch's own version; false when it cannot be one.
static bool
take_address(struct call *c, const struct item *item, struct http_request *req)
{
	const char *version = graph_version(c) == ODATA_BETA ? "/beta" : "/v1.0";
	const char *url = item->url, *query = strchr(url, '?');
	size_t len = query ? (size_t)(query - url) : strlen(url);
	char *path;

	if (*url == '/') {
		url++;
		len--;
	}
	if (!http_percent_decode(c->arena, url, len, false, &path))
		return false;
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return false;
	if (strstr(path, "..") || !utf8_valid(slice_str(path)) || str_istarts(path, "$batch"))
		return false;
	req->path = arena_printf(c->arena, "%s/%s", version, path);
	req->raw_query = query ? query + 1 : "";
	return true;
}

static void
refuse(struct http_response *resp, int status, const char *code, const char *message)
{
	http_response_set(resp, status, "application/json",
		slice_str(arena_printf(resp->arena,
			"{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", code, message)));
}

static void
serve_item(struct call *c, struct item *item, const struct item *items, size_t count)
{
	struct http_request req = *c->req;

	item->done = true;
	item->response = (struct http_response){.arena = c->arena, .file_fd = -1};
	for (const struct json *d = item->depends ? item->depends->first : NULL; d; d = d->next)
		if (find_item(items, count, d->text)->response.status >= 400) {
			refuse(&item->response, 424, "FailedDependency",
				"A request that this one depends on failed.");
			return;
		}
	req.method = str_upper(c->arena, item->method);
	req.user = NULL;
	req.params = NULL;
	req.param_count = 0;
	take_headers(c, item, &req);
	if (!take_address(c, item, &req) || !take_body(c, item, &req)) {
		refuse(&item->response, 400, "BadRequest",
			"The request's url or body is malformed.");
		return;
	}
	routes_run(&req, &item->response);
	if (item->response.park_channel || item->response.file_fd >= 0)
		refuse(&item->response, 400, "BadRequest", "This cannot be part of a batch.");
}

static bool
is_ready(const struct item *item, const struct item *items, size_t count)
{
	for (const struct json *d = item->depends ? item->depends->first : NULL; d; d = d->next)
		if (!find_item(items, count, d->text)->done)
			return false;
	return true;
}

static void
write_item(struct jsonw *w, struct arena *arena, const struct item *item)
{
	const struct http_response *r = &item->response;
	struct json_limits limits = {.max_bytes = MAX_REPLY, .max_nodes = 1000000};
	struct error ignored;
	bool json = r->content_type && str_starts(r->content_type, "application/json");

	jsonw_object(w, NULL);
	jsonw_str(w, "id", item->id);
	jsonw_int(w, "status", r->status);
	jsonw_object(w, "headers");
	if (r->content_type)
		jsonw_str(w, "Content-Type", r->content_type);
	for (size_t i = 0; i < r->header_count; i++)
		jsonw_str(w, r->headers[i].name, r->headers[i].value);
	jsonw_end_object(w);
	if (r->body.len && json)
		jsonw_value(w, "body", json_parse(arena, r->body, &limits, &ignored));
	else if (r->body.len)
		jsonw_b64(w, "body", r->body);
	jsonw_end_object(w);
}

bool
graph_batch(struct call *c, struct error *e)
{
	struct item *items = arena_array(c->arena, MAX_REQUESTS, sizeof *items);
	size_t count, left;
	struct buf body;

	if (!read_items(c, items, &count, e))
		return false;
	for (left = count; left;) {
		size_t before = left;
		for (size_t i = 0; i < count; i++) {
			if (items[i].done || !is_ready(&items[i], items, count))
				continue;
			serve_item(c, &items[i], items, count);
			left--;
		}
		if (left == before)
			return error_set(e, ERR_INVALID, "dependsOn goes round in a circle");
	}
	buf_init(&body, c->arena, MAX_REPLY);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_array(&w, "responses");
	for (size_t i = 0; i < count; i++)
		write_item(&w, c->arena, &items[i]);
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}
