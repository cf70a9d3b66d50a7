// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *program_name = "ferry";
static enum log_level threshold = LOG_LEVEL_INFO;
static bool to_journal;
static char tee_path[4096];
static int tee_fd = -1;

enum { TEE_MAX = 256 << 10 };

void
log_init(const char *program, enum log_level level)
{
	const char *debug = getenv("FERRY_DEBUG");

	program_name = program;
	threshold = debug && strcmp(debug, "1") == 0 ? LOG_LEVEL_DEBUG : level;
	// systemd sets this when standard error is the journal (systemd.exec(5)).
	to_journal = getenv("JOURNAL_STREAM") != NULL;
}

void
log_tee(const char *path)
{
	if (tee_fd >= 0)
		close(tee_fd);
	snprintf(tee_path, sizeof tee_path, "%s", path);
	tee_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void
write_tee(const char *line, size_t len)
{
	char old[sizeof tee_path + 2], at[32];
	struct stat st;
	struct tm tm;
	time_t now = time(NULL);

	if (fstat(tee_fd, &st) == 0 && st.st_size > TEE_MAX) {
		snprintf(old, sizeof old, "%s.1", tee_path);
		if (rename(tee_path, old) == 0)
			log_tee(tee_path);
	}
	size_t n = strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ ", gmtime_r(&now, &tm));
	if (write(tee_fd, at, n) < 0 || write(tee_fd, line, len) < 0)
		return;
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	char line[2048];
	size_t len = 0;
	va_list args;

	if (level > threshold)
		return;
	if (to_journal)
		len = (size_t)snprintf(line, sizeof line, "<%d>", (int)level);
	else
		len = (size_t)snprintf(line, sizeof line, "%s: %s", program_name,
			level <= LOG_LEVEL_ERROR	  ? "error: "
				: level == LOG_LEVEL_WARN ? "warning: "
							  : "");
	va_start(args, fmt);
	int more = vsnprintf(line + len, sizeof line - len - 1, fmt, args);
	va_end(args);
	if (more > 0)
		len += (size_t)more < sizeof line - len - 1 ? (size_t)more : sizeof line - len - 2;
	// One message is one line: a line break from outside must not start a message of its own,
	// and nothing in it steers the terminal of whoever reads it.
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = ' ';
	line[len++] = '\n';
	if (tee_fd >= 0)
		write_tee(line, len);
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}

void
log_failure(const char *context, const struct error *e)
{
	log_write(LOG_LEVEL_ERROR, "%s: %s%s%s%s", context, e->message, *e->hint ? " (" : "",
		e->hint, *e->hint ? ")" : "");
}
