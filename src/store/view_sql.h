// SPDX-License-Identifier: Apache-2.0
// The text that is composed around a view, and the parameters it uses. Only the view's own files.
#pragma once

#include "store/driver.h"
#include "store/view.h"

struct view_sql {
	struct arena *arena;
	enum db_kind kind;
	const struct view *view;
	struct buf text; // what comes after the view's SELECT
	struct db_param params[DB_MAX_PARAMS];
	size_t count;	// of params
	bool by_values; // db_composed.by_values
	struct error *e;
	bool failed;
};

// A value in SQL. Never NULL where `null` is false.
struct view_value {
	const char *sql;
	bool number; // else text
	bool null;   // may be NULL
	enum view_fold fold;
	const char *prefix;		       // stands before the text, in every row
	const struct odata_property *property; // where it comes from
	const struct odata_literal *literal;
};

// Add a parameter and give its text, as "CAST($5 AS TEXT)".
const char *view_text_param(struct view_sql *s, const char *text);
const char *view_int_param(struct view_sql *s, int64_t value);

// ERR_INVALID once; everything after it does nothing.
void view_fail(struct view_sql *s, const char *fmt, ...) PRINTF_LIKE(2, 3);

// The element that the variable of an any or all stands for.
struct view_element {
	const struct odata_node *lambda;
	struct view_value value;
	const struct view_element *outer;
};

// A node of a filter as a value; `element` is what variables stand for, from the innermost out.
struct view_value view_value_of(
	struct view_sql *s, const struct odata_node *node, const struct view_element *element);

bool view_literal_is_text(const struct odata_literal *l);

// prefix || text, where the prefix cannot be taken out of the comparison.
struct view_value view_whole_text(struct view_sql *s, struct view_value v);

// A literal as a parameter that can be compared with `other`.
struct view_value view_settled(
	struct view_sql *s, struct view_value v, const struct view_value *other);

// Members of an enumeration are ordered by their numbers.
struct view_value view_by_number(struct view_sql *s, struct view_value v);

// The columns that a list property consists of, and the condition that one holds something.
const struct view_part *view_parts(
	struct view_sql *s, const struct odata_node *path, size_t *count);
const char *view_part_present(struct view_sql *s, const struct view_part *part);

// A property as a value to compare or to sort by.
struct view_value view_property(struct view_sql *s, const struct odata_path *path);

// Append the condition of a bound filter: never NULL in any row (wire/odata/eval.h says what it
// means).
void view_filter(struct view_sql *s, const struct odata_node *node);

// Its value, with every member of an enumeration as its number and nulls below everything.
const char *view_sort_key(struct view_sql *s, const struct odata_path *path, bool *number);
