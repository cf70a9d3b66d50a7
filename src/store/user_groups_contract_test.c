// SPDX-License-Identifier: Apache-2.0
// Groups whose rules are about users, on both databases: who is in them is true when the change
// that decides it is done.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/contract/sign_in_place.h"
#include "store/federated.h"
#include "store/groups.h"
#include "store/queries.h"
#include "store/settle.h"

enum { MANY = 2100 };

static const char *
someone(struct fixture *f, const char *upn, const char *department)
{
	struct error e;
	const char *id;
	struct new_person in = {.upn = upn,
		.display_name = upn,
		.given_name = "",
		.surname = "",
		.mail = "",
		.department = department};

	check(store_person_create(&f->work, &in, &id, &e), &e);
	return id;
}

static struct group
rule_group(struct fixture *f, const char *name, const char *rule)
{
	struct error e;
	struct group g = {.id = uuid_new(&f->arena),
		.name = name,
		.description = "",
		.mail_nickname = "",
		.rule = rule,
		.subject = rule ? "user" : "",
		.processing = "On",
		.version = 1};

	check(store_group_insert(&f->work, &g, &e), &e);
	return g;
}

static bool
read_tx(struct db *db, void *ctx, struct error *e)
{
	const void **c = ctx;
	const struct work *w = c[0];
	autorows r = NULL;

	if (!db_query(db, Q_USER_GROUP_LIST, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c[1])), &r, e))
		return false;
	for (c[3] = NULL; db_next(r);)
		if (str_eq(db_text(w->arena, r, "group_id"), c[2]))
			c[3] = "in";
	return true;
}

static bool
is_in(struct fixture *f, const char *user_id, const struct group *g)
{
	const void *c[] = {&f->work, user_id, g->id, NULL};
	struct error e;

	check(store_read(f->work.session, read_tx, c, &e), &e);
	return c[3] != NULL;
}

static void
a_rule_that_cannot_be_is_refused_and_puts_nobody_in(void **state)
{
	struct fixture *f = *state;
	struct group g = {.id = uuid_new(&f->arena),
		.name = "x",
		.description = "",
		.mail_nickname = "",
		.rule = "(user.departement -eq \"Sales\")",
		.subject = "user",
		.processing = "On"};
	struct error e;

	assert_false(store_group_insert(&f->work, &g, &e));
	assert_int_equal(e.code, ERR_INVALID);
	g.rule = "(user.department -eq \"Sales\")";
	check(store_group_insert(&f->work, &g, &e), &e);
	// Nobody is put into it by hand (behaviour G9).
	assert_false(store_group_member_add(&f->work, g.id, someone(f, "a@c.example", ""), &e));
	assert_int_equal(e.code, ERR_INVALID);
}

static void
people_are_in_the_groups_that_fit_them_from_the_first_moment(void **state)
{
	struct fixture *f = *state;
	const char *before = someone(f, "ann@contoso.example", "sales");
	struct group g = rule_group(f, "Sales", "(user.department -eq \"Sales\")");
	struct group not = rule_group(f, "Others", "(user.department -ne \"Sales\")");
	const char *after = someone(f, "bob@contoso.example", "Sales");
	const char *other = someone(f, "cy@contoso.example", "IT");

	assert_true(is_in(f, before, &g) && is_in(f, after, &g));
	assert_false(is_in(f, other, &g));
	assert_true(is_in(f, other, &not ));
	assert_false(is_in(f, before, &not ));
}

static void
a_changed_person_moves(void **state)
{
	struct fixture *f = *state;
	struct group sales = rule_group(f, "Sales", "(user.department -eq \"Sales\")");
	struct group off = rule_group(f, "Off", "(user.accountEnabled -eq false)");
	const char *id = someone(f, "ann@contoso.example", "Sales");
	struct person_change change = {.department = "IT"};
	const bool no = false;
	struct error e;

	check(store_person_update(&f->work, id, &change, &e), &e);
	assert_false(is_in(f, id, &sales));
	change = (struct person_change){.department = "Sales", .enabled = &no};
	check(store_person_update(&f->work, id, &change, &e), &e);
	assert_true(is_in(f, id, &sales) && is_in(f, id, &off));
	check(store_person_delete(&f->work, id, &e), &e);
	assert_false(is_in(f, id, &sales));
}

static void
a_federated_person_is_judged_too(void **state)
{
	struct fixture *f = *state;
	struct group g = rule_group(f, "Fabrikam", "(user.userPrincipalName -match \"@fab\")");
	struct federated_user in = {
		.issuer = "https://i.example", .subject = "1", .upn = "eve@fabrikam.example"};
	const char *id;
	struct error e;

	check(store_federated_user(&f->work, &in, &id, &e), &e);
	assert_true(is_in(f, id, &g));
}

static void
a_changed_rule_moves_everybody(void **state)
{
	struct fixture *f = *state;
	const char *sales = someone(f, "ann@contoso.example", "Sales");
	const char *it = someone(f, "bob@contoso.example", "IT");
	struct group g = rule_group(f, "G", "(user.department -eq \"Sales\")");
	struct error e;

	g.rule = "(user.department -eq \"IT\")";
	check(store_group_update(&f->work, &g, &e), &e);
	assert_true(is_in(f, it, &g));
	assert_false(is_in(f, sales, &g));
	// Paused: it stays as it is, whoever comes.
	g.version = 2;
	g.processing = "Paused";
	check(store_group_update(&f->work, &g, &e), &e);
	const char *late = someone(f, "cy@contoso.example", "IT");
	assert_true(is_in(f, it, &g));
	assert_false(is_in(f, late, &g));
	g.version = 3;
	g.processing = "On";
	check(store_group_update(&f->work, &g, &e), &e);
	assert_true(is_in(f, late, &g));
	// Without a rule the members are those that people put in: nobody yet.
	g.version = 4;
	g.rule = NULL;
	g.subject = "";
	check(store_group_update(&f->work, &g, &e), &e);
	assert_false(is_in(f, it, &g));
}

static void
membership_of_other_groups_counts_at_any_depth(void **state)
{
	struct fixture *f = *state;
	const char *ann = someone(f, "ann@contoso.example", "Sales");
	struct group sales = rule_group(f, "Sales", "(user.department -eq \"Sales\")");
	struct group inner = rule_group(f, "Inner", NULL), outer = rule_group(f, "Outer", NULL);
	struct group of_outer = rule_group(f, "Of outer",
		arena_printf(
			&f->arena, "user.memberOf -any (group.objectId -in ['%s'])", outer.id));
	struct group of_sales = rule_group(f, "Of sales",
		arena_printf(
			&f->arena, "user.memberOf -any (group.objectId -in ['%s'])", sales.id));
	struct person_change change = {.department = "IT"};
	struct error e;

	assert_true(is_in(f, ann, &of_sales));
	assert_false(is_in(f, ann, &of_outer));
	check(store_group_member_add(&f->work, inner.id, ann, &e), &e);
	assert_false(is_in(f, ann, &of_outer));
	check(store_group_member_add(&f->work, outer.id, inner.id, &e), &e);
	assert_true(is_in(f, ann, &of_outer));
	check(store_group_member_remove(&f->work, inner.id, ann, &e), &e);
	assert_false(is_in(f, ann, &of_outer));
	check(store_group_member_add(&f->work, outer.id, ann, &e), &e);
	assert_true(is_in(f, ann, &of_outer));
	check(store_group_delete(&f->work, outer.id, &e), &e);
	assert_false(is_in(f, ann, &of_outer));
	check(store_person_update(&f->work, ann, &change, &e), &e);
	assert_false(is_in(f, ann, &of_sales));
}

struct crowd {
	struct fixture *f;
	int count;
	const char *department; // NULL: Sales and IT in turn
};

static bool
many_tx(struct db *db, void *ctx, struct error *e)
{
	struct crowd *crowd = ctx;
	struct fixture *f = crowd->f;

	for (int i = 0; i < crowd->count; i++) {
		const char *upn = arena_printf(&f->arena, "u%04d@contoso.example", i);
		const char *department = i % 2 ? "Sales" : "IT";
		if (crowd->department)
			department = crowd->department;
		if (!db_run(db, Q_USER_INSERT_LOCAL,
			    PARAMS(DB_TEXT(uuid_new(&f->arena)), DB_TEXT(f->work.tenant_id),
				    DB_TEXT(upn), DB_TEXT(upn), DB_TEXT(upn), DB_TEXT(""),
				    DB_TEXT(""), DB_TEXT(""), DB_TEXT(department), DB_TEXT(""),
				    DB_TEXT(""), DB_INT(f->work.now)),
			    NULL, e))
			return false;
	}
	return true;
}

static bool
count_tx(struct db *db, void *ctx, struct error *e)
{
	const void **c = ctx;
	const struct work *w = c[0];
	int64_t *count = (int64_t *)(uintptr_t)c[2];
	autorows r = NULL;

	if (!db_query(
		    db, Q_VIEW_GROUP_MEMBERS, PARAMS(DB_TEXT(w->tenant_id), DB_TEXT(c[1])), &r, e))
		return false;
	for (*count = 0; db_next(r);)
		++*count;
	return true;
}

static int64_t
members(struct fixture *f, const struct group *g)
{
	int64_t count = 0;
	const void *c[] = {&f->work, g->id, &count};
	struct error e;

	check(store_read(f->work.session, count_tx, c, &e), &e);
	return count;
}

static void
many_people_are_judged_in_portions(void **state)
{
	struct fixture *f = *state;
	int portions = 0;
	struct error e;
	bool more = true;

	check(store_write(f->work.session, many_tx, &(struct crowd){f, MANY, NULL}, &e), &e);
	struct group g = rule_group(f, "Sales", "(user.department -eq \"Sales\")");
	assert_int_equal(members(f, &g), 0);
	for (; more; portions++)
		check(store_settle(&f->work, &more, &e), &e);
	assert_true(portions > MANY / 500);
	assert_int_equal(members(f, &g), MANY / 2);
	// Changed again while the first change was under way: the last one counts.
	g.rule = "(user.department -eq \"IT\")";
	check(store_group_update(&f->work, &g, &e), &e);
	check(store_settle(&f->work, &more, &e), &e);
	g.rule = "(user.department -in [\"IT\",\"Sales\"])";
	g.version = 2;
	check(store_group_update(&f->work, &g, &e), &e);
	for (more = true; more;)
		check(store_settle(&f->work, &more, &e), &e);
	assert_int_equal(members(f, &g), MANY);
}

// Everybody is in it, and that takes a good part of the steps that one value may take.
static const char *const slow_rule =
	"user.department -match \"-(0+)+[bc]$\" or user.displayName -startsWith \"u\"";

static const char *
slow_department(struct fixture *f)
{
	struct error e;
	const struct rule *rule = rule_compile(&f->arena, slow_rule, &e);
	char *name = NULL;
	size_t used = 0;

	for (int n = 8; used < RULE_MAX_STEPS / 4; n++) {
		enum rule_truth truth;
		name = arena_printf(&f->arena, "D-%0*d", n, 0);
		struct rule_values values = {.of = {[RULE_DEPARTMENT] = rule_text_value(name),
						     [RULE_DISPLAY_NAME] = rule_text_value("u")}};
		used = 0;
		check(rule_evaluate_counted(rule, &values, &truth, &used, &e), &e);
	}
	return name;
}

// Others wait for the transaction that a portion is: its length is bounded by work, not by heads.
static void
people_that_take_long_to_ask_are_asked_in_smaller_portions(void **state)
{
	enum { PEOPLE = 300 };
	struct fixture *f = *state;
	struct crowd crowd = {f, PEOPLE, slow_department(f)};
	unsigned long marks = store_settle_marks();
	int portions = 0;
	struct error e;
	bool more = true;

	check(store_write(f->work.session, many_tx, &crowd, &e), &e);
	assert_int_equal(store_settle_marks(), marks);
	struct group g = rule_group(f, "slow", slow_rule);
	assert_in_range(members(f, &g), 1, PEOPLE - 1);
	// Who asks for portions is woken.
	assert_true(store_settle_marks() > marks);
	for (int64_t before; more && portions < PEOPLE; portions++) {
		before = members(f, &g);
		check(store_settle(&f->work, &more, &e), &e);
		assert_true(!more || members(f, &g) > before);
		assert_true(members(f, &g) < before + PEOPLE / 3);
	}
	assert_int_equal(members(f, &g), PEOPLE);
	assert_in_range(portions, 3, PEOPLE - 1);
}

int
main(int argc, char **argv)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_with_person, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(a_rule_that_cannot_be_is_refused_and_puts_nobody_in),
		CASE(people_are_in_the_groups_that_fit_them_from_the_first_moment),
		CASE(a_changed_person_moves),
		CASE(a_federated_person_is_judged_too),
		CASE(a_changed_rule_moves_everybody),
		CASE(membership_of_other_groups_counts_at_any_depth),
		CASE(many_people_are_judged_in_portions),
		CASE(people_that_take_long_to_ask_are_asked_in_smaller_portions),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
