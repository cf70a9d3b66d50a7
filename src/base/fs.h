// SPDX-License-Identifier: Apache-2.0
// Files as a crash-safe program needs them: read whole with a limit, replaced atomically and
// durably.
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include <sys/types.h>

// Read a whole regular file of at most `max` bytes; a NUL follows the data. ERR_NOT_FOUND,
// ERR_LIMIT, ERR_IO.
bool fs_read(struct arena *arena, const char *path, size_t max, struct slice *out,
	struct error *e) MUST_CHECK;

// As fs_read, for a text: trailing white space removed.
bool fs_read_line(struct arena *arena, const char *path, char **out, struct error *e) MUST_CHECK;

// Replace the file atomically: write beside it, fsync, rename, fsync the directory. After a power
// cut the old or the new content is there, never a mixture.
bool fs_write(const char *path, struct slice data, mode_t mode, struct error *e) MUST_CHECK;

// Make the directory and its parents.
bool fs_mkdirs(const char *path, mode_t mode, struct error *e) MUST_CHECK;

// Remove a file durably; a file that is not there is no error.
bool fs_remove(const char *path, struct error *e) MUST_CHECK;

bool fs_exists(const char *path);
