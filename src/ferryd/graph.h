// SPDX-License-Identifier: Apache-2.0
// What the Graph resources share: collections, targets of assignments, identifiers in paths.
#pragma once

#include "ferryd/service.h"
#include "store/preflight.h"
#include "store/profiles.h"

// Open {"@odata.context":…,"value":[ in `body`.
struct jsonw graph_collection(struct call *c, struct buf *body, const char *context);
bool graph_collection_send(
	struct call *c, struct jsonw *w, struct buf *body, struct error *e) MUST_CHECK;

// Read assignment targets (graph-api.md section 6) and replace the object's assignments.
bool graph_assign(
	struct call *c, const char *object_kind, const char *object_id, struct error *e) MUST_CHECK;

// A list of rows, each written by `row` as an object of the collection.
bool graph_list(struct call *c, int query, const char *context,
	bool (*row)(struct db_rows *rows, const struct work *w, void *ctx, struct error *e),
	struct error *e) MUST_CHECK;

// {"findings":[{severity,fault,text,title,fix,devices,examples}],"devices","ready"} of a preflight,
// as members of the open object.
void preflight_write(struct jsonw *w, const struct preflight_report *report);

// What the service knows of its trust stores, for a preflight.
void trust_facts(struct call *c, struct trust_fact facts[MAX_TRUST_STORES], size_t *count);
