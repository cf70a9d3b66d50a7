// SPDX-License-Identifier: Apache-2.0
// What the unavoidable cryptography of one enrolment costs with OpenSSL alone: the server's half of
// one mutual-TLS handshake, the check of one CSR, one certificate issued. Prints one JSON line of
// microseconds of CPU.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { REPEAT = 150, ROUNDS = 3, DAYS = 365, DAY_S = 86400 };

static EVP_PKEY *ca_key, *server_key, *client_key;
static X509 *ca, *server, *client;
static unsigned char *request;
static int request_len;

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_bare: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX v3;

	X509V3_set_ctx(&v3, ca ? ca : cert, cert, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &v3, nid, value);
	must(extension && X509_add_ext(cert, extension, -1) == 1, value);
	X509_EXTENSION_free(extension);
}

static X509 *
new_certificate(EVP_PKEY *key, const char *name)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_get_subject_name(cert);

	must(cert && X509_set_version(cert, 2) == 1 && X509_set_pubkey(cert, key) == 1,
		"certificate");
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 4711);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), (long)DAYS * DAY_S);
	X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, ca ? X509_get_subject_name(ca) : subject);
	return cert;
}

static void
make_ca(void)
{
	must((ca_key = EVP_EC_gen("P-256")) != NULL, "key");
	X509 *root = new_certificate(ca_key, "Bench CA");
	add_extension(root, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(root, NID_subject_key_identifier, "hash");
	must(X509_sign(root, ca_key, EVP_sha256()) > 0, "sign");
	ca = root;
}

static X509 *
issue(EVP_PKEY *key, const char *name, const char *usage)
{
	X509 *cert = new_certificate(key, name);

	add_extension(cert, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(cert, NID_key_usage, "critical,digitalSignature");
	add_extension(cert, NID_ext_key_usage, usage);
	add_extension(cert, NID_subject_key_identifier, "hash");
	add_extension(cert, NID_authority_key_identifier, "keyid");
	must(X509_sign(cert, ca_key, EVP_sha256()) > 0, "sign");
	return cert;
}

static void
make_request(void)
{
	X509_REQ *req = X509_REQ_new();

	must(req && X509_REQ_set_pubkey(req, client_key) == 1 &&
			X509_REQ_sign(req, client_key, EVP_sha256()) > 0,
		"request");
	request_len = i2d_X509_REQ(req, &request);
	X509_REQ_free(req);
}

static X509_REQ *
read_and_verify(void)
{
	const unsigned char *at = request;
	X509_REQ *req = d2i_X509_REQ(NULL, &at, request_len);

	must(req && X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) == 1, "verify");
	return req;
}

static void
verify_request(void)
{
	X509_REQ_free(read_and_verify());
}

static void
verify_and_issue(void)
{
	X509_REQ *req = read_and_verify();
	unsigned char *der = NULL;
	X509 *cert = issue(
		X509_REQ_get0_pubkey(req), "8c2c1c56-76b8-4b7a-8a0e-0b4d3a8d7f10", "clientAuth");

	must(i2d_X509(cert, &der) > 0, "encode");
	OPENSSL_free(der);
	X509_free(cert);
	X509_REQ_free(req);
}

// What a token of this length costs with the service's usual algorithm, ES256.
static void
sign_token(void)
{
	static const unsigned char token[700] = "{";
	unsigned char signature[80];
	size_t len = sizeof signature;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, server_key) == 1 &&
			EVP_DigestSign(ctx, signature, &len, token, sizeof token) == 1,
		"sign");
	EVP_MD_CTX_free(ctx);
}

static double
measure(void (*run)(void))
{
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		double begun = cpu_us();
		for (int i = 0; i < REPEAT; i++)
			run();
		double each = (cpu_us() - begun) / REPEAT;
		best = each < best ? each : best;
	}
	return best;
}

static SSL_CTX *
context(const SSL_METHOD *method, X509 *cert, EVP_PKEY *key)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	must(ctx && SSL_CTX_use_certificate(ctx, cert) == 1 &&
			SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
			X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) == 1,
		"context");
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return ctx;
}

// One handshake through memory; only what the server's side does is timed.
static double
handshake_once(SSL_CTX *server_ctx, SSL_CTX *client_ctx)
{
	SSL *s = SSL_new(server_ctx), *c = SSL_new(client_ctx);
	BIO *a = NULL, *b = NULL;
	double spent = 0;

	must(s && c && BIO_new_bio_pair(&a, 65536, &b, 65536) == 1, "connection");
	SSL_set_bio(s, a, a);
	SSL_set_bio(c, b, b);
	SSL_set_accept_state(s);
	SSL_set_connect_state(c);
	while (!SSL_is_init_finished(s) || !SSL_is_init_finished(c)) {
		SSL_do_handshake(c);
		double begun = cpu_us();
		SSL_do_handshake(s);
		spent += cpu_us() - begun;
	}
	must(SSL_get_verify_result(s) == X509_V_OK, "the client's certificate");
	SSL_free(c);
	double begun = cpu_us();
	SSL_free(s);
	return spent + cpu_us() - begun;
}

static double
measure_handshake(void)
{
	SSL_CTX *server_ctx = context(TLS_server_method(), server, server_key);
	SSL_CTX *client_ctx = context(TLS_client_method(), client, client_key);
	double best = 1e18;

	for (int round = 0; round < ROUNDS; round++) {
		double sum = 0;
		for (int i = 0; i < REPEAT; i++)
			sum += handshake_once(server_ctx, client_ctx);
		best = sum / REPEAT < best ? sum / REPEAT : best;
	}
	SSL_CTX_free(server_ctx);
	SSL_CTX_free(client_ctx);
	return best;
}

int
main(void)
{
	make_ca();
	must((server_key = EVP_EC_gen("P-256")) && (client_key = EVP_EC_gen("P-256")), "keys");
	server = issue(server_key, "localhost", "serverAuth");
	client = issue(client_key, "device", "clientAuth");
	make_request();
	double handshake = measure_handshake(), verify = measure(verify_request),
	       both = measure(verify_and_issue);
	printf("{\"handshakeUs\":%.1f,\"csrUs\":%.1f,\"issueUs\":%.1f,\"sumUs\":%.1f,"
	       "\"signUs\":%.1f}\n",
		handshake, verify, both - verify, handshake + both, measure(sign_token));
	return 0;
}
