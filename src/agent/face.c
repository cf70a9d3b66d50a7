// SPDX-License-Identifier: Apache-2.0
#include "agent/face.h"

#include "base/str.h"
#include "base/wait.h"
#include "codec/json.h"
#include "pki/hash.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { MAX_FACES = 8, LINE_MAX_BYTES = 4096, QUEUE = 32, SCREEN_MAX = 64 << 10, PATIENCE_MS = 200 };

struct connection {
	int fd; // -1: free
	char line[LINE_MAX_BYTES];
	size_t fill;
	char out[SCREEN_MAX]; // the screen that is on its way
	size_t out_len, out_at;
	bool behind; // a newer one waits
};

struct face {
	int listener, wake;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t arrived, sent;
	bool stopping, pending; // pending: the screen has not gone out yet
	char screen[SCREEN_MAX];
	size_t screen_len;
	struct face_action queue[QUEUE];
	size_t head, count;
	struct connection faces[MAX_FACES];
};

void
face_action_wipe(struct face_action *action)
{
	secret_wipe(action, sizeof *action);
}

static void
enqueue(struct face *face, const struct face_action *action)
{
	if (face->count < QUEUE) {
		face->queue[(face->head + face->count) % QUEUE] = *action;
		face->count++;
		pthread_cond_signal(&face->arrived);
	}
}

void
face_push(struct face *face, const char *name)
{
	struct face_action action = {0};

	snprintf(action.name, sizeof action.name, "%s", name);
	pthread_mutex_lock(&face->lock);
	enqueue(face, &action);
	pthread_mutex_unlock(&face->lock);
}

static void
copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

// What the agent's own threads put into the queue (watch.h, login.h): no person presses it.
static bool
is_own(const char *name)
{
	static const char *const names[] = {"ended", "login", "news"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

bool
face_read_action(struct arena *arena, struct slice line, struct face_action *out)
{
	struct error e;
	const struct json *json = json_parse(arena, line, NULL, &e);
	const char *password = json_str(json, "password");

	if (!json_str(json, "action") || is_own(json_str(json, "action")))
		return false;
	*out = (struct face_action){0};
	copy(out->name, sizeof out->name, json_str(json, "action"));
	copy(out->value, sizeof out->value, json_str(json, "value"));
	copy(out->user, sizeof out->user, json_str(json, "user"));
	copy(out->password, sizeof out->password, password);
	copy(out->code, sizeof out->code, json_str(json, "code"));
	if (password)
		secret_wipe((void *)(uintptr_t)password, strlen(password));
	return true;
}

// A line from a face; what is no action is dropped.
static void
read_line(struct face *face, const char *line, size_t len)
{
	autoarena(arena, ARENA_SMALL);
	struct face_action action;

	if (!face_read_action(&arena, slice_of(line, len), &action))
		return;
	pthread_mutex_lock(&face->lock);
	enqueue(face, &action);
	pthread_mutex_unlock(&face->lock);
	face_action_wipe(&action);
}

static void
drop(struct connection *c)
{
	close(c->fd);
	c->fd = -1;
	secret_wipe(c->line, sizeof c->line);
	c->fill = c->out_len = c->out_at = 0;
	c->behind = false;
}

static void
read_face(struct face *face, struct connection *c)
{
	ssize_t n = recv(c->fd, c->line + c->fill, sizeof c->line - c->fill, MSG_DONTWAIT);

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			drop(c);
		return;
	}
	c->fill += (size_t)n;
	char *end;
	while ((end = memchr(c->line, '\n', c->fill))) {
		size_t len = (size_t)(end - c->line);
		read_line(face, c->line, len);
		c->fill -= len + 1;
		memmove(c->line, end + 1, c->fill);
	}
	if (c->fill == sizeof c->line)
		drop(c); // no action is that long
}

static void
flush(struct connection *c)
{
	ssize_t n = send(
		c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0)
		c->out_at += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		drop(c);
}

// Send the current screen. A face that reads slowly (a serial line, a busy machine) is not waited
// for and not dropped: it misses the screens in between and gets the newest one.
static void
send_screen(struct face *face, struct connection *c)
{
	c->behind = c->out_at < c->out_len;
	if (!face->screen_len || c->behind)
		return;
	memcpy(c->out, face->screen, face->screen_len);
	c->out_len = face->screen_len;
	c->out_at = 0;
	flush(c);
}

static void
go_on_sending(struct face *face, struct connection *c)
{
	flush(c);
	if (c->fd < 0 || c->out_at < c->out_len || !c->behind)
		return;
	pthread_mutex_lock(&face->lock);
	send_screen(face, c);
	pthread_mutex_unlock(&face->lock);
}

static void
accept_face(struct face *face)
{
	int fd = accept4(face->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (int i = 0; i < MAX_FACES; i++)
		if (face->faces[i].fd < 0) {
			face->faces[i].fd = fd;
			pthread_mutex_lock(&face->lock);
			send_screen(face, &face->faces[i]);
			pthread_mutex_unlock(&face->lock);
			return;
		}
	close(fd);
}

static void
broadcast(struct face *face)
{
	uint64_t count;

	if (read(face->wake, &count, sizeof count) < 0)
		return;
	pthread_mutex_lock(&face->lock);
	for (int i = 0; i < MAX_FACES; i++)
		if (face->faces[i].fd >= 0)
			send_screen(face, &face->faces[i]);
	face->pending = false;
	pthread_cond_signal(&face->sent);
	pthread_mutex_unlock(&face->lock);
}

static void
serve_faces(struct face *face, const struct pollfd *fds)
{
	for (int i = 0; i < MAX_FACES; i++) {
		struct connection *c = &face->faces[i];
		if (fds[i].fd >= 0 && c->fd >= 0 && fds[i].revents & POLLOUT)
			go_on_sending(face, c);
		if (fds[i].fd >= 0 && c->fd >= 0 && fds[i].revents & ~POLLOUT)
			read_face(face, c);
	}
}

static void *
serve(void *arg)
{
	struct face *face = arg;

	for (;;) {
		struct pollfd fds[MAX_FACES + 2] = {{.fd = face->listener, .events = POLLIN},
			{.fd = face->wake, .events = POLLIN}};
		for (int i = 0; i < MAX_FACES; i++) {
			struct connection *c = &face->faces[i];
			short events = c->out_at < c->out_len ? POLLIN | POLLOUT : POLLIN;
			fds[i + 2] = (struct pollfd){.fd = c->fd, .events = events};
		}
		if (poll(fds, MAX_FACES + 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (face->stopping)
			return NULL;
		if (fds[1].revents)
			broadcast(face);
		serve_faces(face, fds + 2);
		if (fds[0].revents)
			accept_face(face);
	}
}

static bool
listen_on(const char *path, int *out, struct error *e)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	autoclose fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path)
		return error_set(e, ERR_INVALID, "%s: too long for a socket", path);
	copy(address.sun_path, sizeof address.sun_path, path);
	if (fd < 0 || (unlink(path) < 0 && errno != ENOENT))
		return error_errno(e, "%s", path);
	mode_t old = umask(0117);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
	umask(old);
	if (bound < 0 || listen(fd, MAX_FACES) < 0)
		return error_errno(e, "%s", path);
	*out = take_fd(&fd);
	return true;
}

bool
face_open(const char *socket_path, struct face **out, struct error *e)
{
	struct face *face = calloc(1, sizeof *face);

	if (!face)
		abort();
	if (!listen_on(socket_path, &face->listener, e)) {
		free(face);
		return false;
	}
	face->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (int i = 0; i < MAX_FACES; i++)
		face->faces[i].fd = -1;
	pthread_mutex_init(&face->lock, NULL);
	wait_condition(&face->arrived);
	wait_condition(&face->sent);
	if (pthread_create(&face->thread, NULL, serve, face) != 0)
		abort();
	*out = face;
	return true;
}

static void
ring(struct face *face)
{
	uint64_t one = 1;

	if (write(face->wake, &one, sizeof one) < 0)
		return; // the counter is full: the thread is awake anyway
}

// With the lock held. Nobody would ever see a screen that is replaced before it went out: a row's
// last state, the page before the power goes off.
static void
wait_sent(struct face *face)
{
	struct timespec until = wait_until(PATIENCE_MS);

	while (face->pending && pthread_cond_timedwait(&face->sent, &face->lock, &until) == 0)
		;
}

void
face_close(struct face *face)
{
	pthread_mutex_lock(&face->lock);
	wait_sent(face);
	face->stopping = true;
	pthread_mutex_unlock(&face->lock);
	ring(face);
	pthread_join(face->thread, NULL);
	for (int i = 0; i < MAX_FACES; i++)
		if (face->faces[i].fd >= 0)
			drop(&face->faces[i]);
	close(face->listener);
	close(face->wake);
	free(face);
}

void
face_show(struct face *face, const char *json)
{
	pthread_mutex_lock(&face->lock);
	wait_sent(face);
	int len = snprintf(face->screen, sizeof face->screen, "%s\n", json);
	// A screen that does not fit is our own mistake; an empty one is better than half of one.
	face->screen_len = len > 0 && (size_t)len < sizeof face->screen ? (size_t)len : 0;
	face->pending = true;
	pthread_mutex_unlock(&face->lock);
	ring(face);
}

bool
face_wait(struct face *face, int timeout_ms, struct face_action *out)
{
	struct timespec until = wait_until(timeout_ms);
	bool got;
	int rc = 0;

	pthread_mutex_lock(&face->lock);
	while (face->count == 0 && rc == 0)
		rc = timeout_ms < 0 ? pthread_cond_wait(&face->arrived, &face->lock)
				    : pthread_cond_timedwait(&face->arrived, &face->lock, &until);
	got = face->count > 0;
	if (got) {
		*out = face->queue[face->head];
		face_action_wipe(&face->queue[face->head]);
		face->head = (face->head + 1) % QUEUE;
		face->count--;
	}
	pthread_mutex_unlock(&face->lock);
	return got;
}
