// SPDX-License-Identifier: Apache-2.0
// Names of a query against a type: what the parts of odata_bind share.
#pragma once

#include "wire/odata/type.h"

struct binder {
	struct arena *arena;
	const struct odata_type *type;
	enum odata_version version;
	const char *option; // "$filter": what errors begin with
	struct error *e;
};

// ERR_INVALID "$filter column 12: …"; always false.
bool bind_fail(struct binder *b, size_t column, const char *fmt, ...) PRINTF_LIKE(3, 4);

// The properties that have `flag`, as the hint of an error; always false.
bool bind_hint_usable(struct binder *b, const struct odata_type *type, unsigned flag);

// Resolve a path that begins at `type`. *last is its last property, NULL when it ends with a cast;
// *end the type at its end, NULL when that is no object.
bool bind_path(struct binder *b, struct odata_path *path, const struct odata_type *type,
	const struct odata_property **last, const struct odata_type **end) MUST_CHECK;

// A literal becomes one of the property's kind; `column` for errors.
bool bind_literal(struct binder *b, struct odata_literal *literal, size_t column,
	const struct odata_property *property) MUST_CHECK;

bool bind_filter(struct binder *b, struct odata_node *filter) MUST_CHECK;
bool bind_search(struct binder *b, const char *text, struct odata_node **out) MUST_CHECK;
