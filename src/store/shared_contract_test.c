// SPDX-License-Identifier: Apache-2.0
// What the store promises on both databases where several share something: a transaction that
// reads, a count that several services keep, a database that has several organizations.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "store/contract/registrar.h"
#include "store/tally.h"
#include "store/trust.h"
#include <stdlib.h>

struct seeing {
	struct fixture *f;
	const char *id;
	bool writes;
	size_t seen;
};

static bool
see_tx(void *ctx, struct error *e)
{
	struct seeing *s = ctx;
	struct device d;

	if (!store_device_by_id(&s->f->work, s->id, &d, e))
		return false;
	s->seen++;
	// What is not there is an answer, and no end of the transaction.
	if (store_device_by_id(&s->f->work, "nobody", &d, e) || e->code != ERR_NOT_FOUND)
		return false;
	s->seen++;
	return !s->writes || store_device_block(&s->f->work, s->id, "ada", "lost", e);
}

static bool
see_inside_tx(void *ctx, struct error *e)
{
	struct seeing *s = ctx;

	return store_see_together(s->f->work.session, see_tx, s, e) && see_tx(s, e);
}

static void
what_is_read_together_is_one_transaction_and_nothing_can_be_written_in_it(void **state)
{
	struct fixture *f = *state;
	struct seeing s = {.f = f, .id = registrar_put(f, &f->work, "CN-1", 1).device_id};
	struct error e;

	check(store_see_together(f->work.session, see_inside_tx, &s, &e), &e);
	assert_int_equal(s.seen, 4);
	s.writes = true;
	assert_false(store_see_together(f->work.session, see_tx, &s, &e));
	assert_false(registrar_get(f, s.id).reuse_blocked);
	// Inside a transaction that writes it is a part of that.
	check(store_together(f->work.session, see_inside_tx, &s, &e), &e);
	assert_true(registrar_get(f, s.id).reuse_blocked);
	assert_int_equal(registrar_events(&f->work, s.id, "blocked"), 2);
}

static int64_t
count(struct fixture *f, const char *kind, const char *caller, int64_t n)
{
	struct error e;
	int64_t total;

	check(store_tally_add(&f->work, kind, caller, n, 60 * US_PER_MIN, &total, &e), &e);
	return total;
}

static void
a_count_is_of_one_caller_one_kind_and_one_window(void **state)
{
	struct fixture *f = *state;
	struct work other = registrar_tenant(f);
	struct error e;
	int64_t total;

	assert_int_equal(count(f, "deletions", "ada", 3), 3);
	assert_int_equal(count(f, "deletions", "ada", 50), 53);
	assert_int_equal(count(f, "deletions", "bob", 1), 1);
	assert_int_equal(count(f, "other", "ada", 1), 1);
	check(store_tally_add(&other, "deletions", "ada", 1, 60 * US_PER_MIN, &total, &e), &e);
	assert_int_equal(total, 1);
	// The window begins with its first, not with its last.
	f->work.now += 59 * US_PER_MIN;
	assert_int_equal(count(f, "deletions", "ada", 1), 54);
	f->work.now += 2 * US_PER_MIN;
	assert_int_equal(count(f, "deletions", "ada", 1), 1);
}

static bool
add(struct fixture *f, const char *name, const char *domain, struct error *e)
{
	struct api_client client = {.client_id = uuid_new(&f->arena),
		.tenant_id = uuid_new(&f->arena),
		.name = "first",
		.secret_sha256 = "",
		.roles = "[]"};

	return store_organization_add(&f->work, name, domain, &client, e);
}

static void
an_organization_is_added_under_a_domain_that_no_other_has(void **state)
{
	struct fixture *f = *state;
	struct error e;

	assert_false(add(f, "Contoso again", "CONTOSO.example", &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	check(add(f, "Fabrikam", "fabrikam.example", &e), &e);
	assert_false(add(f, "Fabrikam", "Fabrikam.Example", &e));
	assert_int_equal(e.code, ERR_CONFLICT);
}

int
main(int argc, char **argv)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		ON(what_is_read_together_is_one_transaction_and_nothing_can_be_written_in_it),
		ON(a_count_is_of_one_caller_one_kind_and_one_window),
		ON(an_organization_is_added_under_a_domain_that_no_other_has),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
