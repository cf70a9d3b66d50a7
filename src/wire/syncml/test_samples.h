// SPDX-License-Identifier: Apache-2.0
// Where tests find the published examples and the DTD, which are no part of the project.
#pragma once

#include "base/fs.h"
#include "base/testing.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

// Folder with the samples, or NULL: FERRY_SAMPLES, or ../shared/samples beside the
// source tree.
static inline const char *
samples_folder(struct arena *arena)
{
	const char *folder = getenv("FERRY_SAMPLES"), *root = getenv("FERRY_SOURCE_ROOT");

	if (!folder && root)
		folder = arena_printf(arena, "%s/../shared/samples", root);
	if (folder && fs_exists(folder))
		return folder;
	return NULL;
}

// The published example with that name ("MS-MDM-03"), or an empty slice.
static inline struct slice
sample(struct arena *arena, const char *name)
{
	const char *folder = arena_printf(arena, "%s/spec-examples", samples_folder(arena));
	struct slice text = {0};
	struct dirent *entry;
	struct error e;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, name, strlen(name)) == 0 &&
			!fs_read(arena, arena_printf(arena, "%s/%s", folder, entry->d_name),
				1 << 20, &text, &e))
			fprintf(stderr, "%s: %s\n", name, e.message);
	if (dir)
		closedir(dir);
	return text;
}

// True when xmllint finds the text valid against the SyncML DTD of the samples.
static inline bool
dtd_valid(struct arena *arena, struct slice text)
{
	char *dtd = arena_printf(arena, "%s/syncml-dm12.dtd", samples_folder(arena));
	char path[] = "/tmp/syncml-XXXXXX";
	autoclose fd = mkstemp(path);
	int status = -1;

	if (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len)
		return false;
	pid_t child = fork();
	if (child == 0) {
		execlp("xmllint", "xmllint", "--noout", "--nonet", "--dtdvalid", dtd, path, NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	unlink(path);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
