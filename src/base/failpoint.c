// SPDX-License-Identifier: Apache-2.0
#include "base/failpoint.h"

#include "base/cleanup.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_POINTS = 16 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *armed, *armed_file;
static struct {
	char name[48];
	unsigned hits;
} seen[MAX_POINTS];

static void
read_environment(void)
{
	armed = getenv("FERRY_FP");
	armed_file = getenv("FERRY_FP_FILE");
}

// True at the hit that is wanted; then counting begins again.
static bool
is_hit(const char *name, unsigned wanted)
{
	for (size_t i = 0; i < MAX_POINTS; i++) {
		if (!*seen[i].name)
			snprintf(seen[i].name, sizeof seen[i].name, "%s", name);
		if (strcmp(seen[i].name, name) != 0)
			continue;
		if (++seen[i].hits != wanted)
			return false;
		seen[i].hits = 0;
		return true;
	}
	return wanted == 1;
}

// What follows the entry of `spec` for this name, "name:kill" or "name:stop", and its signal.
static const char *
find_entry(const char *spec, const char *name, int *number)
{
	size_t len = strlen(name);

	for (const char *p = spec; p && *p; p = strchr(p, ','), p = p ? p + 1 : NULL) {
		if (strncmp(p, name, len) != 0)
			continue;
		*number = strncmp(p + len, ":kill", 5) == 0 ? SIGKILL
			: strncmp(p + len, ":stop", 5) == 0 ? SIGSTOP
							    : 0;
		if (*number)
			return p + len + 5;
	}
	return NULL;
}

static void
report(const char *name)
{
	char path[512];

	if (!armed_file || snprintf(path, sizeof path, "%s.fired", armed_file) >= (int)sizeof path)
		return;
	autoclose fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0)
		dprintf(fd, "%s\n", name);
}

static void
check(const char *spec, const char *name)
{
	int number;
	const char *rest = find_entry(spec, name, &number);

	if (!rest)
		return;
	unsigned wanted = *rest == '@' ? (unsigned)strtoul(rest + 1, NULL, 10) : 1;
	if (!is_hit(name, wanted))
		return;
	report(name);
	raise(number);
}

void
failpoint(const char *name)
{
	pthread_once(&once, read_environment);
	if (!armed && !armed_file)
		return;
	pthread_mutex_lock(&lock);
	char spec[512] = "";
	if (armed_file) {
		autofclose *file = fopen(armed_file, "re");
		if (file && fgets(spec, sizeof spec, file))
			spec[strcspn(spec, "\n")] = '\0';
	}
	check(armed ? armed : spec, name);
	pthread_mutex_unlock(&lock);
}
