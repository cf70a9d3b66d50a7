// SPDX-License-Identifier: Apache-2.0
#include "connector/dn.h"

#include "base/str.h"
#include <ldap.h>

static char *
spell(struct arena *arena, LDAPDN dn)
{
	char *normal = NULL, *out = NULL;

	if (ldap_dn2str(dn, &normal, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS)
		out = arena_strdup(arena, normal);
	ldap_memfree(normal);
	return out;
}

char *
dn_normal(struct arena *arena, const char *text)
{
	LDAPDN parsed = NULL;
	char *out = NULL;

	if (ldap_str2dn(text, &parsed, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && parsed)
		out = spell(arena, parsed);
	ldap_dnfree(parsed);
	return out;
}

bool
dn_same(struct arena *arena, const char *a, const char *b)
{
	return str_ieq(dn_normal(arena, a), dn_normal(arena, b));
}

char *
dn_parent(struct arena *arena, const char *text)
{
	LDAPDN parsed = NULL;
	char *out = NULL;

	// A parsed DN is an array of its parts, ended by NULL: the container is the array's tail.
	if (ldap_str2dn(text, &parsed, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && parsed &&
		parsed[0] && parsed[1])
		out = spell(arena, parsed + 1);
	ldap_dnfree(parsed);
	return out;
}
