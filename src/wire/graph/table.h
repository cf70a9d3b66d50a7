// SPDX-License-Identifier: Apache-2.0
// The short forms in which the property tables of this folder are written.
#pragma once

#include "wire/graph/types.h"

// One property; what follows the flags are further members of struct odata_property.
#define P(kind_, name_, flags_, ...)                                                               \
	{                                                                                          \
		.name = (name_), .kind = OD_##kind_, .flags = (flags_), __VA_ARGS__                \
	}

enum {
	NUL = OD_NULLABLE,
	RO = OD_READ_ONLY,
	FS = OD_FILTER | OD_SORT,
	SEARCH = OD_SEARCH,
	BETA = OD_BETA,
	LIST = OD_LIST,
	NEED = OD_REQUIRED,
	NAV = OD_NAV | OD_READ_ONLY,
	EXPAND = OD_NAV | OD_EXPAND | OD_READ_ONLY | OD_NULLABLE,
};

#define NO_DATE .initial = "\"" GRAPH_NO_DATE "\""
#define NO_GUID .initial = "\"" GRAPH_NO_GUID "\""
#define EMPTY .initial = "\"\""
#define NO .initial = "false"
#define YES .initial = "true"
#define NONE .initial = "[]"

// An enumeration by the names of its members.
#define ENUM(id_, name_, ...)                                                                      \
	static const struct odata_member id_##_members[] = {__VA_ARGS__};                          \
	static const struct odata_enum id_ = {                                                     \
		.name = "microsoft.graph." name_, OD_MEMBERS(id_##_members)}

// A type that nothing is derived from.
#define TYPE(id_, name_, table_, ...)                                                              \
	const struct odata_type id_ = {                                                            \
		.name = "#microsoft.graph." name_, OD_PROPERTIES(table_), __VA_ARGS__}

// One that only has another name than what it is derived from.
#define SUBTYPE(id_, name_, base_, ...)                                                            \
	const struct odata_type id_ = {                                                            \
		.name = "#microsoft.graph." name_, .base = (base_), __VA_ARGS__}
