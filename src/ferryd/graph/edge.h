// SPDX-License-Identifier: Apache-2.0
// Requests and answers in the manners of Microsoft Graph: versions, query options, links, entity
// tags, audit (graph-api.md section 1, clients-and-conventions.md section 2.3).
#pragma once

#include "ferryd/graph/collection.h"

enum { GRAPH_PAGE = 100, GRAPH_MAX_PAGE = 999 };

enum odata_version graph_version(const struct call *c);

// "https://host" as the client wrote it, and with "/v1.0" or "/beta".
const char *graph_origin(const struct call *c);
const char *graph_root(const struct call *c);

// The query options, bound to a type.
bool graph_query(struct call *c, const struct odata_type *type, struct odata_query **out,
	struct error *e) MUST_CHECK;

// Objects a page: $top, else Prefer: odata.maxpagesize, else `otherwise`.
int64_t graph_page_size(const struct call *c, const struct odata_query *query, int64_t otherwise);

// The request's body, read as leniently as the community's tools need it; an empty one is {}.
bool graph_body(struct call *c, const struct json **out, struct error *e) MUST_CHECK;

// The id at the end of the body's "@odata.id", in lower case. ERR_INVALID.
bool graph_reference(struct call *c, const char **out, struct error *e) MUST_CHECK;

struct graph_answer {
	const char *path; // for @odata.context
	const struct odata_type *type;
	const struct odata_query *query; // NULL: everything
	const struct json **objects;
	size_t count;
	const char *skiptoken; // of the next page
	int64_t total;	       // -1: not said
};

bool graph_send_list(struct call *c, const struct graph_answer *answer, struct error *e) MUST_CHECK;

// One object. 201 sets Location; `version` > 0 sets ETag.
bool graph_send_object(struct call *c, int status, const struct graph_answer *answer,
	int64_t version, struct error *e) MUST_CHECK;

// An action is done: 200 without content, which Microsoft's companion app takes for success where
// the documented 204 is not (section 2.3).
bool graph_done(struct call *c);

// {"@odata.context":…,"value":<value>}: the result of an action.
bool graph_send_value(struct call *c, const struct json *value, struct error *e) MUST_CHECK;

// If-Match: ERR_CONFLICT with fault graph_precondition_failed. If-None-Match: true when the client
// has it already (answer 304).
bool graph_if_match(const struct call *c, int64_t version, struct error *e) MUST_CHECK;
bool graph_not_modified(struct call *c, int64_t version);

// One entry of the audit log, in the transaction of the change. `before`, `after`: documents of
// `type` or NULL; what differs is noted, OD_SECRET is not.
struct graph_note {
	const char *operation; // "Create", "Patch", "Delete", "Action"
	const char *action;    // NULL: the operation
	const char *noun, *category, *resource_id, *resource_name;
	const struct odata_type *type;
	const struct json *before, *after;
};
bool graph_note(struct call *c, const struct graph_note *note, struct error *e) MUST_CHECK;

// A string member of a body, NULL when it is absent; null reads as "".
const char *graph_text(const struct json *body, const char *name);
