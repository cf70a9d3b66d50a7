// SPDX-License-Identifier: Apache-2.0
#include "connector/ad_search.h"

#include "connector/ad_fault.h"

CLEANUP_FN(LDAPMessage *, ldap_msgfree, msgfree_p)

enum { LIST_MAX = 256 };

bool
ad_operation_failed(LDAP *ldap, int rc, const char *doing, struct error *e)
{
	char *diagnostic = NULL;

	ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
	ad_ldap_fault(e, rc, diagnostic, doing);
	ldap_memfree(diagnostic);
	return false;
}

const char *
ad_text(struct slice value)
{
	return (const char *)value.data;
}

static struct slice
first_value(struct arena *arena, LDAP *ldap, LDAPMessage *entry, const char *attribute)
{
	struct berval **values = ldap_get_values_len(ldap, entry, attribute);
	struct slice out = {0};

	if (values && values[0]) {
		char *copy = arena_strndup(arena, "", 0);
		if (values[0]->bv_len) {
			copy = arena_alloc(arena, values[0]->bv_len + 1);
			memcpy(copy, values[0]->bv_val, values[0]->bv_len);
		}
		out = slice_of(copy, values[0]->bv_len);
	}
	ldap_value_free_len(values);
	return out;
}

static void
copy_entry(struct arena *arena, LDAP *ldap, LDAPMessage *entry, const char *const *attributes,
	struct ad_entry *out)
{
	size_t count = 0;
	char *dn = ldap_get_dn(ldap, entry);

	out->dn = arena_strdup(arena, dn ? dn : "");
	ldap_memfree(dn);
	while (attributes[count])
		count++;
	out->values = arena_array(arena, count, sizeof *out->values);
	for (size_t i = 0; i < count; i++)
		out->values[i] = first_value(arena, ldap, entry, attributes[i]);
}

static int
run_search(LDAP *ldap, const char *base, int scope, const char *filter,
	const char *const *attributes, LDAPMessage **out)
{
	struct timeval timeout = {.tv_sec = AD_TIMEOUT_S};

	// The library takes char ** and does not write to it.
	return ldap_search_ext_s(ldap, base, scope, filter, (char **)(uintptr_t)attributes, 0, NULL,
		NULL, &timeout, 2, out);
}

bool
ad_search(struct arena *arena, LDAP *ldap, const char *base, int scope, const char *filter,
	const char *const *attributes, struct ad_entry *out, int *count, struct error *e)
{
	CLEANUP(msgfree_p) LDAPMessage *result = NULL;

	int rc = run_search(ldap, base, scope, filter, attributes, &result);
	if (rc == LDAP_NO_SUCH_OBJECT) {
		*count = 0;
		return true;
	}
	// More than two matches: two of them are there, which is all that is asked.
	if (rc != LDAP_SUCCESS && rc != LDAP_SIZELIMIT_EXCEEDED)
		return ad_operation_failed(ldap, rc, "search", e);
	*count = ldap_count_entries(ldap, result);
	if (*count > 0)
		copy_entry(arena, ldap, ldap_first_entry(ldap, result), attributes, out);
	return true;
}

bool
ad_values(struct arena *arena, LDAP *ldap, const char *dn, const char *attribute, const char ***out,
	struct error *e)
{
	CLEANUP(msgfree_p) LDAPMessage *result = NULL;
	const char *const attributes[] = {attribute, NULL};
	const char **list = arena_array(arena, LIST_MAX + 1, sizeof *list);
	size_t count = 0;

	int rc = run_search(ldap, dn, LDAP_SCOPE_BASE, "(objectClass=*)", attributes, &result);
	if (rc != LDAP_SUCCESS)
		return ad_operation_failed(ldap, rc, dn, e);
	LDAPMessage *entry = ldap_first_entry(ldap, result);
	struct berval **values = entry ? ldap_get_values_len(ldap, entry, attribute) : NULL;
	for (; values && values[count] && count < LIST_MAX; count++)
		list[count] = arena_strndup(arena, values[count]->bv_val, values[count]->bv_len);
	ldap_value_free_len(values);
	*out = list;
	return true;
}
