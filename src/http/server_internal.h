// SPDX-License-Identifier: Apache-2.0
// What the parts of the server share: the connection, the worker and the server itself, and who may
// touch which field when.
//
// A connection belongs to the worker that claimed it: an event carries the number under which it
// was armed, and claiming swaps that number for 0. So an event that was overtaken is recognised,
// and since connections live in one array that is never freed while the server runs, looking is
// safe.
#pragma once

#include "base/clock.h"
#include "http/park.h"
#include "http/parse.h"
#include "http/server.h"

#include <netinet/in.h>
#include <semaphore.h>
#include <sys/epoll.h>

enum conn_phase { CONN_HANDSHAKE, CONN_READING, CONN_WRITING, CONN_PARKED, CONN_LINGERING };

// What a step of a connection asks for next.
enum conn_next {
	NEXT_STEP,   // take another step now
	NEXT_INPUT,  // wait until something can be read
	NEXT_OUTPUT, // wait until something can be written
	NEXT_PARKED, // it waits for a channel and is no longer ours
	NEXT_CLOSE,
};

struct peer;

struct conn {
	// Shared: atomics.
	uint32_t armed;	  // number of the arming, 0 while a worker owns the connection
	int64_t deadline; // monotonic ms, 0: none
	bool live;	  // under server->lock
	bool idle;	  // atomic: no request has begun
	struct conn *next_free;
	struct park_entry park;
	uint32_t arming; // the owner's from here on: the last number used
	struct http_server *server;
	struct stream stream;
	int epoll; // the queue it stands in, or -1
	enum conn_phase phase;
	enum { TIMING_IDLE, TIMING_HEAD, TIMING_BODY } timing;
	struct http_reader reader;
	uint8_t *in; // bytes of the request under way, or NULL
	size_t in_len, in_cap;
	bool unread;  // `in` holds bytes that were not looked at since they became the front
	uint8_t *out; // bytes not yet sent, or NULL
	size_t out_len, out_off;
	size_t window; // bytes sent since the deadline was set
	int file_fd;
	uint64_t file_offset, file_left;
	bool close_after, linger;
	bool woken, timed_out;
	int64_t began_ms; // first run of a parked request, 0: none
	size_t linger_budget;
	struct slice peer_cert;
	const char *peer_cert_problem;
	struct peer *peer;
	char address[INET6_ADDRSTRLEN];
};

struct worker {
	struct http_server *server;
	pthread_t thread;
	struct arena arena;
	uint8_t *scratch; // input is read here; only what stays is copied to the connection
	size_t scratch_cap;
	time_us date_second;
	char date[30];
	void *user;
	bool has_turn;
	unsigned rounds;    // events taken
	bool ready, failed; // under server->lock
	struct error error;
};

struct http_server {
	struct http_server_config config;
	struct http_limits limits;
	struct ssl_ctx_st *tls;
	int listener, stop_event;
	// Two queues, each served in its order: new connections (the listener and handshakes), and
	// requests. With thousands of requests waiting a connection would be let in only behind
	// them all, and its client would have gone.
	int door, epoll; // `epoll` tells of the door too
	uint16_t port;
	struct conn *conns;
	struct park_lot lot;
	pthread_mutex_t lock; // the fields below, and conn.live
	pthread_cond_t changed;
	struct conn *free_conns;
	struct peer *peers[1024];
	struct http_server_counts counts; // accepted and connections; the others are atomics
	bool accept_paused;
	bool stop_timer, has_timer;
	bool draining; // atomic
	bool stopping; // atomic
	struct worker *workers;
	sem_t turns;
	pthread_t timer;
	unsigned started;
};

// conn.c
bool conn_open(struct http_server *server, int fd, const struct sockaddr_storage *address);
bool conn_claim(struct conn *c, uint32_t armed);
void conn_serve(struct worker *w, struct conn *c, uint32_t events);
void conn_release(struct conn *c);
void conn_deadline(struct conn *c, int64_t ms_from_now);
void conn_waiting(struct park_entry *entry);
void conn_ready(struct park_entry *entry);

// answer.c: write what the handler filled in; what does not fit into the socket is kept.
enum conn_next answer_send(struct worker *w, struct conn *c, const struct http_message *msg,
	struct http_response *resp);
enum conn_next answer_refuse(struct worker *w, struct conn *c, const struct http_message *msg);
enum conn_next answer_continue(struct conn *c);
enum conn_next answer_flush(struct worker *w, struct conn *c);

// peers.c, under server->lock: count connections by address. NULL: the cap is reached.
struct peer *peer_enter(struct http_server *server, const struct sockaddr_storage *address);
void peer_leave(struct http_server *server, struct peer *peer);
