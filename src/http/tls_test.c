// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "http/test_support.h"

#include <openssl/pem.h>
#include <signal.h>
#include <sys/socket.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static struct arena arena;
static struct test_ca ca, other_ca;
static struct test_identity server_id, device, stranger, expired;
static struct http_server *server;
static uint16_t port;

// "<common name> <resumed> <problem>"
static void
serve(struct http_request *req, struct http_response *resp)
{
	const unsigned char *der = req->peer_cert.data;
	X509 *cert = der ? d2i_X509(NULL, &der, (long)req->peer_cert.len) : NULL;
	char name[64] = "nobody";

	if (cert)
		X509_NAME_get_text_by_NID(
			X509_get_subject_name(cert), NID_commonName, name, sizeof name);
	X509_free(cert);
	if (str_eq(req->path, "/big"))
		http_response_set(resp, 200, "text/plain",
			slice_of(arena_alloc(req->arena, 2 << 20), 2 << 20));
	else if (str_eq(req->path, "/echo"))
		http_response_set(resp, 200, "text/plain", req->body);
	else
		http_response_set(resp, 200, "text/plain",
			slice_str(arena_printf(req->arena, "%s %d %s", name, req->tls_resumed,
				req->peer_cert_problem ? req->peer_cert_problem : "-")));
}

static int
setup(void **state)
{
	struct error e;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	arena_init(&arena, ARENA_REQUEST);
	test_ca_make(&arena, "CA", &ca);
	test_ca_make(&arena, "Other CA", &other_ca);
	test_identity_make(&arena, &ca, "localhost", 10, &server_id);
	test_identity_make(&arena, &ca, "device-1", 10, &device);
	test_identity_make(&arena, &other_ca, "stranger", 10, &stranger);
	test_identity_make(&arena, &ca, "expired", 0, &expired);
	sleep(1);
	struct http_server_config config = {.tls = {.certificate = server_id.cert_pem,
						    .key = server_id.key_pem,
						    .client_ca = ca.pem},
		.threads = 2,
		.max_connections = 500,
		.header_ms = 1000,
		.drain_ms = 300,
		.handler = serve};
	if (!http_server_start(&config, &server, &e)) {
		printf("# %s\n", e.message);
		return -1;
	}
	port = http_server_port(server);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	http_server_stop(server);
	test_identity_free(&server_id);
	test_identity_free(&device);
	test_identity_free(&stranger);
	test_identity_free(&expired);
	test_ca_free(&ca);
	test_ca_free(&other_ca);
	arena_finish(&arena);
	return 0;
}

static SSL_SESSION *last_session;

static int
keep_session(SSL *ssl, SSL_SESSION *session)
{
	(void)ssl;
	SSL_SESSION_free(last_session);
	last_session = session;
	return 1;
}

static SSL_CTX *
client_ctx(const struct test_identity *identity, int version)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_session);
	X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca.cert);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (identity) {
		BIO *bio = BIO_new_mem_buf(identity->cert_pem, -1);
		X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		SSL_CTX_use_certificate(ctx, cert);
		SSL_CTX_use_PrivateKey(ctx, identity->key);
		X509_free(cert);
		BIO_free(bio);
	}
	return ctx;
}

static const char *
who(const struct test_identity *identity, int version, bool resume)
{
	SSL_CTX *ctx = client_ctx(identity, version);
	struct test_peer peer = test_dial_tls(port, ctx, resume ? last_session : NULL);

	assert_non_null(peer.ssl);
	struct test_answer answer = test_ask(&peer, &arena, GET("/"));
	assert_int_equal(answer.status, 200);
	test_hang_up(&peer);
	SSL_CTX_free(ctx);
	return answer.body;
}

static void
only_a_verified_certificate_counts(void **state)
{
	(void)state;
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	for (int i = 0; i < 2; i++) {
		assert_string_equal(who(NULL, versions[i], false), "nobody 0 -");
		assert_true(str_starts(who(&stranger, versions[i], false), "nobody 0 unable"));
		assert_string_equal(
			who(&expired, versions[i], false), "nobody 0 certificate has expired");
		assert_string_equal(who(&device, versions[i], false), "device-1 0 -");
	}
}

static void
resumption_keeps_the_certificate_or_its_absence(void **state)
{
	(void)state;
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

	for (int i = 0; i < 2; i++) {
		who(&device, versions[i], false);
		for (int round = 0; round < 3; round++)
			assert_string_equal(who(&device, versions[i], true), "device-1 1 -");
		who(&stranger, versions[i], false);
		assert_true(str_starts(who(NULL, versions[i], true), "nobody 1 unable"));
		who(NULL, versions[i], false);
		assert_string_equal(who(NULL, versions[i], true), "nobody 1 -");
	}
	SSL_SESSION_free(last_session);
	last_session = NULL;
}

static void
old_protocols_and_unknown_applications_are_refused(void **state)
{
	(void)state;
	SSL_CTX *ctx = client_ctx(NULL, TLS1_1_VERSION);
	SSL_CTX_set_security_level(ctx, 0);
	struct test_peer peer = test_dial_tls(port, ctx, NULL);
	assert_null(peer.ssl);
	test_hang_up(&peer);
	SSL_CTX_free(ctx);

	ctx = client_ctx(NULL, TLS1_3_VERSION);
	SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)"\x02h2", 3);
	peer = test_dial_tls(port, ctx, NULL);
	assert_null(peer.ssl);
	test_hang_up(&peer);
	SSL_CTX_set_alpn_protos(ctx, (const unsigned char *)"\x02h2\x08http/1.1", 12);
	peer = test_dial_tls(port, ctx, NULL);
	assert_non_null(peer.ssl);
	assert_int_equal(test_ask(&peer, &arena, GET("/")).status, 200);
	test_hang_up(&peer);
	SSL_CTX_free(ctx);
}

static void
renegotiation_is_refused(void **state)
{
	(void)state;
	SSL_CTX *ctx = client_ctx(NULL, TLS1_2_VERSION);
	struct test_peer peer = test_dial_tls(port, ctx, NULL);

	assert_non_null(peer.ssl);
	SSL_renegotiate(peer.ssl);
	assert_true(SSL_do_handshake(peer.ssl) != 1 || !test_ask(&peer, &arena, GET("/")).status);
	test_hang_up(&peer);
	SSL_CTX_free(ctx);
}

static void
what_is_not_tls_is_cut(void **state)
{
	(void)state;
	struct test_peer peer = test_dial(port), mute = test_dial(port);

	assert_int_equal(test_ask(&peer, &arena, GET("/")).status, 0);
	assert_false(test_is_closed(&mute, 150));
	assert_true(test_is_closed(&mute, 4000));
	test_hang_up(&peer);
	test_hang_up(&mute);
}

static void
an_answer_is_seen_and_ended_properly(void **state)
{
	(void)state;
	SSL_CTX *ctx = client_ctx(&device, TLS1_3_VERSION);
	struct test_peer peer = test_dial_tls(port, ctx, NULL);
	struct test_answer answer =
		test_ask(&peer, &arena, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
	char byte;

	assert_int_equal(answer.status, 400);
	assert_int_equal(SSL_read(peer.ssl, &byte, 1), 0);
	assert_int_equal(SSL_get_error(peer.ssl, 0), SSL_ERROR_ZERO_RETURN);
	test_hang_up(&peer);
	SSL_CTX_free(ctx);
}

static void
large_bodies_pass_in_both_directions(void **state)
{
	(void)state;
	SSL_CTX *ctx = client_ctx(&device, TLS1_3_VERSION);
	struct test_peer peer = test_dial_tls(port, ctx, NULL);
	size_t len = 1000000;
	char *body = arena_alloc(&arena, len);

	for (size_t i = 0; i < len; i++)
		body[i] = (char)(i * 7 >> 3);
	const char *head = arena_printf(
		&arena, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", len);
	for (int round = 0; round < 2; round++) {
		test_say(&peer, head, strlen(head));
		test_say(&peer, body, len);
		struct test_answer answer = test_hear(&peer, &arena, false);
		assert_int_equal(answer.body_len, len);
		assert_memory_equal(answer.body, body, len);
	}
	assert_int_equal(test_ask(&peer, &arena, GET("/big")).body_len, 2 << 20);
	test_say(&peer, GET("/") GET("/"), 2 * strlen(GET("/")));
	assert_string_equal(test_hear(&peer, &arena, false).body, "device-1 0 -");
	assert_string_equal(test_hear(&peer, &arena, false).body, "device-1 0 -");
	test_hang_up(&peer);
	SSL_CTX_free(ctx);
}

static void
many_clients_at_once_are_served(void **state)
{
	(void)state;
	SSL_CTX *ctx = client_ctx(NULL, TLS1_3_VERSION);
	struct test_peer peers[100];

	for (int i = 0; i < 100; i++)
		peers[i] = test_dial_tls(port, ctx, NULL);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++)
			test_say(&peers[i], GET("/"), strlen(GET("/")));
		for (int i = 0; i < 100; i++)
			assert_int_equal(test_hear(&peers[i], &arena, false).status, 200);
	}
	for (int i = 0; i < 100; i++)
		test_hang_up(&peers[i]);
	SSL_CTX_free(ctx);
}

static void
unusable_credentials_are_named(void **state)
{
	(void)state;
	static const char *const faults[] = {"tls_certificate_unusable", "tls_key_unusable",
		"tls_key_unusable", "tls_client_ca_unusable"};
	struct http_tls_config good = {
		.certificate = server_id.cert_pem, .key = server_id.key_pem, .client_ca = ca.pem};
	struct http_tls_config bad[] = {good, good, good, good};
	struct ssl_ctx_st *none;
	struct error e;

	bad[0].certificate = server_id.key_pem;
	bad[1].key = device.key_pem;
	bad[2].key = server_id.cert_pem;
	bad[3].client_ca = "-----BEGIN nothing";
	for (int i = 0; i < 4; i++) {
		assert_false(tls_server_open(&bad[i], &none, &e));
		assert_string_equal(e.fault, faults[i]);
	}
}

enum { BACKLOG = 150, SLOW_MS = 20 };

static int served;
static bool released;

static void
serve_slowly(struct http_request *req, struct http_response *resp)
{
	struct timespec pause = {.tv_nsec = SLOW_MS * 1000000L};

	(void)req;
	if (!__atomic_load_n(&released, __ATOMIC_ACQUIRE))
		nanosleep(&pause, NULL);
	__atomic_add_fetch(&served, 1, __ATOMIC_ACQ_REL);
	http_response_set(resp, 200, "text/plain", slice_str("done"));
}

static void
a_new_client_is_let_in_before_everybody_who_waits_is_served(void **state)
{
	(void)state;
	struct http_server_config config = {.tls = {.certificate = server_id.cert_pem,
						    .key = server_id.key_pem,
						    .client_ca = ca.pem},
		.threads = 1,
		.handler = serve_slowly};
	SSL_CTX *ctx = client_ctx(NULL, TLS1_3_VERSION);
	struct test_peer waiting[BACKLOG];
	struct http_server *slow;
	struct error e;

	assert_true(http_server_start(&config, &slow, &e));
	for (int i = 0; i < BACKLOG; i++)
		waiting[i] = test_dial_tls(http_server_port(slow), ctx, NULL);
	for (int i = 0; i < BACKLOG; i++)
		test_say_text(&waiting[i], GET("/"));
	struct test_peer late = test_dial_tls(http_server_port(slow), ctx, NULL);
	assert_non_null(late.ssl);
	int before = __atomic_load_n(&served, __ATOMIC_ACQUIRE);
	__atomic_store_n(&released, true, __ATOMIC_RELEASE);
	assert_in_range(before, 0, BACKLOG - 1);
	for (int i = 0; i < BACKLOG; i++) {
		assert_int_equal(test_hear(&waiting[i], &arena, false).status, 200);
		test_hang_up(&waiting[i]);
	}
	assert_int_equal(test_ask(&late, &arena, GET("/")).status, 200);
	test_hang_up(&late);
	http_server_stop(slow);
	SSL_CTX_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_verified_certificate_counts),
		cmocka_unit_test(resumption_keeps_the_certificate_or_its_absence),
		cmocka_unit_test(old_protocols_and_unknown_applications_are_refused),
		cmocka_unit_test(renegotiation_is_refused),
		cmocka_unit_test(what_is_not_tls_is_cut),
		cmocka_unit_test(an_answer_is_seen_and_ended_properly),
		cmocka_unit_test(large_bodies_pass_in_both_directions),
		cmocka_unit_test(many_clients_at_once_are_served),
		cmocka_unit_test(unusable_credentials_are_named),
		cmocka_unit_test(a_new_client_is_let_in_before_everybody_who_waits_is_served),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
