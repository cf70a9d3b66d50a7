// SPDX-License-Identifier: Apache-2.0
// How bytes go over a connection, encrypted or not, and which TLS settings a server for a fleet
// needs.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

struct ssl_st;
struct ssl_ctx_st;

// Certificates and keys are PEM, as text or as the path of a file (a text that does not contain
// "-----BEGIN" is a path).
struct http_tls_config {
	const char *certificate; // leaf first, then its chain
	const char *key;
	const char *client_ca;	     // NULL: client certificates are not asked for
	unsigned session_cache;	     // resumable sessions held, about 12 KiB each; 0: 4096
	unsigned session_lifetime_s; // 0: 7200
};

// Faults: tls_certificate_unusable, tls_key_unusable, tls_client_ca_unusable.
bool tls_server_open(
	const struct http_tls_config *config, struct ssl_ctx_st **out, struct error *e) MUST_CHECK;
void tls_server_close(struct ssl_ctx_st *ctx);

// One connection: a non-blocking socket, and TLS on it unless ssl is NULL.
struct stream {
	int fd;
	struct ssl_st *ssl;
	bool established;
	bool wants_write; // what an IO_AGAIN waits for
};

// Results of reading and writing besides a count of bytes > 0.
enum { IO_AGAIN = 0, IO_CLOSED = -1 };

// False when out of memory; the descriptor stays the caller's then.
bool stream_open(struct stream *stream, int fd, struct ssl_ctx_st *ctx) MUST_CHECK;

// 1 when the handshake is through, IO_AGAIN, IO_CLOSED.
int stream_handshake(struct stream *stream) MUST_CHECK;

long stream_read(struct stream *stream, void *data, size_t len) MUST_CHECK;
long stream_write(struct stream *stream, const void *data, size_t len) MUST_CHECK;

// Bytes have been taken from the socket that stream_read has not given out.
bool stream_pending(const struct stream *stream);

// Say that nothing more is sent (close_notify, FIN); what the peer still sends can be read with
// stream_discard. Keeps the TLS session resumable.
void stream_finish_writing(struct stream *stream);

// Throw away what arrived. IO_AGAIN, IO_CLOSED.
int stream_discard(struct stream *stream, size_t *budget) MUST_CHECK;

// Release TLS (after close_notify) but not the descriptor.
void stream_release(struct stream *stream);

// After the handshake: allocate the DER of a verified client certificate (empty if none or not
// verified) for free(), and say why an offered one does not count (NULL if it does).
bool stream_peer_cert(const struct stream *stream, struct slice *der, const char **problem);
bool stream_resumed(const struct stream *stream);
