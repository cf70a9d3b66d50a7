// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/scope.h"
#include "ferryd/federation_parse.h"

#define ISSUER "https://login.fabrikam.example/t"
#define ENDS                                                                                       \
	"\"authorization_endpoint\":\"https://login.fabrikam.example/a\","                         \
	"\"token_endpoint\":\"https://login.fabrikam.example:8443/t?x=1\","                        \
	"\"jwks_uri\":\"https://keys.fabrikam.example/k\""
#define GOOD "\"issuer\":\"" ISSUER "\"," ENDS

static struct federation
fabrikam(void)
{
	return (struct federation){.issuer = ISSUER,
		.client_id = "ferry & co",
		.client_secret = "s:/+ é",
		.user_claim = "preferred_username",
		.domains = "[\"fabrikam.example\",\"Sub.Fabrikam.example\"]"};
}

static void
descriptions_of_another_issuer_or_without_tls_are_refused(void **state)
{
	static const char *const list[] = {
		"",
		"[]",
		"{}",
		"{" ENDS "}",
		"{\"issuer\":\"" ISSUER "/\"," ENDS "}",
		"{\"issuer\":\"https://LOGIN.fabrikam.example/t\"," ENDS "}",
		"{\"issuer\":[\"" ISSUER "\"]," ENDS "}",
		"{\"issuer\":\"x\"," GOOD "}",
		"{\"issuer\":\"" ISSUER
		"\",\"authorization_endpoint\":\"http://a/\",\"token_endpoint\":\"https://a/\","
		"\"jwks_uri\":\"https://a/\"}",
		"{\"issuer\":\"" ISSUER
		"\",\"authorization_endpoint\":\"https://a/\",\"token_endpoint\":\"https://u@a/\","
		"\"jwks_uri\":\"https://a/\"}",
		"{\"issuer\":\"" ISSUER
		"\",\"authorization_endpoint\":\"https://a/\",\"token_endpoint\":\"https://a/\","
		"\"jwks_uri\":\"file:///etc/passwd\"}",
		"{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"https://a/\\r\\nX: "
		"y\",\"token_endpoint\":\"https://a/\","
		"\"jwks_uri\":\"https://a/\"}",
		"{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"javascript:alert(1)\","
		"\"token_endpoint\":\"https://a/\","
		"\"jwks_uri\":\"https://a/\"}",
		"{" GOOD ",\"response_types_supported\":[\"token\"]}",
		"{" GOOD ",\"response_types_supported\":\"code\"}",
		"{" GOOD ",\"code_challenge_methods_supported\":[\"plain\"]}",
		"{" GOOD ",\"id_token_signing_alg_values_supported\":[\"HS256\",\"none\"]}",
	};
	autoarena(arena, ARENA_SMALL);
	struct federation_metadata m;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		if (federation_metadata_read(&arena, slice_str(list[i]), ISSUER, &m, &e))
			fail_msg("accepted: %s", list[i]);
		assert_string_equal(e.fault, "identity_provider_answer");
	}
}

static void
a_description_says_where_to_go_and_how(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct federation f = fabrikam();
	struct federation_metadata m;
	struct federation_login login = {.state = "st",
		.nonce = "no",
		// The example of RFC 7636 appendix B.
		.verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"};
	struct error e;

	(void)state;
	assert_true(federation_metadata_read(&arena, slice_str("{" GOOD "}"), ISSUER, &m, &e));
	assert_true(m.basic);
	assert_string_equal(
		federation_authorize_url(&arena, &f, &m, "https://ferry/x?y", &login, "a@b c"),
		"https://login.fabrikam.example/a?response_type=code&client_id=ferry%20%26%20co"
		"&redirect_uri=https%3A%2F%2Fferry%2Fx%3Fy&scope=openid%20profile%20email&state=st"
		"&nonce=no&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
		"&code_challenge_method=S256&login_hint=a%40b%20c");
	assert_string_equal(
		federation_token_form(&arena, &f, "c/d", "https://ferry/x", &login, true),
		"grant_type=authorization_code&code=c%2Fd&redirect_uri=https%3A%2F%2Fferry%2Fx"
		"&client_id=ferry%20%26%20co"
		"&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
		"&client_secret=s%3A%2F%2B%20%C3%A9");
	assert_null(strstr(
		federation_token_form(&arena, &f, "c", "https://x", &login, false), "secret"));
	// ferry%20%26%20co:s%3A%2F%2B%20%C3%A9
	assert_string_equal(federation_basic(&arena, &f),
		"Basic ZmVycnklMjAlMjYlMjBjbzpzJTNBJTJGJTJCJTIwJUMzJUE5");
	assert_true(federation_metadata_read(&arena,
			    slice_str("{" GOOD ",\"token_endpoint_auth_methods_supported\":"
				      "[\"client_secret_basic\",\"client_secret_post\"],"
				      "\"authorization_endpoint\":\"x\"}"),
			    ISSUER, &m, &e) == false);
	assert_true(federation_metadata_read(&arena,
		slice_str("{" GOOD ",\"token_endpoint_auth_methods_supported\":"
			  "[\"client_secret_basic\",\"client_secret_post\"]}"),
		ISSUER, &m, &e));
	assert_false(m.basic);
}

static void
every_sign_in_has_words_of_its_own(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct federation_login a, b;

	(void)state;
	federation_login_new(&arena, &a);
	federation_login_new(&arena, &b);
	assert_int_equal(strlen(a.state), 43);
	assert_int_equal(strlen(a.verifier), 43);
	assert_string_not_equal(a.state, a.nonce);
	assert_string_not_equal(a.state, b.state);
	assert_string_not_equal(a.nonce, b.nonce);
	assert_string_not_equal(a.verifier, b.verifier);
}

static void
addresses_are_taken_apart(void **state)
{
	static const char *const bad[] = {"", "http://a", "https://", "https:///x", "https://?x",
		"https://u:p@a/", "https://a/#f", "https://a b", "https://a/\x7f", "https://a\\b",
		"HTTPS://a", "//a", "https://:443"};
	static const char *const good[][3] = {
		{"https://a", "https://a", "/"},
		{"https://a/", "https://a", "/"},
		{"https://a:1/b?c=d@e", "https://a:1", "/b?c=d@e"},
		{"https://a?b", "https://a", "/?b"},
		{"https://[::1]:8443/x", "https://[::1]:8443", "/x"},
	};
	autoarena(arena, ARENA_SMALL);
	const char *origin, *path;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (federation_url_split(&arena, bad[i], &origin, &path, &e))
			fail_msg("accepted: %s", bad[i]);
	assert_false(federation_url_split(&arena, NULL, &origin, &path, &e));
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(federation_url_split(&arena, good[i][0], &origin, &path, &e));
		assert_string_equal(origin, good[i][1]);
		assert_string_equal(path, good[i][2]);
	}
}

static void
a_provider_speaks_only_for_its_domains(void **state)
{
	static const struct {
		const char *claim, *claims, *upn;
	} list[] = {
		{"upn", "{\"sub\":\"1\",\"upn\":\"Ann@Fabrikam.Example\"}", "ann@fabrikam.example"},
		{"upn", "{\"sub\":\"1\",\"upn\":\"a@sub.fabrikam.example\"}",
			"a@sub.fabrikam.example"},
		{"email",
			"{\"sub\":\"1\",\"email\":\"a@fabrikam.example\",\"email_verified\":true}",
			"a@fabrikam.example"},
		{"email", "{\"sub\":\"1\",\"email\":\"a@fabrikam.example\"}", NULL},
		{"email",
			"{\"sub\":\"1\",\"email\":\"a@fabrikam.example\",\"email_verified\":false}",
			NULL},
		{"email",
			"{\"sub\":\"1\",\"email\":\"a@fabrikam.example\",\"email_verified\":"
			"\"true\"}",
			NULL},
		{"upn", "{\"sub\":\"1\",\"email\":\"a@fabrikam.example\"}", NULL},
		{"upn", "{\"upn\":\"a@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"\",\"upn\":\"a@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":1,\"upn\":\"a@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"a@contoso.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"a@x.fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"a@fabrikam.example.evil\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"a@contoso.example@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"a@fabrikam.example@contoso.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"a b@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"<a>@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":\"\\u0430@fabrikam.example\"}", NULL},
		{"upn", "{\"sub\":\"1\",\"upn\":[\"a@fabrikam.example\"]}", NULL},
	};
	autoarena(arena, ARENA_SMALL);
	struct federation f = fabrikam();
	struct federation_user user;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const struct json *claims = json_parse(&arena, slice_str(list[i].claims), NULL, &e);
		f.user_claim = list[i].claim;
		bool ok = federation_user_read(&arena, &f, claims, &user, &e);
		if (ok != !!list[i].upn)
			fail_msg("%s: %s", list[i].claims, ok ? "accepted" : e.message);
		if (ok)
			assert_string_equal(user.upn, list[i].upn);
		else
			assert_string_equal(e.fault, "federated_user_refused");
		f.domains = "[]";
		assert_false(federation_user_read(&arena, &f, claims, &user, &e));
		f.domains = fabrikam().domains;
	}
}

static void
settings_that_would_let_anybody_in_are_refused(void **state)
{
	autoarena(arena, ARENA_SMALL);
	struct federation f = fabrikam();
	struct error e;

	(void)state;
	assert_true(federation_check(&arena, &f, &e));
	f.user_claim = "sub";
	assert_false(federation_check(&arena, &f, &e));
	f = fabrikam();
	f.issuer = "http://login.fabrikam.example";
	assert_false(federation_check(&arena, &f, &e));
	f.issuer = "https://login.fabrikam.example/?x";
	assert_false(federation_check(&arena, &f, &e));
	f = fabrikam();
	f.client_id = "";
	assert_false(federation_check(&arena, &f, &e));
	f = fabrikam();
	static const char *const domains[] = {
		"", "[]", "{}", "[1]", "[\"\"]", "[\"*\"]", "[\"a@b\"]"};
	for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
		f.domains = domains[i];
		if (federation_check(&arena, &f, &e))
			fail_msg("accepted: %s", domains[i]);
	}
}

static const struct json *
claims_of(struct arena *arena, const char *more)
{
	struct error e;
	const char *text = arena_printf(
		arena, "{\"sub\":\"1\",\"preferred_username\":\"a@fabrikam.example\"%s}", more);
	const struct json *claims = json_parse(arena, slice_str(text), NULL, &e);

	assert_non_null(claims);
	return claims;
}

static void
roles_come_of_the_values_that_were_named_and_of_no_others(void **state)
{
	static const struct {
		const char *more;
		unsigned roles;
	} list[] = {
		{"", 0},
		{",\"groups\":\"admins\"",
			ROLE_BIT(ROLE_INTUNE_ADMINISTRATOR) | ROLE_BIT(ROLE_HELP_DESK)},
		{",\"groups\":[\"x\",\"desk\",7,null]", ROLE_BIT(ROLE_HELP_DESK)},
		{",\"groups\":[\"Global Administrator\",\"ADMINS\"]", 0},
		{",\"groups\":{\"desk\":true}", 0},
		{",\"groups\":true", 0},
		{",\"roles\":[\"desk\"]", 0},
	};
	autoarena(arena, ARENA_SMALL);
	struct federation f = fabrikam();
	struct federation_user user;
	struct error e;

	(void)state;
	f.role_claim = "groups";
	f.role_map = "{\"admins\":[\"Intune Administrator\",\"Help Desk Operator\"],"
		     "\"desk\":[\"Help Desk Operator\"]}";
	assert_true(federation_check(&arena, &f, &e));
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		assert_true(federation_user_read(
			&arena, &f, claims_of(&arena, list[i].more), &user, &e));
		assert_true(user.maps_roles);
		assert_int_equal(user.roles, list[i].roles);
	}
	f.role_map = "{\"admins\":[\"King\"]}";
	assert_false(federation_check(&arena, &f, &e));
	assert_string_equal(e.fault, "role_unknown");
	f.role_map = "{\"admins\":\"Help Desk Operator\"}";
	assert_false(federation_check(&arena, &f, &e));
}

static void
two_factors_are_believed_when_the_issuer_says_so(void **state)
{
	static const char *const list[] = {
		"[\"pwd\"]", "\"mfa\"", "[[\"mfa\"]]", "[\"pwd\",\"mfa\"]"};
	autoarena(arena, ARENA_SMALL);
	struct federation f = fabrikam();
	struct federation_user user;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const char *more = arena_printf(&arena, ",\"amr\":%s", list[i]);
		assert_true(federation_user_read(&arena, &f, claims_of(&arena, more), &user, &e));
		assert_int_equal(user.strong, i == 3);
		assert_false(user.maps_roles);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptions_of_another_issuer_or_without_tls_are_refused),
		cmocka_unit_test(a_description_says_where_to_go_and_how),
		cmocka_unit_test(every_sign_in_has_words_of_its_own),
		cmocka_unit_test(addresses_are_taken_apart),
		cmocka_unit_test(a_provider_speaks_only_for_its_domains),
		cmocka_unit_test(settings_that_would_let_anybody_in_are_refused),
		cmocka_unit_test(roles_come_of_the_values_that_were_named_and_of_no_others),
		cmocka_unit_test(two_factors_are_believed_when_the_issuer_says_so),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
