// SPDX-License-Identifier: Apache-2.0
#include "http/server_internal.h"

#include "base/wait.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum {
	ACCEPTS_A_TURN = 32,
	BACKLOG = 4096,
	ARENA_KEPT = 64 << 10, // kept by each worker between requests
	SLOWEST_TICK_MS = 250,
	FASTEST_TICK_MS = 5,
	AWAY_FROM_DOOR = 4, // one event of so many is not of the door, however many stand there
};

// In the place of a connection's index.
static const uint32_t LISTENER_EVENT = UINT32_MAX, STOP_EVENT = UINT32_MAX - 1,
		      DOOR_EVENT = UINT32_MAX - 2;

// --- accepting ---

static void
arm_listener(struct http_server *server, int operation)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = LISTENER_EVENT};

	epoll_ctl(server->door, operation, server->listener, &event);
}

// One worker at a time gets here, takes what is there, and never waits.
static void
accept_some(struct http_server *server)
{
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		struct sockaddr_storage address;
		socklen_t len = sizeof address;
		int fd = accept4(server->listener, (struct sockaddr *)&address, &len,
			SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0 && errno != EAGAIN) {
			// Out of descriptors or memory: the listener would report readiness without
			// end. The timer tries again; until then clients wait in the backlog.
			__atomic_store_n(&server->accept_paused, true, __ATOMIC_RELEASE);
			return;
		}
		if (fd < 0)
			break;
		if (!conn_open(server, fd, &address))
			close(fd);
	}
	if (!__atomic_load_n(&server->draining, __ATOMIC_RELAXED))
		arm_listener(server, EPOLL_CTL_MOD);
}

// --- threads ---

// The worker that this thread is.
static __thread struct worker *self;

// Few threads in epoll_wait keep caches warm and wake each other seldom; the others are there for
// those that wait for a disk or a network in the middle of a request.
static void
take_turn(struct worker *w)
{
	while (!w->has_turn && !__atomic_load_n(&w->server->stopping, __ATOMIC_ACQUIRE))
		w->has_turn = sem_wait(&w->server->turns) == 0;
}

void
http_server_waits(void)
{
	if (self && self->has_turn) {
		self->has_turn = false;
		sem_post(&self->server->turns);
	}
}

// New connections first: their clients wait seconds, for an answer they wait a minute; and most of
// what a connection costs is in what it asks for.
static bool
next_event(struct worker *w, struct epoll_event *out)
{
	struct http_server *server = w->server;

	take_turn(w);
	if (++w->rounds % AWAY_FROM_DOOR != 0 && epoll_wait(server->door, out, 1, 0) == 1)
		return true;
	return epoll_wait(server->epoll, out, 1, -1) == 1 && (uint32_t)out->data.u64 != DOOR_EVENT;
}

static void *
run_worker(void *context)
{
	struct worker *w = self = context;
	struct http_server *server = w->server;
	const struct http_server_config *config = &server->config;
	bool ok = !config->worker_init || config->worker_init(config->context, &w->user, &w->error);

	pthread_mutex_lock(&server->lock);
	w->ready = ok;
	w->failed = !ok;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
	while (ok && !__atomic_load_n(&server->stopping, __ATOMIC_ACQUIRE)) {
		struct epoll_event event;
		if (!next_event(w, &event))
			continue;
		uint32_t index = (uint32_t)event.data.u64;
		if (index == LISTENER_EVENT)
			accept_some(server);
		else if (index != STOP_EVENT &&
			conn_claim(&server->conns[index], (uint32_t)(event.data.u64 >> 32)))
			conn_serve(w, &server->conns[index], event.events);
	}
	if (ok && config->worker_finish)
		config->worker_finish(config->context, w->user);
	return NULL;
}

// Cut what is past its deadline. The worker that gets the hang-up closes the connection; only the
// owner ever does.
static void
sweep(struct http_server *server, int64_t now)
{
	bool draining = __atomic_load_n(&server->draining, __ATOMIC_RELAXED);

	pthread_mutex_lock(&server->lock);
	for (unsigned i = 0; i < server->config.max_connections; i++) {
		struct conn *c = &server->conns[i];
		if (!c->live)
			continue;
		int64_t deadline = __atomic_load_n(&c->deadline, __ATOMIC_RELAXED);
		if (deadline && deadline <= now)
			shutdown(c->stream.fd, SHUT_RDWR);
		else if (draining && __atomic_load_n(&c->idle, __ATOMIC_RELAXED))
			shutdown(c->stream.fd, SHUT_RD); // what has arrived is still answered
	}
	pthread_mutex_unlock(&server->lock);
}

static int
tick_ms(const struct http_server_config *config)
{
	int shortest = config->header_ms < config->body_ms ? config->header_ms : config->body_ms;

	if (config->idle_ms < shortest)
		shortest = config->idle_ms;
	int tick = shortest / 8;
	return tick < FASTEST_TICK_MS	 ? FASTEST_TICK_MS
		: tick > SLOWEST_TICK_MS ? SLOWEST_TICK_MS
					 : tick;
}

static void
wait_ms(struct http_server *server, int ms)
{
	struct timespec until = wait_until(ms);

	pthread_cond_timedwait(&server->changed, &server->lock, &until);
}

static void *
run_timer(void *context)
{
	struct http_server *server = context;

	pthread_mutex_lock(&server->lock);
	while (!server->stop_timer) {
		bool draining = __atomic_load_n(&server->draining, __ATOMIC_RELAXED);
		wait_ms(server, draining ? FASTEST_TICK_MS : tick_ms(&server->config));
		pthread_mutex_unlock(&server->lock);
		int64_t now = clock_monotonic_ms();
		sweep(server, now);
		park_expire(&server->lot, now);
		if (__atomic_exchange_n(&server->accept_paused, false, __ATOMIC_ACQ_REL) &&
			!draining)
			arm_listener(server, EPOLL_CTL_MOD);
		pthread_mutex_lock(&server->lock);
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

// --- starting ---

static bool
listen_on(struct http_server *server, const char *address, uint16_t port, struct error *e)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	struct sockaddr_storage bound;
	socklen_t len = sizeof bound;
	int one = 1;

	if (getaddrinfo(address ? address : "127.0.0.1", NULL, &hints, &found) != 0)
		return error_fault(e, ERR_INVALID, "listen_address_unavailable",
			"\"%s\" is not a numeric address", address);
	struct sockaddr_in *v4 = (void *)found->ai_addr;
	struct sockaddr_in6 *v6 = (void *)found->ai_addr;
	*(found->ai_family == AF_INET6 ? &v6->sin6_port : &v4->sin_port) = htons(port);
	server->listener = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok = server->listener >= 0 &&
		setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
		setsockopt(server->listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
		bind(server->listener, found->ai_addr, found->ai_addrlen) == 0 &&
		listen(server->listener, BACKLOG) == 0 &&
		getsockname(server->listener, (struct sockaddr *)&bound, &len) == 0;
	freeaddrinfo(found);
	if (!ok) {
		error_errno(
			e, "cannot listen on %s port %u", address ? address : "127.0.0.1", port);
		e->fault = "listen_address_unavailable";
		return false;
	}
	server->port = ntohs(((struct sockaddr_in *)&bound)->sin_port); // same place in IPv6
	return true;
}

static void
apply_defaults(struct http_server *server)
{
	struct http_server_config *config = &server->config;

#define DEFAULT(field, value) config->field = config->field ? config->field : (value)
	DEFAULT(threads, 4);
	DEFAULT(turns, server->config.threads);
	DEFAULT(max_head, 16 << 10);
	DEFAULT(max_body, 4 << 20);
	DEFAULT(max_connections, 10000);
	DEFAULT(header_ms, 10 * 1000);
	DEFAULT(body_ms, 30 * 1000);
	DEFAULT(idle_ms, 300 * 1000);
	DEFAULT(drain_ms, 5 * 1000);
#undef DEFAULT
	server->limits = HTTP_LIMITS_DEFAULT;
	server->limits.max_head = config->max_head;
	server->limits.max_body = config->max_body;
	server->limits.large_path = config->large_path;
	server->limits.max_large = config->max_large;
}

static bool
make_parts(struct http_server *server, struct error *e)
{
	const struct http_server_config *config = &server->config;
	struct epoll_event stop = {.events = EPOLLIN, .data.u64 = STOP_EVENT};
	struct epoll_event door = {.events = EPOLLIN, .data.u64 = DOOR_EVENT};

	if (!config->plain && !tls_server_open(&config->tls, &server->tls, e))
		return false;
	if (!listen_on(server, config->address, config->port, e))
		return false;
	server->conns = calloc(config->max_connections, sizeof *server->conns);
	server->workers = calloc(config->threads, sizeof *server->workers);
	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	server->door = epoll_create1(EPOLL_CLOEXEC);
	server->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!server->conns || !server->workers || server->epoll < 0 || server->door < 0 ||
		server->stop_event < 0)
		return error_errno(e, "cannot start the server");
	for (unsigned i = config->max_connections; i-- > 0;) {
		server->conns[i].next_free = server->free_conns;
		server->free_conns = &server->conns[i];
	}
	epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->stop_event, &stop);
	epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->door, &door);
	return true;
}

static bool
start_worker(struct http_server *server, struct worker *w, struct error *e)
{
	w->server = server;
	arena_init(&w->arena, ARENA_REQUEST);
	arena_alloc(&w->arena, ARENA_KEPT); // the first block is the one that a reset keeps
	w->scratch_cap = server->config.max_head + (16 << 10);
	w->scratch = malloc(w->scratch_cap);
	if (!w->scratch || pthread_create(&w->thread, NULL, run_worker, w) != 0) {
		free(w->scratch);
		arena_finish(&w->arena);
		return error_set(e, ERR_IO, "cannot start a thread");
	}
	server->started++;
	return true;
}

static bool
await_workers(struct http_server *server, struct error *e)
{
	bool ok = true;

	pthread_mutex_lock(&server->lock);
	for (unsigned i = 0; i < server->started; i++) {
		struct worker *w = &server->workers[i];
		while (!w->ready && !w->failed)
			pthread_cond_wait(&server->changed, &server->lock);
		if (w->failed && ok) {
			*e = w->error;
			ok = false;
		}
	}
	pthread_mutex_unlock(&server->lock);
	return ok;
}

// Signals are the main thread's business; and a SIGPIPE of OpenSSL's write must not end the
// process.
static bool
start_threads(struct http_server *server, struct error *e)
{
	sigset_t all, before;
	bool ok = true;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; ok && i < server->config.threads; i++)
		ok = start_worker(server, &server->workers[i], e);
	if (ok && pthread_create(&server->timer, NULL, run_timer, server) != 0)
		ok = error_set(e, ERR_IO, "cannot start a thread");
	else if (ok)
		server->has_timer = true;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok && await_workers(server, e);
}

bool
http_server_start(
	const struct http_server_config *config, struct http_server **out, struct error *e)
{
	struct http_server *server = calloc(1, sizeof *server);

	if (!server)
		return error_set(e, ERR_INTERNAL, "out of memory");
	server->config = *config;
	server->listener = server->door = server->epoll = server->stop_event = -1;
	apply_defaults(server);
	pthread_mutex_init(&server->lock, NULL);
	wait_condition(&server->changed);
	park_init(&server->lot, conn_waiting, conn_ready);
	sem_init(&server->turns, 0, server->config.turns);
	if (!make_parts(server, e) || !start_threads(server, e)) {
		http_server_stop(server);
		return false;
	}
	server->config.address = NULL;
	server->config.tls = (struct http_tls_config){0};
	arm_listener(server, EPOLL_CTL_ADD);
	*out = server;
	return true;
}

uint16_t
http_server_port(const struct http_server *server)
{
	return server->port;
}

void
http_server_wake(struct http_server *server, const char *channel)
{
	park_wake(&server->lot, channel);
}

struct http_server_counts
http_server_counts(struct http_server *server)
{
	const struct http_server_counts *now = &server->counts;

	pthread_mutex_lock(&server->lock);
	struct http_server_counts counts = {.connections = now->connections,
		.accepted = now->accepted,
		.refused = now->refused,
		.parked = __atomic_load_n(&now->parked, __ATOMIC_RELAXED),
		.requests = __atomic_load_n(&now->requests, __ATOMIC_RELAXED),
		.handshakes = __atomic_load_n(&now->handshakes, __ATOMIC_RELAXED),
		.resumed = __atomic_load_n(&now->resumed, __ATOMIC_RELAXED)};
	pthread_mutex_unlock(&server->lock);
	return counts;
}

// --- stopping ---

static void
drain(struct http_server *server)
{
	int64_t until = clock_monotonic_ms() + server->config.drain_ms;

	__atomic_store_n(&server->draining, true, __ATOMIC_SEQ_CST);
	epoll_ctl(server->door, EPOLL_CTL_DEL, server->listener, NULL);
	shutdown(server->listener, SHUT_RD);
	park_close(&server->lot);
	pthread_mutex_lock(&server->lock);
	pthread_cond_broadcast(&server->changed);
	while (server->counts.connections > 0 && clock_monotonic_ms() < until)
		wait_ms(server, FASTEST_TICK_MS);
	pthread_mutex_unlock(&server->lock);
}

static void
join_threads(struct http_server *server)
{
	__atomic_store_n(&server->stopping, true, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < server->started; i++)
		sem_post(&server->turns);
	if (server->stop_event >= 0)
		eventfd_write(server->stop_event, 1);
	for (unsigned i = 0; i < server->started; i++) {
		pthread_join(server->workers[i].thread, NULL);
		arena_finish(&server->workers[i].arena);
		free(server->workers[i].scratch);
	}
	pthread_mutex_lock(&server->lock);
	server->stop_timer = true;
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
	if (server->has_timer)
		pthread_join(server->timer, NULL);
}

void
http_server_stop(struct http_server *server)
{
	if (!server)
		return;
	if (server->has_timer)
		drain(server);
	join_threads(server);
	for (unsigned i = 0; server->conns && i < server->config.max_connections; i++)
		if (server->conns[i].live) {
			park_leave(&server->lot, &server->conns[i].park);
			conn_release(&server->conns[i]);
		}
	tls_server_close(server->tls);
	const int fds[] = {server->listener, server->door, server->epoll, server->stop_event};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	park_finish(&server->lot);
	sem_destroy(&server->turns);
	pthread_mutex_destroy(&server->lock);
	pthread_cond_destroy(&server->changed);
	free(server->conns);
	free(server->workers);
	free(server);
}
