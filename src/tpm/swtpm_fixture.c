// SPDX-License-Identifier: Apache-2.0
#include "tpm/swtpm_fixture.h"

#include "base/fs.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static char *
script(struct arena *arena)
{
	const char *root = getenv("FERRY_SOURCE_ROOT");

	return arena_printf(arena, "%s/test/lab/swtpm", root ? root : "../..");
}

// Run a program to its end; what it prints goes to `output` unless that is NULL.
static bool
run(char *const argv[], const char *output)
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (output)
		posix_spawn_file_actions_addopen(
			&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool ok = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) == 0;
	posix_spawn_file_actions_destroy(&actions);
	return ok && waitpid(pid, &status, 0) == pid && status == 0;
}

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "swtpm fixture: cannot %s\n", what);
	exit(1);
}

bool
swtpm_lab(struct arena *arena, char **dir)
{
	char *made = arena_strdup(arena, "/tmp/ferry-tpm-XXXXXX");

	if (access("/usr/bin/swtpm_setup", X_OK) < 0 || !mkdtemp(made))
		return false;
	char *ca = arena_printf(arena, "%s/ca", made);
	must(run((char *[]){script(arena), (char *)"make-ca", ca, NULL}, NULL), "make the CA");
	*dir = made;
	return true;
}

char *
swtpm_start(struct arena *arena, const char *dir, const char *name)
{
	char *tpm = arena_printf(arena, "%s/%s", dir, name), *tcti;
	char *ca = arena_printf(arena, "%s/ca", dir), *out = arena_printf(arena, "%s/out", dir);
	struct error e;

	must(run((char *[]){script(arena), (char *)"make", tpm, (char *)name, ca, NULL}, NULL),
		"make a TPM");
	must(run((char *[]){script(arena), (char *)"start", tpm, NULL}, out), "start a TPM");
	must(fs_read_line(arena, out, &tcti, &e), "read the TCTI");
	return tcti;
}

void
swtpm_stop(const char *dir, const char *name)
{
	autoarena(arena, ARENA_SMALL);
	char *tpm = arena_printf(&arena, "%s/%s", dir, name);

	must(run((char *[]){script(&arena), (char *)"stop", tpm, NULL}, NULL), "stop a TPM");
}

void
swtpm_remove_lab(const char *dir)
{
	run((char *[]){(char *)"rm", (char *)"-rf", (char *)dir, NULL}, NULL);
}
