// SPDX-License-Identifier: Apache-2.0
#include "connector/ad_fault.h"

#include <ldap.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
an_unknown_refusal_keeps_the_servers_words(void **state)
{
	(void)state;
	struct error e;

	assert_false(ad_ldap_fault(&e, LDAP_UNWILLING_TO_PERFORM, "0000052D: policy", "add"));
	assert_string_equal(e.fault, "ad_error");
	assert_non_null(strstr(e.message, "0000052D: policy"));
	assert_false(ad_ldap_fault(&e, LDAP_OTHER, NULL, "add"));
	assert_string_equal(e.fault, "ad_error");
}

static void
a_used_up_quota_is_told_from_other_unwillingness(void **state)
{
	(void)state;
	struct error e;

	ad_ldap_fault(&e, LDAP_UNWILLING_TO_PERFORM,
		"0000216D: SvcErr: DSID-031A124C, problem 5003 (WILL_NOT_PERFORM), data 0\n",
		"add");
	assert_string_equal(e.fault, "account_quota");
	assert_int_equal(e.code, ERR_LIMIT);
}

static void
every_ldap_failure_of_the_reference_has_its_fault(void **state)
{
	(void)state;
	static const struct {
		int rc;
		const char *fault;
	} cases[] = {
		{LDAP_SERVER_DOWN, "dc_unreachable"},
		{LDAP_TIMEOUT, "dc_timeout"},
		{LDAP_ALREADY_EXISTS, "computer_name_taken"},
		{LDAP_INSUFFICIENT_ACCESS, "ou_denied"},
		{LDAP_NO_SUCH_OBJECT, "ou_missing"},
		{LDAP_CONSTRAINT_VIOLATION, "ad_constraint"},
		{LDAP_INVALID_CREDENTIALS, "connector_credentials"},
	};
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ad_ldap_fault(&e, cases[i].rc, NULL, "add");
		assert_string_equal(e.fault, cases[i].fault);
	}
}

static void
every_kerberos_failure_of_the_reference_has_its_fault(void **state)
{
	(void)state;
	static const struct {
		krb5_error_code code;
		const char *fault;
	} cases[] = {
		{KRB5_REALM_UNKNOWN, "ad_domain_unresolvable"},
		{KRB5_KDC_UNREACH, "dc_timeout"},
		{KRB5KRB_AP_ERR_SKEW, "clock_skew"},
		{KRB5KDC_ERR_PREAUTH_FAILED, "connector_credentials"},
		{KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, "connector_credentials"},
		{KRB5_KT_NOTFOUND, "connector_credentials"},
		{KRB5KRB_ERR_GENERIC, "ad_error"},
	};
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ad_krb5_fault(&e, cases[i].code, "text", "ticket");
		assert_string_equal(e.fault, cases[i].fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_refusal_keeps_the_servers_words),
		cmocka_unit_test(a_used_up_quota_is_told_from_other_unwillingness),
		cmocka_unit_test(every_ldap_failure_of_the_reference_has_its_fault),
		cmocka_unit_test(every_kerberos_failure_of_the_reference_has_its_fault),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
