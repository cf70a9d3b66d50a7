// SPDX-License-Identifier: Apache-2.0
#include "agent/script.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEEP = 2048, EXEC_FAILED = 126, CLEAN_ROUNDS = 200, CLEAN_PAUSE_NS = 10000000 };

// --- control groups ---

const char *
script_cgroup(struct arena *arena, const char *name)
{
	struct slice text;
	struct error ignored;

	if (!fs_read(arena, "/proc/self/cgroup", 4096, &text, &ignored))
		return NULL;
	const char *own = arena_strndup(arena, (const char *)text.data, text.len);
	const char *line = strstr(own, "0::/");
	if (!line)
		return NULL;
	line += 3;
	const char *dir = arena_printf(arena, "/sys/fs/cgroup%.*s/%s", (int)strcspn(line, "\n"),
		str_eq(line, "/\n") ? "" : line, name);
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return NULL;
	const char *procs = arena_printf(arena, "%s/cgroup.procs", dir);
	return access(procs, W_OK) == 0 ? dir : NULL;
}

static int
open_in(struct arena *arena, const char *dir, const char *file)
{
	return dir ? open(arena_printf(arena, "%s/%s", dir, file), O_WRONLY | O_CLOEXEC) : -1;
}

// --- starting ---

// Between fork and exec: nothing but system calls.
static _Noreturn void
become(const struct script_run *run, int output, int group)
{
	const char *const direct[] = {run->file, NULL}, *const shell[] = {"sh", run->file, NULL};
	int null = open("/dev/null", O_RDONLY);

	if (group >= 0 && write(group, "0", 1) != 1)
		_exit(EXEC_FAILED);
	setpgid(0, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
		dup2(output, STDERR_FILENO) < 0 || chdir("/") < 0)
		_exit(EXEC_FAILED);
	char *const *environment = (char *const *)(uintptr_t)run->environment;
	execve(run->file, (char *const *)(uintptr_t)direct, environment);
	if (errno == ENOEXEC)
		execve("/bin/sh", (char *const *)(uintptr_t)shell, environment);
	_exit(EXEC_FAILED);
}

// The script's first line names an interpreter that is not there, or it is no program for this
// machine: execve() of the child cannot say why, so it is looked at before.
static bool
check_runnable(struct arena *arena, const struct script_run *run, struct error *e)
{
	char head[256];
	autoclose fd = open(run->file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);

	if (n < 0 || fchmod(fd, 0700) < 0)
		return error_errno(e, "%s", run->file);
	const char *text = arena_strndup(arena, head, (size_t)n);
	if (!str_starts(text, "#!"))
		return true;
	text += 2 + strspn(text + 2, " \t");
	const char *interpreter = arena_strndup(arena, text, strcspn(text, " \t\r\n"));
	if (access(interpreter, X_OK) == 0 && text[strlen(interpreter)] != '\r')
		return true;
	return error_fault(e, ERR_NOT_FOUND, "script_not_runnable",
		"its interpreter is \"%.80s%s\"", interpreter,
		text[strlen(interpreter)] == '\r' ? "\\r" : "");
}

// --- while it runs ---

static void
keep_tail(char *tail, size_t *len, const char *chunk, size_t got)
{
	size_t keep = *len + got > KEEP ? KEEP - got : *len;

	memmove(tail, tail + *len - keep, keep);
	memcpy(tail + keep, chunk, got);
	*len = keep + got;
}

// What there is to read at this moment. False at the end of file.
static bool
take(int fd, char *tail, size_t *len)
{
	char chunk[1024];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			keep_tail(tail, len, chunk, (size_t)n);
	return n < 0 && errno == EAGAIN;
}

// Until the script itself ends: what it started in the background may hold its output open for
// ever. False when its time is over.
static bool
watch(int output, int process, int64_t deadline, char *tail, size_t *len)
{
	struct pollfd fds[] = {{.fd = process, .events = POLLIN}, {.fd = output, .events = POLLIN}};

	for (;;) {
		int64_t left = deadline - clock_monotonic_ms();
		if (left <= 0)
			return false;
		int ready = poll(fds, 2, left > 1000 ? 1000 : (int)left);
		if (ready < 0 && errno != EINTR)
			return false;
		if (fds[1].fd >= 0 && fds[1].revents && !take(output, tail, len))
			fds[1].fd = -1;
		if (ready > 0 && (fds[0].revents & POLLIN))
			return true;
	}
}

// --- afterwards ---

// Everything that descends from the script is a child of ours once its parents are gone.
static bool
kill_orphans(void)
{
	struct timespec pause = {.tv_nsec = CLEAN_PAUSE_NS};
	bool any = false;

	for (int round = 0; round < CLEAN_ROUNDS; round++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
		FILE *file = fopen(path, "re");
		bool found = false;
		int pid;
		while (file && fscanf(file, "%d", &pid) == 1) {
			kill(pid, SIGKILL);
			found = any = true;
		}
		if (file)
			fclose(file);
		if (!found)
			break;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		nanosleep(&pause, NULL);
	}
	return any;
}

static bool
is_populated(struct arena *arena, const char *dir)
{
	struct slice text;
	struct error ignored;

	return fs_read(arena, arena_printf(arena, "%s/cgroup.events", dir), 4096, &text,
		       &ignored) &&
		strstr(arena_strndup(arena, (const char *)text.data, text.len), "populated 1");
}

static bool
kill_group(struct arena *arena, const char *dir)
{
	struct timespec pause = {.tv_nsec = CLEAN_PAUSE_NS};
	autoclose all = open_in(arena, dir, "cgroup.kill");
	bool any = is_populated(arena, dir);

	for (int round = 0; round < CLEAN_ROUNDS && is_populated(arena, dir); round++) {
		if (all >= 0 && write(all, "1", 1) != 1)
			break;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		nanosleep(&pause, NULL);
	}
	rmdir(dir);
	return any;
}

static void
describe_end(int status, struct script_end *out)
{
	out->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool
supervise(struct arena *arena, const struct script_run *run, pid_t pid, int output,
	struct script_end *out, struct error *e)
{
	char *tail = arena_alloc(arena, KEEP);
	autoclose process = pidfd_open(pid, 0);
	size_t len = 0;
	int status = 0;

	if (process < 0) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
		return error_errno(e, "pidfd_open");
	}
	out->ended =
		watch(output, process, clock_monotonic_ms() + run->timeout_s * 1000LL, tail, &len);
	if (!out->ended)
		kill(-pid, SIGKILL);
	if (!out->ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	describe_end(status, out);
	out->cleaned = run->cgroup && kill_group(arena, run->cgroup);
	out->cleaned |= kill_orphans();
	prctl(PR_SET_CHILD_SUBREAPER, 0); // the daemons of packages are init's children
	(void)take(output, tail, &len);
	out->output = slice_of(tail, len);
	return true;
}

bool
script_run(
	struct arena *arena, const struct script_run *run, struct script_end *out, struct error *e)
{
	int fds[2];

	*out = (struct script_end){0};
	if (!check_runnable(arena, run, e))
		return false;
	// Orphans of the script become our children, so that they can be found.
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_errno(e, "pipe");
	autoclose reader = fds[0], writer = fds[1];
	autoclose group = open_in(arena, run->cgroup, "cgroup.procs");
	if (fcntl(reader, F_SETFL, O_NONBLOCK) < 0)
		return error_errno(e, "pipe");
	pid_t pid = fork();
	if (pid < 0)
		return error_errno(e, "fork");
	if (pid == 0)
		become(run, writer, group);
	close(take_fd(&writer));
	if (!supervise(arena, run, pid, reader, out, e))
		return false;
	return !out->ended || out->status != EXEC_FAILED || out->output.len
		? true
		: error_fault(e, ERR_NOT_FOUND, "script_not_runnable",
			  "this device cannot start it as a program");
}
