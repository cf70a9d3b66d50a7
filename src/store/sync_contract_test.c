// SPDX-License-Identifier: Apache-2.0
// What the synchronization promises, on both databases: nobody is overwritten, one run at a time,
// the order of objects does not matter, and an accident does not empty the directory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/contract/fixture.h"
#include "store/identity.h"
#include "store/queries.h"
#include "store/sync.h"
#include <stdio.h>
#include <stdlib.h>

#define DOMAIN "ad.contoso.example"

// Of each test: the connector that it begins with, and what it was told last.
static struct connector ours;
static struct sync_order order;

static struct connector
new_connector(struct fixture *f, const char *domain)
{
	struct connector c = {.tenant_id = f->work.tenant_id, .name = "c", .domain = domain};
	struct error e;

	check(store_connector_create(&f->work, "c", domain, uuid_new(&f->arena),
		      f->work.now + US_PER_DAY, &c.connector_id, &e),
		&e);
	return c;
}

static bool
begin(struct fixture *f, const struct connector *connector)
{
	struct error e;
	bool due;

	f->work.now = clock_now();
	check(store_sync_begin(&f->work, connector, US_PER_DAY, &due, &order, &e), &e);
	return due;
}

static int
open_with_connector(void **state)
{
	struct fixture *f = fixture_begin();

	ours = new_connector(f, DOMAIN);
	assert_true(begin(f, &ours));
	*state = f;
	return 0;
}

// --- objects by number

static const char *
guid(struct fixture *f, int number)
{
	return arena_printf(&f->arena, "00000000-0000-4000-8000-%012d", number);
}

static struct sync_user
user(struct fixture *f, int number, const char *upn)
{
	return (struct sync_user){.guid = guid(f, number),
		.sid = arena_printf(&f->arena, "S-1-5-21-1-2-3-%d", number),
		.account = arena_printf(&f->arena, "u%d", number),
		.upn = upn ? upn : arena_printf(&f->arena, "u%d@" DOMAIN, number),
		.display_name = "",
		.given_name = "",
		.surname = "",
		.mail = "",
		.department = "",
		.job_title = "",
		.usage_location = "",
		.attributes = "{}",
		.enabled = true};
}

static struct sync_group
group(struct fixture *f, int number, const char *const *members, size_t count)
{
	return (struct sync_group){.guid = guid(f, number),
		.sid = arena_printf(&f->arena, "S-1-5-21-1-2-3-%d", number),
		.account = arena_printf(&f->arena, "g%d", number),
		.display_name = "",
		.description = "",
		.members = members,
		.member_count = count};
}

static bool
send(struct fixture *f, const struct connector *connector, struct sync_batch batch, struct error *e)
{
	batch.run_id = order.run_id;
	return store_sync_batch(&f->work, connector, &batch, e);
}

static void
put_user(struct fixture *f, const struct sync_user *u)
{
	struct error e;

	check(send(f, &ours, (struct sync_batch){.users = u, .user_count = 1}, &e), &e);
}

static void
put_gone(struct fixture *f, int number, bool deleted)
{
	struct sync_gone gone = {.guid = guid(f, number), .deleted = deleted};
	struct error e;

	check(send(f, &ours, (struct sync_batch){.gone = &gone, .gone_count = 1}, &e), &e);
}

// --- looking

struct look {
	struct fixture *f;
	const char *guid;
	char upn[100], fault[40];
	int64_t count;
};

static bool
look_tx(struct db *db, void *ctx, struct error *e)
{
	struct look *l = ctx;
	const char *tenant = l->f->work.tenant_id;
	struct arena *a = &l->f->arena;
	autorows user_row = NULL;
	autorows problems = NULL;

	*l->upn = *l->fault = '\0';
	if (db_one(db, Q_SYNC_USER_BY_GUID, PARAMS(DB_TEXT(tenant), DB_TEXT(l->guid)), &user_row,
		    e))
		snprintf(l->upn, sizeof l->upn, "%s", db_text(a, user_row, "upn"));
	if (!db_query(db, Q_SYNC_PROBLEM_LIST, PARAMS(DB_TEXT(tenant)), &problems, e))
		return false;
	while (db_next(problems))
		if (str_ends(db_text(a, problems, "object_guid"), l->guid))
			snprintf(l->fault, sizeof l->fault, "%s", db_text(a, problems, "fault"));
	return true;
}

// The UPN under which an object is stored ("" when it is not), and its problem ("" when none).
static void
is(struct fixture *f, int number, const char *upn, const char *fault)
{
	struct look l = {.f = f, .guid = guid(f, number)};
	struct error e;

	check(store_read(f->session, look_tx, &l, &e), &e);
	assert_string_equal(l.upn, upn);
	assert_string_equal(l.fault, fault);
}

// How many users would leave the group if it had no member: undone at once.
static bool
members_tx(struct db *db, void *ctx, struct error *e)
{
	struct look *l = ctx;
	const char *tenant = l->f->work.tenant_id;
	autorows r = NULL;

	if (!db_one(db, Q_SYNC_GROUP_BY_GUID, PARAMS(DB_TEXT(tenant), DB_TEXT(l->guid)), &r, e))
		return false;
	if (!db_run(db, Q_SYNC_GROUP_USERS_REMOVE,
		    PARAMS(DB_TEXT(tenant), DB_TEXT(db_text(&l->f->arena, r, "group_id")),
			    DB_TEXT("nobody")),
		    &l->count, e))
		return false;
	return error_set(e, ERR_TIMEOUT, "undo");
}

static int64_t
members(struct fixture *f, int number)
{
	struct look l = {.f = f, .guid = guid(f, number), .count = -1};
	struct error e;

	assert_false(store_write(f->session, members_tx, &l, &e));
	assert_int_equal(e.code, ERR_TIMEOUT);
	return l.count;
}

// --- the cases

static void
another_domain_cannot_speak_of_ours(void **state)
{
	struct fixture *f = *state;
	struct connector other = new_connector(f, "other.example");
	struct sync_user mine = user(f, 1, NULL), stolen = user(f, 1, "u1@other.example");
	struct sync_gone gone = {.guid = guid(f, 1), .deleted = true};
	struct sync_person person;
	struct error e;

	put_user(f, &mine);
	assert_true(begin(f, &other));
	check(send(f, &other,
		      (struct sync_batch){
			      .users = &stolen, .user_count = 1, .gone = &gone, .gone_count = 1},
		      &e),
		&e);
	is(f, 1, "u1@" DOMAIN, "sync_foreign_object");
	assert_false(store_sync_person(&f->work, "other.example", mine.sid, &person, &e));
	check(store_sync_person(&f->work, DOMAIN, mine.sid, &person, &e), &e);
	assert_string_equal(person.upn, "u1@" DOMAIN);
}

static void
names_of_others_are_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *upn, *stored, *fault;
	} names[] = {
		{"a@elsewhere.example", "", "upn_suffix_refused"},
		{"a@evilcontoso.example", "", "upn_suffix_refused"},
		{"a@example", "", "upn_suffix_refused"},
		{"nosuffix", "", "upn_suffix_refused"},
		{"@contoso.example", "", "upn_suffix_refused"},
		{"b@contoso.example", "b@contoso.example", ""},
		{"c@sub.contoso.example", "c@sub.contoso.example", ""},
		{"d@" DOMAIN, "d@" DOMAIN, ""},
	};

	for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
		struct sync_user u = user(f, i + 1, names[i].upn);
		put_user(f, &u);
		is(f, i + 1, names[i].stored, names[i].fault);
	}
}

static void
a_domain_with_a_name_inside_only_is_warned_of(void **state)
{
	struct fixture *f = *state;
	struct connector local = new_connector(f, "corp.local");
	struct sync_user u = user(f, 1, "u1@corp.local");
	struct error e;

	assert_true(begin(f, &local));
	check(send(f, &local, (struct sync_batch){.users = &u, .user_count = 1}, &e), &e);
	is(f, 1, "u1@corp.local", "upn_not_routable");
}

static void
a_name_of_another_domain_is_not_taken(void **state)
{
	struct fixture *f = *state;
	struct connector other = new_connector(f, "sub." DOMAIN);
	struct sync_user first = user(f, 1, "boss@contoso.example");
	struct sync_user second = user(f, 2, "Boss@Contoso.Example");
	struct error e;

	put_user(f, &first);
	const char *run_id = order.run_id;
	assert_true(begin(f, &other));
	check(send(f, &other, (struct sync_batch){.users = &second, .user_count = 1}, &e), &e);
	is(f, 2, "", "upn_taken");
	is(f, 1, "boss@contoso.example", "");
	// Once the name is free the next run stores it.
	order.run_id = run_id;
	first = user(f, 1, NULL);
	put_user(f, &first);
	assert_true(begin(f, &other));
	check(send(f, &other, (struct sync_batch){.users = &second, .user_count = 1}, &e), &e);
	is(f, 2, "Boss@Contoso.Example", "");
}

static void
people_of_one_domain_may_swap_names(void **state)
{
	struct fixture *f = *state;
	struct sync_user a = user(f, 1, "a@" DOMAIN), b = user(f, 2, "b@" DOMAIN);

	put_user(f, &a);
	put_user(f, &b);
	a.upn = "b@" DOMAIN;
	put_user(f, &a);
	is(f, 1, "b@" DOMAIN, "");
	b.upn = "a@" DOMAIN;
	put_user(f, &b);
	is(f, 1, "b@" DOMAIN, "");
	is(f, 2, "a@" DOMAIN, "");
}

static void
one_connector_at_a_time_until_it_falls_silent(void **state)
{
	struct fixture *f = *state;
	struct connector other = new_connector(f, DOMAIN);
	const char *old = order.run_id;
	struct sync_user u = user(f, 1, NULL);
	struct error e;
	bool due;

	check(store_sync_begin(&f->work, &other, US_PER_DAY, &due, &order, &e), &e);
	assert_false(due);
	f->work.now += (SYNC_LEASE_S + 1) * US_PER_S;
	check(store_sync_begin(&f->work, &other, US_PER_DAY, &due, &order, &e), &e);
	assert_true(due);
	// The silent one comes back: nothing of it counts any more.
	struct sync_batch late = {.run_id = old, .users = &u, .user_count = 1, .cursor = "late"};
	assert_false(store_sync_batch(&f->work, &ours, &late, &e));
	assert_string_equal(e.fault, "sync_superseded");
	is(f, 1, "", "");
	check(send(f, &other, (struct sync_batch){.cursor = "mine"}, &e), &e);
	check(store_sync_begin(&f->work, &ours, US_PER_DAY, &due, &order, &e), &e);
	assert_false(due);
	check(store_sync_request(&f->work, "AD.Contoso.Example", true, false, &e), &e);
	check(store_sync_begin(&f->work, &ours, US_PER_DAY, &due, &order, &e), &e);
	assert_true(due && order.full);
	assert_string_equal(order.cursor, "mine");
}

static void
members_may_come_before_or_after_their_group(void **state)
{
	struct fixture *f = *state;
	const char *list[] = {guid(f, 1), guid(f, 2), guid(f, 9)};
	struct sync_user a = user(f, 1, NULL), b = user(f, 2, NULL);
	struct sync_group g = group(f, 10, list, 3);
	struct error e;

	put_user(f, &a);
	check(send(f, &ours, (struct sync_batch){.groups = &g, .group_count = 1}, &e), &e);
	assert_int_equal(members(f, 10), 1);
	put_user(f, &b);
	assert_int_equal(members(f, 10), 2);
	// Out of sight and back: still a member. Deleted and restored: not, until the group says
	// so.
	put_gone(f, 1, false);
	assert_int_equal(members(f, 10), 1);
	put_user(f, &a);
	assert_int_equal(members(f, 10), 2);
	put_gone(f, 1, true);
	put_user(f, &a);
	assert_int_equal(members(f, 10), 1);
}

static void
a_group_in_parts_loses_members_only_at_its_end(void **state)
{
	struct fixture *f = *state;
	const char *all[] = {guid(f, 1), guid(f, 2), guid(f, 3)};
	struct sync_user people[] = {user(f, 1, NULL), user(f, 2, NULL), user(f, 3, NULL)};
	struct sync_group g = group(f, 10, all, 3), part;
	struct error e;

	check(send(f, &ours,
		      (struct sync_batch){
			      .users = people, .user_count = 3, .groups = &g, .group_count = 1},
		      &e),
		&e);
	assert_int_equal(members(f, 10), 3);
	check(send(f, &ours, (struct sync_batch){.cursor = "1"}, &e), &e);
	check(store_sync_request(&f->work, DOMAIN, false, false, &e), &e);
	assert_true(begin(f, &ours));
	part = group(f, 10, all, 1);
	part.more = true;
	check(send(f, &ours, (struct sync_batch){.groups = &part, .group_count = 1}, &e), &e);
	assert_int_equal(members(f, 10), 3);
	part = group(f, 10, all + 2, 1);
	check(send(f, &ours, (struct sync_batch){.groups = &part, .group_count = 1}, &e), &e);
	assert_int_equal(members(f, 10), 2);
}

static void
what_a_full_run_has_not_seen_is_removed_unless_it_is_too_much(void **state)
{
	struct fixture *f = *state;
	enum { MANY = 120 };
	struct sync_user people[MANY];
	struct error e;

	for (int i = 0; i < MANY; i++)
		people[i] = user(f, i + 1, NULL);
	struct sync_batch all = {.full = true, .users = people, .user_count = MANY, .cursor = "1"};
	check(send(f, &ours, all, &e), &e);
	all.user_count = MANY - 10;
	check(store_sync_request(&f->work, DOMAIN, true, false, &e), &e);
	assert_true(begin(f, &ours));
	check(send(f, &ours, all, &e), &e);
	is(f, MANY - 10, people[MANY - 11].upn, "");
	is(f, MANY, "", "");
	all.user_count = 20;
	check(store_sync_request(&f->work, DOMAIN, true, false, &e), &e);
	assert_true(begin(f, &ours));
	assert_false(send(f, &ours, all, &e));
	assert_string_equal(e.fault, "sync_too_many_gone");
	is(f, 21, people[20].upn, "");
	check(store_sync_request(&f->work, DOMAIN, true, true, &e), &e);
	assert_true(begin(f, &ours));
	check(send(f, &ours, all, &e), &e);
	is(f, 21, "", "");
	is(f, 20, people[19].upn, "");
}

static void
a_sealed_check_is_handed_over_once(void **state)
{
	struct fixture *f = *state;
	struct sync_check in = {.check_id = uuid_new(&f->arena),
		.connector_id = ours.connector_id,
		.kind = "password",
		.sealed = slice_str("sealed")};
	struct sync_check got;
	const char *answer;
	struct error e;
	bool found;

	check(store_check_put(&f->work, &in, &e), &e);
	check(store_check_take(&f->work, "another", &found, &got, &e), &e);
	assert_false(found);
	check(store_check_take(&f->work, in.connector_id, &found, &got, &e), &e);
	assert_true(found && slice_is(got.sealed, "sealed"));
	check(store_check_take(&f->work, in.connector_id, &found, &got, &e), &e);
	assert_false(found);
	check(store_check_withdraw(&f->work, in.check_id, &found, &e), &e);
	assert_false(found);
	assert_false(store_check_result(&f->work, in.check_id, in.connector_id, &answer, &e));
	check(store_check_answer(&f->work, in.check_id, in.connector_id, "{}", &e), &e);
	assert_false(store_check_result(&f->work, in.check_id, "another", &answer, &e));
	check(store_check_result(&f->work, in.check_id, in.connector_id, &answer, &e), &e);
	assert_string_equal(answer, "{}");
	assert_false(store_check_result(&f->work, in.check_id, in.connector_id, &answer, &e));
}

static void
sign_in(struct fixture *f, const char *sha256, const char *sid)
{
	struct sync_person person;
	struct error e;

	check(store_sync_person(&f->work, DOMAIN, sid, &person, &e), &e);
	struct sign_in_session session = {.sha256 = sha256,
		.tenant_id = f->work.tenant_id,
		.user_id = person.user_id,
		.complete = true,
		.source = "domain",
		.amr = "pwd",
		.signed_in_at = f->work.now};
	check(store_sign_in_replace(&f->work, NULL, &session, "192.0.2.1", &e), &e);
}

static void
who_is_disabled_or_gone_is_signed_out(void **state)
{
	struct fixture *f = *state;
	struct sync_user users[] = {user(f, 1, NULL), user(f, 2, NULL), user(f, 3, NULL)};
	struct sign_in_session session;
	struct error e;

	for (int i = 0; i < 3; i++)
		put_user(f, &users[i]);
	sign_in(f, "s1", users[0].sid);
	sign_in(f, "s2", users[1].sid);
	sign_in(f, "s3", users[2].sid);
	users[0].enabled = false;
	put_user(f, &users[0]);
	put_gone(f, 2, true);
	users[2].department = "Flight";
	put_user(f, &users[2]);
	assert_false(store_sign_in_get(&f->work, "s1", &session, &e));
	assert_string_equal(e.fault, "session_expired");
	assert_false(store_sign_in_get(&f->work, "s2", &session, &e));
	assert_string_equal(e.fault, "session_expired");
	check(store_sign_in_get(&f->work, "s3", &session, &e), &e);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_with_connector, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(who_is_disabled_or_gone_is_signed_out),
		ON(another_domain_cannot_speak_of_ours),
		ON(names_of_others_are_refused),
		ON(a_domain_with_a_name_inside_only_is_warned_of),
		ON(a_name_of_another_domain_is_not_taken),
		ON(people_of_one_domain_may_swap_names),
		ON(one_connector_at_a_time_until_it_falls_silent),
		ON(members_may_come_before_or_after_their_group),
		ON(a_group_in_parts_loses_members_only_at_its_end),
		ON(what_a_full_run_has_not_seen_is_removed_unless_it_is_too_much),
		ON(a_sealed_check_is_handed_over_once),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
