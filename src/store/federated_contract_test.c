// SPDX-License-Identifier: Apache-2.0
// Sign-ins that are away, and whom another issuer may sign in, on both databases.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/contract/sign_in_place.h"
#include "store/federated.h"

#define ISSUER "https://login.fabrikam.example"

static void
assert_refused(struct fixture *f, const struct federated_user *in)
{
	const char *id;
	struct error e;

	assert_false(store_federated_user(&f->work, in, &id, &e));
	assert_int_equal(e.code, ERR_DENIED);
	assert_string_equal(e.fault, "federated_user_refused");
}

static void
an_answer_is_waited_for_once_and_not_for_ever(void **state)
{
	struct fixture *f = *state;
	struct federated_sign_in out,
		in = {.federation_id = "f",
			.browser_sha256 = "b",
			.nonce = "n",
			.verifier = "v",
			.query = "client_id=x",
			.end_at = f->work.now + US_PER_MIN};
	struct work later = f->work;
	struct error e;

	later.now = in.end_at;
	later.tenant_id = NULL;
	assert_false(store_federated_take(&f->work, "s1", &out, &e));
	assert_string_equal(e.fault, "federated_answer_unexpected");
	check(store_federated_put(&f->work, "s1", &in, &e), &e);
	check(store_federated_put(&f->work, "s2", &in, &e), &e);
	check(store_federated_put(&f->work, "s3", &in, &e), &e);
	check(store_federated_take(&f->work, "s1", &out, &e), &e);
	assert_string_equal(out.tenant_id, f->work.tenant_id);
	assert_string_equal(out.nonce, "n");
	assert_string_equal(out.verifier, "v");
	assert_string_equal(out.query, "client_id=x");
	assert_false(store_federated_take(&f->work, "s1", &out, &e));
	assert_string_equal(e.fault, "federated_answer_unexpected");
	assert_false(store_federated_take(&later, "s2", &out, &e));
	assert_string_equal(e.fault, "federated_answer_unexpected");
	later.now++;
	check(store_identity_forget(&later, &e), &e);
	assert_false(store_federated_take(&f->work, "s3", &out, &e));
}

static void
a_person_is_known_by_issuer_and_subject(void **state)
{
	struct fixture *f = *state;
	struct federated_user in = {
		.issuer = ISSUER, .subject = "1", .upn = "eve@fabrikam.example"};
	struct person made;
	const char *first, *again;
	struct error e;

	check(store_federated_user(&f->work, &in, &first, &e), &e);
	check(store_person_by_id(&f->work, first, &made, &e), &e);
	assert_string_equal(made.source, "federated");
	assert_string_equal(made.upn, "eve@fabrikam.example");
	// Renamed there: the same person. The name given to somebody else: not the same.
	in.upn = "eva@fabrikam.example";
	check(store_federated_user(&f->work, &in, &again, &e), &e);
	assert_string_equal(first, again);
	in = (struct federated_user){
		.issuer = ISSUER, .subject = "2", .upn = "eve@fabrikam.example", .may_link = true};
	assert_refused(f, &in);
	in.issuer = "https://login.other.example";
	in.subject = "1";
	assert_refused(f, &in);
}

static void
somebody_who_was_here_before_is_taken_over_only_when_that_is_allowed(void **state)
{
	struct fixture *f = *state;
	struct federated_user in = {.issuer = ISSUER, .subject = "7", .upn = "bea@contoso.example"};
	const char *bea = person(f, "Bea@contoso.example", 0), *id;
	struct error e;

	person(f, "root@contoso.example", ROLE_BIT(ROLE_HELP_DESK));
	assert_refused(f, &in);
	in.may_link = true;
	check(store_federated_user(&f->work, &in, &id, &e), &e);
	assert_string_equal(id, bea);
	// The name was given to another person at the issuer.
	in.subject = "8";
	assert_refused(f, &in);
	// Who has a role is never taken over.
	in.upn = "root@contoso.example";
	assert_refused(f, &in);
	// Linked once, the setting is not asked again.
	in = (struct federated_user){
		.issuer = ISSUER, .subject = "7", .upn = "bea@contoso.example"};
	check(store_federated_user(&f->work, &in, &id, &e), &e);
	assert_string_equal(id, bea);
}

int
main(int argc, char **argv)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_with_person, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(an_answer_is_waited_for_once_and_not_for_ever),
		CASE(a_person_is_known_by_issuer_and_subject),
		CASE(somebody_who_was_here_before_is_taken_over_only_when_that_is_allowed),
	};

	fixture_choose(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
