// SPDX-License-Identifier: Apache-2.0
// Where the next page starts: the sort keys of the last row, as the opaque text of $skiptoken.
//
// Tokens are not authenticated: whoever makes one up can only start a page of a query that they may
// ask anyway at another place. So the reader trusts nothing but checks the form, and whoever uses
// the values binds them as parameters.
#pragma once

#include "wire/odata/query.h"

enum odata_token_kind { ODATA_TOKEN_NULL, ODATA_TOKEN_INT, ODATA_TOKEN_DOUBLE, ODATA_TOKEN_TEXT };

struct odata_token_value {
	enum odata_token_kind kind;
	int64_t integer;
	double number;	  // finite
	const char *text; // UTF-8 without NUL
};

enum {
	ODATA_TOKEN_VALUES = 16,
	ODATA_TOKEN_BYTES = 4096, // of the whole token before base64url
};

struct odata_token {
	uint64_t query; // odata_query_hash of the query that the page belongs to
	struct odata_token_value values[ODATA_TOKEN_VALUES];
	size_t count;
	const char *id; // of the last row
};

// What must be the same on all pages: collection (any text that names it, with version and
// tenant), filter, order and search. Not cryptographic.
uint64_t odata_query_hash(
	struct arena *arena, const char *collection, const struct odata_query *query);

// base64url text. ERR_LIMIT: too many or too long values; ERR_INVALID: text that is not UTF-8.
bool odata_token_encode(struct arena *arena, const struct odata_token *token, const char **out,
	struct error *e) MUST_CHECK;

// ERR_INVALID for anything that odata_token_encode cannot have made, and for a token of another
// query.
bool odata_token_decode(struct arena *arena, const char *text, uint64_t query,
	struct odata_token *out, struct error *e) MUST_CHECK;
