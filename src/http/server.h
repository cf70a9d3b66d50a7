// SPDX-License-Identifier: Apache-2.0
// How many clients are served at once by few threads: one shared epoll, blocking handlers, absolute
// deadlines, and every count bounded.
#pragma once

#include "http/message.h"
#include "http/tls.h"

// A zero means the default that is given.
struct http_server_config {
	const char *address; // numeric IPv4 or IPv6; NULL: 127.0.0.1
	uint16_t port;	     // 0: any, see http_server_port
	bool plain;	     // no TLS: for a private listener on loopback
	struct http_tls_config tls;
	unsigned threads;	// 4
	unsigned turns;		// how many of them look for work at once; 0: all
	size_t max_head;	// 16 KiB, request line and headers: else 431 (414 for the line)
	size_t max_body;	// 4 MiB, decoded: else 413
	const char *large_path; // paths that begin with this take max_large; NULL: none do
	size_t max_large;
	unsigned max_connections; // 10,000; more are closed at once
	unsigned max_per_address; // 0: no cap. IPv6 counts by /64
	// All in milliseconds, absolute from the beginning of the stage: no drip of bytes prolongs
	// them.
	int header_ms;	       // 10 s: handshake, and a request's head from its first byte
	int body_ms;	       // 30 s: the body; and sending, 30 s plus 1 s for each 2 KiB
	int idle_ms;	       // 300 s between requests
	int drain_ms;	       // 5 s: what http_server_stop waits for answers under way
	http_handler *handler; // runs for every well-formed request, on any of the threads
	void *context;
	// Called on each thread before it serves and after; *worker becomes http_request.worker.
	// May be NULL.
	bool (*worker_init)(void *context, void **worker, struct error *e);
	void (*worker_finish)(void *context, void *worker);
};

struct http_server;

struct http_server_counts {
	unsigned connections, parked; // now
	uint64_t accepted, refused, requests, handshakes, resumed;
};

// Listen and serve; the strings of the configuration are not used after it returns. All signals are
// blocked in the server's threads. Errors: ERR_IO with fault `listen_address_unavailable`, those of
// tls_server_open, those of worker_init.
bool http_server_start(const struct http_server_config *config, struct http_server **out,
	struct error *e) MUST_CHECK;

uint16_t http_server_port(const struct http_server *server);

// Run the parked requests of a channel again. Cheap, from any thread, also from a handler.
void http_server_wake(struct http_server *server, const char *channel);

// A handler says that it is about to wait for something else than a processor (a disk, a network):
// its turn goes to a thread that has none. Cheap; no effect outside of a handler.
void http_server_waits(void);

struct http_server_counts http_server_counts(struct http_server *server);

// Accept nothing more, let requests under way be answered for up to drain_ms (parked ones run once
// more as timed out), close everything, join the threads, free. NULL is fine.
void http_server_stop(struct http_server *server);
