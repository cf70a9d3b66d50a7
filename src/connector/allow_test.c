// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "connector/allow.h"
#include "connector/dn.h"

#define OU "OU=Autopilot,DC=corp,DC=example,DC=com"
#define DEFAULT_DN "CN=Computers,DC=corp,DC=example,DC=com"

static const char *const OUS[] = {OU, "OU=Kiosk,OU=Devices,DC=corp,DC=example,DC=com"};
static const struct allow_list LIST = {.domain = "corp.example.com",
	.ous = OUS,
	.ou_count = 2,
	.name_prefix = "PC-",
	.max_per_hour = 2};
static const char *const DEFAULT_ONLY[] = {ALLOW_DEFAULT_CONTAINER};

static struct connector_job
good(void)
{
	return (struct connector_job){
		.domain = "corp.example.com", .ou = OU, .computer_name = "PC-1"};
}

static bool
allowed(const struct allow_list *list, const struct connector_job *job, const char **why)
{
	static struct error e;
	autoarena(arena, ARENA_SMALL);
	const struct allow_history none = {0};

	*why = e.message;
	if (allow_check(&arena, list, &none, job, 0, &e))
		return true;
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(e.fault,
		str_ieq(job->domain, list->domain) ? "connector_refused"
						   : "connector_wrong_domain");
	return false;
}

static void
a_foreign_domain_is_refused_for_every_kind(void **state)
{
	(void)state;
	struct connector_job job = good();
	const char *why;

	job.domain = "evil.example.com";
	assert_false(allowed(&LIST, &job, &why));
	assert_non_null(strstr(why, "evil.example.com"));
	job.kind = JOB_VERIFY;
	assert_false(allowed(&LIST, &job, &why));
}

static void
units_that_are_not_listed_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "OU=Other,DC=corp,DC=example,DC=com", "OU=Below," OU,
		"DC=corp,DC=example,DC=com", "Autopilot", "default", OU ",DC=evil",
		"OU=Autopilot\\,DC=corp,DC=example,DC=com", "OU=Devices,DC=corp,DC=example,DC=com",
		DEFAULT_DN};
	struct connector_job job = good();
	const char *why;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		job.ou = bad[i];
		if (allowed(&LIST, &job, &why))
			fail_msg("%s was allowed", bad[i]);
	}
}

static void
a_listed_unit_is_allowed_in_any_spelling(void **state)
{
	(void)state;
	static const char *const same[] = {OU, "ou=autopilot,dc=CORP,dc=example,dc=com",
		"OU=Autopilot, DC=corp, DC=example, DC=com",
		"OU=\\41utopilot,DC=corp,DC=example,DC=com",
		"OU=Kiosk,OU=Devices,DC=corp,DC=example,DC=com"};
	struct connector_job job = good();
	const char *why;

	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		job.ou = same[i];
		if (!allowed(&LIST, &job, &why))
			fail_msg("%s was refused: %s", same[i], why);
	}
}

static void
names_without_the_prefix_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "P", "PC", "DC1", "XPC-1"};
	struct allow_list any = LIST;
	struct connector_job job = good();
	const char *why;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		job.computer_name = bad[i];
		assert_false(allowed(&LIST, &job, &why));
	}
	job.computer_name = "pc-77";
	assert_true(allowed(&LIST, &job, &why));
	job.computer_name = "DC1";
	any.name_prefix = NULL;
	assert_true(allowed(&any, &job, &why));
	any.name_prefix = "";
	assert_true(allowed(&any, &job, &why));
}

static void
the_default_container_needs_its_word(void **state)
{
	(void)state;
	struct allow_list list = LIST;
	struct connector_job job = good();
	const char *why;

	list.ous = DEFAULT_ONLY;
	list.ou_count = 1;
	assert_false(allowed(&list, &job, &why));
	job.ou = "default";
	assert_false(allowed(&list, &job, &why));
	job.ou = "";
	assert_true(allowed(&list, &job, &why));
	job.ou = NULL;
	assert_true(allowed(&list, &job, &why));
}

static void
a_check_needs_no_unit_and_no_name(void **state)
{
	(void)state;
	struct connector_job job = {.domain = "CORP.example.com", .kind = JOB_VERIFY};
	const char *why;

	assert_true(allowed(&LIST, &job, &why));
}

static void
the_limit_is_of_any_hour_not_of_the_clock(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct allow_history history = {0};
	const struct connector_job job = good();
	const time_us minute = US_PER_MIN;
	struct error e;

	allow_count(&arena, &LIST, &history, 50 * minute);
	assert_true(allow_check(&arena, &LIST, &history, &job, 51 * minute, &e));
	allow_count(&arena, &LIST, &history, 59 * minute);
	assert_false(allow_check(&arena, &LIST, &history, &job, 60 * minute, &e));
	assert_string_equal(e.fault, "connector_refused");
	assert_non_null(strstr(e.message, "in 50 minutes"));
	assert_false(allow_check(&arena, &LIST, &history, &job, 109 * minute, &e));
	assert_true(allow_check(&arena, &LIST, &history, &job, 110 * minute, &e));
	allow_count(&arena, &LIST, &history, 110 * minute);
	assert_false(allow_check(&arena, &LIST, &history, &job, 118 * minute, &e));
	assert_true(allow_check(&arena, &LIST, &history, &job, 119 * minute, &e));
}

static void
a_clock_that_was_set_back_locks_nobody_out(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct allow_history history = {0};
	const struct connector_job job = good();
	struct error e;

	allow_count(&arena, &LIST, &history, 1000 * US_PER_MIN);
	allow_count(&arena, &LIST, &history, 1000 * US_PER_MIN);
	assert_true(allow_check(&arena, &LIST, &history, &job, 10 * US_PER_MIN, &e));
}

static void
an_account_counts_by_where_it_is(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct allow_list list = LIST;
	struct error e;

	assert_true(allow_account(&arena, &LIST, "CN=PC-1," OU, DEFAULT_DN, &e));
	assert_true(allow_account(&arena, &LIST, "CN=A\\,B," OU, NULL, &e));
	assert_false(allow_account(&arena, &LIST, "CN=PC-1,OU=Below," OU, DEFAULT_DN, &e));
	assert_false(allow_account(&arena, &LIST, "CN=X\\,OU=Autopilot,DC=corp", NULL, &e));
	assert_false(allow_account(&arena, &LIST, "CN=PC-1," DEFAULT_DN, DEFAULT_DN, &e));
	assert_false(allow_account(&arena, &LIST, OU, DEFAULT_DN, &e));
	assert_false(allow_account(&arena, &LIST, "", DEFAULT_DN, &e));
	assert_false(allow_account(&arena, &LIST, "no name", DEFAULT_DN, &e));
	assert_string_equal(e.fault, "connector_refused");
	list.ous = DEFAULT_ONLY;
	list.ou_count = 1;
	assert_true(allow_account(&arena, &list, "CN=PC-1," DEFAULT_DN, DEFAULT_DN, &e));
	assert_false(allow_account(&arena, &list, "CN=PC-1," DEFAULT_DN, NULL, &e));
	assert_false(allow_account(&arena, &list, "CN=PC-1," OU, DEFAULT_DN, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_foreign_domain_is_refused_for_every_kind),
		cmocka_unit_test(units_that_are_not_listed_are_refused),
		cmocka_unit_test(a_listed_unit_is_allowed_in_any_spelling),
		cmocka_unit_test(names_without_the_prefix_are_refused),
		cmocka_unit_test(the_default_container_needs_its_word),
		cmocka_unit_test(a_check_needs_no_unit_and_no_name),
		cmocka_unit_test(the_limit_is_of_any_hour_not_of_the_clock),
		cmocka_unit_test(a_clock_that_was_set_back_locks_nobody_out),
		cmocka_unit_test(an_account_counts_by_where_it_is),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
