// SPDX-License-Identifier: Apache-2.0
// A whole sign-in at an issuer that listens on a port and can be made to lie.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "base/uuid.h"
#include "codec/base64.h"
#include "ferryd/federation.h"
#include "http/test_support.h"
#include "pki/hash.h"
#include "pki/jwt.h"
#include "pki/key.h"
#include "pki/ossl.h"
#include "store/contract/place.h"
#include "store/trust.h"

#define REDIRECT "https://ferry.example/callback"

// How the issuer lies.
enum lie {
	TRUTH,
	DESCRIBES_ANOTHER,
	NO_TLS_ENDPOINT,
	IS_DOWN,
	REDIRECTS,
	DECLINES,
	NO_TOKEN,
	NOT_JSON,
	OTHER_ISSUER,
	OTHER_AUDIENCE,
	OTHER_NONCE,
	NO_NONCE,
	OTHER_PARTY,
	EXPIRED,
	OTHER_KEY,
	UNSIGNED,
	OTHER_DOMAIN,
	LIES
};

static struct arena arena = {.cap = ARENA_REQUEST};
static struct test_ca ca, other_ca;
static struct test_identity identity;
static struct http_server *server;
static char *issuer;
static EVP_PKEY *key, *new_key, *evil_key;
static bool rotated, post_allowed;
static enum lie lie;
static struct federation_login login;
static const char *challenge;
static int fetched, redeemed;

static struct place place;
static struct store *store;
static struct service service;
static struct worker worker;
static struct call call;

static void
answer(struct http_response *resp, int status, const char *text)
{
	http_response_set(resp, status, "application/json", slice_str(text));
}

static void
describe(struct http_request *req, struct http_response *resp)
{
	fetched++;
	answer(resp, lie == IS_DOWN ? 503 : 200,
		arena_printf(req->arena,
			"{\"issuer\":\"%s%s\",\"authorization_endpoint\":\"%s/authorize\","
			"\"token_endpoint\":\"%s\",\"jwks_uri\":\"%s/keys\","
			"\"token_endpoint_auth_methods_supported\":[\"%s\"]}",
			issuer, lie == DESCRIBES_ANOTHER ? "/x" : "", issuer,
			lie == NO_TLS_ENDPOINT ? "http://127.0.0.1/token"
					       : arena_printf(req->arena, "%s/token", issuer),
			issuer, post_allowed ? "client_secret_post" : "client_secret_basic"));
}

static void
publish(struct http_request *req, struct http_response *resp)
{
	struct jwk keys[] = {{.kid = rotated ? "new" : "old", .key = rotated ? new_key : key}};
	const char *text = "";
	struct error e;

	bool ok = jwk_set_json(req->arena, &(struct jwk_set){.keys = keys, .count = 1}, &text, &e);
	answer(resp, ok ? 200 : 500, text);
}

static const char *
id_token(struct arena *a)
{
	long long now = clock_now() / US_PER_S;
	long long from = lie == EXPIRED ? now - 7200 : now;
	char *token = NULL;
	struct error e;
	const char *nonce = lie == NO_NONCE
		? ""
		: arena_printf(a, ",\"nonce\":\"%s\"", lie == OTHER_NONCE ? "x" : login.nonce);
	const char *claims = arena_printf(a,
		"{\"iss\":\"%s%s\",\"aud\":[\"%s\"%s],\"sub\":\"s-1\",\"email\":\"Ann@%s\","
		"\"email_verified\":true,\"name\":\"Ann\",\"iat\":%lld,\"exp\":%lld%s}",
		issuer, lie == OTHER_ISSUER ? "/" : "", lie == OTHER_AUDIENCE ? "you" : "ferry",
		lie == OTHER_PARTY ? ",\"you\"],\"azp\":[\"you\"" : "",
		lie == OTHER_DOMAIN ? "contoso.example" : "fabrikam.example", from, from + 600,
		nonce);
	EVP_PKEY *signer = lie == OTHER_KEY ? evil_key : rotated ? new_key : key;

	if (lie == UNSIGNED)
		return arena_printf(a, "%s.%s.",
			base64url_encode(a, slice_str("{\"alg\":\"none\",\"kid\":\"old\"}")),
			base64url_encode(a, slice_str(claims)));
	return jwt_sign(a, signer, rotated ? "new" : "old", claims, &token, &e) ? token : "";
}

// What an honest issuer checks: RFC 6749 4.1.3, RFC 7636 4.6.
static bool
request_is_right(struct http_request *req)
{
	const char *verifier = http_form(req, "code_verifier");
	const char *basic = http_header(req, "Authorization");
	uint8_t digest[SHA256_LEN];

	sha256(slice_str(verifier), digest);
	return str_eq(http_form(req, "grant_type"), "authorization_code") &&
		str_eq(http_form(req, "code"), "the code") &&
		str_eq(http_form(req, "redirect_uri"), REDIRECT) &&
		str_eq(base64url_encode(req->arena, slice_of(digest, sizeof digest)), challenge) &&
		(post_allowed ? str_eq(http_form(req, "client_secret"), "s e") && !basic
			      : str_eq(basic, "Basic ZmVycnk6cyUyMGU=") &&
					!http_form(req, "client_secret"));
}

static void
redeem(struct http_request *req, struct http_response *resp)
{
	redeemed++;
	if (lie == REDIRECTS) {
		http_response_header(resp, "Location", "https://127.0.0.1:1/");
		resp->status = 307;
	} else if (lie == DECLINES || !request_is_right(req)) {
		answer(resp, 400, "{\"error\":\"invalid_grant\"}");
	} else if (lie == NO_TOKEN || lie == NOT_JSON) {
		answer(resp, 200, lie == NO_TOKEN ? "{\"access_token\":\"x\"}" : "<html>");
	} else {
		answer(resp, 200,
			arena_printf(req->arena, "{\"token_type\":\"Bearer\",\"id_token\":\"%s\"}",
				id_token(req->arena)));
	}
}

static void
serve(struct http_request *req, struct http_response *resp)
{
	if (str_eq(req->path, "/t/.well-known/openid-configuration"))
		describe(req, resp);
	else if (str_eq(req->path, "/t/keys"))
		publish(req, resp);
	else if (str_eq(req->path, "/t/token"))
		redeem(req, resp);
	else
		answer(resp, 404, "{}");
}

static bool
open_store(struct error *e)
{
	struct api_client client = {.name = "test", .secret_sha256 = "00", .roles = "[]"};
	struct work *work = &call.work;

	place_make(&place, NULL);
	if (!store_open(place.url, NULL, &store, e) ||
		!store_session_open(store, &worker.session, e))
		return false;
	*work = (struct work){.arena = &arena, .session = worker.session, .now = clock_now()};
	client.client_id = uuid_new(&arena);
	work->tenant_id = client.tenant_id = uuid_new(&arena);
	return store_bootstrap(work, "Contoso", "contoso.example", &client, e);
}

static int
setup(void **state)
{
	struct error e;

	(void)state;
	test_ca_make(&arena, "CA", &ca);
	test_ca_make(&arena, "Other CA", &other_ca);
	test_identity_make(&arena, &ca, "localhost", 10, &identity);
	struct http_server_config config = {
		.tls = {.certificate = identity.cert_pem, .key = identity.key_pem},
		.threads = 1,
		.max_connections = 20,
		.drain_ms = 100,
		.handler = serve};
	call = (struct call){.service = &service, .worker = &worker, .arena = &arena};
	service.federation_ca = ca.pem;
	if (!http_server_start(&config, &server, &e) || !key_generate(KEY_P256, &key, &e) ||
		!key_generate(KEY_RSA2048, &new_key, &e) ||
		!key_generate(KEY_P256, &evil_key, &e) || !open_store(&e)) {
		printf("# %s\n", e.message);
		return -1;
	}
	issuer = arena_printf(&arena, "https://127.0.0.1:%u/t", http_server_port(server));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	http_server_stop(server);
	store_session_close(worker.session);
	store_close(store);
	place_remove(&place);
	EVP_PKEY_free(key);
	EVP_PKEY_free(new_key);
	EVP_PKEY_free(evil_key);
	test_identity_free(&identity);
	test_ca_free(&ca);
	test_ca_free(&other_ca);
	arena_finish(&arena);
	return 0;
}

// A provider as the store gives it, which nothing is known of yet.
static struct federation
provider(void)
{
	struct federation f = {.name = "Fabrikam",
		.issuer = issuer,
		.client_id = "ferry",
		.client_secret = "s e",
		.user_claim = "email",
		.domains = "[\"fabrikam.example\"]"};
	struct federation *list;
	size_t count;
	struct error e;

	if (!store_federation_list(&call.work, &list, &count, &e))
		fail_msg("%s", e.message);
	for (size_t i = 0; i < count; i++)
		if (!store_federation_delete(&call.work, list[i].federation_id, &e))
			fail_msg("%s", e.message);
	if (!store_federation_create(&call.work, &f, &f.federation_id, &e))
		fail_msg("%s", e.message);
	return f;
}

// From the redirect to the verified user.
static bool
sign_in(struct federation *f, struct federation_user *out, struct error *e)
{
	struct federation_metadata metadata;
	static const char name[] = "code_challenge=";

	if (!federation_discover(&call, f, &metadata, e))
		return false;
	federation_login_new(&arena, &login);
	char *url = federation_authorize_url(&arena, f, &metadata, REDIRECT, &login, NULL);
	challenge = arena_strndup(&arena, strstr(url, name) + strlen(name), 43);
	return federation_redeem(&call, f, "the code", REDIRECT, &login, out, e);
}

static void
a_user_of_an_honest_issuer_signs_in(void **state)
{
	struct federation_user user;
	struct error e;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct federation f = provider();
		post_allowed = i == 1;
		fetched = 0;
		for (int again = 0; again < 2; again++) {
			if (!sign_in(&f, &user, &e))
				fail_msg("%s", e.message);
			assert_string_equal(user.upn, "ann@fabrikam.example");
			assert_string_equal(user.subject, "s-1");
			assert_string_equal(user.display_name, "Ann");
			// What was learnt is there for the next caller too.
			if (!store_federation_get(&call.work, f.federation_id, &f, &e))
				fail_msg("%s", e.message);
		}
		assert_int_equal(fetched, 1);
	}
	post_allowed = false;
}

static void
an_issuer_that_lies_signs_nobody_in(void **state)
{
	static const char *const faults[LIES] = {
		[DESCRIBES_ANOTHER] = "identity_provider_answer",
		[NO_TLS_ENDPOINT] = "identity_provider_answer",
		[IS_DOWN] = "identity_provider_unreachable",
		[REDIRECTS] = "identity_provider_answer",
		[DECLINES] = "identity_provider_refused",
		[NO_TOKEN] = "identity_provider_answer",
		[NOT_JSON] = "identity_provider_answer",
		[OTHER_ISSUER] = "token_invalid",
		[OTHER_AUDIENCE] = "token_invalid",
		[OTHER_NONCE] = "token_invalid",
		[NO_NONCE] = "token_invalid",
		[OTHER_PARTY] = "token_invalid",
		[EXPIRED] = "token_expired",
		[OTHER_KEY] = "token_invalid",
		[UNSIGNED] = "token_invalid",
		[OTHER_DOMAIN] = "federated_user_refused",
	};
	struct federation_user user;
	struct error e;

	(void)state;
	for (lie = TRUTH + 1; lie < LIES; lie++) {
		struct federation f = provider();
		if (sign_in(&f, &user, &e))
			fail_msg("lie %d was believed", lie);
		if (!str_eq(e.fault, faults[lie]))
			fail_msg("lie %d: %s (%s)", lie, e.fault, e.message);
		if (lie <= IS_DOWN)
			assert_null(f.metadata);
	}
	lie = TRUTH;
}

static void
another_sign_ins_words_are_of_no_use(void **state)
{
	struct federation f = provider();
	struct federation_user user;
	struct federation_login other;
	struct error e;

	(void)state;
	if (!sign_in(&f, &user, &e))
		fail_msg("%s", e.message);
	federation_login_new(&arena, &other);
	// The issuer itself refuses another verifier.
	assert_false(federation_redeem(&call, &f, "the code", REDIRECT, &other, &user, &e));
	assert_string_equal(e.fault, "identity_provider_refused");
	other.verifier = login.verifier;
	assert_false(federation_redeem(&call, &f, "the code", REDIRECT, &other, &user, &e));
	assert_string_equal(e.fault, "token_invalid");
	assert_false(federation_redeem(&call, &f, "another", REDIRECT, &login, &user, &e));
}

static void
an_authority_that_is_not_named_is_not_trusted(void **state)
{
	struct federation f = provider();
	struct federation_user user;
	struct error e;

	(void)state;
	service.federation_ca = other_ca.pem;
	assert_false(sign_in(&f, &user, &e));
	assert_string_equal(e.fault, "identity_provider_unreachable");
	service.federation_ca = ca.pem;
}

static void
new_keys_of_an_issuer_are_fetched_but_not_all_the_time(void **state)
{
	struct federation f = provider();
	struct federation_user user;
	struct error e;

	(void)state;
	if (!sign_in(&f, &user, &e))
		fail_msg("%s", e.message);
	rotated = true;
	fetched = 0;
	assert_false(sign_in(&f, &user, &e)); // fetched a moment ago
	assert_int_equal(fetched, 0);
	f.fetched_at -= 2 * US_PER_MIN;
	if (!sign_in(&f, &user, &e))
		fail_msg("%s", e.message);
	assert_int_equal(fetched, 1);
	rotated = false;
}

static void
an_issuer_that_is_down_is_known_for_what_it_said(void **state)
{
	struct federation f = provider();
	struct federation_user user;
	struct error e;

	(void)state;
	if (!sign_in(&f, &user, &e))
		fail_msg("%s", e.message);
	f.fetched_at -= 2 * US_PER_DAY;
	lie = IS_DOWN; // its description only
	if (!sign_in(&f, &user, &e))
		fail_msg("%s", e.message);
	lie = DESCRIBES_ANOTHER;
	f.fetched_at -= 2 * US_PER_DAY;
	assert_false(sign_in(&f, &user, &e));
	assert_string_equal(e.fault, "identity_provider_answer");
	lie = TRUTH;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_of_an_honest_issuer_signs_in),
		cmocka_unit_test(an_issuer_that_lies_signs_nobody_in),
		cmocka_unit_test(another_sign_ins_words_are_of_no_use),
		cmocka_unit_test(an_authority_that_is_not_named_is_not_trusted),
		cmocka_unit_test(new_keys_of_an_issuer_are_fetched_but_not_all_the_time),
		cmocka_unit_test(an_issuer_that_is_down_is_known_for_what_it_said),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
