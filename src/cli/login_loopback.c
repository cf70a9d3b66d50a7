// SPDX-License-Identifier: Apache-2.0
#include "cli/login_loopback.h"

#include "base/clock.h"
#include "base/str.h"
#include "http/message.h"
#include "pki/hash.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

enum { WAIT_MS = 600000, READ_MS = 5000, REQUEST_MAX = 16 << 10 };

bool
loopback_open(struct loopback *out, struct error *e)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof address;

	out->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (out->fd < 0 || bind(out->fd, (struct sockaddr *)&address, sizeof address) < 0 ||
		listen(out->fd, 4) < 0 ||
		getsockname(out->fd, (struct sockaddr *)&address, &len) < 0)
		return error_errno(e, "127.0.0.1");
	out->port = ntohs(address.sin_port);
	return true;
}

// The request as far as its first line.
static const char *
read_line(struct cli *cli, int fd)
{
	char *text = arena_alloc(cli->arena, REQUEST_MAX + 1);
	size_t len = 0;

	while (len < REQUEST_MAX && !strchr(text, '\n')) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (poll(&p, 1, READ_MS) <= 0)
			break;
		ssize_t n = read(fd, text + len, REQUEST_MAX - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	text[strcspn(text, "\r\n")] = '\0';
	return text;
}

static void
say(int fd, int status, const char *text)
{
	dprintf(fd,
		"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
		"%zu\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n\r\n%s",
		status, http_reason(status), strlen(text), text);
}

struct returned {
	const char *code, *state, *iss, *error, *description;
};

static struct returned
read_answer(struct cli *cli, const char *line)
{
	struct returned r = {0};
	const char *name, *value, *query = strchr(line, '?');
	size_t pos = 0;

	if (!str_starts(line, "GET /?") || !query)
		return r;
	char *text = arena_strdup(cli->arena, query + 1);
	text[strcspn(text, " ")] = '\0';
	while (http_pairs_next(cli->arena, slice_str(text), &pos, &name, &value)) {
		const struct {
			const char *name, **slot;
		} slots[] = {{"code", &r.code}, {"state", &r.state}, {"iss", &r.iss},
			{"error", &r.error}, {"error_description", &r.description}};
		for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
			if (str_eq(slots[i].name, name))
				*slots[i].slot = value;
	}
	return r;
}

static bool
judge(const struct returned *r, const char *issuer, const char **code, struct error *e)
{
	if (!str_eq(r->iss, issuer))
		return error_fault(e, ERR_PROTOCOL, "service_answer_malformed",
			"another service answered than was asked");
	if (r->error)
		return error_set(e, ERR_DENIED, "sign-in was refused: %s",
			r->description ? r->description : r->error);
	if (str_empty(r->code))
		return error_fault(
			e, ERR_PROTOCOL, "service_answer_malformed", "the service gave no code");
	*code = r->code;
	return true;
}

bool
loopback_wait(struct cli *cli, struct loopback *l, const char *state, const char *issuer,
	const char **code, struct error *e)
{
	int64_t end = clock_monotonic_ms() + WAIT_MS, left;

	while ((left = end - clock_monotonic_ms()) > 0) {
		struct pollfd p = {.fd = l->fd, .events = POLLIN};
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		autoclose fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		struct returned r = read_answer(cli, read_line(cli, fd));
		// Whoever else knocks here, a page of another site perhaps, does not know the
		// state.
		if (!r.state || !secret_eq(slice_str(r.state), slice_str(state))) {
			say(fd, 404, "There is nothing here.\n");
			continue;
		}
		bool ok = judge(&r, issuer, code, e);
		say(fd, ok ? 200 : 400,
			ok ? "You are signed in. You can close this window.\n"
			   : "The sign-in failed; look at the command line.\n");
		return ok;
	}
	return error_set(e, ERR_TIMEOUT, "nobody signed in within ten minutes");
}
