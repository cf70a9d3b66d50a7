// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "domain/authorize.h"

// RFC 7636 appendix B.
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static void
requests_that_are_not_in_order_are_refused(void **state)
{
	static const struct {
		const char *pairs[8];
		const char *fault;
	} cases[] = {
		{{"response_type", "token"}, "oauth_response_type"},
		{{"response_type", "id_token token"}, "oauth_response_type"},
		{{"response_type", "code id_token"}, "oauth_response_type"},
		{{"response_type", "code", "response_mode", "web_message"},
			"oauth_request_invalid"},
		{{"response_type", "code"}, "oauth_pkce_needed"},
		{{"response_type", "code", "code_challenge", CHALLENGE}, "oauth_pkce_needed"},
		{{"response_type", "code", "code_challenge", CHALLENGE, "code_challenge_method",
			 "plain"},
			"oauth_pkce_needed"},
		{{"response_type", "code", "code_challenge", CHALLENGE, "code_challenge_method",
			 "s256"},
			"oauth_pkce_needed"},
		{{"response_type", "code", "code_challenge", "short", "code_challenge_method",
			 "S256"},
			"oauth_pkce_needed"},
		{{"response_type", "code", "response_type", "code"}, "oauth_request_invalid"},
		{{"response_type", "code", "prompt", "none login"}, "oauth_request_invalid"},
		{{"response_type", "code", "prompt", "nonsense"}, "oauth_request_invalid"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct authorize a = {0};
		struct authorize_plan plan;
		struct error e = {0};
		for (size_t p = 0; p + 1 < 8 && cases[i].pairs[p]; p += 2)
			authorize_take(&a, cases[i].pairs[p], cases[i].pairs[p + 1]);
		if (authorize_check(&a, &plan, &e))
			fail_msg("case %zu was accepted", i);
		assert_string_equal(e.fault, cases[i].fault);
	}
}

static void
a_request_in_order_says_how_to_answer(void **state)
{
	struct authorize a = {.response_type = "code",
		.response_mode = "fragment",
		.code_challenge = CHALLENGE,
		.code_challenge_method = "S256",
		.prompt = "select_account",
		.max_age = "0"};
	struct authorize_plan plan;
	struct error e = {0};

	(void)state;
	authorize_take(&a, "unknown", "x");
	authorize_take(&a, "unknown", "y");
	assert_true(authorize_check(&a, &plan, &e));
	assert_int_equal(plan.mode, MODE_FRAGMENT);
	assert_int_equal(plan.prompt, PROMPT_SELECT);
	assert_int_equal(plan.max_age_s, 0);
	a.max_age = "-1";
	assert_false(authorize_check(&a, &plan, &e));
}

static void
only_the_verifier_of_the_challenge_matches(void **state)
{
	autoarena(arena, ARENA_SMALL);

	(void)state;
	assert_true(pkce_matches(&arena, VERIFIER, CHALLENGE));
	assert_false(pkce_matches(&arena, CHALLENGE, CHALLENGE));
	assert_false(pkce_matches(&arena, "", CHALLENGE));
	assert_false(pkce_matches(&arena, NULL, CHALLENGE));
	assert_false(pkce_matches(&arena, VERIFIER, ""));
	assert_false(pkce_matches(&arena, VERIFIER, NULL));
	assert_false(pkce_matches(&arena, VERIFIER "x", CHALLENGE));
	assert_false(pkce_matches(&arena, "too-short", CHALLENGE));
}

static void
uris_that_lead_astray_cannot_be_registered(void **state)
{
	static const char *const bad[] = {"", "/relative", "app.example.com", "//host/x",
		"http://app.example.com/cb", "https:app", "https://", "https:///x",
		"https://user@app.example.com/", "https://user:pw@app.example.com/",
		"https://app.example.com/#f", "https://app.example.com/*", "https://*.example.com/",
		"https://app.example.com/../x", "https://app.example.com\\@evil.example/",
		"https://app.example.com:80x/", "https://app.example.com:123456/",
		"https://app.exa mple.com/", "https://app.example.com/\n", "javascript:alert(1)",
		"data:text/html,x", "file:///etc/passwd", "http://127.0.0.1.evil.example/",
		"http://localhost.evil.example/", "http://127.0.0.1@evil.example/",
		"https://app.example.com;form-action", "https://a.example/'x",
		"com.example=x&@y:/cb", "1com.example:/cb"};
	struct error e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		for (int kind = 0; kind < REDIRECT_KINDS; kind++) {
			if (redirect_check((enum redirect_kind)kind, bad[i], &e))
				fail_msg("\"%s\" was accepted", bad[i]);
			assert_string_equal(e.fault, "redirect_uri_invalid");
		}
	assert_false(redirect_check(REDIRECT_WEB, "com.example.app:/cb", &e));
	assert_false(redirect_check(REDIRECT_SPA, "com.example.app:/cb", &e));
}

static void
usual_uris_can_be_registered(void **state)
{
	static const char *const good[] = {"https://app.example.com/cb", "https://app.example.com",
		"https://app.example.com:8443/cb?x=1", "http://localhost:3000/cb",
		"http://127.0.0.1/", "http://[::1]:8080/cb"};
	autoarena(arena, ARENA_SMALL);
	struct error e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		for (int kind = 0; kind < REDIRECT_KINDS; kind++)
			if (!redirect_check((enum redirect_kind)kind, good[i], &e))
				fail_msg("%s: %s", good[i], e.message);
	assert_true(redirect_check(REDIRECT_NATIVE, "com.example.app:/cb", &e));
	assert_string_equal(uri_origin(&arena, "https://app.example.com:8443/cb?x=1"),
		"https://app.example.com:8443");
	assert_string_equal(uri_origin(&arena, "com.example.app:/cb"), "com.example.app:");
}

static void
an_answer_goes_to_the_registered_uri_only(void **state)
{
	static const char *const others[] = {"https://app.example.com/cb/",
		"https://app.example.com/cb?x=1", "https://app.example.com/CB",
		"https://APP.example.com/cb", "https://app.example.com:443/cb",
		"https://app.example.com/cb#", "https://app.example.com.evil.example/cb",
		"https://app.example.com@evil.example/cb", "https://app.example.com/cb/../x",
		"http://app.example.com/cb", "https://app.example.com/cb%00", "", "https://"};

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		for (int kind = 0; kind < REDIRECT_KINDS; kind++)
			assert_false(redirect_matches(
				(enum redirect_kind)kind, "https://app.example.com/cb", others[i]));
	assert_false(redirect_matches(REDIRECT_WEB, "https://app.example.com/cb", NULL));
	assert_true(redirect_matches(
		REDIRECT_WEB, "https://app.example.com/cb", "https://app.example.com/cb"));
}

static void
only_a_native_programs_loopback_port_is_free(void **state)
{
	(void)state;
	assert_true(redirect_matches(
		REDIRECT_NATIVE, "http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"));
	assert_true(
		redirect_matches(REDIRECT_NATIVE, "http://localhost", "http://localhost:49152"));
	assert_false(redirect_matches(
		REDIRECT_NATIVE, "http://127.0.0.1/cb", "http://127.0.0.1:49152/other"));
	assert_false(redirect_matches(
		REDIRECT_NATIVE, "http://127.0.0.1/cb", "http://localhost:49152/cb"));
	assert_false(redirect_matches(
		REDIRECT_NATIVE, "http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"));
	assert_false(redirect_matches(
		REDIRECT_NATIVE, "http://127.0.0.1/cb", "https://127.0.0.1:49152/cb"));
	assert_false(redirect_matches(
		REDIRECT_NATIVE, "http://127.0.0.1/cb", "http://127.0.0.1.evil.example/cb"));
	assert_false(
		redirect_matches(REDIRECT_WEB, "http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"));
	assert_false(redirect_matches(
		REDIRECT_NATIVE, "https://app.example.com/", "https://app.example.com:8443/"));
}

static void
nobody_gets_more_than_role_and_application_allow(void **state)
{
	autoarena(arena, ARENA_SMALL);
	scope_set help = role_scopes(ROLE_HELP_DESK), all = ~(scope_set)0;
	struct scope_request r;

	(void)state;
	r = scope_request_read("https://graph.microsoft.com/.default openid");
	assert_int_equal(scope_grant(&r, help, all), help);
	assert_int_equal(
		scope_grant(&r, help, SCOPE_BIT(SCOPE_USER_SELF)), SCOPE_BIT(SCOPE_USER_SELF));
	r = scope_request_read(
		"DeviceManagementServiceConfig.ReadWrite.All RoleManagement.Everything");
	assert_int_equal(scope_grant(&r, help, all), SCOPE_BIT(SCOPE_SERVICE_CONFIG_READ));
	assert_int_equal(scope_grant(&r, role_scopes(ROLE_USER), all), 0);
	r = scope_request_read("openid profile offline_access");
	assert_int_equal(scope_grant(&r, help, all), SCOPE_BIT(SCOPE_USER_SELF));
	assert_true(r.openid && r.profile && r.offline && !r.email && !r.resource);
	assert_string_equal(scope_text(&arena, SCOPE_BIT(SCOPE_USER_SELF), &r, true),
		"User.Read openid profile offline_access");
	assert_string_equal(scope_text(&arena, 0, &r, false), "");
	r = scope_request_read(NULL);
	assert_int_equal(scope_grant(&r, 0, all), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_that_are_not_in_order_are_refused),
		cmocka_unit_test(a_request_in_order_says_how_to_answer),
		cmocka_unit_test(only_the_verifier_of_the_challenge_matches),
		cmocka_unit_test(uris_that_lead_astray_cannot_be_registered),
		cmocka_unit_test(usual_uris_can_be_registered),
		cmocka_unit_test(an_answer_goes_to_the_registered_uri_only),
		cmocka_unit_test(only_a_native_programs_loopback_port_is_free),
		cmocka_unit_test(nobody_gets_more_than_role_and_application_allow),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
