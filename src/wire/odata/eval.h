// SPDX-License-Identifier: Apache-2.0
// What a bound query means: which documents a filter takes, and in which order they stand.
#pragma once

#include "wire/odata/type.h"

// Does the object pass? `filter` was bound against `type`; NULL takes everything. `object` is a
// document as odata_validate makes them.
//
// Meaning, which SQL made of the same tree must share:
// - Text (strings, GUIDs, enum members in functions) is compared without regard to the case of
//   ASCII letters, everywhere: eq, ne, in, gt…, contains, startswith, endswith. As SQLite's
//   lower().
// - A property that is absent has its table's `initial` value, else null.
// - There is no third truth value. null eq null is true, ne is not eq; gt, ge, lt, le, contains,
//   startswith and endswith with a null are false (so their `not` is true).
// - any() of an empty or absent list is false, all() true; its $count is 0.
// - Enums are equal by member and ordered by value; dates and durations by time.
bool odata_filter_matches(
	const struct odata_node *filter, const struct odata_type *type, const struct json *object);

// $filter and $search of a query together.
bool odata_query_matches(
	const struct odata_query *query, const struct odata_type *type, const struct json *object);

// Sort in place, stable: null first (last when descending), else as the comparisons above.
void odata_sort(struct arena *arena, const struct json **objects, size_t count,
	const struct odata_query *query, const struct odata_type *type);
