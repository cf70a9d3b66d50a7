// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/testing.h"
#include "pki/jwk.h"
#include "pki/key.h"
#include "pki/ossl.h"

// The example of RFC 7517 appendix A.1.
#define EC_KEY                                                                                     \
	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","  \
	"\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\""

// What the document holds: the number of keys for us, or -1 when it is refused.
static int
read_set(const char *text, size_t max)
{
	autoarena(arena, ARENA_SMALL);
	struct jwk_set set;
	struct error e;
	const struct json *json = json_parse(&arena, slice_str(text), NULL, &e);

	assert_non_null(json);
	if (!jwk_set_read(&arena, json, max, &set, &e)) {
		assert_int_equal(e.code, ERR_PROTOCOL);
		return -1;
	}
	int count = (int)set.count;
	jwk_set_free(&set);
	return count;
}

static void
malformed_sets_are_refused(void **state)
{
	static const char *const list[] = {
		"{}",
		"[]",
		"{\"keys\":{}}",
		"{\"keys\":null}",
		"{\"keys\":[1]}",
		"{\"keys\":[[]]}",
		"{\"keys\":[{\"kid\":\"a\"," EC_KEY "},{\"kid\":\"a\"," EC_KEY "}]}",
		"{\"keys\":[{\"kid\":\"a\",\"kty\":\"EC\",\"crv\":\"P-256\"}]}",
		"{\"keys\":[{\"kid\":\"a\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":"
		"\"AQ\"}]}",
		"{\"keys\":[{\"kid\":\"a\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"+/"
		"\",\"y\":\"AQ\"}]}",
		"{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}]}",
		"{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":1,\"e\":\"AQAB\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		if (read_set(list[i], 4) != -1)
			fail_msg("accepted: %s", list[i]);
	assert_int_equal(
		read_set("{\"keys\":[{\"kid\":\"a\"," EC_KEY "},{\"kid\":\"b\"," EC_KEY "}]}", 1),
		-1);
}

static void
keys_that_are_not_for_us_are_left_out(void **state)
{
	(void)state;
	assert_int_equal(read_set("{\"keys\":[]}", 4), 0);
	assert_int_equal(read_set("{\"keys\":[{" EC_KEY "}]}", 4), 0);
	assert_int_equal(read_set("{\"keys\":[{\"kid\":\"a\"," EC_KEY ",\"use\":\"enc\"}]}", 4), 0);
	assert_int_equal(
		read_set("{\"keys\":[{\"kid\":\"a\"," EC_KEY ",\"alg\":\"HS256\"}]}", 4), 0);
	assert_int_equal(
		read_set("{\"keys\":[{\"kid\":\"a\"," EC_KEY ",\"alg\":\"RS256\"}]}", 4), 0);
	assert_int_equal(
		read_set("{\"keys\":[{\"kid\":\"a\",\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", 4), 0);
	assert_int_equal(read_set("{\"keys\":[{\"kid\":\"a\",\"kty\":\"EC\",\"crv\":\"P-384\","
				  "\"x\":\"AQ\"}]}",
				 4),
		0);
	// RSA of 16 bits.
	assert_int_equal(
		read_set(
			"{\"keys\":[{\"kid\":\"a\",\"kty\":\"RSA\",\"n\":\"gAE\",\"e\":\"AQAB\"}]}",
			4),
		0);
	assert_int_equal(
		read_set("{\"keys\":[{\"kid\":\"b\",\"kty\":\"oct\"},{\"kid\":\"a\"," EC_KEY
			 ",\"use\":\"sig\",\"alg\":\"ES256\",\"x5c\":[\"AA==\"]}]}",
			1),
		1);
}

static void
what_we_publish_can_be_read(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	autopkey *ec = NULL, *rsa = NULL;
	struct jwk_set set;
	const char *text;
	struct error e;

	assert_works(key_generate(KEY_P256, &ec, &e));
	assert_works(key_generate(KEY_RSA2048, &rsa, &e));
	struct jwk keys[] = {{.kid = "a", .key = ec}, {.kid = "b", .key = rsa}};
	assert_works(jwk_set_json(&arena, &(struct jwk_set){.keys = keys, .count = 2}, &text, &e));
	const struct json *json = json_parse(&arena, slice_str(text), NULL, &e);
	assert_non_null(json);
	assert_works(jwk_set_read(&arena, json, 2, &set, &e));
	assert_int_equal(set.count, 2);
	assert_true(key_same(jwk_find(&set, "a")->key, ec));
	assert_true(key_same(jwk_find(&set, "b")->key, rsa));
	jwk_set_free(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_sets_are_refused),
		cmocka_unit_test(keys_that_are_not_for_us_are_left_out),
		cmocka_unit_test(what_we_publish_can_be_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
