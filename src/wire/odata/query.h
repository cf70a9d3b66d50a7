// SPDX-License-Identifier: Apache-2.0
// The query options of a URL as Microsoft Graph reads them: $filter and its grammar, $select,
// $expand, $orderby, $search and paging, as trees that know no property yet.
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/slice.h"

struct odata_property;
struct odata_type;

enum {
	ODATA_MAX_FILTER = 4096,    // bytes, decoded
	ODATA_MAX_DEPTH = 32,	    // of a filter
	ODATA_MAX_NODES = 500,	    // of a filter
	ODATA_MAX_TOP = 999999,	    // larger is refused; the caller caps what it serves
	ODATA_MAX_SEGMENTS = 8,	    // of a property path
	ODATA_MAX_ITEMS = 100,	    // of $select, $expand, $orderby
	ODATA_MAX_NESTING = 4,	    // of $expand in $expand
	ODATA_MAX_OPTION = 8192,    // bytes of any other option, decoded
	ODATA_MAX_QUERY = 64 * 1024 // bytes of the whole string
};

// What a node of a filter is. Operands stand in first → next, in the order of the text.
enum odata_op {
	ODATA_OR,  // two operands or more
	ODATA_AND, // two operands or more
	ODATA_NOT, // one
	ODATA_EQ,  // two, as everywhere below unless noted
	ODATA_NE,
	ODATA_GT,
	ODATA_GE,
	ODATA_LT,
	ODATA_LE,
	ODATA_IN, // a value, then one or more literals
	ODATA_CONTAINS,
	ODATA_STARTSWITH,
	ODATA_ENDSWITH,
	ODATA_ISOF, // none (the object itself) or one path; type_name
	ODATA_ANY,  // a path to a list; then a condition, unless it was any()
	ODATA_ALL,
	ODATA_TOLOWER, // one; values from here on
	ODATA_TOUPPER,
	ODATA_LENGTH,
	ODATA_COUNT, // one path to a list: path/$count
	ODATA_PATH,
	ODATA_LITERAL,
	ODATA_OP_COUNT
};

enum odata_literal_kind {
	ODATA_LIT_NULL,
	ODATA_LIT_BOOL,	    // integer 0 or 1
	ODATA_LIT_INT,	    // integer
	ODATA_LIT_DOUBLE,   // number; text as written
	ODATA_LIT_STRING,   // text, quotes undoubled
	ODATA_LIT_DATE,	    // integer: time_us
	ODATA_LIT_GUID,	    // text in lower case
	ODATA_LIT_DURATION, // integer: microseconds
	ODATA_LIT_ENUM,	    // text: the member; type_name as written, or NULL once bound from a
			    // string; integer: the member's value once bound
};

struct odata_literal {
	enum odata_literal_kind kind;
	const char *text; // NUL-terminated UTF-8, "" where the kind has none
	size_t len;
	int64_t integer;
	double number; // of INT and DOUBLE
	const char *type_name;
};

// a/microsoft.graph.b/c: the names as written; properties after odata_bind (NULL for a cast).
struct odata_path {
	const char **names;
	const struct odata_property **properties;
	size_t count;
	size_t column; // 1-based, in characters of the decoded option
};

struct odata_node {
	enum odata_op op;
	size_t column;
	struct odata_node *first, *next;
	const char *variable;	       // any, all: the variable's name, NULL for any()
	const char *type_name;	       // isof
	const struct odata_type *type; // isof, after odata_bind
	struct odata_literal literal;
	// ODATA_PATH: where it starts: NULL for the object, or the any/all whose variable it names
	// (the variable is not among path.names then).
	const struct odata_node *root;
	struct odata_path path;
	// After odata_bind: the property whose value this is (a path's last one; of a variable
	// alone the list it runs over), NULL where there is none.
	const struct odata_property *property;
};

struct odata_order {
	struct odata_path path;
	bool descending;
};

struct odata_query;

struct odata_expand {
	struct odata_path path;
	struct odata_query *options; // never NULL
};

struct odata_query {
	struct odata_node *filter; // NULL: all
	struct odata_path *select;
	size_t select_count; // 0: everything
	struct odata_expand *expand;
	size_t expand_count;
	struct odata_order *order;
	size_t order_count;
	int64_t top;  // -1: not given; else 1..ODATA_MAX_TOP
	int64_t skip; // 0: not given
	bool count;
	const char *search;	       // text of $search, or NULL
	struct odata_node *search_for; // the same as a filter, after odata_bind
	const char *skiptoken;	       // or NULL; see token.h
};

// Read the query string of a URL: still percent-encoded, without '?', '+' is a space. Names of
// options are case-insensitive; options without '$' are other people's and ignored. ERR_INVALID
// with "$filter column 12: …" (characters of the decoded option, or "query column" of the raw
// string) and what would be possible in the hint; ERR_LIMIT; ERR_UNSUPPORTED.
bool odata_query_parse(struct arena *arena, struct slice raw, struct odata_query **out,
	struct error *e) MUST_CHECK;

// Read one filter, decoded.
bool odata_filter_parse(
	struct arena *arena, const char *text, struct odata_node **out, struct error *e) MUST_CHECK;

// A filter as text in one canonical form, which parses to an equal tree; also of a bound one.
const char *odata_filter_print(struct arena *arena, const struct odata_node *node);
// $orderby likewise: "a/b desc,c".
const char *odata_order_print(struct arena *arena, const struct odata_query *query);
