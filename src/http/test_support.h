// SPDX-License-Identifier: Apache-2.0
// What the tests of this room share: throwaway certificates, and a bare client that says exactly
// what it is told.
#pragma once

#include "base/arena.h"
#include "http/client.h"
#include "http/server.h"

#include <openssl/ssl.h>

struct test_ca {
	EVP_PKEY *key;
	X509 *cert;
	char *pem;
};

struct test_identity {
	EVP_PKEY *key;
	char *cert_pem, *key_pem;
};

void test_ca_make(struct arena *arena, const char *name, struct test_ca *out);
void test_ca_free(struct test_ca *ca);

// A P-256 certificate for `name` (and 127.0.0.1), valid from now - 1 day to now + `days`.
void test_identity_make(struct arena *arena, const struct test_ca *ca, const char *name, int days,
	struct test_identity *out);
void test_identity_free(struct test_identity *identity);

// A connection of the test to the server; ssl is NULL in plain mode.
struct test_peer {
	int fd;
	SSL *ssl;
};

struct test_answer {
	int status; // 0: the connection ended (or 5 s passed) before an answer was complete
	char *head, *body;
	size_t body_len;
};

struct test_peer test_dial(uint16_t port);

// With TLS; resumes `session` if not NULL. ssl is NULL if the handshake fails.
struct test_peer test_dial_tls(uint16_t port, SSL_CTX *ctx, SSL_SESSION *session);
void test_hang_up(struct test_peer *peer);
void test_say(struct test_peer *peer, const char *text, size_t len);

// The next answer; `to_head` when it answers a HEAD request. 100 is returned as an answer.
struct test_answer test_hear(struct test_peer *peer, struct arena *arena, bool to_head);

// The server ends the connection within `ms`, saying nothing more.
bool test_is_closed(struct test_peer *peer, int ms);

void test_say_text(struct test_peer *peer, const char *text);

struct test_answer test_ask(struct test_peer *peer, struct arena *arena, const char *request);
// The status of the answer to a request over a connection of its own.
int test_status(uint16_t port, const char *request);

// A client that trusts `ca` (PEM), does not ask the environment, and waits a few seconds only.
struct http_client_options test_options(const char *base_url, const char *ca);
struct http_client *test_client(struct http_client_options options);
