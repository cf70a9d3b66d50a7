// SPDX-License-Identifier: Apache-2.0
// What an object of the Graph API consists of: one table a type, from which reading, writing,
// filtering and the documentation follow.
#pragma once

#include "wire/odata/query.h"

enum odata_kind {
	OD_STRING,
	OD_BOOL,
	OD_INT32,
	OD_INT64,
	OD_DOUBLE,
	OD_DATE, // Edm.DateTimeOffset; RFC 3339 text in documents
	OD_GUID,
	OD_BINARY,   // base64 text in documents
	OD_DURATION, // "PT1H2M3S"
	OD_ENUM,     // name of a member in documents
	OD_COMPLEX,  // also the target of a navigation property
	OD_ANY,	     // any JSON value, kept as it is
	OD_KIND_COUNT
};

enum odata_flags {
	OD_LIST = 1 << 0,
	OD_NULLABLE = 1 << 1,
	OD_READ_ONLY = 1 << 2, // ignored on input
	OD_REQUIRED = 1 << 3,  // on create
	OD_BETA = 1 << 4,      // absent in v1.0
	OD_FILTER = 1 << 5,
	OD_SORT = 1 << 6,
	OD_SEARCH = 1 << 7,
	OD_SECRET = 1 << 8, // accepted, never returned
	OD_NAV = 1 << 9,    // navigation property: another entity, or with OD_LIST several
	OD_EXPAND = 1 << 10 // a navigation property that $expand may name
};

enum odata_version { ODATA_V1, ODATA_BETA };

struct odata_member {
	const char *name;
	int value;
};

struct odata_enum {
	const char *name; // "microsoft.graph.enrollmentState"
	const struct odata_member *members;
	size_t count;
};

struct odata_property {
	const char *name;
	enum odata_kind kind;
	unsigned flags;
	const struct odata_enum *members; // OD_ENUM
	const struct odata_type *complex; // OD_COMPLEX
	// Name in the older generation of the API: accepted, and returned beside `name` in beta.
	const char *old_name;
	const char *column;  // of an SQL view; NULL: from the document, or computed
	const char *initial; // JSON text on create, and where a document has none; NULL: null
	// Numbers: range, unless both are 0. Strings, binary, lists of them: max is in bytes, 0 for
	// ODATA_MAX_TEXT.
	int64_t min, max;
};

enum { ODATA_MAX_TEXT = 32 * 1024, ODATA_MAX_LIST = 10000 };

struct odata_type {
	const char *name; // "#microsoft.graph.x"
	const struct odata_type *base;
	const struct odata_property *properties;
	size_t count;
	const struct odata_type *const *derived;
	size_t derived_count;
	bool abstract; // no object is of this very type: @odata.type is needed on create
};

// A row of tables: OD_PROPERTIES(device_properties) in a type.
#define OD_PROPERTIES(table) .properties = (table), .count = sizeof(table) / sizeof *(table)
#define OD_MEMBERS(table) .members = (table), .count = sizeof(table) / sizeof *(table)
#define OD_DERIVED(table) .derived = (table), .derived_count = sizeof(table) / sizeof *(table)

// "Edm.String" …; "" for OD_ENUM and OD_COMPLEX, whose names are their own.
const char *odata_kind_name(enum odata_kind kind);

// By name or older name, case-insensitively, in the type and what it is based on. NULL: none.
const struct odata_property *odata_property_find(const struct odata_type *type, const char *name);

// Every property, of the base first: NULL after the last.
const struct odata_property *odata_property_at(const struct odata_type *type, size_t index);

// Member by name, case-insensitively; by value. NULL: none.
const struct odata_member *odata_member_find(const struct odata_enum *members, const char *name);
const struct odata_member *odata_member_of(const struct odata_enum *members, int value);

// `type` itself or something derived from it by name ("#microsoft.graph.x", '#' optional,
// case-insensitive). NULL: none.
const struct odata_type *odata_type_find(const struct odata_type *type, const char *name);

// True when `type` is `of` or derived from it.
bool odata_type_is(const struct odata_type *type, const struct odata_type *of);

struct json;

// The type of an object of a collection of `type`: what its "@odata.type" says, else `type`.
const struct odata_type *odata_type_of(const struct odata_type *type, const struct json *object);

// Resolve every name of a query against a type: sets path.properties and node.property, turns
// literals into what the property is compared with ("60" → 60, 'enrolled' → the member), and
// $search into search_for. ERR_INVALID: "Could not find a property named 'x' on type
// 'microsoft.graph.y'.", with near names in the hint; not filterable, sortable or expandable;
// literal of another type.
bool odata_bind(struct arena *arena, struct odata_query *query, const struct odata_type *type,
	enum odata_version version, struct error *e) MUST_CHECK;
