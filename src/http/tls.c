// SPDX-License-Identifier: Apache-2.0
#include "http/tls.h"

#include "base/fs.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>

CLEANUP_FN(BIO *, BIO_free_all, bio_p)
CLEANUP_FN(X509 *, X509_free, x509_p)
CLEANUP_FN(EVP_PKEY *, EVP_PKEY_free, pkey_p)
CLEANUP_FN(SSL_CTX *, SSL_CTX_free, ssl_ctx_p)

enum { LARGEST_PEM = 1 << 20, DEFAULT_CACHE = 4096, DEFAULT_LIFETIME_S = 7200 };

static bool
tls_fault(struct error *e, const char *fault, const char *what)
{
	char reason[120] = "nothing usable in it";
	unsigned long code = ERR_get_error();

	if (code)
		ERR_error_string_n(code, reason, sizeof reason);
	ERR_clear_error();
	return error_fault(e, ERR_INVALID, fault, "%s: %s", what, reason);
}

// Text or path -> memory BIO whose bytes live in the arena.
static BIO *
open_pem(struct arena *arena, const char *text_or_path, struct error *e)
{
	struct slice text = slice_str(text_or_path);

	if (!text_or_path) {
		error_set(e, ERR_INVALID, "not configured");
		return NULL;
	}
	if (!strstr(text_or_path, "-----BEGIN") &&
		!fs_read(arena, text_or_path, LARGEST_PEM, &text, e))
		return NULL;
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
	if (!bio)
		error_set(e, ERR_INTERNAL, "out of memory");
	return bio;
}

// A key that is encrypted must fail, not ask on the terminal.
static int
no_password(char *out, int size, int writing, void *context)
{
	(void)out, (void)size, (void)writing, (void)context;
	return -1;
}

static bool
load_certificate(SSL_CTX *ctx, const char *pem, struct error *e)
{
	static const char what[] = "server certificate", fault[] = "tls_certificate_unusable";
	autoarena(arena, ARENA_SMALL * 2);
	CLEANUP(bio_p) BIO *bio = open_pem(&arena, pem, e);

	if (!bio) {
		e->fault = fault;
		return error_wrap(e, what);
	}
	CLEANUP(x509_p) X509 *leaf = PEM_read_bio_X509_AUX(bio, NULL, no_password, NULL);
	if (!leaf || SSL_CTX_use_certificate(ctx, leaf) != 1)
		return tls_fault(e, fault, what);
	for (;;) {
		CLEANUP(x509_p) X509 *next = PEM_read_bio_X509(bio, NULL, no_password, NULL);
		if (!next)
			break;
		if (SSL_CTX_add1_chain_cert(ctx, next) != 1)
			return tls_fault(e, fault, what);
	}
	ERR_clear_error();
	return true;
}

static bool
load_key(SSL_CTX *ctx, const char *pem, struct error *e)
{
	static const char what[] = "server key", fault[] = "tls_key_unusable";
	autoarena(arena, ARENA_SMALL * 2);
	CLEANUP(bio_p) BIO *bio = open_pem(&arena, pem, e);

	if (!bio) {
		e->fault = fault;
		return error_wrap(e, what);
	}
	CLEANUP(pkey_p) EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	if (!key || SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1)
		return tls_fault(e, fault, what);
	return true;
}

// Verify the chain, remember the outcome, and go on: a device whose certificate expired must still
// be able to reach the renewal endpoint, where it counts as one without a certificate.
static int
verify_and_go_on(X509_STORE_CTX *verification, void *context)
{
	(void)context;
	if (X509_verify_cert(verification) != 1 &&
		X509_STORE_CTX_get_error(verification) == X509_V_OK)
		X509_STORE_CTX_set_error(verification, X509_V_ERR_UNSPECIFIED);
	return 1;
}

static bool
load_client_ca(SSL_CTX *ctx, const char *pem, struct error *e)
{
	static const char what[] = "client CA", fault[] = "tls_client_ca_unusable";
	autoarena(arena, ARENA_SMALL * 2);
	CLEANUP(bio_p) BIO *bio = open_pem(&arena, pem, e);
	int count = 0;

	if (!bio) {
		e->fault = fault;
		return error_wrap(e, what);
	}
	for (;; count++) {
		CLEANUP(x509_p) X509 *ca = PEM_read_bio_X509(bio, NULL, no_password, NULL);
		if (!ca)
			break;
		if (X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) != 1 ||
			SSL_CTX_add_client_CA(ctx, ca) != 1)
			return tls_fault(e, fault, what);
	}
	if (count == 0)
		return tls_fault(e, fault, what);
	ERR_clear_error();
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, verify_and_go_on, NULL);
	return true;
}

static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
	const unsigned char *offered, unsigned int offered_len, void *context)
{
	static const unsigned char ours[] = "\x08http/1.1\x08http/1.0";
	unsigned char *chosen;

	(void)ssl, (void)context;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, offered, offered_len) !=
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL; // RFC 7301 section 3.2
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

// A fresh handshake with a client certificate costs a hundred times a request, so what counts is
// that sessions resume. Stateful sessions keep the decoded certificate (tickets decode it each
// time), one a handshake is enough, and the chain is never rebuilt from the store.
static void
set_up_for_a_fleet(SSL_CTX *ctx, const struct http_tls_config *config)
{
	unsigned cache = config->session_cache ? config->session_cache : DEFAULT_CACHE;
	unsigned lifetime =
		config->session_lifetime_s ? config->session_lifetime_s : DEFAULT_LIFETIME_S;

	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(
		ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(ctx,
		SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1); // record header and body in one read
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_SERVER);
	SSL_CTX_sess_set_cache_size(ctx, cache);
	SSL_CTX_set_timeout(ctx, lifetime);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"ferry", 5);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
}

bool
tls_server_open(const struct http_tls_config *config, SSL_CTX **out, struct error *e)
{
	CLEANUP(ssl_ctx_p) SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (!ctx)
		return error_set(e, ERR_INTERNAL, "no TLS context");
	set_up_for_a_fleet(ctx, config);
	if (!load_certificate(ctx, config->certificate, e) || !load_key(ctx, config->key, e))
		return false;
	if (config->client_ca && !load_client_ca(ctx, config->client_ca, e))
		return false;
	*out = ctx;
	ctx = NULL;
	return true;
}

void
tls_server_close(SSL_CTX *ctx)
{
	SSL_CTX_free(ctx);
}

bool
stream_open(struct stream *stream, int fd, SSL_CTX *ctx)
{
	*stream = (struct stream){.fd = fd, .established = !ctx};
	if (!ctx)
		return true;
	stream->ssl = SSL_new(ctx);
	if (!stream->ssl || SSL_set_fd(stream->ssl, fd) != 1) {
		SSL_free(stream->ssl);
		stream->ssl = NULL;
		ERR_clear_error();
		return false;
	}
	SSL_set_accept_state(stream->ssl);
	return true;
}

// The error queue belongs to the thread, not to the connection: leave nothing in it.
static int
outcome(struct stream *stream, int result)
{
	int error = SSL_get_error(stream->ssl, result);

	ERR_clear_error();
	stream->wants_write = error == SSL_ERROR_WANT_WRITE;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return IO_AGAIN;
	// After a fatal error OpenSSL forbids SSL_shutdown.
	if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL)
		stream->established = false;
	return IO_CLOSED;
}

int
stream_handshake(struct stream *stream)
{
	if (stream->established)
		return 1;
	int result = SSL_do_handshake(stream->ssl);
	if (result != 1)
		return outcome(stream, result);
	stream->established = true;
	return 1;
}

static long
socket_outcome(struct stream *stream, ssize_t n, bool writing)
{
	if (n > 0)
		return n;
	stream->wants_write = writing;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? IO_AGAIN : IO_CLOSED;
}

long
stream_read(struct stream *stream, void *data, size_t len)
{
	if (!stream->ssl)
		return socket_outcome(stream, recv(stream->fd, data, len, 0), false);
	int n = SSL_read(stream->ssl, data, len > INT32_MAX ? INT32_MAX : (int)len);
	return n > 0 ? n : outcome(stream, n);
}

long
stream_write(struct stream *stream, const void *data, size_t len)
{
	if (!stream->ssl)
		return socket_outcome(stream, send(stream->fd, data, len, MSG_NOSIGNAL), true);
	int n = SSL_write(stream->ssl, data, len > INT32_MAX ? INT32_MAX : (int)len);
	return n > 0 ? n : outcome(stream, n);
}

bool
stream_pending(const struct stream *stream)
{
	return stream->ssl && SSL_has_pending(stream->ssl);
}

void
stream_release(struct stream *stream)
{
	if (!stream->ssl)
		return;
	// Without close_notify the session would be thrown out of the cache.
	if (stream->established)
		SSL_shutdown(stream->ssl);
	SSL_free(stream->ssl);
	ERR_clear_error();
	stream->ssl = NULL;
}

void
stream_finish_writing(struct stream *stream)
{
	stream_release(stream);
	shutdown(stream->fd, SHUT_WR);
}

int
stream_discard(struct stream *stream, size_t *budget)
{
	char waste[4096];

	for (;;) {
		ssize_t n = recv(stream->fd, waste, sizeof waste, 0);
		if (n <= 0)
			return (int)socket_outcome(stream, n, false);
		if ((size_t)n >= *budget)
			return IO_CLOSED;
		*budget -= (size_t)n;
	}
}

bool
stream_peer_cert(const struct stream *stream, struct slice *der, const char **problem)
{
	unsigned char *encoded = NULL;
	X509 *cert = stream->ssl ? SSL_get0_peer_certificate(stream->ssl) : NULL;

	*der = (struct slice){0};
	*problem = NULL;
	if (!cert)
		return true;
	// The session holds certificate and outcome, so both survive resumption.
	long result = SSL_get_verify_result(stream->ssl);
	if (result != X509_V_OK) {
		*problem = X509_verify_cert_error_string(result);
		return true;
	}
	// A session lives longer than a handshake: the certificate may have expired meanwhile.
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0) {
		*problem = X509_verify_cert_error_string(X509_V_ERR_CERT_HAS_EXPIRED);
		return true;
	}
	int len = i2d_X509(cert, &encoded);
	if (len <= 0)
		return false;
	uint8_t *copy = malloc((size_t)len);
	if (copy)
		*der = slice_of(memcpy(copy, encoded, (size_t)len), (size_t)len);
	OPENSSL_free(encoded);
	return copy != NULL;
}

bool
stream_resumed(const struct stream *stream)
{
	return stream->ssl && SSL_session_reused(stream->ssl);
}
