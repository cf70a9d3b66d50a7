// SPDX-License-Identifier: Apache-2.0
// How a bound OData query over a large collection becomes SQL: one page, its count, one object.
//
// A view is a SELECT of queries/view.sql whose first parameter is the tenant and whose columns are
// called as the properties' `column`. Around it goes text that is made from the tables of the
// program alone; everything that a client wrote is a bound parameter.
#pragma once

#include "codec/json_make.h"
#include "store/work.h"
#include "wire/odata/token.h"
#include "wire/odata/type.h"

// A column that holds what another one shows, in the form in which it is compared: with it an index
// can be used.
enum view_fold { VIEW_LOWER, VIEW_UPPER, VIEW_EXACT };
struct view_key {
	const char *column, *key;
	enum view_fold fold;
};

// One element of a list property: prefix and a text column, absent when that is NULL or empty.
struct view_part {
	const char *column, *prefix, *part;
	enum view_fold fold; // VIEW_LOWER: part is in lower case; VIEW_EXACT: in any
};

// Columns whose values together are unique and never NULL: the order when none is asked for.
struct view_order {
	const char *column;
	bool number, descending;
};

enum { VIEW_ORDERS = 4 };

struct view {
	int query;
	const struct odata_type *type;
	struct view_order order[VIEW_ORDERS]; // all NULL: by "id"
	const struct view_key *keys;	      // ends with a row of NULL; may be NULL
	const struct view_part *parts;	      // likewise
	bool typed;			      // has a column "odata_type"
};

struct view_request {
	const struct view *view;
	const char *collection;		 // version and path: tokens are good for it alone
	const struct odata_query *query; // bound to the view's type, or NULL: everything
	const struct db_param *params;	 // $2 … of the SELECT
	size_t param_count;
	int64_t page; // most rows
};

struct view_page {
	const struct json **objects;
	size_t count;
	const char *skiptoken; // of the next page; NULL: this was the last
};

// One page in the query's order, or the view's. Rows that were there all the time appear exactly
// once on all pages together, whatever is written in between; a page costs the same at any depth.
// ERR_INVALID for a filter that the view cannot answer or a skip token that is not ours; ERR_LIMIT.
bool store_view_page(const struct work *w, const struct view_request *request,
	struct view_page *out, struct error *e) MUST_CHECK;

// How many pass the filter.
bool store_view_count(const struct work *w, const struct view_request *request, int64_t *out,
	struct error *e) MUST_CHECK;

// The object whose `column` (a text column of the view, as "id") is `value`, without regard to
// case. The first one when there are several. ERR_NOT_FOUND.
bool store_view_one(const struct work *w, const struct view_request *request, const char *column,
	const char *value, const struct json **out, struct error *e) MUST_CHECK;

// How times are written: with microseconds when there are any.
const char *view_time(struct arena *arena, time_us t);
