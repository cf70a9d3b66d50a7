// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include "base/buf.h"
#include "base/str.h"

#include <stdlib.h>
#include <strings.h>

enum { MAX_SEGMENTS = 32, MAX_METHODS = 16 };

struct node;

struct edge {
	const char *literal;
	struct node *to;
};

// One segment deep in all patterns. Edges are sorted once the tree is complete.
struct node {
	struct edge *edges;
	size_t edge_count, edge_cap;
	struct node *capture; // "{name}"
	const struct route *methods[MAX_METHODS];
	size_t method_count;
	const struct route *rest[MAX_METHODS]; // "{name*}" ends here
	size_t rest_count;
};

struct http_router {
	struct node root;
};

// A path or pattern cut at its slashes.
struct segments {
	const char *at[MAX_SEGMENTS];	// NUL-terminated copies
	const char *rest[MAX_SEGMENTS]; // the uncut text from this segment on
	size_t count;
};

static bool
is_capture(const char *segment)
{
	return segment[0] == '{';
}

static bool
is_rest(const char *segment)
{
	return is_capture(segment) && str_ends(segment, "*}");
}

static int
compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return strcasecmp(x->literal, y->literal);
}

static bool
split(struct arena *arena, const char *path, struct segments *out)
{
	out->count = 0;
	while (*path == '/' && path[1]) {
		size_t len = strcspn(path + 1, "/");
		if (out->count == MAX_SEGMENTS)
			return false;
		out->rest[out->count] = path + 1;
		out->at[out->count++] = arena_strndup(arena, path + 1, len);
		path += len + 1;
	}
	return true;
}

// --- building ---

static struct node *
child(struct arena *arena, struct node *node, const char *segment)
{
	if (is_capture(segment)) {
		if (!node->capture)
			node->capture = arena_new(arena, struct node);
		return node->capture;
	}
	for (size_t i = 0; i < node->edge_count; i++)
		if (strcasecmp(node->edges[i].literal, segment) == 0)
			return node->edges[i].to;
	if (node->edge_count == node->edge_cap) {
		size_t cap = node->edge_cap ? node->edge_cap * 2 : 4;
		struct edge *grown = arena_array(arena, cap, sizeof *grown);
		if (node->edge_count)
			memcpy(grown, node->edges, node->edge_count * sizeof *grown);
		node->edges = grown;
		node->edge_cap = cap;
	}
	struct node *to = arena_new(arena, struct node);
	node->edges[node->edge_count++] = (struct edge){segment, to};
	return to;
}

static void
sort_edges(struct node *node)
{
	if (node->edge_count)
		qsort(node->edges, node->edge_count, sizeof *node->edges, compare_edges);
	for (size_t i = 0; i < node->edge_count; i++)
		sort_edges(node->edges[i].to);
	if (node->capture)
		sort_edges(node->capture);
}

static bool
check_row(const struct route *route, const struct segments *segments, struct error *e)
{
	if (!route->method || !route->handler || !route->auth || route->pattern[0] != '/')
		return error_set(e, ERR_INTERNAL, "incomplete route %s", route->pattern);
	for (size_t i = 0; i < segments->count; i++) {
		const char *segment = segments->at[i];
		size_t len = strlen(segment);
		bool last = i + 1 == segments->count;
		if (len == 0 || (is_capture(segment) && (len < 3 || segment[len - 1] != '}')) ||
			(is_rest(segment) && (!last || len < 4)) ||
			(!is_capture(segment) && strpbrk(segment, "{}")))
			return error_set(e, ERR_INTERNAL, "malformed route %s", route->pattern);
	}
	return true;
}

static bool
add_row(const struct route **rows, size_t *count, const struct route *route, struct error *e)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(rows[i]->method, route->method) == 0)
			return error_set(e, ERR_INTERNAL, "two routes for %s: %s and %s",
				route->method, rows[i]->pattern, route->pattern);
	if (*count == MAX_METHODS)
		return error_set(e, ERR_INTERNAL, "too many methods for %s", route->pattern);
	rows[(*count)++] = route;
	return true;
}

bool
http_router_compile(struct arena *arena, const struct route *routes, size_t count,
	struct http_router **out, struct error *e)
{
	struct http_router *router = arena_new(arena, struct http_router);

	for (size_t i = 0; i < count; i++) {
		struct segments segments;
		struct node *node = &router->root;
		if (!split(arena, routes[i].pattern, &segments))
			return error_set(e, ERR_INTERNAL, "too deep: %s", routes[i].pattern);
		if (!check_row(&routes[i], &segments, e))
			return false;
		bool rest = segments.count && is_rest(segments.at[segments.count - 1]);
		for (size_t k = 0; k + rest < segments.count; k++)
			node = child(arena, node, segments.at[k]);
		if (!(rest ? add_row(node->rest, &node->rest_count, &routes[i], e)
			   : add_row(node->methods, &node->method_count, &routes[i], e)))
			return false;
	}
	sort_edges(&router->root);
	*out = router;
	return true;
}

// --- finding ---

struct search {
	const struct segments *path;
	const char *method;
	const char *allow[MAX_METHODS];
	size_t allow_count;
	const struct route *found;
};

static void
allow(struct search *search, const char *method)
{
	for (size_t i = 0; i < search->allow_count; i++)
		if (strcmp(search->allow[i], method) == 0)
			return;
	if (search->allow_count < MAX_METHODS)
		search->allow[search->allow_count++] = method;
}

static bool
choose(struct search *search, const struct route *const *rows, size_t count)
{
	const struct route *get = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i]->method, search->method) == 0)
			search->found = rows[i];
		if (strcmp(rows[i]->method, "GET") == 0)
			get = rows[i];
		allow(search, rows[i]->method);
		if (get)
			allow(search, "HEAD");
	}
	if (!search->found && strcmp(search->method, "HEAD") == 0)
		search->found = get;
	return search->found != NULL;
}

// Depth is bounded by the patterns, and at each level there are two ways at most.
static bool
walk(struct search *search, const struct node *node, size_t depth)
{
	if (depth == search->path->count) {
		if (choose(search, node->methods, node->method_count))
			return true;
		return choose(search, node->rest, node->rest_count);
	}
	const char *segment = search->path->at[depth];
	struct edge key = {.literal = segment};
	const struct edge *edge = node->edge_count
		? bsearch(&key, node->edges, node->edge_count, sizeof *node->edges, compare_edges)
		: NULL;
	if (edge && walk(search, edge->to, depth + 1))
		return true;
	if (node->capture && *segment && walk(search, node->capture, depth + 1))
		return true;
	return choose(search, node->rest, node->rest_count);
}

// "x('it''s')" -> "x", "it's"; "x(7)" -> "x", "7". False: not of this form.
static bool
split_key(struct arena *arena, const char *segment, const char **name, const char **key)
{
	size_t len = strlen(segment), open = strcspn(segment, "(");

	if (open == 0 || open + 2 >= len || segment[len - 1] != ')')
		return false;
	const char *from = segment + open + 1, *end = segment + len - 1;
	bool quoted = *from == '\'';
	if (quoted && (end - from < 3 || end[-1] != '\''))
		return false;
	from += quoted;
	end -= quoted;
	char *value = arena_alloc(arena, (size_t)(end - from) + 1), *to = value;
	for (const char *p = from; p < end; p++) {
		if (*p == '\'' && (!quoted || ++p == end || *p != '\''))
			return false;
		if (!quoted && strchr("(),= ", *p))
			return false;
		*to++ = *p;
	}
	*name = arena_strndup(arena, segment, open);
	*key = value;
	return true;
}

static bool
expand_keys(struct arena *arena, const struct segments *path, struct segments *out)
{
	bool any = false;

	out->count = 0;
	for (size_t i = 0; i < path->count; i++) {
		const char *name, *key;
		bool has_key = split_key(arena, path->at[i], &name, &key);
		if (out->count + 1 + has_key > MAX_SEGMENTS)
			return false;
		out->rest[out->count] = path->rest[i];
		out->at[out->count++] = has_key ? name : path->at[i];
		if (!has_key)
			continue;
		any = true;
		out->rest[out->count] = path->rest[i];
		out->at[out->count++] = key;
	}
	return any;
}

static void
capture(struct arena *arena, const struct segments *path, struct http_match *out)
{
	struct segments pattern;

	if (!split(arena, out->route->pattern, &pattern))
		return;
	out->params = arena_array(arena, pattern.count, sizeof *out->params);
	for (size_t i = 0; i < pattern.count; i++) {
		const char *segment = pattern.at[i];
		if (!is_capture(segment))
			continue;
		bool rest = is_rest(segment);
		struct http_param *param = &out->params[out->param_count++];
		param->name = arena_strndup(arena, segment + 1, strlen(segment) - 2 - rest);
		param->value = !rest ? path->at[i] : i < path->count ? path->rest[i] : "";
	}
}

void
http_router_find(const struct http_router *router, struct arena *arena, const char *method,
	const char *path, struct http_match *out)
{
	struct segments plain, keyed;
	struct search search = {.path = &plain, .method = method};

	*out = (struct http_match){0};
	if (!split(arena, path, &plain))
		return;
	if (!walk(&search, &router->root, 0) && expand_keys(arena, &plain, &keyed)) {
		search.path = &keyed;
		walk(&search, &router->root, 0);
	}
	if (search.found) {
		out->route = search.found;
		capture(arena, search.path, out);
	} else if (search.allow_count) {
		struct buf b;
		buf_init(&b, arena, 512);
		for (size_t i = 0; i < search.allow_count; i++)
			buf_printf(&b, "%s%s", i ? ", " : "", search.allow[i]);
		out->allow = buf_text(&b);
	}
}

void
http_router_serve(const struct http_router *router, struct http_request *req,
	struct http_response *resp,
	bool (*may_enter)(
		const struct route *route, struct http_request *req, struct http_response *resp))
{
	struct http_match match;

	http_router_find(router, req->arena, req->method, req->path, &match);
	if (!match.route) {
		http_response_set(resp, match.allow ? 405 : 404, "text/plain; charset=utf-8",
			slice_str(match.allow ? "method not allowed\n" : "not found\n"));
		if (match.allow)
			http_response_header(resp, "Allow", match.allow);
		return;
	}
	req->params = match.params;
	req->param_count = match.param_count;
	if (may_enter(match.route, req, resp))
		match.route->handler(req, resp);
}
