// SPDX-License-Identifier: Apache-2.0
#include "http/server_internal.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { STEPS_A_TURN = 64, READ_SIZE = 16 << 10 };

// --- who owns it ---

void
conn_deadline(struct conn *c, int64_t ms_from_now)
{
	__atomic_store_n(&c->deadline, clock_monotonic_ms() + ms_from_now, __ATOMIC_RELAXED);
}

static void
no_deadline(struct conn *c)
{
	__atomic_store_n(&c->deadline, 0, __ATOMIC_RELAXED);
}

static struct epoll_event
event_for(const struct conn *c, uint32_t number, uint32_t events)
{
	return (struct epoll_event){.events = events | EPOLLONESHOT,
		.data.u64 = (uint64_t)number << 32 | (uint64_t)(c - c->server->conns)};
}

// Hand the connection to whoever gets its next event. It is not ours afterwards.
static bool
conn_arm(struct conn *c, uint32_t events)
{
	int epoll = c->phase == CONN_HANDSHAKE ? c->server->door : c->server->epoll;
	int fd = c->stream.fd, operation = EPOLL_CTL_MOD;

	if (c->epoll != epoll) {
		if (c->epoll >= 0)
			epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
		c->epoll = epoll;
		operation = EPOLL_CTL_ADD;
	}
	if (++c->arming == 0)
		c->arming = 1;
	struct epoll_event event = event_for(c, c->arming, events);
	__atomic_store_n(&c->armed, c->arming, __ATOMIC_RELEASE);
	return epoll_ctl(epoll, operation, fd, &event) == 0;
}

bool
conn_claim(struct conn *c, uint32_t armed)
{
	return armed != 0 &&
		__atomic_compare_exchange_n(
			&c->armed, &armed, 0, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static struct conn *
conn_of(struct park_entry *entry)
{
	return (struct conn *)((char *)entry - offsetof(struct conn, park));
}

// While it waits only a hang-up is of interest; what the client sends stays in the socket.
void
conn_waiting(struct park_entry *entry)
{
	conn_arm(conn_of(entry), EPOLLRDHUP);
}

// A socket that nothing was written to is writable: that is the event that gets it a worker. If a
// worker has claimed it meanwhile, that one will see the state of the entry.
void
conn_ready(struct park_entry *entry)
{
	struct conn *c = conn_of(entry);
	uint32_t armed = __atomic_load_n(&c->armed, __ATOMIC_ACQUIRE);
	struct epoll_event event = event_for(c, armed, EPOLLOUT);

	if (armed)
		epoll_ctl(c->server->epoll, EPOLL_CTL_MOD, c->stream.fd, &event);
}

// --- beginning and end ---

static struct conn *
take_conn(struct http_server *server, const struct sockaddr_storage *address)
{
	struct conn *c = server->free_conns;
	struct peer *peer = c ? peer_enter(server, address) : NULL;

	if (!peer) {
		server->counts.refused++;
		return NULL;
	}
	server->free_conns = c->next_free;
	server->counts.accepted++;
	server->counts.connections++;
	// `armed` and `arming` go on counting, so that events of the slot's last life are
	// recognised.
	memset(&c->server, 0, sizeof *c - offsetof(struct conn, server));
	c->server = server;
	c->peer = peer;
	c->file_fd = c->epoll = -1;
	return c;
}

static void
name_address(struct conn *c, const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;

	if (address->ss_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, c->address, sizeof c->address);
	else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], c->address, sizeof c->address);
	else
		inet_ntop(AF_INET6, &v6->sin6_addr, c->address, sizeof c->address);
}

bool
conn_open(struct http_server *server, int fd, const struct sockaddr_storage *address)
{
	pthread_mutex_lock(&server->lock);
	struct conn *c = take_conn(server, address);
	pthread_mutex_unlock(&server->lock);
	if (!c)
		return false;
	name_address(c, address);
	bool opened = stream_open(&c->stream, fd, server->tls);
	c->stream.fd = fd;
	c->phase = c->stream.established ? CONN_READING : CONN_HANDSHAKE;
	if (!opened) {
		conn_release(c);
		return true;
	}
	conn_deadline(c, c->stream.established ? server->config.idle_ms : server->config.header_ms);
	__atomic_store_n(&c->idle, true, __ATOMIC_RELAXED);
	pthread_mutex_lock(&server->lock);
	c->live = true;
	pthread_mutex_unlock(&server->lock);
	if (!conn_arm(c, EPOLLIN) && conn_claim(c, c->arming))
		conn_release(c);
	return true;
}

void
conn_release(struct conn *c)
{
	struct http_server *server = c->server;

	if (c->file_fd >= 0)
		close(c->file_fd);
	stream_release(&c->stream);
	free(c->in);
	free(c->out);
	free((void *)c->peer_cert.data);
	// Under the lock, so that the timer never shuts down a descriptor that is somebody else's
	// by now.
	pthread_mutex_lock(&server->lock);
	c->live = false;
	close(c->stream.fd);
	peer_leave(server, c->peer);
	c->next_free = server->free_conns;
	server->free_conns = c;
	server->counts.connections--;
	if (server->counts.connections == 0)
		pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

// --- input ---

// Keep the bytes for later; they may be part of `in`. The front of what is kept is the beginning of
// a request.
static bool
keep_input(struct conn *c, uint8_t *data, size_t len)
{
	if (len == 0) {
		free(c->in);
		c->in = NULL;
		c->in_len = c->in_cap = 0;
		return true;
	}
	if (!c->in) {
		c->in_cap = len + READ_SIZE / 4;
		c->in = malloc(c->in_cap);
		if (!c->in)
			return false;
	}
	if (c->in != data)
		memmove(c->in, data, len);
	c->in_len = len;
	return true;
}

// Memory follows what arrived, not what a Content-Length promises. http_read bounds the total.
static bool
make_room(struct conn *c)
{
	if (c->in_cap - c->in_len >= READ_SIZE / 4)
		return true;
	size_t cap = c->in_cap * 2 + READ_SIZE / 4;
	uint8_t *grown = realloc(c->in, cap);
	if (!grown)
		return false;
	c->in = grown;
	c->in_cap = cap;
	return true;
}

static enum conn_next
await_more(struct conn *c, uint8_t *data, const struct http_message *msg)
{
	const struct http_server_config *config = &c->server->config;
	bool in_body = c->reader.phase != HTTP_IN_HEAD;

	if (!keep_input(c, data, msg->keep))
		return NEXT_CLOSE;
	if (!in_body && c->timing == TIMING_IDLE) {
		c->timing = TIMING_HEAD;
		conn_deadline(c, config->header_ms);
	} else if (in_body && c->timing != TIMING_BODY) {
		c->timing = TIMING_BODY;
		conn_deadline(c, config->body_ms);
	}
	if (in_body && c->reader.expects_continue) {
		c->reader.expects_continue = false;
		// Not needed once the client began to send (RFC 9110 section 10.1.1).
		if (msg->keep == c->reader.head_len && answer_continue(c) != NEXT_STEP)
			return NEXT_CLOSE;
	}
	return stream_pending(&c->stream) ? NEXT_STEP : NEXT_INPUT;
}

// --- handlers ---

static enum conn_next
park(struct worker *w, struct conn *c, const struct http_message *msg, struct http_response *resp,
	uint64_t ticket)
{
	int64_t now = clock_monotonic_ms();

	if (c->began_ms == 0)
		c->began_ms = now;
	bool was_timed_out = c->timed_out;
	c->woken = c->timed_out = false;
	c->phase = CONN_PARKED;
	__atomic_add_fetch(&c->server->counts.parked, 1, __ATOMIC_RELAXED);
	enum park_state state = park_enter(&c->server->lot, &c->park, resp->park_channel,
		now + (resp->park_timeout_ms > 0 ? resp->park_timeout_ms : 0), ticket);
	if (state == PARK_WAITING)
		return NEXT_PARKED;
	__atomic_sub_fetch(&c->server->counts.parked, 1, __ATOMIC_RELAXED);
	c->phase = CONN_READING;
	c->unread = true;
	c->woken = state == PARK_WOKEN;
	c->timed_out = state == PARK_EXPIRED;
	if (!was_timed_out || c->woken)
		return NEXT_STEP;
	// The server stops and the handler does not take no for an answer.
	struct http_response stopping = {.arena = &w->arena, .status = 503, .file_fd = -1};
	c->close_after = true;
	return answer_send(w, c, msg, &stopping);
}

static struct http_request
request_of(struct worker *w, struct conn *c, const struct http_message *msg)
{
	return (struct http_request){.method = msg->method,
		.path = msg->path,
		.raw_query = msg->raw_query,
		.host = msg->host,
		.headers = msg->headers,
		.header_count = msg->header_count,
		.body = msg->body,
		.arena = &w->arena,
		.peer_cert = c->peer_cert,
		.peer_cert_problem = c->peer_cert_problem,
		.peer_address = c->address,
		.tls = c->stream.ssl != NULL,
		.tls_resumed = stream_resumed(&c->stream),
		.woken = c->woken,
		.timed_out = c->timed_out,
		.waited_ms = c->began_ms ? clock_monotonic_ms() - c->began_ms : 0,
		.worker = w->user,
		.context = c->server->config.context};
}

static enum conn_next
dispatch(struct worker *w, struct conn *c, uint8_t *data, size_t len, struct http_message *msg)
{
	struct http_response resp = {.arena = &w->arena, .file_fd = -1};
	struct http_request req = request_of(w, c, msg);
	uint64_t ticket = park_ticket(&c->server->lot);

	no_deadline(c);
	if (c->began_ms == 0)
		__atomic_add_fetch(&c->server->counts.requests, 1, __ATOMIC_RELAXED);
	c->server->config.handler(&req, &resp);
	if (resp.park_channel)
		return keep_input(c, data, len) ? park(w, c, msg, &resp, ticket) : NEXT_CLOSE;
	if (msg->used < len)
		c->linger = true;
	enum conn_next next = answer_send(w, c, msg, &resp);
	c->woken = c->timed_out = false;
	c->began_ms = 0;
	c->reader = (struct http_reader){0};
	if (next == NEXT_CLOSE || !keep_input(c, data + msg->used, len - msg->used))
		return NEXT_CLOSE;
	c->unread = c->in != NULL;
	if (next == NEXT_STEP && !c->unread && !stream_pending(&c->stream))
		return NEXT_INPUT;
	return next;
}

// --- steps ---

static enum conn_next
step_handshake(struct conn *c)
{
	int done = stream_handshake(&c->stream);

	if (done == IO_CLOSED)
		return NEXT_CLOSE;
	if (done == IO_AGAIN)
		return c->stream.wants_write ? NEXT_OUTPUT : NEXT_INPUT;
	__atomic_add_fetch(&c->server->counts.handshakes, 1, __ATOMIC_RELAXED);
	if (stream_resumed(&c->stream))
		__atomic_add_fetch(&c->server->counts.resumed, 1, __ATOMIC_RELAXED);
	if (!stream_peer_cert(&c->stream, &c->peer_cert, &c->peer_cert_problem))
		return NEXT_CLOSE;
	c->phase = CONN_READING;
	conn_deadline(c, c->server->config.idle_ms);
	return stream_pending(&c->stream) ? NEXT_STEP : NEXT_INPUT;
}

static enum conn_next
step_reading(struct worker *w, struct conn *c)
{
	struct http_message msg;
	uint8_t *data = w->scratch;
	long n = 0;

	if (c->unread) {
		data = c->in;
		n = (long)c->in_len;
	} else if (c->in) {
		if (!make_room(c))
			return NEXT_CLOSE;
		n = stream_read(&c->stream, c->in + c->in_len, c->in_cap - c->in_len);
		data = c->in;
		if (n > 0)
			n = (long)(c->in_len += (size_t)n);
	} else {
		n = stream_read(&c->stream, data, w->scratch_cap);
	}
	if (n < 0)
		return NEXT_CLOSE;
	if (n == IO_AGAIN)
		return c->stream.wants_write ? NEXT_OUTPUT : NEXT_INPUT;
	c->unread = false;
	arena_reset(&w->arena);
	switch (http_read(&c->reader, &w->arena, &c->server->limits, data, (size_t)n, &msg)) {
	case HTTP_MORE:
		return await_more(c, data, &msg);
	case HTTP_DONE:
		return dispatch(w, c, data, (size_t)n, &msg);
	default:
		return answer_refuse(w, c, &msg);
	}
}

static enum conn_next
step_parked(struct conn *c, uint32_t events)
{
	enum park_state state = park_leave(&c->server->lot, &c->park);

	__atomic_sub_fetch(&c->server->counts.parked, 1, __ATOMIC_RELAXED);
	if (state == PARK_WAITING && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
		return NEXT_CLOSE;
	c->woken = state != PARK_EXPIRED;
	c->timed_out = state == PARK_EXPIRED;
	c->phase = CONN_READING;
	c->unread = true;
	return NEXT_STEP;
}

static enum conn_next
step(struct worker *w, struct conn *c, uint32_t events)
{
	switch (c->phase) {
	case CONN_HANDSHAKE:
		return step_handshake(c);
	case CONN_READING:
		return step_reading(w, c);
	case CONN_WRITING:
		return answer_flush(w, c);
	case CONN_PARKED:
		return step_parked(c, events);
	default:
		return stream_discard(&c->stream, &c->linger_budget) == IO_AGAIN ? NEXT_INPUT
										 : NEXT_CLOSE;
	}
}

void
conn_serve(struct worker *w, struct conn *c, uint32_t events)
{
	enum conn_next next = NEXT_STEP;

	__atomic_store_n(&c->idle, false, __ATOMIC_RELAXED);
	for (int i = 0; next == NEXT_STEP && i < STEPS_A_TURN; i++)
		next = step(w, c, events);
	switch (next) {
	case NEXT_STEP: // others wait too: come back at once, behind them
		conn_arm(c, EPOLLIN | EPOLLOUT);
		break;
	case NEXT_INPUT:
		__atomic_store_n(&c->idle,
			c->phase == CONN_HANDSHAKE || (c->phase == CONN_READING && !c->in),
			__ATOMIC_RELAXED);
		conn_arm(c, EPOLLIN);
		break;
	case NEXT_OUTPUT:
		conn_arm(c, EPOLLOUT);
		break;
	case NEXT_CLOSE:
		conn_release(c);
		break;
	case NEXT_PARKED:
		break;
	}
}
