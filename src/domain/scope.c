// SPDX-License-Identifier: Apache-2.0
#include "domain/scope.h"

#include "base/str.h"
#include <strings.h>

static const struct {
	const char *name, *what;
} scopes[] = {
#define SCOPE(id, name, what) {name, what},
#define IMPLIES(holder, also)
#define ROLE(id, template_id, name, what)
#define MAY(role, scope)
#include "domain/scope.def"
#undef SCOPE
#undef IMPLIES
};

static const struct {
	enum scope holder, also;
} implications[] = {
#define SCOPE(id, name, what)
#define IMPLIES(holder, also) {SCOPE_##holder, SCOPE_##also},
#include "domain/scope.def"
#undef IMPLIES
#undef ROLE
};

static const struct {
	const char *template_id, *name, *what;
} roles[] = {
#define IMPLIES(holder, also)
#define ROLE(id, template_id, name, what) {template_id, name, what},
#include "domain/scope.def"
#undef ROLE
#undef MAY
};

static const struct {
	enum role role;
	enum scope scope;
} grants[] = {
#define ROLE(id, template_id, name, what)
#define MAY(role, scope) {ROLE_##role, SCOPE_##scope},
#include "domain/scope.def"
};

const char *
scope_name(enum scope scope)
{
	return scopes[scope].name;
}

const char *
scope_what(enum scope scope)
{
	return scopes[scope].what;
}

enum scope
scope_find(const char *name, size_t length)
{
	for (size_t i = 0; i < SCOPE_COUNT; i++)
		if (strlen(scopes[i].name) == length &&
			strncasecmp(scopes[i].name, name, length) == 0)
			return (enum scope)i;
	return SCOPE_COUNT;
}

scope_set
scope_closure(scope_set set)
{
	scope_set before;

	do {
		before = set;
		for (size_t i = 0; i < sizeof implications / sizeof *implications; i++)
			if (set & SCOPE_BIT(implications[i].holder))
				set |= SCOPE_BIT(implications[i].also);
	} while (set != before);
	return set;
}

scope_set
scope_parse(const char *text)
{
	scope_set set = 0;

	for (const char *p = text ? text : ""; *p;) {
		size_t length = strcspn(p, " \t\r\n");
		const char *name = p;
		for (size_t i = 0; i < length; i++)
			if (p[i] == '/')
				name = p + i + 1;
		enum scope scope = scope_find(name, (size_t)(p + length - name));
		if (scope != SCOPE_COUNT)
			set |= SCOPE_BIT(scope);
		p += length;
		p += strspn(p, " \t\r\n");
	}
	return scope_closure(set);
}

scope_set
role_scopes(enum role role)
{
	scope_set set = 0;

	for (size_t i = 0; i < sizeof grants / sizeof *grants; i++)
		if (grants[i].role == role)
			set |= SCOPE_BIT(grants[i].scope);
	return scope_closure(set);
}

const char *
role_name(enum role role)
{
	return roles[role].name;
}

const char *
role_template(enum role role)
{
	return roles[role].template_id;
}

const char *
role_what(enum role role)
{
	return roles[role].what;
}

enum role
role_find(const char *name_or_template)
{
	for (size_t i = 0; i < ROLE_COUNT; i++)
		if (str_ieq(name_or_template, roles[i].name) ||
			str_ieq(name_or_template, roles[i].template_id))
			return (enum role)i;
	return ROLE_COUNT;
}
