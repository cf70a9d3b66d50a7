// SPDX-License-Identifier: Apache-2.0
// What tokens rely on, on both databases: everything that counts once counts once, also when
// several come at the same time.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/contract/sign_in_place.h"
#include <pthread.h>

enum { RIVALS = 8 };

// --- codes and tokens ---

static void
a_code_counts_once_and_its_second_use_revokes_what_the_first_gave(void **state)
{
	struct fixture *f = *state;
	struct grant grant, got;
	struct authorization_code code;
	struct error e;

	put_code(f, "c1", f->work.now + 60 * US_PER_S, &grant);
	assert_false(store_code_take(&f->work, "c0", &code, &got, &e));
	assert_string_equal(e.fault, "oauth_code_invalid");
	check(store_code_take(&f->work, "c1", &code, &got, &e), &e);
	assert_string_equal(got.grant_id, grant.grant_id);
	assert_string_equal(code.nonce, "n");
	check(store_refresh_put(&f->work, got.grant_id, "r1", grant.end_at, &e), &e);
	check(store_refresh_look(&f->work, "r1", &got, &e), &e);
	assert_false(store_code_take(&f->work, "c1", &code, &got, &e));
	assert_string_equal(e.fault, "oauth_code_invalid");
	assert_false(store_refresh_look(&f->work, "r1", &got, &e));
	assert_string_equal(e.fault, "oauth_refresh_invalid");
	assert_false(store_refresh_rotate(&f->work, "r1", "r2", grant.end_at, &e));
	assert_string_equal(e.fault, "oauth_refresh_invalid");
}

static void
a_code_is_good_for_its_minute_only(void **state)
{
	struct fixture *f = *state;
	struct grant grant, got;
	struct authorization_code code;
	struct error e;

	put_code(f, "c1", f->work.now, &grant);
	assert_false(store_code_take(&f->work, "c1", &code, &got, &e));
	assert_string_equal(e.fault, "oauth_code_invalid");
}

static void
a_refresh_token_used_twice_revokes_all_of_its_family(void **state)
{
	struct fixture *f = *state;
	struct grant grant, got;
	struct error e;

	put_code(f, "c1", f->work.now + 1, &grant);
	check(store_refresh_put(&f->work, grant.grant_id, "r1", grant.end_at, &e), &e);
	check(store_refresh_rotate(&f->work, "r1", "r2", grant.end_at, &e), &e);
	check(store_refresh_rotate(&f->work, "r2", "r3", grant.end_at, &e), &e);
	check(store_refresh_look(&f->work, "r3", &got, &e), &e);
	assert_false(store_refresh_rotate(&f->work, "r1", "r4", grant.end_at, &e));
	assert_string_equal(e.fault, "oauth_refresh_invalid");
	assert_false(store_refresh_look(&f->work, "r3", &got, &e));
	assert_false(store_refresh_look(&f->work, "r4", &got, &e));
	assert_false(store_refresh_rotate(&f->work, "r3", "r5", grant.end_at, &e));
}

static void
an_expired_refresh_token_or_grant_gives_nothing(void **state)
{
	struct fixture *f = *state;
	struct grant grant, got;
	struct error e;

	put_code(f, "c1", f->work.now + 1, &grant);
	check(store_refresh_put(&f->work, grant.grant_id, "r1", f->work.now + US_PER_MIN, &e), &e);
	struct work later = f->work;
	later.now += US_PER_MIN;
	assert_false(store_refresh_look(&later, "r1", &got, &e));
	assert_false(store_refresh_rotate(&later, "r1", "r2", grant.end_at, &e));
	check(store_refresh_put(&f->work, grant.grant_id, "r3", INT64_MAX, &e), &e);
	later.now = grant.end_at;
	assert_false(store_refresh_look(&later, "r3", &got, &e));
	assert_false(store_refresh_look(&f->work, "unknown", &got, &e));
}

struct rival {
	struct fixture *f;
	bool (*act)(const struct work *w, struct fixture *f);
	int number;
	bool won;
};

static void *
compete(void *arg)
{
	struct rival *r = arg;
	struct store_session *session;
	struct error e;
	autoarena(arena, ARENA_SMALL);

	if (!store_session_open(r->f->store, &session, &e))
		return NULL;
	struct work w = {.arena = &arena,
		.session = session,
		.now = r->f->work.now,
		.tenant_id = r->f->work.tenant_id};
	r->won = r->act(&w, r->f);
	store_session_close(session);
	return NULL;
}

static int
winners(struct fixture *f, bool (*act)(const struct work *w, struct fixture *f))
{
	pthread_t threads[RIVALS];
	struct rival rivals[RIVALS];
	int won = 0;

	for (int i = 0; i < RIVALS; i++) {
		rivals[i] = (struct rival){.f = f, .act = act, .number = i};
		pthread_create(&threads[i], NULL, compete, &rivals[i]);
	}
	for (int i = 0; i < RIVALS; i++) {
		pthread_join(threads[i], NULL);
		won += rivals[i].won;
	}
	return won;
}

static bool
redeem_code(const struct work *w, struct fixture *f)
{
	struct authorization_code code;
	struct grant grant;
	struct error e;

	(void)f;
	return store_code_take(w, "race", &code, &grant, &e);
}

static bool
rotate(const struct work *w, struct fixture *f)
{
	struct error e;

	(void)f;
	return store_refresh_rotate(w, "race", uuid_new(w->arena), INT64_MAX, &e);
}

static bool
type_code(const struct work *w, struct fixture *f)
{
	struct error e;
	bool used = false;

	return store_totp_use(w, f->user_id, 1000, &used, &e) && used;
}

static bool
show_pass(const struct work *w, struct fixture *f)
{
	struct error e;
	bool used = false;

	return store_pass_use(w, f->user_id, "race", &used, &e) && used;
}

static bool
recover(const struct work *w, struct fixture *f)
{
	struct error e;
	bool used = false;

	return store_recovery_use(w, f->user_id, "race", &used, &e) && used;
}

static void
of_many_at_the_same_time_one_wins(void **state)
{
	struct fixture *f = *state;
	static const char *const codes[] = {"race", "other"};
	struct grant grant;
	struct error e;

	put_code(f, "race", f->work.now + US_PER_MIN, &grant);
	assert_int_equal(winners(f, redeem_code), 1);
	put_code(f, "second", f->work.now + US_PER_MIN, &grant);
	check(store_refresh_put(&f->work, grant.grant_id, "race", INT64_MAX, &e), &e);
	assert_int_equal(winners(f, rotate), 1);
	check(store_totp_put(&f->work, f->user_id, slice_str("s"), 999, codes, 2, &e), &e);
	assert_int_equal(winners(f, type_code), 1);
	assert_int_equal(winners(f, recover), 1);
	check(store_pass_put(&f->work, f->user_id, "race", f->work.now, INT64_MAX, true, &e), &e);
	assert_int_equal(winners(f, show_pass), 1);
}

static void
a_device_code_is_approved_once_and_redeemed_once(void **state)
{
	struct fixture *f = *state;
	struct device_code in = {.sha256 = "d1",
				   .user_code = "BCDFG-HJKLM",
				   .client_id = f->client_id,
				   .scope = "openid",
				   .address = "192.0.2.1",
				   .end_at = f->work.now + US_PER_MIN},
			   out;
	struct grant grant = grant_of(f), got;
	struct error e;
	bool made;

	check(store_device_code_put(&f->work, &in, &made, &e), &e);
	assert_true(made);
	in.sha256 = "d2";
	check(store_device_code_put(&f->work, &in, &made, &e), &e);
	assert_false(made);
	check(store_device_code_poll(&f->work, "d1", f->client_id, &out, &got, &e), &e);
	assert_string_equal(out.state, "pending");
	assert_false(store_device_code_poll(&f->work, "d1", "another client", &out, &got, &e));
	assert_false(store_device_code_find(&f->work, "BCDFG-HJKLN", &out, &e));
	assert_string_equal(e.fault, "user_code_unknown");
	check(store_device_code_find(&f->work, "BCDFG-HJKLM", &out, &e), &e);
	assert_string_equal(out.address, "192.0.2.1");
	check(store_device_code_settle(&f->work, "d1", &grant, &e), &e);
	assert_false(store_device_code_settle(&f->work, "d1", NULL, &e));
	assert_false(store_device_code_find(&f->work, "BCDFG-HJKLM", &out, &e));
	check(store_device_code_poll(&f->work, "d1", f->client_id, &out, &got, &e), &e);
	assert_string_equal(out.state, "approved");
	assert_string_equal(got.grant_id, grant.grant_id);
	assert_false(store_device_code_poll(&f->work, "d1", f->client_id, &out, &got, &e));
	assert_string_equal(e.fault, "oauth_device_code_invalid");
}

static void
nobody_sees_the_user_code_of_another_tenant(void **state)
{
	struct fixture *f = *state;
	struct device_code in = {.sha256 = "d1",
				   .user_code = "BCDFG-HJKLM",
				   .client_id = f->client_id,
				   .scope = "",
				   .address = "",
				   .end_at = f->work.now + US_PER_MIN},
			   out;
	struct work other = f->work;
	struct error e;
	bool made;

	check(store_device_code_put(&f->work, &in, &made, &e), &e);
	other.tenant_id = uuid_new(&f->arena);
	assert_false(store_device_code_find(&other, "BCDFG-HJKLM", &out, &e));
	other = f->work;
	other.now = in.end_at;
	assert_false(store_device_code_find(&other, "BCDFG-HJKLM", &out, &e));
}

int
main(int argc, char **argv)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_with_person, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(a_code_counts_once_and_its_second_use_revokes_what_the_first_gave),
		CASE(a_code_is_good_for_its_minute_only),
		CASE(a_refresh_token_used_twice_revokes_all_of_its_family),
		CASE(an_expired_refresh_token_or_grant_gives_nothing),
		CASE(of_many_at_the_same_time_one_wins),
		CASE(a_device_code_is_approved_once_and_redeemed_once),
		CASE(nobody_sees_the_user_code_of_another_tenant),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
