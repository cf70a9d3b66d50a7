// SPDX-License-Identifier: Apache-2.0
#include "ferryd/graph/edge.h"

#include "base/str.h"
#include "http/compress.h"
#include <stdlib.h>
#include <strings.h>

enum { ANSWER_MAX = 32 << 20, BODY_MAX = 4 << 20 };

enum odata_version
graph_version(const struct call *c)
{
	return str_istarts(c->req->path, "/beta") ? ODATA_BETA : ODATA_V1;
}

const char *
graph_origin(const struct call *c)
{
	if (str_empty(c->req->host))
		return c->service->base_url;
	return arena_printf(c->arena, "%s://%s",
		str_starts(c->service->base_url, "http:") ? "http" : "https", c->req->host);
}

const char *
graph_root(const struct call *c)
{
	return arena_printf(c->arena, "%s/%s", graph_origin(c),
		graph_version(c) == ODATA_BETA ? "beta" : "v1.0");
}

bool
graph_query(
	struct call *c, const struct odata_type *type, struct odata_query **out, struct error *e)
{
	return odata_query_parse(c->arena, slice_str(c->req->raw_query), out, e) &&
		odata_bind(c->arena, *out, type, graph_version(c), e);
}

int64_t
graph_page_size(const struct call *c, const struct odata_query *query, int64_t otherwise)
{
	static const char preference[] = "odata.maxpagesize=";
	const char *prefer = http_header(c->req, "Prefer");
	const char *wish = prefer ? strcasestr(prefer, preference) : NULL;
	int64_t size = query->top;

	if (size < 0 && wish)
		size = strtoll(wish + sizeof preference - 1, NULL, 10);
	if (size < 1)
		size = otherwise ? otherwise : GRAPH_PAGE;
	return size < GRAPH_MAX_PAGE ? size : GRAPH_MAX_PAGE;
}

bool
graph_body(struct call *c, const struct json **out, struct error *e)
{
	struct json_limits limits = {.max_bytes = BODY_MAX, .lenient = true};
	static const struct json nothing = {.type = JSON_OBJECT};

	*out = &nothing;
	if (!http_request_expand(c->req, BODY_MAX, e))
		return e->code == ERR_UNSUPPORTED
			? error_fault(e, ERR_UNSUPPORTED, "body_coding_unknown",
				  "the body is compressed in a way that is not understood")
			: false;
	if (c->req->body.len == 0)
		return true;
	*out = json_parse(c->arena, c->req->body, &limits, e);
	if (!*out)
		return false;
	return (*out)->type == JSON_OBJECT ||
		error_set(e, ERR_INVALID, "the body must be a JSON object");
}

const char *
graph_text(const struct json *body, const char *name)
{
	for (const struct json *m = body ? body->first : NULL; m; m = m->next)
		if (str_ieq(m->name, name))
			return m->type == JSON_STRING || m->type == JSON_NUMBER ? m->text
				: m->type == JSON_NULL				? ""
										: NULL;
	return NULL;
}

bool
graph_reference(struct call *c, const char **out, struct error *e)
{
	const struct json *body;

	if (!graph_body(c, &body, e))
		return false;
	const char *link = graph_text(body, "@odata.id"), *slash = link ? strrchr(link, '/') : NULL;
	if (!slash || !slash[1])
		return error_set(e, ERR_INVALID, "\"@odata.id\" must be the address of an object");
	const char *id = slash + 1, *quote = strchr(id, '\'');
	if (quote)
		id = arena_strndup(c->arena, quote + 1, strcspn(quote + 1, "'"));
	*out = str_lower(c->arena, id);
	return true;
}

// The link to the next page: the client's own options, and where to go on.
static const char *
next_link(struct call *c, const char *skiptoken)
{
	const char *raw = c->req->raw_query;
	struct buf link;

	buf_init(&link, c->arena, 128 << 10);
	buf_printf(&link, "%s%s?", graph_origin(c), c->req->path);
	while (*raw) {
		size_t len = strcspn(raw, "&");
		const char *name = raw,
			   *skip = strncasecmp(raw, "%24", 3) == 0 ? raw + 3
			: *raw == '$'				   ? raw + 1
								   : NULL;
		if (len && !(skip && strncasecmp(skip, "skip", 4) == 0)) {
			buf_put(&link, name, len);
			buf_putc(&link, '&');
		}
		raw += len + (raw[len] == '&');
	}
	buf_printf(&link, "$skiptoken=%s", skiptoken);
	return buf_text(&link);
}

bool
graph_send_list(struct call *c, const struct graph_answer *answer, struct error *e)
{
	struct odata_view view = {.version = graph_version(c), .query = answer->query};
	struct buf body;

	buf_init(&body, c->arena, ANSWER_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena, "%s/$metadata#%s", graph_root(c), answer->path));
	if (answer->total >= 0)
		jsonw_int(&w, "@odata.count", answer->total);
	if (answer->skiptoken)
		jsonw_str(&w, "@odata.nextLink", next_link(c, answer->skiptoken));
	jsonw_array(&w, "value");
	for (size_t i = 0; i < answer->count; i++)
		odata_write(&w, NULL, answer->type, answer->objects[i], &view);
	jsonw_end_array(&w);
	return call_send(c, 200, &w, &body, e);
}

static bool
prefers_minimal(const struct call *c)
{
	const char *prefer = http_header(c->req, "Prefer");

	return prefer && strcasestr(prefer, "return=minimal");
}

bool
graph_send_object(struct call *c, int status, const struct graph_answer *answer, int64_t version,
	struct error *e)
{
	struct odata_view view = {.version = graph_version(c), .query = answer->query};
	const struct json *object = answer->objects[0];
	const char *etag = arena_printf(c->arena, "W/\"%lld\"", (long long)version);
	const char *location = arena_printf(
		c->arena, "%s/%s/%s", graph_root(c), answer->path, json_str(object, "id"));
	struct buf body;

	if (version > 0)
		http_response_header(c->resp, "ETag", etag);
	if (status == 201)
		http_response_header(c->resp, "Location", location);
	if (c->req->method[0] == 'P' && prefers_minimal(c)) {
		http_response_header(c->resp, "Preference-Applied", "return=minimal");
		http_response_header(c->resp, "OData-EntityId", location);
		return call_done(c);
	}
	buf_init(&body, c->arena, ANSWER_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.context",
		arena_printf(c->arena, "%s/$metadata#%s/$entity", graph_root(c), answer->path));
	if (version > 0)
		jsonw_str(&w, "@odata.etag", etag);
	if (c->findings)
		jsonw_value(&w, "@ferry.findings", c->findings);
	odata_write_members(&w, answer->type, object, &view);
	return call_send(c, status, &w, &body, e);
}

bool
graph_done(struct call *c)
{
	http_response_set(c->resp, 200, NULL, slice_of(NULL, 0));
	return true;
}

bool
graph_send_value(struct call *c, const struct json *value, struct error *e)
{
	struct buf body;

	buf_init(&body, c->arena, ANSWER_MAX);
	struct jsonw w = jsonw_on(&body);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "@odata.context", arena_printf(c->arena, "%s/$metadata", graph_root(c)));
	if (c->findings)
		jsonw_value(&w, "@ferry.findings", c->findings);
	jsonw_value(&w, "value", value);
	return call_send(c, 200, &w, &body, e);
}

// "*", or a list of tags, weak or not: only what stands between the quotes counts.
static bool
tag_matches(struct call *c, const char *header, int64_t version)
{
	const char *tag = arena_printf(c->arena, "\"%lld\"", (long long)version);

	return strchr(header, '*') || strstr(header, tag);
}

bool
graph_if_match(const struct call *c, int64_t version, struct error *e)
{
	const char *header = http_header(c->req, "If-Match");
	struct call *call = (struct call *)c;

	if (!header || tag_matches(call, header, version))
		return true;
	return error_fault(e, ERR_CONFLICT, "graph_precondition_failed",
		"it was changed since it was read: If-Match is %.40s, it is W/\"%lld\"", header,
		(long long)version);
}

bool
graph_not_modified(struct call *c, int64_t version)
{
	const char *header = http_header(c->req, "If-None-Match");

	if (!header || version <= 0 || !tag_matches(c, header, version))
		return false;
	http_response_set(c->resp, 304, NULL, slice_of(NULL, 0));
	http_response_header(
		c->resp, "ETag", arena_printf(c->arena, "W/\"%lld\"", (long long)version));
	return true;
}
