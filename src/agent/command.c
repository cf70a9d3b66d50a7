// SPDX-License-Identifier: Apache-2.0
#include "agent/command.h"

#include "base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

enum { KEEP = 2048 };

extern char **environ;

static bool
start(const char *const *argv, int output, pid_t *pid, struct error *e)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	// A process group of its own, so that a time-out ends everything it started.
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	int rc = posix_spawnp(
		pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	errno = rc;
	return rc == 0 || error_errno(e, "%s", argv[0]);
}

// Read until the end of file or the deadline; keep the tail. False at the deadline.
static bool
drain(int fd, int64_t deadline, char *tail, size_t *len)
{
	char chunk[1024];

	for (;;) {
		int64_t left = deadline - clock_monotonic_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return false;
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return true;
		size_t got = (size_t)n, keep = *len + got > KEEP ? KEEP - got : *len;
		memmove(tail, tail + *len - keep, keep);
		memcpy(tail + keep, chunk, got);
		*len = keep + got;
	}
}

bool
command_run(struct arena *arena, const char *const *argv, int timeout_s, const char **output,
	struct error *e)
{
	int fds[2], status = 0;
	pid_t pid;
	char *tail = arena_alloc(arena, KEEP + 1);
	size_t len = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_errno(e, "pipe");
	autoclose reader = fds[0];
	bool started = start(argv, fds[1], &pid, e);
	close(fds[1]);
	if (!started)
		return false;
	bool ended = drain(reader, clock_monotonic_ms() + timeout_s * 1000LL, tail, &len);
	if (!ended)
		kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*output = arena_strndup(arena, tail, len);
	if (!ended)
		return error_set(e, ERR_TIMEOUT, "%s did not end within %d s", argv[0], timeout_s);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return error_set(e, ERR_IO, "%s ended with status %d: %.120s", argv[0],
			WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
			len > 120 ? tail + len - 120 : tail);
	return true;
}
