// SPDX-License-Identifier: Apache-2.0
#include "http/server_internal.h"

#include "base/buf.h"

#include <stdlib.h>

enum {
	JOIN_LIMIT = 64 << 10, // a body up to this size goes out in one write with its head
	FILE_CHUNK = 64 << 10,
	WINDOW = 64 << 10,
	FILE_TURN = 1 << 20, // bytes of a file before other connections get their turn
	LINGER_MS = 2000,
	LINGER_BYTES = 8 << 20, // of a refused request, read so that the client sees the answer
};

static const char *
date_now(struct worker *w)
{
	time_us now = clock_now();

	if (now / US_PER_S != w->date_second) {
		w->date_second = now / US_PER_S;
		clock_http_date(now, w->date);
	}
	return w->date;
}

// body_ms for each 64 KiB: a client that reads more slowly is cut.
static void
allow_time_to_send(struct conn *c)
{
	c->window = 0;
	conn_deadline(c, c->server->config.body_ms);
}

// Send now what the socket takes and keep the rest.
static bool
send_or_keep(struct conn *c, const void *data, size_t len)
{
	size_t sent = 0;

	while (sent < len && !c->out) {
		long n = stream_write(&c->stream, (const char *)data + sent, len - sent);
		if (n < 0)
			return false;
		if (n == IO_AGAIN)
			break;
		sent += (size_t)n;
	}
	if (sent == len)
		return true;
	uint8_t *grown = realloc(c->out, c->out_len + len - sent);
	if (!grown)
		return false;
	memcpy(grown + c->out_len, (const char *)data + sent, len - sent);
	c->out = grown;
	c->out_len += len - sent;
	return true;
}

// 1: all of `out` is sent.
static int
flush_out(struct conn *c)
{
	while (c->out_off < c->out_len) {
		long n = stream_write(&c->stream, c->out + c->out_off, c->out_len - c->out_off);
		if (n <= 0)
			return (int)n;
		c->out_off += (size_t)n;
		c->window += (size_t)n;
		if (c->window >= WINDOW)
			allow_time_to_send(c);
	}
	free(c->out);
	c->out = NULL;
	c->out_len = c->out_off = 0;
	return 1;
}

static bool
load_chunk(struct conn *c)
{
	size_t len = c->file_left < FILE_CHUNK ? (size_t)c->file_left : FILE_CHUNK;

	c->out = malloc(len);
	if (!c->out)
		return false;
	ssize_t n = pread(c->file_fd, c->out, len, (off_t)c->file_offset);
	if (n <= 0) // shorter than promised: only closing tells the client
		return false;
	c->out_len = (size_t)n;
	c->file_offset += (size_t)n;
	c->file_left -= (size_t)n;
	return true;
}

static void
close_file(struct conn *c)
{
	if (c->file_fd >= 0)
		close(c->file_fd);
	c->file_fd = -1;
	c->file_left = 0;
}

static enum conn_next
answer_sent(struct conn *c)
{
	close_file(c);
	if (c->close_after && !c->linger)
		return NEXT_CLOSE;
	if (c->close_after) {
		// Closing with unread input would reset the connection and may take the answer with
		// it (RFC 9112 section 9.6).
		stream_finish_writing(&c->stream);
		c->phase = CONN_LINGERING;
		c->linger_budget = LINGER_BYTES;
		conn_deadline(c, LINGER_MS);
		return NEXT_INPUT;
	}
	c->phase = CONN_READING;
	c->timing = TIMING_IDLE;
	conn_deadline(c, c->server->config.idle_ms);
	return NEXT_STEP;
}

enum conn_next
answer_flush(struct worker *w, struct conn *c)
{
	size_t turn = 0;

	(void)w;
	for (;;) {
		int done = flush_out(c);
		if (done < 0)
			return NEXT_CLOSE;
		if (done == IO_AGAIN)
			return c->stream.wants_write ? NEXT_OUTPUT : NEXT_INPUT;
		if (c->file_left == 0)
			return answer_sent(c);
		if (turn >= FILE_TURN)
			return NEXT_OUTPUT;
		if (!load_chunk(c))
			return NEXT_CLOSE;
		turn += c->out_len;
	}
}

static bool
has_no_content(int status)
{
	return status == 204 || status == 304;
}

// Head and, when it is small, body in one piece of memory.
static struct buf
serialize(struct worker *w, const struct conn *c, const struct http_response *resp, uint64_t length,
	struct slice body)
{
	size_t room = 256 + body.len + (resp->content_type ? strlen(resp->content_type) : 0);

	for (size_t i = 0; i < resp->header_count; i++)
		room += strlen(resp->headers[i].name) + strlen(resp->headers[i].value) + 4;
	struct buf b;
	buf_init(&b, &w->arena, room);
	b.data = arena_alloc(&w->arena, room + 1);
	b.cap = room + 1;
	buf_printf(&b, "HTTP/1.1 %d %s\r\nDate: %s\r\n", resp->status, http_reason(resp->status),
		date_now(w));
	if (resp->content_type && !has_no_content(resp->status))
		buf_printf(&b, "Content-Type: %s\r\n", resp->content_type);
	if (!has_no_content(resp->status))
		buf_printf(&b, "Content-Length: %llu\r\n", (unsigned long long)length);
	for (size_t i = 0; i < resp->header_count; i++)
		buf_printf(&b, "%s: %s\r\n", resp->headers[i].name, resp->headers[i].value);
	buf_puts(&b, c->close_after ? "Connection: close\r\n\r\n" : "\r\n");
	buf_put(&b, body.data, body.len);
	return b;
}

enum conn_next
answer_send(struct worker *w, struct conn *c, const struct http_message *msg,
	struct http_response *resp)
{
	bool is_head = msg->method && strcmp(msg->method, "HEAD") == 0;

	c->file_fd = resp->file_fd;
	if (resp->status < 200 || resp->status > 599) {
		resp->status = 500;
		resp->content_type = NULL;
		resp->body = (struct slice){0};
		close_file(c);
	}
	uint64_t length = c->file_fd >= 0 ? resp->file_length : resp->body.len;
	bool silent = is_head || has_no_content(resp->status);
	struct slice body = c->file_fd >= 0 || silent ? (struct slice){0} : resp->body;
	bool joined = body.len <= JOIN_LIMIT;
	if (msg->close || __atomic_load_n(&c->server->draining, __ATOMIC_RELAXED))
		c->close_after = true;
	struct buf b = serialize(w, c, resp, length, joined ? body : (struct slice){0});
	c->phase = CONN_WRITING;
	if (c->file_fd >= 0 && !silent) {
		c->file_offset = resp->file_offset;
		c->file_left = resp->file_length;
	} else {
		close_file(c);
	}
	allow_time_to_send(c);
	if (!send_or_keep(c, b.data, b.len) || (!joined && !send_or_keep(c, body.data, body.len)))
		return NEXT_CLOSE;
	if (c->out)
		return c->stream.wants_write ? NEXT_OUTPUT : NEXT_INPUT;
	return answer_flush(w, c);
}

enum conn_next
answer_refuse(struct worker *w, struct conn *c, const struct http_message *msg)
{
	struct http_response resp = {.arena = &w->arena, .file_fd = -1};

	c->close_after = c->linger = true;
	http_response_set(&resp, msg->status, "text/plain; charset=utf-8",
		slice_str(arena_printf(&w->arena, "%s\n", msg->reason)));
	return answer_send(w, c, msg, &resp);
}

enum conn_next
answer_continue(struct conn *c)
{
	static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

	return stream_write(&c->stream, text, sizeof text - 1) == sizeof text - 1 ? NEXT_STEP
										  : NEXT_CLOSE;
}
