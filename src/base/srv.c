// SPDX-License-Identifier: Apache-2.0
#include "base/srv.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/uuid.h"
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <resolv.h>
#include <sys/socket.h>

enum { ANSWER_MAX = 16 * 1024 };

CLEANUP_FN(struct addrinfo *, freeaddrinfo, freeaddrinfo_p)

// "10.0.0.1, 10.0.0.2": the resolvers that were asked, for the message.
static const char *
resolvers(struct arena *arena, const struct __res_state *state)
{
	struct buf b;

	buf_init(&b, arena, 256);
	for (int i = 0; i < state->nscount; i++) {
		char text[INET_ADDRSTRLEN] = "?";
		const struct sockaddr_in *ns = &state->nsaddr_list[i];
		if (ns->sin_family == AF_INET)
			(void)inet_ntop(AF_INET, &ns->sin_addr, text, sizeof text);
		buf_printf(&b, "%s%s", i ? ", " : "", text);
	}
	return buf_text(&b);
}

static bool
lookup_failed(
	struct arena *arena, const struct __res_state *state, const char *name, struct error *e)
{
	int saved = errno;

	if (state->res_h_errno == HOST_NOT_FOUND)
		return error_set(e, ERR_NOT_FOUND, "DNS knows no name %s (asked %s)", name,
			resolvers(arena, state));
	if (state->res_h_errno == NO_DATA)
		return error_set(e, ERR_NOT_FOUND, "DNS has no SRV record %s (asked %s)", name,
			resolvers(arena, state));
	if (saved == ETIMEDOUT || saved == ECONNREFUSED || saved == ENETUNREACH ||
		saved == EHOSTUNREACH)
		return error_set(e, ERR_TIMEOUT, "no DNS server answers (asked %s for %s)",
			resolvers(arena, state), name);
	return error_set(
		e, ERR_UNAVAILABLE, "DNS failed for %s (asked %s)", name, resolvers(arena, state));
}

static bool
parse_record(struct arena *arena, ns_msg *msg, int index, struct srv_target *out)
{
	char host[NS_MAXDNAME];
	ns_rr rr;

	if (ns_parserr(msg, ns_s_an, index, &rr) < 0 || ns_rr_type(rr) != ns_t_srv ||
		ns_rr_rdlen(rr) < 7)
		return false;
	const unsigned char *p = ns_rr_rdata(rr);
	if (ns_name_uncompress(ns_msg_base(*msg), ns_msg_end(*msg), p + 6, host, sizeof host) < 0)
		return false;
	// "." as target: decidedly not available (RFC 2782).
	if (!*host || str_eq(host, "."))
		return false;
	*out = (struct srv_target){
		.host = arena_strdup(arena, host),
		.priority = (uint16_t)ns_get16(p),
		.weight = (uint16_t)ns_get16(p + 2),
		.port = (uint16_t)ns_get16(p + 4),
	};
	return true;
}

static uint32_t
random_below(uint32_t limit)
{
	uint32_t n;

	random_bytes(&n, sizeof n);
	return limit ? n % limit : 0;
}

// Index of the next target from `start` on: lowest priority, then by chance in proportion to
// weight.
static size_t
pick(const struct srv_list *list, size_t start)
{
	uint16_t lowest = UINT16_MAX;
	uint32_t sum = 0;

	for (size_t i = start; i < list->count; i++)
		if (list->targets[i].priority < lowest)
			lowest = list->targets[i].priority;
	for (size_t i = start; i < list->count; i++)
		if (list->targets[i].priority == lowest)
			sum += list->targets[i].weight + 1U;
	uint32_t chance = random_below(sum);
	for (size_t i = start; i < list->count; i++) {
		if (list->targets[i].priority != lowest)
			continue;
		if (chance <= list->targets[i].weight)
			return i;
		chance -= list->targets[i].weight + 1U;
	}
	return start;
}

static void
put_in_order(struct srv_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t next = pick(list, i);
		struct srv_target swapped = list->targets[i];
		list->targets[i] = list->targets[next];
		list->targets[next] = swapped;
	}
}

static bool
parse_answer(struct arena *arena, const unsigned char *answer, int len, const char *name,
	struct srv_list *out, struct error *e)
{
	struct srv_list list = {
		.targets = arena_array(arena, SRV_MAX_TARGETS, sizeof *list.targets)};
	ns_msg msg;

	if (ns_initparse(answer, len, &msg) < 0)
		return error_set(e, ERR_PROTOCOL, "malformed DNS answer for %s", name);
	for (int i = 0; i < ns_msg_count(msg, ns_s_an) && list.count < SRV_MAX_TARGETS; i++)
		if (parse_record(arena, &msg, i, &list.targets[list.count]))
			list.count++;
	if (list.count == 0)
		return error_set(e, ERR_NOT_FOUND, "DNS has no usable SRV record %s", name);
	put_in_order(&list);
	*out = list;
	return true;
}

bool
srv_lookup(struct arena *arena, const char *name, struct srv_list *out, struct error *e)
{
	unsigned char *answer = arena_alloc(arena, ANSWER_MAX);
	struct __res_state state = {0};

	if (res_ninit(&state) < 0)
		return error_set(e, ERR_IO, "cannot read the resolver's configuration");
	// 1 s, then 2 s: a lost packet is no failure, and a dead resolver does not cost half a
	// minute.
	state.retrans = 1;
	state.retry = 2;
	errno = 0;
	int len = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, ANSWER_MAX);
	bool ok = len < 0 ? lookup_failed(arena, &state, name, e)
			  : parse_answer(arena, answer, len, name, out, e);
	res_nclose(&state);
	return ok;
}

// Waits until the connection stands or fails; 0 or an errno value.
static int
await_connection(int fd, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int problem = 0;
	socklen_t len = sizeof problem;

	for (;;) {
		int64_t left = deadline_ms - clock_monotonic_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : ETIMEDOUT;
		return getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len) < 0 ? errno : problem;
	}
}

static int
try_address(const struct addrinfo *a, int64_t deadline_ms)
{
	autoclose fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return 0;
	return errno == EINPROGRESS ? await_connection(fd, deadline_ms) : errno;
}

bool
tcp_probe(
	const char *host, uint16_t port, int timeout_ms, char address[SRV_ADDRESS], struct error *e)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	CLEANUP(freeaddrinfo_p) struct addrinfo *found = NULL;
	char service[8], text[SRV_ADDRESS] = "";
	int problem = 0, count = 0;

	snprintf(service, sizeof service, "%u", port);
	int rc = getaddrinfo(host, service, &hints, &found);
	if (rc != 0)
		return error_set(e, ERR_NOT_FOUND, "no address of %s: %s", host, gai_strerror(rc));
	for (const struct addrinfo *a = found; a; a = a->ai_next)
		count++;
	int64_t end = clock_monotonic_ms() + timeout_ms;
	for (const struct addrinfo *a = found; a; a = a->ai_next, count--) {
		int64_t now = clock_monotonic_ms();
		// Each address gets its share of what is left.
		problem = try_address(a, now + (end - now) / count);
		(void)getnameinfo(
			a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
		if (problem == 0) {
			if (address)
				memcpy(address, text, sizeof text);
			return true;
		}
	}
	if (problem == ETIMEDOUT)
		return error_set(
			e, ERR_TIMEOUT, "%s (%s) does not answer on port %u", host, text, port);
	return error_set(
		e, ERR_UNAVAILABLE, "%s (%s) port %u: %s", host, text, port, strerror(problem));
}
