// SPDX-License-Identifier: Apache-2.0
// Everything that the generated documents must name: types with what they consist of, enumerations,
// collections, each once.
#pragma once

#include "ferryd/graph/collection.h"

enum { DOCUMENTED_MAX = 256 };

struct documented {
	const struct odata_type *types[DOCUMENTED_MAX];
	const struct odata_enum *enums[DOCUMENTED_MAX];
	const struct graph_collection *collections[DOCUMENTED_MAX];
	size_t type_count, enum_count, collection_count;
};

// Types and enumerations by name: what two tables call the same is one.
void documented_collect(struct arena *arena, struct documented *out);
