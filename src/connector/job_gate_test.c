// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "connector/job_gate.h"
#include "pki/jwt.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include <stdlib.h>
#include <unistd.h>

#define ME "0b7c6a52-4c5a-4b3c-9d3e-999999999999"
#define LEASE "0b7c6a52-4c5a-4b3c-9d3e-222222222222"
#define OTHER_LEASE "0b7c6a52-4c5a-4b3c-9d3e-333333333333"

static const int64_t start = 1795000000;
static struct arena arena = {.cap = ARENA_REQUEST};
static char dir[] = "/tmp/ferry-gate-XXXXXX";
static EVP_PKEY *first, *second, *stranger;
static struct connector_identity identity;
static struct job_gate gate;

static const char *
name_of(const EVP_PKEY *key)
{
	const char *kid;
	struct error e;

	assert_true(jwk_thumbprint(&arena, key, &kid, &e));
	return kid;
}

static const char *
set_of(EVP_PKEY *const *keys, size_t count)
{
	struct jwk list[2];
	const struct jwk_set set = {.keys = list, .count = count};
	const char *text;
	struct error e;

	for (size_t i = 0; i < count; i++)
		list[i] = (struct jwk){.kid = name_of(keys[i]), .key = keys[i]};
	assert_true(jwk_set_json(&arena, &set, &text, &e));
	return text;
}

static const char *
sign(EVP_PKEY *key, const char *audience, int64_t at, const char *more)
{
	char *token;
	struct error e;
	const char *claims = arena_printf(&arena,
		"{\"iss\":\"ferry-jobs\",\"aud\":\"%s\",\"iat\":%lld,\"nbf\":%lld,\"exp\":%lld,%s}",
		audience, (long long)at, (long long)at, (long long)at + 300, more);

	assert_true(jwt_sign(&arena, key, name_of(key), claims, &token, &e));
	return token;
}

static const char *
job(const char *lease)
{
	return arena_printf(&arena, "\"leaseId\":\"%s\",\"kind\":\"odj\"", lease);
}

static int
setup(void **state)
{
	EVP_PKEY *pinned[] = {NULL};
	struct error e;

	(void)state;
	memcpy(dir + sizeof dir - 7, "XXXXXX", 6);
	if (!mkdtemp(dir) || !key_generate(KEY_P256, &first, &e) ||
		!key_generate(KEY_P256, &second, &e) || !key_generate(KEY_P256, &stranger, &e))
		return -1;
	pinned[0] = first;
	identity = (struct connector_identity){.connector_id = ME,
		.name = "c",
		.domain = "corp.example.com",
		.certificate = "",
		.key = first,
		.job_keys = set_of(pinned, 1)};
	return job_gate_open(&gate, dir, &identity, &e) ? 0 : -1;
}

static int
teardown(void **state)
{
	static const char *const files[] = {"leases.json", "identity.json"};
	struct error e;

	(void)state;
	job_gate_close(&gate);
	EVP_PKEY_free(first);
	EVP_PKEY_free(second);
	EVP_PKEY_free(stranger);
	for (size_t i = 0; i < 2; i++)
		if (!fs_remove(arena_printf(&arena, "%s/%s", dir, files[i]), &e))
			return -1;
	arena_reset(&arena);
	return rmdir(dir);
}

static bool
let_in(const char *token, int64_t at, const char **text, struct error *e)
{
	struct job_envelope ids;
	const char *envelope = arena_printf(&arena,
		"{\"jobId\":\"j\",\"leaseId\":\"" LEASE
		"\",\"deviceId\":\"d\",\"kind\":\"delete\"%s%s%s}",
		token ? ",\"job\":\"" : "", token ? token : "", token ? "\"" : "");

	return job_gate_check(&arena, &gate, slice_str(envelope), at * US_PER_S, &ids, text, e);
}

static void
refused(const char *token, int64_t at, const char *fault)
{
	const char *text;
	struct error e = {0};

	if (let_in(token, at, &text, &e))
		fail_msg("let in: %s", text);
	assert_string_equal(e.fault, fault);
}

static void
what_is_no_envelope_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "[]", "\"\"", "{", "null"};
	struct job_envelope ids;
	const char *text;
	struct error e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(job_gate_check(
			&arena, &gate, slice_str(bad[i]), start * US_PER_S, &ids, &text, &e));
		assert_int_equal(e.code, ERR_PROTOCOL);
		assert_string_equal(ids.job_id, "");
	}
}

static void
a_job_without_a_signature_is_refused(void **state)
{
	(void)state;
	refused(NULL, start, "job_unsigned");
	refused("", start, "job_unsigned");
	// The words of a job and no signature; an algorithm that is none.
	refused("e30.e30.", start, "job_signature_invalid");
	refused("eyJhbGciOiJub25lIn0.e30.", start, "job_signature_invalid");
}

static void
a_job_that_was_altered_is_refused(void **state)
{
	(void)state;
	const char *good = sign(first, ME, start, job(LEASE));

	for (size_t at = 0; good[at]; at += 7) {
		char *forged = arena_strdup(&arena, good);
		forged[at] = forged[at] == 'A' ? 'B' : 'A';
		if (str_eq(forged, good))
			continue;
		// The last character holds bits that count for nothing; they must be zero.
		refused(forged, start, "job_signature_invalid");
	}
}

static void
a_key_that_is_not_pinned_is_refused(void **state)
{
	(void)state;
	refused(sign(stranger, ME, start, job(LEASE)), start, "job_signature_invalid");
}

static void
a_job_for_another_connector_is_refused(void **state)
{
	(void)state;
	refused(sign(first, "0b7c6a52-4c5a-4b3c-9d3e-000000000000", start, job(LEASE)), start,
		"job_signature_invalid");
	refused(sign(first, "ferry-connectors", start, job(LEASE)), start, "job_signature_invalid");
}

static void
a_job_is_refused_before_and_after_its_time(void **state)
{
	(void)state;
	const char *token = sign(first, ME, start, job(LEASE));

	refused(token, start + 300 + JWT_SKEW_S + 1, "job_expired");
	refused(token, start - JWT_SKEW_S - 1, "job_expired");
	refused(token, start + 365 * 86400, "job_expired");
}

static void
a_job_is_let_in_once_also_after_a_restart(void **state)
{
	(void)state;
	const char *token = sign(first, ME, start, job(LEASE)), *text;
	struct error e;

	assert_true(let_in(token, start, &text, &e));
	assert_non_null(strstr(text, "\"kind\":\"odj\""));
	refused(token, start + 1, "job_replayed");
	job_gate_close(&gate);
	assert_true(job_gate_open(&gate, dir, &identity, &e));
	refused(token, start + 300, "job_replayed");
	assert_true(let_in(sign(first, ME, start, job(OTHER_LEASE)), start, &text, &e));
}

static void
places_of_jobs_whose_time_is_over_are_used_again(void **state)
{
	(void)state;
	const char *text;
	struct error e;

	for (int i = 0; i < JOB_GATE_SEEN + 10; i++) {
		int64_t at = start + i * 2;
		const char *lease = arena_printf(&arena, "0b7c6a52-4c5a-4b3c-9d3e-%012d", i);
		assert_true(let_in(sign(first, ME, at, job(lease)), at, &text, &e));
		arena_reset(&arena);
	}
}

static const char *
statement(EVP_PKEY *by, EVP_PKEY *one, EVP_PKEY *two, int64_t at)
{
	EVP_PKEY *const keys[] = {one, two};

	return sign(by, "ferry-connectors", at,
		arena_printf(&arena, "\"jwks\":%s", set_of(keys, two ? 2 : 1)));
}

static void
keys_that_a_stranger_names_are_not_learned(void **state)
{
	(void)state;
	struct error e;

	assert_false(job_gate_learn(
		&arena, &gate, statement(stranger, stranger, NULL, start), start * US_PER_S, &e));
	assert_string_equal(e.fault, "job_signature_invalid");
	// A job is no list of keys.
	assert_false(job_gate_learn(
		&arena, &gate, sign(first, ME, start, job(LEASE)), start * US_PER_S, &e));
	refused(sign(stranger, ME, start, job(LEASE)), start, "job_signature_invalid");
}

static void
the_next_key_is_learned_from_the_pinned_one_and_kept(void **state)
{
	(void)state;
	const char *text;
	struct error e;

	assert_true(job_gate_learn(
		&arena, &gate, statement(first, first, second, start), start * US_PER_S, &e));
	// The next month: the second signs, and the first is forgotten.
	assert_true(job_gate_learn(&arena, &gate, statement(second, second, NULL, start + 100),
		(start + 100) * US_PER_S, &e));
	assert_true(let_in(sign(second, ME, start, job(LEASE)), start, &text, &e));
	refused(sign(first, ME, start, job(OTHER_LEASE)), start, "job_signature_invalid");
	// An older list does not bring a key back.
	assert_false(job_gate_learn(
		&arena, &gate, statement(second, first, second, start), start * US_PER_S, &e));
	assert_string_equal(e.fault, "job_expired");
	struct slice kept;
	assert_true(fs_read(
		&arena, arena_printf(&arena, "%s/identity.json", dir), 64 << 10, &kept, &e));
	assert_non_null(strstr((const char *)kept.data, name_of(second)));
	assert_null(strstr((const char *)kept.data, name_of(first)));
}

static void
an_identity_from_before_asks_to_be_enrolled_again(void **state)
{
	(void)state;
	struct connector_identity old = identity;
	struct job_gate other;
	struct error e;

	old.job_keys = NULL;
	assert_false(job_gate_open(&other, dir, &old, &e));
	assert_string_equal(e.fault, "job_unsigned");
	assert_non_null(strstr(e.hint, "Enrol"));
}

int
main(void)
{
#define ON(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ON(what_is_no_envelope_is_refused),
		ON(a_job_without_a_signature_is_refused),
		ON(a_job_that_was_altered_is_refused),
		ON(a_key_that_is_not_pinned_is_refused),
		ON(a_job_for_another_connector_is_refused),
		ON(a_job_is_refused_before_and_after_its_time),
		ON(a_job_is_let_in_once_also_after_a_restart),
		ON(places_of_jobs_whose_time_is_over_are_used_again),
		ON(keys_that_a_stranger_names_are_not_learned),
		ON(the_next_key_is_learned_from_the_pinned_one_and_kept),
		ON(an_identity_from_before_asks_to_be_enrolled_again),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
