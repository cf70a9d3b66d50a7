// SPDX-License-Identifier: Apache-2.0
#include "connector/ad_fault.h"

#include "base/str.h"
#include <errno.h>
#include <ldap.h>

struct meaning {
	long code;
	const char *diagnostic; // must be part of the server's text, or NULL
	enum error_code kind;
	const char *fault;
};

// First match wins.
static const struct meaning LDAP_MEANINGS[] = {
	// 216D: ERROR_DS_MACHINE_ACCOUNT_QUOTA_EXCEEDED.
	{LDAP_UNWILLING_TO_PERFORM, "0000216D", ERR_LIMIT, "account_quota"},
	{LDAP_ALREADY_EXISTS, NULL, ERR_CONFLICT, "computer_name_taken"},
	// 21C7, 21C8: a service principal name or user principal name exists in the forest.
	{LDAP_CONSTRAINT_VIOLATION, "000021C7", ERR_CONFLICT, "computer_name_taken"},
	{LDAP_CONSTRAINT_VIOLATION, "000021C8", ERR_CONFLICT, "computer_name_taken"},
	{LDAP_CONSTRAINT_VIOLATION, NULL, ERR_CONFLICT, "ad_constraint"},
	{LDAP_INSUFFICIENT_ACCESS, NULL, ERR_DENIED, "ou_denied"},
	{LDAP_NO_SUCH_OBJECT, NULL, ERR_NOT_FOUND, "ou_missing"},
	{LDAP_INVALID_CREDENTIALS, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{LDAP_SERVER_DOWN, NULL, ERR_UNAVAILABLE, "dc_unreachable"},
	{LDAP_CONNECT_ERROR, NULL, ERR_UNAVAILABLE, "dc_unreachable"},
	{LDAP_TIMEOUT, NULL, ERR_TIMEOUT, "dc_timeout"},
	{LDAP_TIMELIMIT_EXCEEDED, NULL, ERR_TIMEOUT, "dc_timeout"},
	{LDAP_BUSY, NULL, ERR_UNAVAILABLE, "dc_timeout"},
	{LDAP_UNAVAILABLE, NULL, ERR_UNAVAILABLE, "dc_timeout"},
	{LDAP_LOCAL_ERROR, "Clock skew", ERR_UNAVAILABLE, "clock_skew"},
};

static const struct meaning KRB5_MEANINGS[] = {
	{KRB5KDC_ERR_PREAUTH_FAILED, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5KDC_ERR_CLIENT_REVOKED, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5KDC_ERR_KEY_EXP, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5KDC_ERR_NAME_EXP, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5KDC_ERR_ETYPE_NOSUPP, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5KRB_AP_ERR_BAD_INTEGRITY, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	// The library's own: the keytab is missing or has no key for the account.
	{KRB5_PREAUTH_FAILED, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5_KT_NOTFOUND, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5_KEYTAB_BADVNO, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{ENOENT, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{EACCES, NULL, ERR_UNAUTHENTICATED, "connector_credentials"},
	{KRB5_REALM_UNKNOWN, NULL, ERR_UNAVAILABLE, "ad_domain_unresolvable"},
	{KRB5_REALM_CANT_RESOLVE, NULL, ERR_UNAVAILABLE, "ad_domain_unresolvable"},
	// The port was open a moment ago (ad_connect asks first): it accepts and stays silent.
	{KRB5_KDC_UNREACH, NULL, ERR_TIMEOUT, "dc_timeout"},
	{KRB5KRB_AP_ERR_SKEW, NULL, ERR_UNAVAILABLE, "clock_skew"},
};

static const struct meaning *
look_up(const struct meaning *table, size_t count, long code, const char *diagnostic)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i].code != code)
			continue;
		if (!table[i].diagnostic ||
			(diagnostic && strcasestr(diagnostic, table[i].diagnostic)))
			return &table[i];
	}
	return NULL;
}

bool
ad_ldap_fault(struct error *e, int rc, const char *diagnostic, const char *doing)
{
	const struct meaning *m = look_up(
		LDAP_MEANINGS, sizeof LDAP_MEANINGS / sizeof LDAP_MEANINGS[0], rc, diagnostic);
	bool has_text = !str_empty(diagnostic);

	return error_fault(e, m ? m->kind : ERR_PROTOCOL, m ? m->fault : "ad_error",
		"%s: %s (LDAP %d)%s%s", doing, ldap_err2string(rc), rc, has_text ? ": " : "",
		has_text ? diagnostic : "");
}

bool
ad_krb5_fault(struct error *e, krb5_error_code code, const char *text, const char *doing)
{
	const struct meaning *m =
		look_up(KRB5_MEANINGS, sizeof KRB5_MEANINGS / sizeof KRB5_MEANINGS[0], code, NULL);

	return error_fault(e, m ? m->kind : ERR_PROTOCOL, m ? m->fault : "ad_error",
		"%s: %s (Kerberos %ld)", doing, text, (long)code);
}
