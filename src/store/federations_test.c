// SPDX-License-Identifier: Apache-2.0
// Issuers of a tenant, on both databases.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/testing.h"
#include "base/uuid.h"
#include "store/contract/fixture.h"
#include "store/federations.h"
#include "store/trust.h"
#include <stdlib.h>

static struct fixture *f;
static struct work work;

static int
setup(void **state)
{
	(void)state;
	f = fixture_begin();
	work = f->work;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_end(f);
	return 0;
}

static void
an_issuer_belongs_to_one_tenant(void **state)
{
	const struct federation in = {.name = "Fabrikam",
		.issuer = "https://login.fabrikam.example",
		.client_id = "ferry",
		.user_claim = "email",
		.domains = "[\"fabrikam.example\"]"};
	struct federation out, *list;
	const char *id, *own = work.tenant_id;
	size_t count;
	struct error e;

	(void)state;
	assert_works(store_federation_create(&work, &in, &id, &e));
	assert_false(store_federation_create(&work, &in, &id, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_works(store_federation_list(&work, &list, &count, &e));
	assert_int_equal(count, 1);
	id = list[0].federation_id;
	work.tenant_id = uuid_new(&f->arena);
	assert_false(store_federation_get(&work, id, &out, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(store_federation_delete(&work, id, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_works(store_federation_learn(&work, id, "evil", "evil", &e));
	assert_works(store_federation_list(&work, &list, &count, &e));
	assert_int_equal(count, 0);
	work.tenant_id = own;
	assert_works(store_federation_get(&work, id, &out, &e));
	assert_null(out.client_secret);
	assert_null(out.metadata);
	assert_int_equal(out.fetched_at, 0);
	assert_works(store_federation_learn(&work, id, "{}", "{\"keys\":[]}", &e));
	assert_works(store_federation_get(&work, id, &out, &e));
	assert_string_equal(out.issuer, in.issuer);
	assert_string_equal(out.jwks, "{\"keys\":[]}");
	assert_int_equal(out.fetched_at, work.now);
	assert_works(store_federation_delete(&work, id, &e));
	assert_false(store_federation_get(&work, id, &out, &e));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(an_issuer_belongs_to_one_tenant)};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, setup, teardown);
}
