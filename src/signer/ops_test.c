// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/testing.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "pki/csr.h"
#include "pki/hash.h"
#include "pki/jwt.h"
#include "pki/ossl.h"
#include "signer/ops.h"
#include <sys/stat.h>

static const time_us now = 1795000000LL * US_PER_S;
static struct arena arena = {.cap = ARENA_REQUEST};
static char dir[] = "/tmp/ferry-signer-XXXXXX";
static const struct token_policy policy = {.rotate_days = 90};
static struct keyring keys;
static EVP_PKEY *device_key;
static const char *csr; // base64

static int
setup(void **state)
{
	struct error e;
	struct slice der;

	(void)state;
	if (!mkdtemp(dir) || !keyring_create(dir, "Contoso", &policy, now, &e) ||
		!keyring_open(&arena, dir, now, &keys, &e) ||
		!key_generate(KEY_P256, &device_key, &e) ||
		!csr_build(&arena, device_key, "anything", &der, &e))
		return -1;
	csr = base64_encode(&arena, der);
	return 0;
}

static int
teardown(void **state)
{
	const char *files[] = {"root.key", "root.pem", "issuing.key", "issuing.pem", "tokens.json",
		"tokens.lock", "jobs/tokens.json", "jobs/tokens.lock", NULL, NULL};
	struct token_view *view;
	struct error e;

	(void)state;
	if (!token_ring_borrow(keys.tokens, &view, &e))
		return -1;
	files[8] = arena_printf(&arena, "token-%s.key", view->kid);
	token_ring_return(keys.tokens, view);
	if (!token_ring_borrow(keys.jobs, &view, &e))
		return -1;
	files[9] = arena_printf(&arena, "jobs/token-%s.key", view->kid);
	token_ring_return(keys.jobs, view);
	keyring_close(&keys);
	EVP_PKEY_free(device_key);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (!fs_remove(arena_printf(&arena, "%s/%s", dir, files[i]), &e))
			return -1;
	int left = rmdir(keyring_job_dir(&arena, dir));
	arena_finish(&arena);
	return left ? left : rmdir(dir);
}

// The signer's answer; always a JSON object.
static const struct json *
ask(const char *request)
{
	struct buf out;
	struct error e;

	buf_init(&out, &arena, SIGNER_MESSAGE_MAX);
	signer_answer(&arena, &keys, now, slice_str(request), &out);
	const struct json *json = json_parse(&arena, buf_slice(&out), NULL, &e);
	if (!json)
		fail_msg("%s: %s", buf_text(&out), e.message);
	return json;
}

static void
refused(const char *request, const char *code)
{
	const struct json *answer = ask(request);

	if (!str_eq(json_str(answer, "error"), code))
		fail_msg("%s: %s (%s), expected %s", request,
			json_str(answer, "error") ? json_str(answer, "error") : "accepted",
			json_str(answer, "message") ? json_str(answer, "message") : "", code);
	assert_non_null(json_str(answer, "message"));
	// Nothing that was made before the refusal slips out beside it.
	assert_int_equal(answer->count, 2);
}

static const char *
certificate(const char *profile, const char *request, const char *more)
{
	return arena_printf(&arena,
		"{\"op\":\"certificate\",\"profile\":\"%s\",\"commonName\":\"pc-1\",\"csr\":\"%s\"%"
		"s}",
		profile, request, more);
}

static void
what_is_no_request_is_refused(void **state)
{
	(void)state;
	refused("", "invalid");
	refused("[]", "invalid");
	refused("null", "invalid");
	refused("{", "invalid");
	refused("{}", "invalid");
	refused("{\"op\":\"Certificate\"}", "invalid");
	refused("{\"op\":\"sign\"}", "invalid");
	refused("{\"op\":1}", "invalid");
	refused("{\"op\":\"info\",\"op\":\"token\"}", "invalid");
}

// However the service is compromised: no authority, no server of this name.
static void
certificates_of_authorities_and_servers_are_refused(void **state)
{
	(void)state;
	static const char *const wanted[] = {
		"root", "issuing", "ca", "server", "tls", "aik", "Device", "DEVICE", "device ", ""};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		refused(certificate(wanted[i], csr, ""), "denied");
	refused("{\"op\":\"certificate\",\"commonName\":\"x\"}", "denied");
	refused("{\"op\":\"certificate\",\"profile\":0,\"commonName\":\"x\"}", "denied");
}

static void
a_key_that_the_asker_does_not_hold_gets_no_certificate(void **state)
{
	(void)state;
	struct slice der;
	struct error e;

	assert_works(base64_decode(&arena, slice_str(csr), BASE64_STRICT, 16 << 10, &der, &e));
	for (size_t back = 1; back <= 60; back += 7) {
		uint8_t *forged = arena_memdup(&arena, der.data, der.len);
		forged[der.len - back] ^= 1;
		const struct json *answer = ask(certificate(
			"device", base64_encode(&arena, slice_of(forged, der.len)), ""));
		assert_non_null(json_str(answer, "error"));
		assert_null(json_str(answer, "certificate"));
	}
	refused(certificate("device", "", ""), "invalid");
	refused(certificate("device", "AAAA", ""), "invalid");
}

static void
certificates_that_live_too_long_are_refused(void **state)
{
	(void)state;
	refused(certificate("device", csr, ",\"days\":0"), "denied");
	refused(certificate("device", csr, ",\"days\":-1"), "denied");
	refused(certificate("device", csr, ",\"days\":401"), "denied");
	refused(certificate("device", csr, ",\"days\":9223372036854775807"), "denied");
	assert_non_null(json_str(ask(certificate("device", csr, ",\"days\":400")), "certificate"));
}

static void
a_directory_certificate_needs_the_id_of_its_device(void **state)
{
	(void)state;
	refused(certificate("directory", csr, ""), "invalid");
	refused(certificate("directory", csr, ",\"deviceId\":\"pc-1\""), "invalid");
	assert_non_null(json_str(ask(certificate("directory", csr,
					 ",\"deviceId\":\"6f1a2b3c-0000-4000-8000-000000000001\"")),
		"certificate"));
}

static void
a_certificate_that_is_given_is_for_a_client_and_no_authority(void **state)
{
	(void)state;
	static const char *const wanted[] = {"device", "connector"};
	struct error e;

	for (size_t i = 0; i < 2; i++) {
		const struct json *answer = ask(certificate(wanted[i], csr, ",\"days\":30"));
		autox509 *cert = NULL;
		autopool roots = {0}, untrusted = {0};
		struct cert_facts facts;
		struct slice der;
		assert_works(json_need_b64(&arena, answer, "certificate", 16 << 10, &der, &e));
		assert_works(cert_load(der, &cert, &e) && cert_facts(&arena, cert, &facts, &e));
		assert_false(facts.is_ca);
		assert_string_equal(facts.common_name, "pc-1");
		assert_int_equal(facts.not_after, now + 30 * US_PER_DAY);
		assert_works(cert_pool_add_pem(&roots, slice_str(keys.root_pem), 1, &e));
		assert_works(cert_pool_add_pem(&untrusted, slice_str(keys.issuing_pem), 1, &e));
		assert_works(cert_verify(cert, &roots, &untrusted, CERT_FOR_CLIENT, now, &e));
		assert_false(cert_verify(cert, &roots, &untrusted, CERT_FOR_SERVER, now, &e));
	}
}

static void
tokens_that_live_too_long_are_refused(void **state)
{
	(void)state;
	static const char *const late[] = {"0", "-1", "1795086401", "9223372036854",
		"9223372036855", "18446744073710", "9223372036854775807", "99999999999999999999",
		"1e9", "1795000001.5", "\"1795000001\"", "null"};

	for (size_t i = 0; i < sizeof late / sizeof *late; i++)
		refused(arena_printf(&arena, "{\"op\":\"token\",\"claims\":{\"exp\":%s}}", late[i]),
			"denied");
	refused("{\"op\":\"token\",\"claims\":{}}", "denied");
	refused("{\"op\":\"token\"}", "invalid");
	refused("{\"op\":\"token\",\"claims\":\"{}\"}", "invalid");
	refused("{\"op\":\"token\",\"claims\":{\"exp\":1795000001,\"exp\":1}}", "invalid");
}

static void
a_token_that_is_given_verifies_with_the_published_key(void **state)
{
	(void)state;
	const struct json *answer =
		ask("{\"op\":\"token\",\"claims\":{\"iss\":\"https://f\","
		    "\"aud\":\"a\",\"iat\":1795000000,\"nbf\":1795000000,\"exp\":1795086400}}");
	const char *token = json_str(answer, "token");
	struct jwk_set set;
	struct jwt_expect expect = {.issuer = "https://f", .audience = "a", .now = now};
	const struct json *claims;
	struct error e;

	assert_non_null(token);
	assert_works(jwk_set_read(
		&arena, json_get(ask("{\"op\":\"info\"}"), "jwks"), TOKEN_KEYS_MAX, &set, &e));
	assert_string_equal(json_str(answer, "kid"), set.keys[0].kid);
	assert_works(jwt_verify(&arena, slice_str(token), &set, &expect, &claims, &e));
	expect.audience = "b";
	assert_false(jwt_verify(&arena, slice_str(token), &set, &expect, &claims, &e));
	jwk_set_free(&set);
}

#define JOB                                                                                        \
	"\"jobId\":\"0b7c6a52-4c5a-4b3c-9d3e-111111111111\","                                      \
	"\"leaseId\":\"0b7c6a52-4c5a-4b3c-9d3e-222222222222\",\"kind\":\"odj\",\"domain\":\"c."    \
	"example\""
#define CONNECTOR "0b7c6a52-4c5a-4b3c-9d3e-333333333333"

static void
what_is_no_job_for_a_connector_is_not_signed(void **state)
{
	(void)state;
	refused("{\"op\":\"job\"}", "invalid");
	refused("{\"op\":\"job\",\"job\":{" JOB "}}", "invalid");
	refused("{\"op\":\"job\",\"connector\":\"" CONNECTOR "\"}", "invalid");
	refused("{\"op\":\"job\",\"connector\":\"" CONNECTOR "\",\"job\":{}}", "invalid");
	// How long it lives, who says so and for whom is the signer's.
	static const char *const ours[] = {"exp", "iat", "nbf", "iss", "aud"};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		refused(arena_printf(&arena,
				"{\"op\":\"job\",\"connector\":\"%s\",\"job\":{" JOB
				",\"%s\":9999999999}}",
				CONNECTOR, ours[i]),
			"denied");
}

// Whoever has this signed says which keys all connectors believe from then on.
static void
no_job_is_a_list_of_keys(void **state)
{
	(void)state;
	refused("{\"op\":\"job\",\"connector\":\"" SIGNER_JOB_KEYS "\",\"job\":{" JOB
		",\"jwks\":{\"keys\":[]}}}",
		"invalid");
	refused("{\"op\":\"job\",\"connector\":\"" SIGNER_JOB_KEYS "\",\"job\":{" JOB "}}",
		"invalid");
	refused("{\"op\":\"job\",\"connector\":\"" CONNECTOR "\",\"job\":{" JOB
		",\"jwks\":{\"keys\":[]}}}",
		"denied");
}

static void
jobs_and_tokens_are_signed_with_different_keys(void **state)
{
	(void)state;
	const char *job = json_str(
		ask("{\"op\":\"job\",\"connector\":\"" CONNECTOR "\",\"job\":{" JOB "}}"), "token");
	const char *token = json_str(ask("{\"op\":\"token\",\"claims\":{\"iss\":\"ferry-jobs\","
					 "\"aud\":\"" CONNECTOR "\",\"iat\":1795000000,"
					 "\"nbf\":1795000000,\"exp\":1795000060}}"),
		"token");
	struct jwt_expect expect = {.issuer = SIGNER_JOB_ISSUER, .audience = CONNECTOR, .now = now};
	struct jwk_set jobs, tokens;
	const struct json *claims;
	struct error e;

	assert_works(jwk_set_read(
		&arena, json_get(ask("{\"op\":\"jobKeys\"}"), "jwks"), TOKEN_KEYS_MAX, &jobs, &e));
	assert_works(jwk_set_read(
		&arena, json_get(ask("{\"op\":\"info\"}"), "jwks"), TOKEN_KEYS_MAX, &tokens, &e));
	assert_works(jwt_verify(&arena, slice_str(job), &jobs, &expect, &claims, &e));
	assert_string_equal(json_str(claims, "kind"), "odj");
	assert_int_equal(json_int(claims, "exp", 0), now / US_PER_S + 300);
	assert_false(jwt_verify(&arena, slice_str(job), &tokens, &expect, &claims, &e));
	assert_false(jwt_verify(&arena, slice_str(token), &jobs, &expect, &claims, &e));
	jwk_set_free(&jobs);
	jwk_set_free(&tokens);
}

static void
no_answer_holds_a_private_key(void **state)
{
	(void)state;
	const struct json *info = ask("{\"op\":\"info\"}");
	const struct json *key = json_get(json_get(info, "jwks"), "keys")->first;

	assert_non_null(strstr(json_str(info, "root"), "BEGIN CERTIFICATE"));
	assert_null(strstr(json_str(info, "root"), "PRIVATE"));
	assert_null(strstr(json_str(info, "issuing"), "PRIVATE"));
	assert_non_null(json_str(key, "x"));
	assert_null(json_get(key, "d"));
	assert_string_equal(json_str(info, "kid"), json_str(key, "kid"));
	assert_int_equal(json_int(info, "cacheUntil", 0), now / US_PER_S + SIGNER_CACHE_SECONDS);
}

static void
keys_are_never_overwritten_and_never_read_when_others_can_read_them(void **state)
{
	(void)state;
	struct keyring other = {0};
	struct stat st;
	struct error e;
	char *key = arena_printf(&arena, "%s/issuing.key", dir);

	assert_false(keyring_create(dir, "Contoso", &policy, now, &e));
	assert_int_equal(e.code, ERR_CONFLICT);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(chmod(key, 0640), 0);
	assert_false(keyring_open(&arena, dir, now, &other, &e));
	keyring_close(&other);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.hint, "chmod 600"));
	assert_int_equal(chmod(key, 0600), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_request_is_refused),
		cmocka_unit_test(certificates_of_authorities_and_servers_are_refused),
		cmocka_unit_test(a_key_that_the_asker_does_not_hold_gets_no_certificate),
		cmocka_unit_test(certificates_that_live_too_long_are_refused),
		cmocka_unit_test(a_directory_certificate_needs_the_id_of_its_device),
		cmocka_unit_test(a_certificate_that_is_given_is_for_a_client_and_no_authority),
		cmocka_unit_test(tokens_that_live_too_long_are_refused),
		cmocka_unit_test(a_token_that_is_given_verifies_with_the_published_key),
		cmocka_unit_test(what_is_no_job_for_a_connector_is_not_signed),
		cmocka_unit_test(no_job_is_a_list_of_keys),
		cmocka_unit_test(jobs_and_tokens_are_signed_with_different_keys),
		cmocka_unit_test(no_answer_holds_a_private_key),
		cmocka_unit_test(
			keys_are_never_overwritten_and_never_read_when_others_can_read_them),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
