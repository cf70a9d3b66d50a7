// SPDX-License-Identifier: Apache-2.0
#include "http/test_support.h"

#include "base/clock.h"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static char *
pem_of(struct arena *arena, X509 *cert, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;

	require(cert ? PEM_write_bio_X509(bio, cert)
		     : PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
	long len = BIO_get_mem_data(bio, &data);
	char *text = arena_strndup(arena, data, (size_t)len);
	BIO_free(bio);
	return text;
}

static void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	require(extension && X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

static X509 *
new_cert(EVP_PKEY *key, const char *name, X509_NAME *issuer, int days)
{
	X509 *cert = X509_new();
	uint64_t serial;

	RAND_bytes((unsigned char *)&serial, sizeof serial);
	X509_set_version(cert, 2);
	ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
	X509_gmtime_adj(X509_getm_notAfter(cert), days * 86400L);
	X509_NAME *subject = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, issuer ? issuer : subject);
	X509_set_pubkey(cert, key);
	return cert;
}

void
test_ca_make(struct arena *arena, const char *name, struct test_ca *out)
{
	out->key = EVP_EC_gen("P-256");
	out->cert = new_cert(out->key, name, NULL, 30);
	add_extension(out->cert, out->cert, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(out->cert, out->cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	require(X509_sign(out->cert, out->key, EVP_sha256()));
	out->pem = pem_of(arena, out->cert, NULL);
}

void
test_ca_free(struct test_ca *ca)
{
	EVP_PKEY_free(ca->key);
	X509_free(ca->cert);
}

void
test_identity_make(struct arena *arena, const struct test_ca *ca, const char *name, int days,
	struct test_identity *out)
{
	out->key = EVP_EC_gen("P-256");
	X509 *cert = new_cert(out->key, name, X509_get_subject_name(ca->cert), days);
	add_extension(cert, ca->cert, NID_basic_constraints, "CA:FALSE");
	add_extension(cert, ca->cert, NID_ext_key_usage, "serverAuth,clientAuth");
	add_extension(cert, ca->cert, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
	require(X509_sign(cert, ca->key, EVP_sha256()));
	out->cert_pem = pem_of(arena, cert, NULL);
	out->key_pem = pem_of(arena, NULL, out->key);
	X509_free(cert);
}

void
test_identity_free(struct test_identity *identity)
{
	EVP_PKEY_free(identity->key);
}

struct test_peer
test_dial(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {.tv_sec = 5};
	struct test_peer peer = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

	require(peer.fd >= 0);
	setsockopt(peer.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(peer.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	require(connect(peer.fd, (struct sockaddr *)&to, sizeof to) == 0);
	return peer;
}

struct test_peer
test_dial_tls(uint16_t port, SSL_CTX *ctx, SSL_SESSION *session)
{
	struct test_peer peer = test_dial(port);

	peer.ssl = SSL_new(ctx);
	SSL_set_fd(peer.ssl, peer.fd);
	if (session)
		SSL_set_session(peer.ssl, session);
	if (SSL_connect(peer.ssl) != 1) {
		SSL_free(peer.ssl);
		peer.ssl = NULL;
	}
	return peer;
}

void
test_hang_up(struct test_peer *peer)
{
	if (peer->ssl)
		SSL_shutdown(peer->ssl);
	SSL_free(peer->ssl);
	peer->ssl = NULL;
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
}

// What cannot be sent any more is of no interest: the tests look at the answer.
void
test_say(struct test_peer *peer, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = peer->ssl ? SSL_write(peer->ssl, text, (int)len)
				      : send(peer->fd, text, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static ssize_t
read_some(struct test_peer *peer, char *out, size_t len)
{
	return peer->ssl ? SSL_read(peer->ssl, out, (int)len) : recv(peer->fd, out, len, 0);
}

static bool
read_head(struct test_peer *peer, char *head, size_t cap)
{
	size_t len = 0;

	while (len + 1 < cap && (len < 4 || memcmp(head + len - 4, "\r\n\r\n", 4) != 0)) {
		if (read_some(peer, head + len, 1) != 1)
			return false;
		head[++len] = '\0';
	}
	return len + 1 < cap;
}

struct test_answer
test_hear(struct test_peer *peer, struct arena *arena, bool to_head)
{
	char head[8192] = "";
	struct test_answer none = {0}, answer = {0};

	if (!read_head(peer, head, sizeof head) || strncmp(head, "HTTP/1.1 ", 9) != 0)
		return none;
	answer.head = arena_strdup(arena, head);
	answer.status = (int)strtol(head + 9, NULL, 10);
	const char *length = strcasestr(head, "\r\nContent-Length: ");
	bool bodyless =
		to_head || answer.status == 204 || answer.status == 304 || answer.status == 100;
	if ((length == NULL) !=
		(answer.status == 204 || answer.status == 304 || answer.status == 100))
		return none;
	size_t want = bodyless ? 0 : strtoul(length + 18, NULL, 10);
	answer.body = arena_alloc(arena, want + 1);
	while (answer.body_len < want) {
		ssize_t n = read_some(peer, answer.body + answer.body_len, want - answer.body_len);
		if (n <= 0)
			return none;
		answer.body_len += (size_t)n;
	}
	return answer;
}

bool
test_is_closed(struct test_peer *peer, int ms)
{
	struct pollfd fd = {.fd = peer->fd, .events = POLLIN};
	int64_t until = clock_monotonic_ms() + ms;
	char byte;

	while (clock_monotonic_ms() < until) {
		if (poll(&fd, 1, (int)(until - clock_monotonic_ms())) != 1)
			continue;
		ssize_t n = read_some(peer, &byte, 1);
		if (n > 0)
			return false;
		if (!peer->ssl || SSL_get_error(peer->ssl, (int)n) != SSL_ERROR_WANT_READ)
			return true;
	}
	return false;
}

void
test_say_text(struct test_peer *peer, const char *text)
{
	test_say(peer, text, strlen(text));
}

struct test_answer
test_ask(struct test_peer *peer, struct arena *arena, const char *request)
{
	test_say_text(peer, request);
	return test_hear(peer, arena, strncmp(request, "HEAD ", 5) == 0);
}

int
test_status(uint16_t port, const char *request)
{
	autoarena(arena, ARENA_REQUEST);
	struct test_peer peer = test_dial(port);
	int status = test_ask(&peer, &arena, request).status;

	test_hang_up(&peer);
	return status;
}

struct http_client_options
test_options(const char *base_url, const char *ca)
{
	return (struct http_client_options){.base_url = base_url,
		.ca = ca,
		.proxy = "",
		.connect_timeout_ms = 3000,
		.total_timeout_ms = 5000};
}

struct http_client *
test_client(struct http_client_options options)
{
	struct http_client *client;
	struct error e;

	if (!http_client_open(&options, &client, &e)) {
		fprintf(stderr, "%s\n", e.message);
		abort();
	}
	return client;
}
