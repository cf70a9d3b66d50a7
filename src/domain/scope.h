// SPDX-License-Identifier: Apache-2.0
// Which permissions exist, what each implies, and which of them a role of a person carries.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scope {
#define SCOPE(id, name, what) SCOPE_##id,
#define IMPLIES(holder, also)
#define ROLE(id, template_id, name, what)
#define MAY(role, scope)
#include "domain/scope.def"
#undef SCOPE
#undef ROLE
	SCOPE_COUNT
};

enum role {
#define SCOPE(id, name, what)
#define ROLE(id, template_id, name, what) ROLE_##id,
#include "domain/scope.def"
#undef SCOPE
#undef IMPLIES
#undef ROLE
#undef MAY
	ROLE_COUNT
};

// Roles as bits of one unsigned.
#define ROLE_BIT(role) (1u << (role))

// A set of permissions, one bit each.
typedef uint64_t scope_set;
_Static_assert(SCOPE_COUNT <= 64, "a set fits in 64 bits");
#define SCOPE_BIT(scope) ((scope_set)1 << (scope))

// Graph's name of a permission, and what it lets its holder do, for consent pages and documents.
const char *scope_name(enum scope scope);
const char *scope_what(enum scope scope);

// The permission of that name (ASCII case is ignored, as Graph does); SCOPE_COUNT when there is
// none.
enum scope scope_find(const char *name, size_t length);

// The permissions of a text with names separated by blanks, as in `scp`, with what they imply.
// Unknown names, and a resource's URL before a name ("https://graph.microsoft.com/User.Read"), do
// no harm. ".default" gives nothing here: the caller decides what an application's default is.
scope_set scope_parse(const char *text);

// A set with everything that its members imply.
scope_set scope_closure(scope_set set);

// Everything a role may, with what that implies.
scope_set role_scopes(enum role role);
const char *role_name(enum role role);
const char *role_template(enum role role);
const char *role_what(enum role role);

// The role of that name or template id; ROLE_COUNT when there is none.
enum role role_find(const char *name_or_template);
