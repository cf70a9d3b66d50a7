// SPDX-License-Identifier: Apache-2.0
#include "agent/krb_fault.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct expectation {
	krb5_error_code code;
	const char *fault;
};

static void
assert_faults(enum krb_actor actor, const struct expectation *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct error e;
		assert_false(krb_fault(&e, actor, cases[i].code, "text", "doing"));
		assert_string_equal(e.fault, cases[i].fault);
	}
}

static void
an_unknown_error_keeps_its_text_and_number(void **state)
{
	(void)state;
	struct error e;

	assert_false(krb_fault(&e, KRB_USER, KRB5KRB_ERR_GENERIC, "Generic error", "sign-in"));
	assert_string_equal(e.fault, "ad_error");
	assert_string_equal(e.message, "sign-in: Generic error (Kerberos -1765328324)");
}

// Numbers as measured against a real controller: active-directory.md section 7.
static void
every_user_error_of_the_reference_has_its_fault(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{-1765328360, "signin_wrong_password"},
		{-1765328378, "signin_unknown_user"},
		{-1765328366, "signin_disabled"},
		{-1765328361, "signin_password_expired"},
		{KRB5_KDC_UNREACH, "dc_unreachable"},
		{KRB5_REALM_UNKNOWN, "ad_domain_unresolvable"},
		{EAGAIN, "ad_domain_unresolvable"},
		{KRB5KRB_AP_ERR_SKEW, "clock_skew"},
	};

	assert_faults(KRB_USER, cases, sizeof cases / sizeof cases[0]);
}

static void
every_machine_error_of_the_reference_is_broken_trust_or_the_way_there(void **state)
{
	(void)state;
	static const struct expectation cases[] = {
		{-1765328353, "machine_trust_broken"},
		{-1765328340, "machine_trust_broken"},
		{-1765328360, "machine_trust_broken"},
		{-1765328378, "machine_trust_broken"},
		{-1765328366, "machine_trust_broken"},
		{KRB5_KT_NOTFOUND, "machine_trust_broken"},
		{KRB5_KDC_UNREACH, "dc_unreachable"},
		{KRB5_REALM_UNKNOWN, "ad_domain_unresolvable"},
		{KRB5KRB_AP_ERR_SKEW, "clock_skew"},
	};

	assert_faults(KRB_MACHINE, cases, sizeof cases / sizeof cases[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_error_keeps_its_text_and_number),
		cmocka_unit_test(every_user_error_of_the_reference_has_its_fault),
		cmocka_unit_test(
			every_machine_error_of_the_reference_is_broken_trust_or_the_way_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
