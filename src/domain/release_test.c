// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "codec/base64.h"
#include "domain/release.h"
#include "pki/key.h"
#include "pki/ossl.h"

#define ISSUER "https://ferry.example.com"
#define DEVICE_KEY "1111111111111111111111111111111111111111111111111111111111111111"
#define ENROLLMENT "6f1a2b3c-0000-4000-8000-000000000001"
#define POLICY "2222222222222222222222222222222222222222222222222222222222222222"

enum { NOW = 1700000000 };

static struct arena arena = {.cap = ARENA_REQUEST};
static EVP_PKEY *ours, *next, *theirs;
static const struct release_expect expect = {
	.issuer = ISSUER, .key = DEVICE_KEY, .enrollment = ENROLLMENT, .policy = POLICY};

static int
make_keys(void **state)
{
	struct error e;
	(void)state;
	return key_generate(KEY_P256, &ours, &e) && key_generate(KEY_P256, &next, &e) &&
			key_generate(KEY_P256, &theirs, &e)
		? 0
		: -1;
}

static int
drop_keys(void **state)
{
	(void)state;
	EVP_PKEY_free(ours);
	EVP_PKEY_free(next);
	EVP_PKEY_free(theirs);
	arena_finish(&arena);
	return 0;
}

// What the service would say, with one member replaced (NULL: left out).
static const char *
claims(const char *name, const char *value)
{
	static const char *const usual[][2] = {
		{"iss", "\"" ISSUER "\""},
		{"aud", "\"" RELEASE_AUDIENCE "\""},
		{"tid", "\"6f1a2b3c-0000-4000-8000-0000000000aa\""},
		{"enrollment", "\"" ENROLLMENT "\""},
		{"deployment", "\"6f1a2b3c-0000-4000-8000-000000000002\""},
		{"key", "\"" DEVICE_KEY "\""},
		{"policy", "\"" POLICY "\""},
		{"how", "\"finished\""},
		{"iat", "1700000000"},
		{"nbf", "1700000000"},
		{"exp", "1700086400"},
	};
	struct buf text;

	buf_init(&text, &arena, 4096);
	struct jsonw w = jsonw_on(&text);
	jsonw_object(&w, NULL);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		bool changed = str_eq(usual[i][0], name);
		if (!changed || value)
			jsonw_raw(&w, usual[i][0], changed ? value : usual[i][1]);
	}
	jsonw_end_object(&w);
	return buf_text(&text);
}

static const char *
signed_by(EVP_PKEY *key, const char *kid, const char *text)
{
	struct error e;
	char *token;

	assert_true(jwt_sign(&arena, key, kid, text, &token, &e));
	return token;
}

static bool
verify(const char *token, const struct release_expect *whom, struct error *e)
{
	const struct jwk keys[] = {{"ours", ours}};
	const struct jwk_set set = {keys, 1};
	struct release out;

	return release_verify(&arena, slice_str(token), &set, whom, &out, e);
}

static bool
same(const char *a, const char *b)
{
	return a && b ? str_eq(a, b) : a == b;
}

static void
must_refuse(const char *what, const char *token, const struct release_expect *whom)
{
	struct error e = {0};

	if (verify(token, whom, &e))
		fail_msg("%s releases the device", what);
	if (!str_eq(e.fault, "release_token_invalid"))
		fail_msg("%s: %s", what, e.message);
}

static void
a_token_that_says_anything_else_releases_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *what, *name, *value;
	} cases[] = {
		{"another service's", "iss", "\"https://evil.example.com\""},
		{"no issuer", "iss", NULL},
		{"an access token of Graph", "aud", "\"https://graph.microsoft.com\""},
		{"an enrolment's device token", "aud", "\"urn:ferry:enrollment\""},
		{"a list of audiences", "aud", "[\"" RELEASE_AUDIENCE "\"]"},
		{"another device's", "key",
			"\"3333333333333333333333333333333333333333333333333333333333333333\""},
		{"no device's", "key", NULL},
		{"a key that is no text", "key", "1"},
		{"that of an earlier enrolment", "enrollment",
			"\"6f1a2b3c-0000-4000-8000-000000000009\""},
		{"no enrolment's", "enrollment", NULL},
		{"one for another page", "policy", "\"\""},
		{"one for no page", "policy", NULL},
		{"one that says nothing", "how", NULL},
		{"one for a phase that is not the last", "how", "\"technician\""},
		{"one without a time", "iat", NULL},
		{"one of before 1970", "iat", "-5"},
		{"one that was issued after it ends", "iat", "1800000000"},
		{"one without an end", "exp", NULL},
		{"one for ever", "exp", "4000000000"},
		{"one that ends before it begins", "exp", "1600000000"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		must_refuse(cases[i].what,
			signed_by(ours, "ours", claims(cases[i].name, cases[i].value)), &expect);
}

static void
a_token_that_others_signed_or_changed_releases_nothing(void **state)
{
	(void)state;
	const char *good = signed_by(ours, "ours", claims("", NULL));
	const char *body = strchr(good, '.') + 1;
	char *none = arena_printf(&arena, "%s.%.*s.",
		base64url_encode(&arena, slice_str("{\"alg\":\"none\"}")), (int)strcspn(body, "."),
		body);
	char *changed = arena_strdup(&arena, good);
	char *cut = arena_strndup(&arena, good, strlen(good) - 4);
	const char *other = signed_by(ours, "ours", claims("how", "\"continued\""));
	char *swapped = arena_printf(
		&arena, "%.*s%s", (int)(strrchr(other, '.') - other), other, strrchr(good, '.'));

	changed[strlen(changed) / 2] = changed[strlen(changed) / 2] == 'A' ? 'B' : 'A';
	must_refuse("nothing", "", &expect);
	must_refuse("noise", "released", &expect);
	must_refuse("two parts", "e30.e30", &expect);
	must_refuse("an unsigned one", none, &expect);
	must_refuse("a changed one", changed, &expect);
	must_refuse("one that is cut off", cut, &expect);
	must_refuse("claims under the signature of others", swapped, &expect);
	must_refuse(
		"one of a stranger's key", signed_by(theirs, "theirs", claims("", NULL)), &expect);
	must_refuse("one of a stranger's key under our name",
		signed_by(theirs, "ours", claims("", NULL)), &expect);
	must_refuse("one of a key that is not pinned", signed_by(next, "next", claims("", NULL)),
		&expect);
}

static void
a_device_that_does_not_know_itself_is_not_released(void **state)
{
	(void)state;
	const char *good = signed_by(ours, "ours", claims("", NULL));
	struct release_expect none = expect;

	none.key = NULL;
	must_refuse("no key", good, &none);
	none = expect;
	none.enrollment = "";
	must_refuse("no enrolment", good, &none);
	none = expect;
	none.policy = NULL;
	must_refuse("no policy", good, &none);
}

static void
the_right_token_releases_at_any_time(void **state)
{
	(void)state;
	const char *good = signed_by(ours, "ours", claims("", NULL));
	const struct jwk keys[] = {{"next", next}, {"ours", ours}};
	const struct jwk_set set = {keys, 2};
	struct release out;
	struct error e;

	// No clock is asked: the battery of a device's clock may be empty.
	if (!release_verify(&arena, slice_str(good), &set, &expect, &out, &e))
		fail_msg("%s", e.message);
	assert_string_equal(out.how, "finished");
	assert_int_equal(out.issued_at, NOW);
}

static void
only_a_finished_deployment_or_an_allowed_choice_releases(void **state)
{
	(void)state;
	const struct esp_settings strict = {.show = true},
				  lenient = {.show = true, .use_on_error = true},
				  hidden = {.use_on_error = true};
	static const char no[] = "release_not_finished", never[] = "release_continue_denied";
	const struct {
		struct release_facts facts;
		const char *fault, *how;
	} cases[] = {
		{{"technician", "running", NULL, &lenient, false}, no, NULL},
		{{"resealed", "running", NULL, &lenient, true}, no, NULL},
		{{"user", "failed", "dc_unreachable", &lenient, false}, no, NULL},
		{{"user", "failed", "dc_unreachable", &strict, true}, never, NULL},
		{{"user", "failed", "dc_unreachable", &hidden, true}, never, NULL},
		{{"user", "failed", "dc_unreachable", NULL, true}, never, NULL},
		{{"user", "failed", "dc_unreachable", &lenient, true}, NULL, "continued"},
		{{"continued", "failed", "dc_unreachable", &strict, false}, NULL, "continued"},
		{{"done", "success", NULL, &strict, false}, NULL, "finished"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct release_verdict v = release_decide(&cases[i].facts);
		if (v.allowed != !cases[i].fault || !same(v.fault, cases[i].fault) ||
			!same(v.how, cases[i].how))
			fail_msg(
				"%s %s: %s", cases[i].facts.phase, cases[i].facts.result, v.reason);
	}
}

static void
every_setting_of_the_page_changes_its_hash(void **state)
{
	(void)state;
	static const char *const selected[] = {"a"};
	const struct esp_settings pages[] = {{0}, {.show = true}, {.timeout_minutes = 1},
		{.hybrid_extra_minutes = 1}, {.message = "x"}, {.logs = true},
		{.first_user_only = true}, {.reset_on_error = true}, {.use_on_error = true},
		{.try_all = true}, {.selected = selected, .selected_count = 1}};
	const size_t count = sizeof pages / sizeof *pages;

	for (size_t i = 0; i < count; i++)
		for (size_t j = i; j < count; j++)
			assert_true((i == j) ==
				str_eq(release_policy(&arena, &pages[i]),
					release_policy(&arena, &pages[j])));
	assert_string_not_equal(release_policy(&arena, NULL), release_policy(&arena, &pages[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_that_says_anything_else_releases_nothing),
		cmocka_unit_test(a_token_that_others_signed_or_changed_releases_nothing),
		cmocka_unit_test(a_device_that_does_not_know_itself_is_not_released),
		cmocka_unit_test(the_right_token_releases_at_any_time),
		cmocka_unit_test(only_a_finished_deployment_or_an_allowed_choice_releases),
		cmocka_unit_test(every_setting_of_the_page_changes_its_hash),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
