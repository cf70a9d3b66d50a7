// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/connector_version.h"

static void
versions_compare_by_number_not_by_text(void **state)
{
	(void)state;
	assert_true(connector_version_ok("0.1.0", "0.1.0"));
	assert_true(connector_version_ok("0.10.0", "0.9.9"));
	assert_true(connector_version_ok("1.0.0-rc1", "0.9.0"));
	assert_false(connector_version_ok("0.9.9", "0.10.0"));
	assert_false(connector_version_ok("0.0.9", "0.1.0"));
}

static void
what_is_no_version_is_too_old(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "1", "1.2", "a.b.c", ".1.2", "1..2", "1.2.", "-1.2.3", "9999999.0.0"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(connector_version_ok(bad[i], "0.1.0"));
	assert_false(connector_version_ok(NULL, "0.1.0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_compare_by_number_not_by_text),
		cmocka_unit_test(what_is_no_version_is_too_old),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
