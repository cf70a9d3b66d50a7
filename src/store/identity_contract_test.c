// SPDX-License-Identifier: Apache-2.0
// What sign-in relies on, on both databases: factors that count once, sessions that end, and nobody
// who locks somebody else out.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/sign_in_step.h"
#include "store/contract/sign_in_place.h"

// --- people ---

static void
a_step_of_an_authenticator_app_never_counts_again(void **state)
{
	struct fixture *f = *state;
	struct factors factors;
	struct error e;
	bool used;

	check(store_totp_put(&f->work, f->user_id, slice_str("secret"), 100, NULL, 0, &e), &e);
	check(store_totp_use(&f->work, f->user_id, 100, &used, &e), &e);
	assert_false(used);
	check(store_totp_use(&f->work, f->user_id, 102, &used, &e), &e);
	assert_true(used);
	check(store_totp_use(&f->work, f->user_id, 101, &used, &e), &e);
	assert_false(used);
	check(store_factors(&f->work, f->user_id, &factors, &e), &e);
	assert_int_equal(factors.totp_step, 102);
	check(store_mfa_reset(&f->work, f->user_id, &e), &e);
	check(store_factors(&f->work, f->user_id, &factors, &e), &e);
	assert_int_equal(factors.totp_secret.len, 0);
}

static void
a_pass_counts_in_its_time_and_once_if_it_says_so(void **state)
{
	struct fixture *f = *state;
	struct work w = f->work;
	time_us begin = w.now + US_PER_MIN, end = begin + 10 * US_PER_MIN;
	struct error e;
	bool used;

	check(store_pass_put(&w, f->user_id, "p1", begin, end, false, &e), &e);
	check(store_pass_use(&w, f->user_id, "p1", &used, &e), &e);
	assert_false(used);
	w.now = begin;
	for (int i = 0; i < 3; i++) {
		check(store_pass_use(&w, f->user_id, "p1", &used, &e), &e);
		assert_true(used);
	}
	check(store_pass_use(&w, f->user_id, "p2", &used, &e), &e);
	assert_false(used);
	w.now = end;
	check(store_pass_use(&w, f->user_id, "p1", &used, &e), &e);
	assert_false(used);
	w.now = begin;
	check(store_pass_put(&w, f->user_id, "p3", begin, end, true, &e), &e);
	check(store_pass_use(&w, f->user_id, "p3", &used, &e), &e);
	assert_true(used);
	check(store_pass_use(&w, f->user_id, "p3", &used, &e), &e);
	assert_false(used);
}

static void
names_are_compared_without_case_and_given_once(void **state)
{
	struct fixture *f = *state;
	struct new_person in = {.upn = "ADA@contoso.EXAMPLE",
		.display_name = "",
		.given_name = "",
		.surname = "",
		.mail = ""};
	struct person found;
	const char *id;
	struct error e;

	assert_false(store_person_create(&f->work, &in, &id, &e));
	assert_string_equal(e.fault, "user_exists");
	check(store_person_by_upn(&f->work, "ada@CONTOSO.example", &found, &e), &e);
	assert_string_equal(found.user_id, f->user_id);
	assert_false(store_person_by_upn(&f->work, "eve@contoso.example", &found, &e));
	assert_string_equal(e.fault, "user_unknown");
	struct work other = f->work;
	other.tenant_id = uuid_new(&f->arena);
	assert_false(store_person_by_upn(&other, "ada@contoso.example", &found, &e));
	assert_false(store_person_by_id(&other, f->user_id, &found, &e));
	other.tenant_id = NULL;
	check(store_person_by_upn(&other, "ada@contoso.example", &found, &e), &e);
}

static void
the_last_administrator_stays_one(void **state)
{
	struct fixture *f = *state;
	unsigned roles, admin = ROLE_BIT(ROLE_GLOBAL_ADMINISTRATOR);
	struct error e;

	check(store_roles_set(&f->work, f->user_id, admin | ROLE_BIT(ROLE_PARTNER), &e), &e);
	assert_false(store_roles_set(&f->work, f->user_id, ROLE_BIT(ROLE_PARTNER), &e));
	assert_string_equal(e.fault, "last_administrator");
	check(store_roles(&f->work, f->user_id, &roles, &e), &e);
	assert_int_equal(roles, admin | ROLE_BIT(ROLE_PARTNER));
	person(f, "second@contoso.example", admin);
	check(store_roles_set(&f->work, f->user_id, 0, &e), &e);
	check(store_roles(&f->work, f->user_id, &roles, &e), &e);
	assert_int_equal(roles, 0);
	assert_true(roles_scopes(0) & SCOPE_BIT(SCOPE_USER_SELF));
	assert_false(roles_administer(ROLE_BIT(ROLE_TECHNICIAN)));
	assert_true(roles_administer(ROLE_BIT(ROLE_HELP_DESK)));
}

// --- sessions ---

static struct sign_in_session
session(struct fixture *f, const char *sha256, bool complete)
{
	return (struct sign_in_session){.sha256 = sha256,
		.user_id = f->user_id,
		.complete = complete,
		.source = "ferry",
		.amr = "pwd",
		.signed_in_at = f->work.now};
}

static void
a_session_ends_by_itself_and_a_replaced_one_at_once(void **state)
{
	struct fixture *f = *state;
	struct sign_in_session s = session(f, "s1", false), got;
	struct work w = f->work;
	struct error e;

	check(store_sign_in_replace(&w, NULL, &s, "192.0.2.1", &e), &e);
	check(store_sign_in_get(&w, "s1", &got, &e), &e);
	assert_false(got.complete);
	w.now += SESSION_UNFINISHED + 1;
	assert_false(store_sign_in_get(&w, "s1", &got, &e));
	assert_string_equal(e.fault, "session_expired");
	w = f->work;
	s = session(f, "s2", true);
	check(store_sign_in_replace(&w, "s1", &s, "192.0.2.1", &e), &e);
	assert_false(store_sign_in_get(&w, "s1", &got, &e));
	// Used every now and then it lives on, but not for ever.
	for (int i = 0; i < 14; i++) {
		w.now += SESSION_IDLE - 1;
		check(store_sign_in_get(&w, "s2", &got, &e), &e);
	}
	w.now += SESSION_IDLE - 1;
	assert_false(store_sign_in_get(&w, "s2", &got, &e));
	w = f->work;
	s = session(f, "s3", true);
	check(store_sign_in_replace(&w, NULL, &s, "192.0.2.1", &e), &e);
	w.now += SESSION_IDLE + 1;
	assert_false(store_sign_in_get(&w, "s3", &got, &e));
}

static void
a_new_password_ends_all_other_sessions_and_grants(void **state)
{
	struct fixture *f = *state;
	struct sign_in_session one = session(f, "s1", true), two = session(f, "s2", true), got;
	struct grant grant;
	struct factors factors;
	struct error e;

	check(store_sign_in_replace(&f->work, NULL, &one, "", &e), &e);
	check(store_sign_in_replace(&f->work, NULL, &two, "", &e), &e);
	put_code(f, "c1", f->work.now + US_PER_MIN, &grant);
	check(store_refresh_put(&f->work, grant.grant_id, "r1", INT64_MAX, &e), &e);
	check(store_password_put(&f->work, f->user_id, "$argon2id$y", false, "s2", &e), &e);
	assert_false(store_sign_in_get(&f->work, "s1", &got, &e));
	check(store_sign_in_get(&f->work, "s2", &got, &e), &e);
	assert_false(store_refresh_look(&f->work, "r1", &grant, &e));
	check(store_sign_out_everywhere(&f->work, f->user_id, "asked", &e), &e);
	assert_false(store_sign_in_get(&f->work, "s2", &got, &e));
	// A hash at a new cost does not overwrite a password that was changed meanwhile.
	check(store_password_rehash(&f->work, f->user_id, "$argon2id$x", "$argon2id$z", &e), &e);
	check(store_factors(&f->work, f->user_id, &factors, &e), &e);
	assert_string_equal(factors.password_hash, "$argon2id$y");
}

// --- attempts ---

static bool
attempt(struct fixture *f, const char *address, const char *browser, time_us now, bool good)
{
	struct attempt a = {.purpose = "password",
		.account = "ada@contoso.example",
		.user_id = f->user_id,
		.address = address,
		.browser_sha256 = browser};
	struct work w = f->work;
	struct error e;
	time_us wait;

	w.now = now;
	check(store_attempt_begin(&w, &a, &wait, &e), &e);
	if (!wait && good)
		check(store_attempt_good(&w, &a, &e), &e);
	return !wait;
}

static void
an_attacker_does_not_hold_up_known_browsers_and_addresses(void **state)
{
	struct fixture *f = *state;
	time_us now = f->work.now;
	int guesses = 0;

	assert_true(attempt(f, "198.51.100.1", "laptop", now, true));
	for (int i = 0; i < 400; i++) {
		char address[32];
		now += US_PER_S;
		snprintf(address, sizeof address, "203.0.113.%d", i % 200);
		// A browser cookie that somebody made up helps nothing.
		guesses += attempt(f, address, i % 2 ? "made up" : NULL, now, false);
	}
	assert_in_range(guesses, 1, 40);
	assert_false(attempt(f, "192.0.2.99", NULL, now, false));
	assert_true(attempt(f, "192.0.2.99", "laptop", now, true));
	assert_true(attempt(f, "198.51.100.1", NULL, now, true));
	// From where the owner has just been, also without the cookie; elsewhere still not.
	assert_true(attempt(f, "192.0.2.99", NULL, now, true));
	assert_false(attempt(f, "192.0.2.100", NULL, now, false));
	assert_true(attempt(f, "192.0.2.100", NULL, now + US_PER_DAY, true));
}

static void
attempts_at_names_that_do_not_exist_are_slowed_down_too(void **state)
{
	struct fixture *f = *state;
	struct attempt a = {.purpose = "password",
		.account = "nobody@contoso.example",
		.address = "203.0.113.7"};
	struct error e;
	time_us wait = 0;
	int passed = 0;

	for (int i = 0; i < 20; i++) {
		check(store_attempt_begin(&f->work, &a, &wait, &e), &e);
		passed += wait == 0;
	}
	assert_int_equal(passed, 6);
}

static void
what_could_not_be_looked_at_counts_for_nothing(void **state)
{
	struct fixture *f = *state;
	struct attempt attempt = {.purpose = "password",
		.account = "ada",
		.user_id = f->user_id,
		.address = "192.0.2.77"};
	struct error e;
	time_us wait;

	for (int i = 0; i < 50; i++) {
		check(store_attempt_begin(&f->work, &attempt, &wait, &e), &e);
		assert_int_equal(wait, 0);
		check(store_attempt_void(&f->work, &attempt, &e), &e);
	}
	// And remembers nobody: wrong ones are counted as those of a stranger.
	for (int i = 0; i < 50 && !wait; i++)
		check(store_attempt_begin(&f->work, &attempt, &wait, &e), &e);
	assert_true(wait > 0);
	check(store_attempt_begin(&f->work, &attempt, &wait, &e), &e);
	assert_true(wait > 0);
}

static void
what_is_over_is_deleted(void **state)
{
	struct fixture *f = *state;
	struct sign_in_session s = session(f, "s1", true), got;
	struct work later = f->work;
	struct grant grant;
	struct error e;

	put_code(f, "c1", f->work.now + US_PER_MIN, &grant);
	check(store_sign_in_replace(&f->work, NULL, &s, "", &e), &e);
	attempt(f, "192.0.2.1", NULL, f->work.now, false);
	check(store_identity_forget(&f->work, &e), &e);
	check(store_sign_in_get(&f->work, "s1", &got, &e), &e);
	later.now += 30 * US_PER_DAY;
	check(store_identity_forget(&later, &e), &e);
	assert_false(store_sign_in_get(&f->work, "s1", &got, &e));
}

static void
the_record_of_sign_ins_has_the_newest_first(void **state)
{
	struct fixture *f = *state;
	struct sign_in_event *list,
		in = {.upn = "ada",
			.address = "192.0.2.1",
			.user_agent = "x",
			.method = "password",
			.result = "failure",
			.reason = "sign_in_failed"};
	struct work w = f->work;
	struct error e;
	size_t count;

	for (int i = 0; i < 5; i++, w.now++)
		check(store_sign_in_event(&w, &in, &e), &e);
	check(store_sign_in_events(&w, 0, "", 3, &list, &count, &e), &e);
	assert_int_equal(count, 3);
	assert_true(list[0].at > list[2].at);
	time_us at = list[2].at;
	check(store_sign_in_events(&w, at, list[2].event_id, 3, &list, &count, &e), &e);
	assert_int_equal(count, 2);
	assert_true(list[0].at < at);
	w.tenant_id = uuid_new(&f->arena);
	check(store_sign_in_events(&w, 0, "", 3, &list, &count, &e), &e);
	assert_int_equal(count, 0);
}

static void
a_client_keeps_its_redirects_and_takes_its_grants_along(void **state)
{
	struct fixture *f = *state;
	struct redirect redirects[] = {{REDIRECT_SPA, "https://spa.example:8443/x"},
		{REDIRECT_NATIVE, "http://127.0.0.1/cb"}};
	struct client in = {.client_id = uuid_new(&f->arena),
			      .name = "Admin centre",
			      .secret_sha256 = "",
			      .roles = "[]",
			      .scopes = "User.Read",
			      .is_public = true,
			      .redirects = redirects,
			      .redirect_count = 2},
		      out;
	struct error e;
	bool known;

	check(store_client_create(&f->work, &in, &e), &e);
	assert_false(store_client_create(&f->work, &in, &e));
	check(store_client_get(&f->work, in.client_id, &out, &e), &e);
	assert_int_equal(out.redirect_count, 2);
	assert_true(out.is_public && !out.device_code);
	assert_string_equal(out.tenant_domain, "contoso.example");
	check(store_spa_origin(&f->work, "https://spa.example:8443", &known, &e), &e);
	assert_true(known);
	check(store_spa_origin(&f->work, "https://spa.example", &known, &e), &e);
	assert_false(known);
	check(store_spa_origin(&f->work, "http://127.0.0.1", &known, &e), &e);
	assert_false(known);
	struct work other = f->work;
	other.tenant_id = uuid_new(&f->arena);
	assert_false(store_client_delete(&other, in.client_id, &e));
	check(store_client_delete(&f->work, in.client_id, &e), &e);
	assert_false(store_client_get(&f->work, in.client_id, &out, &e));
	assert_string_equal(e.fault, "oauth_client_unknown");
}

int
main(int argc, char **argv)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_with_person, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(a_step_of_an_authenticator_app_never_counts_again),
		CASE(a_pass_counts_in_its_time_and_once_if_it_says_so),
		CASE(names_are_compared_without_case_and_given_once),
		CASE(the_last_administrator_stays_one),
		CASE(a_session_ends_by_itself_and_a_replaced_one_at_once),
		CASE(a_new_password_ends_all_other_sessions_and_grants),
		CASE(an_attacker_does_not_hold_up_known_browsers_and_addresses),
		CASE(attempts_at_names_that_do_not_exist_are_slowed_down_too),
		CASE(what_could_not_be_looked_at_counts_for_nothing),
		CASE(what_is_over_is_deleted),
		CASE(the_record_of_sign_ins_has_the_newest_first),
		CASE(a_client_keeps_its_redirects_and_takes_its_grants_along),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
