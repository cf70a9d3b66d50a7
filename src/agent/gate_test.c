// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

// What the gate makes of files that are missing, damaged or somebody else's; what tokens must say
// is in domain/release_test.c, and the whole of it in test/system/session-gate.
#include "agent/gate.h"
#include "base/fs.h"
#include "base/str.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <stdlib.h>

#define ISSUER "https://ferry.example.com"
#define KEY "1111111111111111111111111111111111111111111111111111111111111111"
#define POLICY "2222222222222222222222222222222222222222222222222222222222222222"

static struct arena arena = {.cap = ARENA_REQUEST};
static EVP_PKEY *ours, *next;
static const char *dir, *self_file, *token;
static const struct gate_self self = {.issuer = ISSUER, .key = KEY, .enrollment = "e1"};

static const struct json *
key_set(EVP_PKEY *key, const char *kid)
{
	const struct jwk one = {kid, key};
	const struct jwk_set set = {&one, 1};
	const char *text;
	struct error e;

	assert_true(jwk_set_json(&arena, &set, &text, &e));
	return json_parse(&arena, slice_str(text), NULL, &e);
}

static int
setup(void **state)
{
	char *made = arena_strdup(&arena, "/tmp/ferry-gate-XXXXXX"), *signed_token;
	struct error e;
	(void)state;

	if (!mkdtemp(made) || (!ours && !key_generate(KEY_P256, &ours, &e)) ||
		(!next && !key_generate(KEY_P256, &next, &e)))
		return -1;
	dir = made;
	self_file = arena_printf(&arena, "%s/self.json", dir);
	const char *claims = "{\"iss\":\"" ISSUER "\",\"aud\":\"" RELEASE_AUDIENCE
			     "\",\"enrollment\":\"e1\",\"key\":\"" KEY "\",\"policy\":\"" POLICY
			     "\",\"how\":\"finished\",\"iat\":1700000000,\"nbf\":1700000000,"
			     "\"exp\":1700000100}";
	assert_true(jwt_sign(&arena, ours, "k1", claims, &signed_token, &e));
	token = signed_token;
	struct gate_pinned pinned = {
		.enrollment = "e1", .policy = POLICY, .keys = key_set(ours, "k1")};
	return gate_announce(self_file, &self, &e) && gate_pinned_write(dir, &pinned, &e) &&
			gate_release_write(dir, slice_str(token), &e)
		? 0
		: -1;
}

static bool
opens(const char **fault)
{
	struct release release;
	struct error e = {0};
	bool open = gate_check(&arena, dir, self_file, &release, &e);

	*fault = e.fault;
	return open;
}

static void
a_file_that_is_missing_or_damaged_keeps_the_gate_shut(void **state)
{
	(void)state;
	static const struct {
		const char *file, *text;
	} cases[] = {
		{"release.jwt", NULL},
		{"release.jwt", ""},
		{"release.jwt", "a.b.c"},
		{"pinned.json", NULL},
		{"pinned.json", "{"},
		{"pinned.json", "{}"},
		{"pinned.json", "{\"enrollment\":\"e1\",\"policy\":\"" POLICY "\"}"},
		{"pinned.json", "{\"enrollment\":\"e2\",\"policy\":\"" POLICY "\",\"keys\":[]}"},
		{"self.json", NULL},
		{"self.json", "[]"},
		{"self.json", "{\"boot\":\"another\"}"},
	};
	const char *fault;
	struct error e;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(setup(state), 0);
		assert_true(opens(&fault));
		char *path = arena_printf(&arena, "%s/%s", dir, cases[i].file);
		assert_true(cases[i].text ? fs_write(path, slice_str(cases[i].text), 0644, &e)
					  : fs_remove(path, &e));
		if (opens(&fault))
			fail_msg("open with %s %s", cases[i].file, cases[i].text);
		assert_non_null(fault);
	}
}

static void
a_device_that_forgot_its_release_has_none(void **state)
{
	(void)state;
	const char *fault;
	struct error e;

	assert_true(gate_release_forget(dir, &e));
	assert_true(gate_release_forget(dir, &e)); // again
	assert_false(opens(&fault));
	assert_string_equal(fault, "session_not_released");
}

static void
newer_keys_stand_beside_older_ones(void **state)
{
	(void)state;
	const struct json *both = gate_keys_add(&arena, key_set(ours, "k1"), key_set(next, "k2"));
	const char *fault;
	struct error e;

	assert_int_equal(json_get(both, "keys")->count, 2);
	assert_int_equal(
		json_get(gate_keys_add(&arena, both, key_set(next, "k2")), "keys")->count, 2);
	struct gate_pinned only_new = {
		.enrollment = "e1", .policy = POLICY, .keys = key_set(next, "k2")};
	assert_true(gate_pinned_write(dir, &only_new, &e));
	assert_false(opens(&fault));
	only_new.keys = both;
	assert_true(gate_pinned_write(dir, &only_new, &e));
	assert_true(opens(&fault));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_missing_or_damaged_keeps_the_gate_shut),
		cmocka_unit_test_setup(a_device_that_forgot_its_release_has_none, setup),
		cmocka_unit_test_setup(newer_keys_stand_beside_older_ones, setup),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	EVP_PKEY_free(ours);
	EVP_PKEY_free(next);
	return failed;
}
