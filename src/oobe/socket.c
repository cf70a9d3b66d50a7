// SPDX-License-Identifier: Apache-2.0
#include "oobe/socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

bool
link_init(struct link *link, const char *path, struct error *e)
{
	struct sockaddr_un address;

	if (!*path || strlen(path) >= sizeof address.sun_path)
		return error_set(e, ERR_INVALID, "the path of the socket must have 1 to %zu bytes",
			sizeof address.sun_path - 1);
	memset(link, 0, sizeof *link);
	link->path = path;
	link->fd = -1;
	return true;
}

bool
link_open(struct link *link, int64_t now_ms, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (link->fd >= 0)
		return true;
	if (now_ms < link->retry_at)
		return error_set(e, ERR_UNAVAILABLE, "waiting before the next attempt");
	link->retry_at = now_ms + LINK_RETRY_MS;
	autoclose fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_errno(e, "socket");
	memcpy(address.sun_path, link->path, strlen(link->path) + 1);
	// A unix socket connects at once, or its queue is full: both are another attempt later.
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return error_set(e, ERR_UNAVAILABLE, "%s: %s", link->path, strerror(errno));
	link->fd = take_fd(&fd);
	return true;
}

void
link_close(struct link *link, int64_t now_ms)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	explicit_bzero(link->out, link->out_len);
	link->in_len = link->in_done = link->out_len = 0;
	link->skipping = false;
	link->retry_at = now_ms + LINK_RETRY_MS;
}

bool
link_fill(struct link *link, int64_t now_ms)
{
	memmove(link->in, link->in + link->in_done, link->in_len - link->in_done);
	link->in_len -= link->in_done;
	link->in_done = 0;
	if (link->in_len == sizeof link->in)
		return true; // link_next makes room
	ssize_t n = read(link->fd, link->in + link->in_len, sizeof link->in - link->in_len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0) {
		link_close(link, now_ms);
		return false;
	}
	link->in_len += (size_t)n;
	return true;
}

enum link_event
link_next(struct link *link, struct slice *line)
{
	char *from = link->in + link->in_done;
	size_t have = link->in_len - link->in_done;
	char *end = have ? memchr(from, '\n', have) : NULL;

	if (end) {
		bool skipped = link->skipping;
		link->in_done += (size_t)(end - from) + 1;
		link->skipping = false;
		if (skipped)
			return LINK_TOO_LONG;
		size_t len = (size_t)(end - from);
		if (len && from[len - 1] == '\r')
			len--;
		*line = slice_of(from, len);
		return LINK_LINE;
	}
	// A line is complete only with its end: one byte more than the longest line is too many.
	if (link->skipping || have > SCREEN_LINE_MAX) {
		link->skipping = true;
		link->in_len = link->in_done = 0;
	}
	return LINK_NOTHING;
}

bool
link_flush(struct link *link, int64_t now_ms)
{
	while (link->fd >= 0 && link->out_len) {
		ssize_t n = send(link->fd, link->out, link->out_len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0) {
			link_close(link, now_ms);
			return false;
		}
		size_t rest = link->out_len - (size_t)n;
		memmove(link->out, link->out + n, rest);
		explicit_bzero(link->out + rest, (size_t)n);
		link->out_len = rest;
	}
	return link->fd >= 0;
}

bool
link_send(struct link *link, struct slice bytes, int64_t now_ms, struct error *e)
{
	if (link->fd < 0)
		return error_set(e, ERR_UNAVAILABLE, "the setup service is not connected");
	if (bytes.len > sizeof link->out - link->out_len)
		return error_set(e, ERR_LIMIT, "the setup service does not read its messages");
	memcpy(link->out + link->out_len, bytes.data, bytes.len);
	link->out_len += bytes.len;
	return link_flush(link, now_ms) ||
		error_set(e, ERR_UNAVAILABLE, "the setup service went away");
}
