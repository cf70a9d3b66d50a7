// SPDX-License-Identifier: Apache-2.0
#include "base/str.h"
#include "connector/computer_account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct ad_domain DOMAIN = {
	.dns_name = "corp.example.com",
	.base_dn = "DC=corp,DC=example,DC=com",
};

static struct computer_request
good(struct arena *arena)
{
	return (struct computer_request){
		.job = "0b7c6a52-4c5a-4b3c-9d3e-111111111111",
		.name = "PC-0001",
		.ou = "OU=Autopilot,DC=corp,DC=example,DC=com",
		.password = computer_password_new(arena),
	};
}

static void
assert_refused(struct arena *arena, const struct computer_request *r)
{
	struct error e;

	assert_false(computer_request_check(arena, &DOMAIN, r, &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
names_that_windows_would_not_take_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char *const bad[] = {NULL, "", "PC-0123456789012", "PC.1", "PC 1", "12345",
		"-PC", "PC-", "PC$", "P\xc3\xb6", "PC,OU=x", "PC*"};
	struct computer_request r = good(&arena);

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		r.name = bad[i];
		assert_refused(&arena, &r);
	}
}

static void
units_outside_the_domain_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char *const bad[] = {"", "Autopilot", "OU=Autopilot", "OU=A,DC=evil,DC=com",
		"OU=A,DC=xcorp,DC=example,DC=com", "DC=corp,DC=example,DC=com",
		"OU=Autopilot;DC=corp;DC=example;DC=com,", "\"OU=A,DC=corp,DC=example,DC=com\""};
	struct computer_request r = good(&arena);

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		r.ou = bad[i];
		assert_refused(&arena, &r);
	}
}

static void
weak_passwords_and_jobs_without_uuid_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct computer_request r = good(&arena);

	r.password = "short";
	assert_refused(&arena, &r);
	r.password = arena_printf(&arena, "%s\"", computer_password_new(&arena));
	assert_refused(&arena, &r);
	r = good(&arena);
	r.job = "*";
	assert_refused(&arena, &r);
}

static void
a_good_request_passes_in_any_spelling_of_its_unit(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct computer_request r = good(&arena);
	struct error e;

	assert_true(computer_request_check(&arena, &DOMAIN, &r, &e));
	r.ou = "ou=Auto\\, pilot, dc=CORP, dc=example, dc=com";
	assert_true(computer_request_check(&arena, &DOMAIN, &r, &e));
	r.ou = NULL;
	assert_true(computer_request_check(&arena, &DOMAIN, &r, &e));
}

static void
passwords_are_long_and_never_the_same(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	char *a = computer_password_new(&arena), *b = computer_password_new(&arena);

	assert_int_equal(strlen(a), COMPUTER_PASSWORD_CHARS);
	assert_string_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_windows_would_not_take_are_refused),
		cmocka_unit_test(units_outside_the_domain_are_refused),
		cmocka_unit_test(weak_passwords_and_jobs_without_uuid_are_refused),
		cmocka_unit_test(a_good_request_passes_in_any_spelling_of_its_unit),
		cmocka_unit_test(passwords_are_long_and_never_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
