// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/testing.h"
#include "codec/base64.h"
#include "pki/jwt.h"
#include "pki/key.h"
#include "pki/ossl.h"

#define ISSUER "https://ferry.example/11111111-1111-4111-8111-111111111111/v2.0"
#define AUDIENCE "api://ferry"
#define TENANT "11111111-1111-4111-8111-111111111111"
#define TIMES "\"iat\":1000000,\"nbf\":1000000,\"exp\":1003600"
#define NAMES "\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"tid\":\"" TENANT "\""
#define GOOD "{" NAMES "," TIMES ",\"sub\":\"alice\"}"

static EVP_PKEY *ec_key, *rsa_key, *evil_key;
static struct jwk keys[2];
static const struct jwk_set set = {.keys = keys, .count = 2};
static const struct jwt_expect expect = {.issuer = ISSUER,
	.audience = AUDIENCE,
	.tenant = TENANT,
	.now = 1000100 * US_PER_S,
	.max_lifetime_s = 86400};

static int
setup(void **state)
{
	struct error e;

	(void)state;
	if (!key_generate(KEY_P256, &ec_key, &e) || !key_generate(KEY_RSA2048, &rsa_key, &e) ||
		!key_generate(KEY_P256, &evil_key, &e))
		return -1;
	keys[0] = (struct jwk){.kid = "ec", .key = ec_key};
	keys[1] = (struct jwk){.kid = "rsa", .key = rsa_key};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(ec_key);
	EVP_PKEY_free(rsa_key);
	EVP_PKEY_free(evil_key);
	return 0;
}

// How a forger signs.
enum signing { WITH_KEY, DER_FORM, WITH_HMAC, ZEROS, NOTHING };

static struct slice
signature(struct arena *arena, EVP_PKEY *key, struct slice input, enum signing how)
{
	automd *md = EVP_MD_CTX_new();
	uint8_t *out = arena_alloc(arena, 512);
	uint8_t raw[64];
	struct slice pem;
	size_t len = 512;
	struct error e;

	if (how == NOTHING)
		return slice_of(NULL, 0);
	if (how == ZEROS)
		return slice_of(out, 64);
	if (how == WITH_HMAC) {
		assert_works(key_save_public_pem(arena, key, &pem, &e));
		hmac_sha256(pem, input, out);
		return slice_of(out, 32);
	}
	assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(md, out, &len, input.data, input.len), 1);
	if (how == DER_FORM || EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return slice_of(out, len);
	assert_works(ecdsa_der_to_raw(slice_of(out, len), raw, &e));
	memcpy(out, raw, sizeof raw);
	return slice_of(out, sizeof raw);
}

static char *
token(struct arena *arena, const char *header, const char *claims, EVP_PKEY *key, enum signing how)
{
	char *input = arena_printf(arena, "%s.%s", base64url_encode(arena, slice_str(header)),
		base64url_encode(arena, slice_str(claims)));

	return arena_printf(arena, "%s.%s", input,
		base64url_encode(
			arena, signature(arena, key, slice_of(input, strlen(input)), how)));
}

static void
expect_refused(const char *text, size_t len, const char *what, const char *fault)
{
	autoarena(arena, ARENA_SMALL);
	const struct json *claims = NULL;
	struct error e = {0};

	if (jwt_verify(&arena, slice_of(text, len), &set, &expect, &claims, &e))
		fail_msg("accepted: %s", what);
	if (!e.fault || strcmp(e.fault, fault) != 0)
		fail_msg("%s: %s (%s)", what, e.fault ? e.fault : "-", e.message);
	assert_int_equal(e.code, ERR_UNAUTHENTICATED);
	assert_null(claims);
}

#define EC "{\"alg\":\"ES256\",\"kid\":\"ec\"}"
#define EC_WITH(more) "{\"alg\":\"ES256\",\"kid\":\"ec\"," more "}"

// Headers that lie; the claims are good and the signature is the one the header asks for.
static void
forged_headers_are_refused(void **state)
{
	const struct {
		const char *header;
		EVP_PKEY *key;
		enum signing how;
	} list[] = {
		{"{\"alg\":\"none\",\"kid\":\"ec\"}", ec_key, ZEROS},
		{"{\"alg\":\"none\",\"kid\":\"ec\"}", ec_key, NOTHING},
		{"{\"alg\":\"None\",\"kid\":\"ec\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"\",\"kid\":\"ec\"}", ec_key, WITH_KEY},
		{"{\"kid\":\"ec\"}", ec_key, WITH_KEY},
		{"{\"alg\":null,\"kid\":\"ec\"}", ec_key, WITH_KEY},
		{"{\"alg\":[\"ES256\"],\"kid\":\"ec\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"es256\",\"kid\":\"ec\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"HS256\",\"kid\":\"rsa\"}", rsa_key, WITH_HMAC},
		{"{\"alg\":\"HS256\",\"kid\":\"ec\"}", ec_key, WITH_HMAC},
		{"{\"alg\":\"RS256\",\"kid\":\"rsa\"}", rsa_key, WITH_HMAC},
		{"{\"alg\":\"RS256\",\"kid\":\"ec\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"rsa\"}", rsa_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"rsa\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"PS256\",\"kid\":\"rsa\"}", rsa_key, WITH_KEY},
		{"{\"alg\":\"RS512\",\"kid\":\"rsa\"}", rsa_key, WITH_KEY},
		{"{\"alg\":\"ES256\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"unknown\"}", evil_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"../../dev/null\"}", evil_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"ec' OR 1=1\"}", evil_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"EC\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":0}", ec_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"ec\\u0000x\"}", ec_key, WITH_KEY},
		{EC_WITH("\"jku\":\"https://evil.example/keys\""), ec_key, WITH_KEY},
		{EC_WITH("\"jwk\":{\"kty\":\"EC\"}"), ec_key, WITH_KEY},
		{EC_WITH("\"x5u\":\"https://evil.example\""), ec_key, WITH_KEY},
		{EC_WITH("\"x5c\":[\"MIIB\"]"), ec_key, WITH_KEY},
		{EC_WITH("\"x5t\":\"AA\""), ec_key, WITH_KEY},
		{EC_WITH("\"x5t#S256\":\"AA\""), ec_key, WITH_KEY},
		{EC_WITH("\"crit\":[\"exp\"]"), ec_key, WITH_KEY},
		{EC_WITH("\"b64\":false"), ec_key, WITH_KEY},
		{EC_WITH("\"zip\":\"DEF\""), ec_key, WITH_KEY},
		{EC_WITH("\"enc\":\"A128GCM\""), ec_key, WITH_KEY},
		{EC_WITH("\"typ\":\"dpop+jwt\""), ec_key, WITH_KEY},
		{EC_WITH("\"typ\":1"), ec_key, WITH_KEY},
		{EC_WITH("\"alg\":\"none\""), ec_key, WITH_KEY},
		{"[\"ES256\"]", ec_key, WITH_KEY},
		{"\"ES256\"", ec_key, WITH_KEY},
		{"{alg:\"ES256\",kid:\"ec\"}", ec_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"ec\"}x", ec_key, WITH_KEY},
		{"{\"alg\":\"ES256\",\"kid\":\"ec\",\"a\":[[[[[1]]]]]}", ec_key, WITH_KEY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		autoarena(arena, ARENA_SMALL);
		char *text = token(&arena, list[i].header, GOOD, list[i].key, list[i].how);
		expect_refused(text, strlen(text), list[i].header, "token_invalid");
	}
}

// Genuinely signed, but for something else.
static void
claims_for_others_are_refused(void **state)
{
	static const struct {
		const char *claims, *fault;
	} list[] = {
		{"{" TIMES ",\"aud\":\"" AUDIENCE "\",\"tid\":\"" TENANT "\"}", "token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "\",\"tid\":\"" TENANT "\"}", "token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\"}", "token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "/\",\"aud\":\"" AUDIENCE "\",\"tid\":\"" TENANT
		 "\"}",
			"token_invalid"},
		{"{" TIMES ",\"iss\":\"https://evil.example\",\"aud\":\"" AUDIENCE
		 "\",\"tid\":\"" TENANT "\"}",
			"token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "\",\"aud\":\"api://other\",\"tid\":\"" TENANT
		 "\"}",
			"token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "\",\"aud\":[\"" AUDIENCE "\"],\"tid\":\"" TENANT
		 "\"}",
			"token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "\",\"aud\":\"api://Ferry\",\"tid\":\"" TENANT
		 "\"}",
			"token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE
		 "\",\"tid\":\"22222222-2222-4222-8222-222222222222\"}",
			"token_invalid"},
		{"{" TIMES ",\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"tid\":null}",
			"token_invalid"},
		{"{" NAMES "," TIMES ",\"aud\":\"api://other\"}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000000}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"exp\":1003600}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000000,\"exp\":\"1003600\"}",
			"token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000000,\"exp\":1e300}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000000,\"exp\":1003600.5}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000000,\"exp\":9223372036854775807}",
			"token_invalid"},
		{"{" NAMES ",\"nbf\":1000000,\"exp\":1003600}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":-1,\"exp\":1003600}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000000,\"exp\":1000000}", "token_invalid"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000000,\"exp\":1090000}", "token_invalid"},
		{"{" NAMES ",\"iat\":\"now\",\"nbf\":1000000,\"exp\":1003600}", "token_invalid"},
		{"{" NAMES ",\"iat\":990000,\"nbf\":990000,\"exp\":1000040}", "token_expired"},
		{"{" NAMES ",\"iat\":1000000,\"nbf\":1000161,\"exp\":1003600}",
			"token_not_yet_valid"},
		{"{" NAMES ",\"iat\":1000161,\"nbf\":1000000,\"exp\":1003600}",
			"token_not_yet_valid"},
		{"[]", "token_invalid"},
		{"", "token_invalid"},
		{GOOD "{}", "token_invalid"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		autoarena(arena, ARENA_SMALL);
		char *text = token(&arena, EC, list[i].claims, ec_key, WITH_KEY);
		expect_refused(text, strlen(text), list[i].claims, list[i].fault);
	}
}

static void
forged_signatures_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	char *good = token(&arena, EC, GOOD, ec_key, WITH_KEY), *text;

	text = token(&arena, EC, GOOD, evil_key, WITH_KEY);
	expect_refused(text, strlen(text), "another key", "token_invalid");
	text = token(&arena, EC, GOOD, ec_key, DER_FORM);
	expect_refused(text, strlen(text), "DER instead of r and s", "token_invalid");
	text = token(&arena, EC, GOOD, ec_key, ZEROS); // CVE-2022-21449
	expect_refused(text, strlen(text), "zeros", "token_invalid");
	// Every cut, and every changed character.
	for (size_t len = 0; len < strlen(good); len++)
		expect_refused(good, len, "cut", "token_invalid");
	for (size_t at = 0; at < strlen(good); at += 3) {
		text = arena_strdup(&arena, good);
		text[at] = text[at] == 'A' ? 'B' : 'A';
		expect_refused(text, strlen(text), "changed", "token_invalid");
	}
}

static void
forged_shapes_are_refused(void **state)
{
	(void)state;
	autoarena(arena, ARENA_REQUEST);
	char *good = token(&arena, EC, GOOD, ec_key, WITH_KEY);
	const char *first_dot = strchr(good, '.'), *last_dot = strrchr(good, '.');
	char *large = arena_alloc(&arena, JWT_MAX + 10);
	const char *list[] = {"", ".", "..", "...", "a.b.c", "a.b", "e30.e30.", ".e30.e30",
		arena_printf(&arena, "%s.", good), arena_printf(&arena, "%s.AAAA", good),
		arena_printf(&arena, ".%s", good), arena_printf(&arena, " %s", good),
		arena_printf(&arena, "%s\n", good), arena_printf(&arena, "%s=", good),
		arena_printf(&arena, "Bearer %s", good),
		arena_printf(&arena, "%.*s.", (int)(last_dot - good), good),
		arena_printf(&arena, "%.*s..%s", (int)(first_dot - good), good, last_dot + 1),
		"{\"payload\":\"e30\",\"signatures\":[]}"};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++)
		expect_refused(list[i], strlen(list[i]), list[i], "token_invalid");
	memset(large, 'a', JWT_MAX + 9);
	expect_refused(large, JWT_MAX + 9, "too large", "token_invalid");
}

static void
what_we_sign_verifies(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const struct json *claims;
	struct error e;
	char *text;

	for (int i = 0; i < 2; i++) {
		assert_works(jwt_sign(&arena, keys[i].key, keys[i].kid, GOOD, &text, &e));
		assert_works(jwt_verify(&arena, slice_str(text), &set, &expect, &claims, &e));
		assert_string_equal(json_str(claims, "sub"), "alice");
	}
}

static void
a_minute_of_skew_is_forgiven(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct jwt_expect at = expect;
	const struct json *claims;
	struct error e;
	char *text;

	assert_works(jwt_sign(&arena, ec_key, "ec", GOOD, &text, &e));
	at.now = (1003600 + 59) * US_PER_S;
	assert_works(jwt_verify(&arena, slice_str(text), &set, &at, &claims, &e));
	at.now = (1003600 + 60) * US_PER_S;
	assert_false(jwt_verify(&arena, slice_str(text), &set, &at, &claims, &e));
	assert_string_equal(e.fault, "token_expired");
	at.now = (1000000 - 60) * US_PER_S;
	assert_works(jwt_verify(&arena, slice_str(text), &set, &at, &claims, &e));
	at.now = (1000000 - 61) * US_PER_S;
	assert_false(jwt_verify(&arena, slice_str(text), &set, &at, &claims, &e));
	assert_string_equal(e.fault, "token_not_yet_valid");
}

// An expectation that was never filled in must not match a token that leaves the claim out.
static void
an_empty_expectation_matches_nothing(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	struct jwt_expect empty = expect;
	const struct json *claims;
	struct error e;
	char *text;

	assert_works(jwt_sign(&arena, ec_key, "ec",
		"{\"iss\":\"\",\"aud\":\"\",\"tid\":\"\"," TIMES "}", &text, &e));
	empty.issuer = empty.audience = empty.tenant = "";
	assert_false(jwt_verify(&arena, slice_str(text), &set, &empty, &claims, &e));
	empty.issuer = empty.audience = empty.tenant = NULL;
	assert_false(jwt_verify(&arena, slice_str(text), &set, &empty, &claims, &e));
}

#define FOREIGN "\"iss\":\"https://idp.example\",\"iat\":1000000,\"exp\":1003600,\"nonce\":\"n1\""

// OpenID Connect Core 3.1.3.7.
static void
an_id_token_is_for_this_client_and_this_request(void **state)
{
	static const struct {
		const char *claims;
		bool good;
	} list[] = {
		{"{" FOREIGN ",\"aud\":\"me\"}", true},
		{"{" FOREIGN ",\"aud\":\"me\",\"nbf\":1000000}", true},
		{"{" FOREIGN ",\"aud\":[\"me\"]}", true},
		{"{" FOREIGN ",\"aud\":[\"me\",\"you\"],\"azp\":\"me\"}", true},
		{"{" FOREIGN ",\"aud\":[\"me\",\"you\"]}", false},
		{"{" FOREIGN ",\"aud\":[\"me\",\"you\"],\"azp\":\"you\"}", false},
		{"{" FOREIGN ",\"aud\":\"me\",\"azp\":\"you\"}", false},
		{"{" FOREIGN ",\"aud\":\"me\",\"azp\":[\"me\"]}", false},
		{"{" FOREIGN ",\"aud\":[\"you\"]}", false},
		{"{" FOREIGN ",\"aud\":[[\"me\"]]}", false},
		{"{" FOREIGN ",\"aud\":[]}", false},
		{"{" FOREIGN ",\"aud\":{\"me\":\"me\"}}", false},
		{"{" FOREIGN "}", false},
		{"{" FOREIGN ",\"aud\":\"me\",\"nbf\":1000161}", false},
		{"{" FOREIGN ",\"aud\":\"me\",\"nbf\":null}", false},
		{"{\"iss\":\"https://idp.example\",\"aud\":\"me\"," TIMES "}", false},
		{"{\"iss\":\"https://idp.example\",\"aud\":\"me\",\"nonce\":\"n2\"," TIMES "}",
			false},
		{"{\"iss\":\"https://idp.example\",\"aud\":\"me\",\"nonce\":[\"n1\"]," TIMES "}",
			false},
		{"{\"iss\":\"https://"
		 "idp.example\",\"aud\":\"me\",\"nonce\":\"n1\",\"exp\":1003600}",
			false},
		{"{\"iss\":\"https://idp.evil\",\"aud\":\"me\",\"nonce\":\"n1\"," TIMES "}", false},
	};
	struct jwt_expect me = {.issuer = "https://idp.example",
		.audience = "me",
		.nonce = "n1",
		.id_token = true,
		.now = 1000100 * US_PER_S};
	const struct json *claims;
	struct error e;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		autoarena(arena, ARENA_SMALL);
		char *text =
			token(&arena, EC_WITH("\"x5t\":\"AA\""), list[i].claims, ec_key, WITH_KEY);
		if (jwt_verify(&arena, slice_str(text), &set, &me, &claims, &e) != list[i].good)
			fail_msg("%s: %s", list[i].claims, list[i].good ? e.message : "accepted");
		me.nonce = NULL; // a nonce that was never sent
		assert_false(jwt_verify(&arena, slice_str(text), &set, &me, &claims, &e));
		me.nonce = "n1";
	}
}

// RFC 7638 section 3.1, whose example is an RSA key.
static void
thumbprints_are_those_of_the_standard(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	static const char n[] =
		"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6"
		"t"
		"Soc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_"
		"RN5w6Cf0h4QyQ5v-"
		"65YGjQR0_"
		"FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qN"
		"Lyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
		"kEgU8awa"
		"pJzKnqDKgw";
	unsigned exponent = 65537;
	struct slice modulus;
	const char *kid;
	EVP_PKEY *key = NULL;
	uint8_t native[256];
	struct error e;

	assert_works(base64url_decode(&arena, slice_str(n), 256, &modulus, &e));
	autobn *number = BN_bin2bn(modulus.data, (int)modulus.len, NULL);
	BN_bn2nativepad(number, native, sizeof native);
	OSSL_PARAM params[] = {OSSL_PARAM_construct_BN("n", native, sizeof native),
		OSSL_PARAM_construct_uint("e", &exponent), OSSL_PARAM_construct_end()};
	CLEANUP(autopkey_ctx_p)
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	assert_works(jwk_thumbprint(&arena, key, &kid, &e));
	assert_string_equal(kid, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
	EVP_PKEY_free(key);
}

static void
the_key_set_has_public_members_only(void **state)
{
	(void)state;
	autoarena(arena, ARENA_SMALL);
	const char *text;
	struct error e;

	assert_works(jwk_set_json(&arena, &set, &text, &e));
	const struct json *json = json_parse(&arena, slice_str(text), NULL, &e);
	assert_non_null(json);
	const struct json *first = json_get(json, "keys")->first;
	assert_string_equal(json_str(first, "kty"), "EC");
	assert_string_equal(json_str(first, "alg"), "ES256");
	assert_string_equal(json_str(first, "use"), "sig");
	assert_string_equal(json_str(first, "kid"), "ec");
	assert_int_equal(strlen(json_str(first, "x")), 43);
	assert_string_equal(json_str(first->next, "e"), "AQAB");
	assert_null(json_get(first, "d"));
	assert_null(json_get(first->next, "d"));
	assert_null(json_get(first->next, "p"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forged_headers_are_refused),
		cmocka_unit_test(claims_for_others_are_refused),
		cmocka_unit_test(forged_signatures_are_refused),
		cmocka_unit_test(forged_shapes_are_refused),
		cmocka_unit_test(what_we_sign_verifies),
		cmocka_unit_test(a_minute_of_skew_is_forgiven),
		cmocka_unit_test(an_empty_expectation_matches_nothing),
		cmocka_unit_test(an_id_token_is_for_this_client_and_this_request),
		cmocka_unit_test(thumbprints_are_those_of_the_standard),
		cmocka_unit_test(the_key_set_has_public_members_only),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
