// SPDX-License-Identifier: Apache-2.0
#define OPENSSL_SUPPRESS_DEPRECATED // a foreign key is made with EC_KEY_METHOD
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "http/client.h"
#include "http/test_support.h"

#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <sys/socket.h>

static struct arena arena;
static struct test_ca ca, other_ca;
static struct test_identity server_id, device;
static struct http_server *server;
static char *base_url, *folder;

static void
serve(struct http_request *req, struct http_response *resp)
{
	if (str_eq(req->path, "/api/redirect")) {
		http_response_header(resp, "Location", "https://127.0.0.1:1/");
		resp->status = 302;
	} else if (str_eq(req->path, "/api/slow")) {
		http_response_park(resp, "never", 30000);
	} else if (str_eq(req->path, "/api/big")) {
		http_response_set(resp, 200, "text/plain",
			slice_of(arena_alloc(req->arena, 1 << 20), 1 << 20));
	} else {
		const unsigned char *der = req->peer_cert.data;
		X509 *cert = der ? d2i_X509(NULL, &der, (long)req->peer_cert.len) : NULL;
		char name[64] = "nobody";
		if (cert)
			X509_NAME_get_text_by_NID(
				X509_get_subject_name(cert), NID_commonName, name, sizeof name);
		X509_free(cert);
		const char *type = http_header(req, "Content-Type");
		const char *extra = http_header(req, "X-Extra");
		http_response_header(resp, "X-Method", req->method);
		http_response_header(resp, "X-Agent", http_header(req, "User-Agent"));
		http_response_set(resp, 200, "text/plain",
			slice_str(arena_printf(req->arena, "%s|%s|%s|%s|%.*s", name, req->path,
				type ? type : "-", extra ? extra : "-", (int)req->body.len,
				(const char *)req->body.data)));
	}
}

static int
setup(void **state)
{
	char name[] = "/tmp/ferry-client-XXXXXX";
	struct error e;

	(void)state;
	arena_init(&arena, ARENA_REQUEST);
	test_ca_make(&arena, "CA", &ca);
	test_ca_make(&arena, "Other CA", &other_ca);
	test_identity_make(&arena, &ca, "localhost", 10, &server_id);
	test_identity_make(&arena, &ca, "device-1", 10, &device);
	struct http_server_config config = {.tls = {.certificate = server_id.cert_pem,
						    .key = server_id.key_pem,
						    .client_ca = ca.pem},
		.threads = 2,
		.max_connections = 100,
		.drain_ms = 100,
		.handler = serve};
	if (!http_server_start(&config, &server, &e) || !mkdtemp(name)) {
		printf("# %s\n", e.message);
		return -1;
	}
	base_url = arena_printf(&arena, "https://127.0.0.1:%u/api/", http_server_port(server));
	folder = arena_strdup(&arena, name);
	return 0;
}

static char *
in_folder(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name);
}

static int
teardown(void **state)
{
	struct error e;

	(void)state;
	http_server_stop(server);
	if (!fs_remove(in_folder("ca.pem"), &e))
		return -1;
	rmdir(folder);
	test_identity_free(&server_id);
	test_identity_free(&device);
	test_ca_free(&ca);
	test_ca_free(&other_ca);
	arena_finish(&arena);
	return 0;
}

static void
expect_fault(
	struct http_client_options o, const char *path, enum error_code code, const char *fault)
{
	struct http_client *client = test_client(o);
	struct http_client_request request = {.path = path};
	struct http_client_response response;
	struct error e = {0};

	assert_false(http_client_send(client, &arena, &request, &response, &e));
	if (!str_eq(e.fault, fault) || e.code != code)
		fail_msg("%s (%s) instead of %s: %s", e.fault, error_code_name(e.code), fault,
			e.message);
	http_client_close(client);
}

// A port that nobody listens on, or where nobody speaks.
static uint16_t
silent_port(int backlog, int *fd)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof any;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&any, len), 0);
	if (backlog)
		listen(*fd, backlog);
	getsockname(*fd, (struct sockaddr *)&any, &len);
	return ntohs(any.sin_port);
}

static void
failures_are_named(void **state)
{
	(void)state;
	struct http_client_options o = test_options(base_url, ca.pem);
	int closed, mute;

	o.ca = other_ca.pem;
	expect_fault(o, "/", ERR_CRYPTO, "service_certificate_untrusted");
	o = test_options(base_url, ca.pem);
	o.ca = NULL; // the system's store does not know our CA
	expect_fault(o, "/", ERR_CRYPTO, "service_certificate_untrusted");
	o = test_options(base_url, ca.pem);
	o.base_url = "https://no-such-host.invalid";
	expect_fault(o, "/", ERR_UNAVAILABLE, "service_name_unresolved");
	o.base_url = arena_printf(&arena, "https://127.0.0.1:%u", silent_port(0, &closed));
	expect_fault(o, "/", ERR_UNAVAILABLE, "service_unreachable");
	o.base_url = arena_printf(&arena, "https://127.0.0.1:%u", silent_port(5, &mute));
	o.connect_timeout_ms = 200;
	expect_fault(o, "/", ERR_TIMEOUT, "service_timeout");
	o = test_options(base_url, ca.pem);
	o.total_timeout_ms = 200;
	expect_fault(o, "/slow", ERR_TIMEOUT, "service_timeout");
	o = test_options(base_url, ca.pem);
	o.max_body = 1000;
	expect_fault(o, "/big", ERR_LIMIT, "service_answer_too_large");
	close(closed);
	close(mute);
}

static void
a_name_that_the_certificate_does_not_have_is_refused(void **state)
{
	(void)state;
	struct http_client_options o = test_options(base_url, ca.pem);

	struct http_server_config config = {.address = "127.0.0.2",
		.tls = {.certificate = server_id.cert_pem, .key = server_id.key_pem},
		.threads = 1,
		.max_connections = 10,
		.handler = serve};
	struct http_server *elsewhere;
	struct error e;
	assert_true(http_server_start(&config, &elsewhere, &e));
	o.base_url = arena_printf(&arena, "https://127.0.0.2:%u", http_server_port(elsewhere));
	expect_fault(o, "/", ERR_CRYPTO, "service_certificate_untrusted");
	http_server_stop(elsewhere);
}

static void
an_expired_server_certificate_points_at_the_clock(void **state)
{
	(void)state;
	struct test_identity old;
	struct http_server *elsewhere;
	struct error e;

	test_identity_make(&arena, &ca, "localhost", 0, &old);
	sleep(1);
	struct http_server_config config = {
		.tls = {.certificate = old.cert_pem, .key = old.key_pem},
		.threads = 1,
		.max_connections = 10,
		.handler = serve};
	assert_true(http_server_start(&config, &elsewhere, &e));
	struct http_client_options o = test_options(base_url, ca.pem);
	o.base_url = arena_printf(&arena, "https://127.0.0.1:%u", http_server_port(elsewhere));
	expect_fault(o, "/", ERR_CRYPTO, "service_certificate_outside_validity");
	http_server_stop(elsewhere);
	test_identity_free(&old);
}

static void
unusable_options_are_refused(void **state)
{
	(void)state;
	struct http_client_options o = test_options(base_url, ca.pem);
	struct http_client *none;
	struct error e;

	o.base_url = "ftp://x";
	assert_false(http_client_open(&o, &none, &e));
	o = test_options(base_url, ca.pem);
	o.client_certificate = device.cert_pem;
	assert_false(http_client_open(&o, &none, &e));
	assert_string_equal(e.fault, "client_credentials_unusable");
	o.client_key = server_id.key;
	assert_false(http_client_open(&o, &none, &e));
	assert_string_equal(e.fault, "client_credentials_unusable");
	o = test_options(base_url, ca.pem);
	o.ca = "/nonexistent";
	assert_false(http_client_open(&o, &none, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static struct http_client_response
send_ok(struct http_client *client, struct http_client_request request)
{
	struct http_client_response response;
	struct error e;

	if (!http_client_send(client, &arena, &request, &response, &e))
		fail_msg("%s", e.message);
	return response;
}

static void
requests_arrive_as_given_over_one_connection(void **state)
{
	(void)state;
	struct http_client *client = test_client(test_options(base_url, ca.pem));
	struct http_header headers[] = {{"X-Extra", "1"}, {"Accept", ""}};
	uint64_t accepted = http_server_counts(server).accepted;

	for (int i = 0; i < 3; i++) {
		struct http_client_response r = send_ok(client,
			(struct http_client_request){.method = "PATCH",
				.path = "/x%20y?q",
				.content_type = "application/json",
				.body = slice_str("{}"),
				.headers = headers,
				.header_count = 2});
		assert_int_equal(r.status, 200);
		assert_string_equal(
			(const char *)r.body.data, "nobody|/api/x y|application/json|1|{}");
		assert_string_equal(http_client_header(&r, "x-method"), "PATCH");
		assert_string_equal(http_client_header(&r, "X-Agent"), "ferry/" FERRY_VERSION);
		time_us date;
		assert_true(clock_parse_http_date(http_client_header(&r, "Date"), &date));
	}
	struct http_client_response r =
		send_ok(client, (struct http_client_request){.method = "POST", .path = "/post"});
	assert_string_equal((const char *)r.body.data, "nobody|/api/post|-|-|");
	assert_string_equal(http_client_header(&r, "X-Method"), "POST");
	r = send_ok(client, (struct http_client_request){.method = "HEAD", .path = "/head"});
	assert_int_equal(r.body.len, 0);
	r = send_ok(client, (struct http_client_request){.method = "DELETE", .path = "/d"});
	assert_string_equal(http_client_header(&r, "X-Method"), "DELETE");
	r = send_ok(client, (struct http_client_request){.path = "/g"});
	assert_string_equal(http_client_header(&r, "X-Method"), "GET");
	assert_int_equal(http_server_counts(server).accepted, accepted + 1);
	http_client_close(client);
}

static void
a_header_that_would_split_the_request_is_refused(void **state)
{
	(void)state;
	struct http_client *client = test_client(test_options(base_url, ca.pem));
	struct http_header header = {"X", "a\r\nY: b"};
	struct http_client_response response;
	struct error e;

	assert_false(http_client_send(client, &arena,
		&(struct http_client_request){.path = "/", .headers = &header, .header_count = 1},
		&response, &e));
	assert_int_equal(e.code, ERR_INVALID);
	http_client_close(client);
}

static void
redirects_are_not_followed(void **state)
{
	(void)state;
	struct http_client *client = test_client(test_options(base_url, ca.pem));
	struct http_client_response r =
		send_ok(client, (struct http_client_request){.path = "/redirect"});

	assert_int_equal(r.status, 302);
	assert_string_equal(http_client_header(&r, "location"), "https://127.0.0.1:1/");
	http_client_close(client);
}

static void
a_client_certificate_is_presented_and_sessions_resume(void **state)
{
	(void)state;
	struct http_client_options o = test_options(base_url, ca.pem);
	struct error e;

	assert_true(fs_write(in_folder("ca.pem"), slice_str(ca.pem), 0600, &e));
	o.ca = in_folder("ca.pem");
	o.client_certificate = device.cert_pem;
	o.client_key = device.key;
	struct http_client *client = test_client(o);
	struct http_client_response r = send_ok(client, (struct http_client_request){.path = "/"});
	assert_string_equal((const char *)r.body.data, "device-1|/api/|-|-|");
	uint64_t resumed = http_server_counts(server).resumed;
	struct http_header close_it = {"Connection", "close"};
	for (int i = 0; i < 2; i++)
		send_ok(client,
			(struct http_client_request){
				.path = "/", .headers = &close_it, .header_count = 1});
	r = send_ok(client, (struct http_client_request){.path = "/"});
	assert_string_equal((const char *)r.body.data, "device-1|/api/|-|-|");
	assert_true(http_server_counts(server).resumed > resumed);
	http_client_close(client);
}

static int foreign_signatures;

static ECDSA_SIG *
sign_elsewhere(const unsigned char *digest, int len, const BIGNUM *a, const BIGNUM *b, EC_KEY *key)
{
	// Stands for a TPM: the key that signs is not in `key`.
	EC_KEY *real = EVP_PKEY_get1_EC_KEY(device.key);
	(void)a, (void)b, (void)key;
	ECDSA_SIG *signature = ECDSA_do_sign(digest, len, real);
	EC_KEY_free(real);
	foreign_signatures++;
	return signature;
}

static int
sign_elsewhere_der(int type, const unsigned char *digest, int len, unsigned char *out,
	unsigned int *out_len, const BIGNUM *a, const BIGNUM *b, EC_KEY *key)
{
	(void)type;
	ECDSA_SIG *signature = sign_elsewhere(digest, len, a, b, key);
	*out_len = (unsigned)i2d_ECDSA_SIG(signature, &out);
	ECDSA_SIG_free(signature);
	return 1;
}

static void
a_key_that_lives_elsewhere_signs_the_handshake(void **state)
{
	(void)state;
	EC_KEY_METHOD *method = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
	EC_KEY_METHOD_set_sign(method, sign_elsewhere_der, NULL, sign_elsewhere);
	EC_KEY *real = EVP_PKEY_get1_EC_KEY(device.key), *foreign = EC_KEY_new();
	EC_KEY_set_group(foreign, EC_KEY_get0_group(real));
	EC_KEY_set_public_key(foreign, EC_KEY_get0_public_key(real));
	EC_KEY_set_method(foreign, method);
	EVP_PKEY *key = EVP_PKEY_new();
	EVP_PKEY_assign_EC_KEY(key, foreign);

	struct http_client_options o = test_options(base_url, ca.pem);
	o.client_certificate = device.cert_pem;
	o.client_key = key;
	struct http_client *client = test_client(o);
	struct http_client_response r = send_ok(client, (struct http_client_request){.path = "/"});
	assert_string_equal((const char *)r.body.data, "device-1|/api/|-|-|");
	assert_int_equal(foreign_signatures, 1);
	http_client_close(client);
	EVP_PKEY_free(key);
	EC_KEY_free(real);
	EC_KEY_METHOD_free(method);
}

static void *
cancel_soon(void *client)
{
	usleep(100 * 1000);
	http_client_cancel(client);
	return NULL;
}

static void
another_thread_can_end_a_request(void **state)
{
	(void)state;
	struct http_client *client = test_client(test_options(base_url, ca.pem));
	struct http_client_response response;
	struct error e;
	pthread_t thread;
	int64_t began = clock_monotonic_ms();

	pthread_create(&thread, NULL, cancel_soon, client);
	assert_false(http_client_send(
		client, &arena, &(struct http_client_request){.path = "/slow"}, &response, &e));
	pthread_join(thread, NULL);
	assert_string_equal(e.fault, "request_cancelled");
	assert_true(clock_monotonic_ms() - began < 3000);
	assert_int_equal(send_ok(client, (struct http_client_request){.path = "/"}).status, 200);
	http_client_cancel(client);
	assert_false(http_client_send(
		client, &arena, &(struct http_client_request){.path = "/"}, &response, &e));
	assert_string_equal(e.fault, "request_cancelled");
	http_client_close(client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_named),
		cmocka_unit_test(a_name_that_the_certificate_does_not_have_is_refused),
		cmocka_unit_test(an_expired_server_certificate_points_at_the_clock),
		cmocka_unit_test(unusable_options_are_refused),
		cmocka_unit_test(requests_arrive_as_given_over_one_connection),
		cmocka_unit_test(a_header_that_would_split_the_request_is_refused),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(a_client_certificate_is_presented_and_sessions_resume),
		cmocka_unit_test(a_key_that_lives_elsewhere_signs_the_handshake),
		cmocka_unit_test(another_thread_can_end_a_request),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
