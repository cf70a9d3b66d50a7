// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/scope.h"
#include <string.h>

static void
unknown_names_give_nothing(void **state)
{
	(void)state;
	assert_int_equal(scope_parse(NULL), 0);
	assert_int_equal(scope_parse(""), 0);
	assert_int_equal(scope_parse("   "), 0);
	assert_int_equal(scope_parse("Everything.All device.read"), 0);
	assert_int_equal(scope_parse("https://graph.microsoft.com/.default"), 0);
	assert_int_equal(scope_parse("Group.Read.AllX Group.Read"), 0);
	assert_int_equal(role_find("Emperor"), ROLE_COUNT);
}

static void
to_change_includes_to_read_and_not_the_other_way(void **state)
{
	(void)state;
	scope_set write = scope_parse("Group.ReadWrite.All"), read = scope_parse("Group.Read.All");
	assert_true(write & SCOPE_BIT(SCOPE_GROUP_READ));
	assert_false(read & SCOPE_BIT(SCOPE_GROUP_WRITE));
	assert_int_equal(scope_closure(write), write);
	// Through one in between: Directory.Read.All, User.Read.All, User.Read.
	assert_true(scope_parse("Directory.Read.All") & SCOPE_BIT(SCOPE_USER_SELF));
}

static void
names_are_read_as_clients_write_them(void **state)
{
	(void)state;
	scope_set both = SCOPE_BIT(SCOPE_GROUP_READ) | SCOPE_BIT(SCOPE_USER_SELF);
	assert_int_equal(
		scope_parse("openid profile Group.Read.All  User.Read offline_access"), both);
	assert_int_equal(scope_parse("https://graph.microsoft.com/group.read.all user.read"), both);
}

static void
every_permission_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++) {
		assert_int_equal(scope_find(scope_name(scope), strlen(scope_name(scope))), scope);
		assert_true(strlen(scope_what(scope)) > 5);
	}
	for (enum role role = 0; role < ROLE_COUNT; role++) {
		assert_int_equal(role_find(role_name(role)), role);
		assert_int_equal(role_find(role_template(role)), role);
		assert_true(strlen(role_what(role)) > 5);
	}
}

static void
only_a_global_administrator_gives_roles_and_makes_clients(void **state)
{
	(void)state;
	scope_set power = SCOPE_BIT(SCOPE_RBAC_WRITE) | SCOPE_BIT(SCOPE_APPLICATION_WRITE) |
		SCOPE_BIT(SCOPE_USER_WRITE);
	for (enum role role = 0; role < ROLE_COUNT; role++)
		assert_int_equal(
			role_scopes(role) & power, role == ROLE_GLOBAL_ADMINISTRATOR ? power : 0);
}

static void
help_desk_changes_no_configuration(void **state)
{
	(void)state;
	scope_set set = role_scopes(ROLE_HELP_DESK);
	assert_true(set & SCOPE_BIT(SCOPE_MANAGED_ACT));
	assert_false(set & SCOPE_BIT(SCOPE_SERVICE_CONFIG_WRITE));
	assert_false(set & SCOPE_BIT(SCOPE_CONFIGURATION_WRITE));
	assert_false(set & SCOPE_BIT(SCOPE_GROUP_WRITE));
	// A technician sees one page of one device and nothing else.
	assert_int_equal(role_scopes(ROLE_TECHNICIAN),
		SCOPE_BIT(SCOPE_TECHNICIAN) | SCOPE_BIT(SCOPE_USER_SELF));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_names_give_nothing),
		cmocka_unit_test(to_change_includes_to_read_and_not_the_other_way),
		cmocka_unit_test(names_are_read_as_clients_write_them),
		cmocka_unit_test(every_permission_has_a_name_of_its_own),
		cmocka_unit_test(only_a_global_administrator_gives_roles_and_makes_clients),
		cmocka_unit_test(help_desk_changes_no_configuration),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
