// SPDX-License-Identifier: Apache-2.0
#include "base/fs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

bool
fs_read(struct arena *arena, const char *path, size_t max, struct slice *out, struct error *e)
{
	autoclose fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERR_INVALID, "%s: not a regular file", path);
	// Files in sysfs and procfs claim a page or nothing: the size is only a hint.
	size_t cap = st.st_size > 0 ? (size_t)st.st_size + 1 : 4096, len = 0;
	char *data = arena_alloc(arena, cap + 1);
	for (;;) {
		if (len > max)
			return error_set(e, ERR_LIMIT, "%s: larger than %zu bytes", path, max);
		if (len == cap) {
			char *grown = arena_alloc(arena, cap * 2 + 1);
			memcpy(grown, data, len);
			data = grown;
			cap *= 2;
		}
		ssize_t n = read(fd, data + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(e, "%s", path);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	data[len] = '\0';
	*out = slice_of(data, len);
	return true;
}

bool
fs_read_line(struct arena *arena, const char *path, char **out, struct error *e)
{
	struct slice data;

	if (!fs_read(arena, path, 64 << 10, &data, e))
		return false;
	size_t len = data.len;
	while (len > 0 && isspace(data.data[len - 1]))
		len--;
	*out = arena_strndup(arena, (const char *)data.data, len);
	return true;
}

static bool
write_all(int fd, struct slice data)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.data, data.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data.data += n;
		data.len -= (size_t)n;
	}
	return true;
}

static bool
sync_parent(const char *path, struct error *e)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof dir, "%s", path);
	char *slash = strrchr(dir, '/');
	if (!slash)
		snprintf(dir, sizeof dir, ".");
	else
		slash[slash == dir] = '\0';
	autoclose fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return error_errno(e, "%s", dir);
	return true;
}

bool
fs_write(const char *path, struct slice data, mode_t mode, struct error *e)
{
	char temp[PATH_MAX];

	if (snprintf(temp, sizeof temp, "%s.new", path) >= (int)sizeof temp)
		return error_set(e, ERR_LIMIT, "path too long");
	// A file left over by a power cut may have another mode or owner: start from nothing.
	if (unlink(temp) < 0 && errno != ENOENT)
		return error_errno(e, "%s", temp);
	{
		autoclose fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd < 0)
			return error_errno(e, "%s", temp);
		if (fchmod(fd, mode) < 0 || !write_all(fd, data) || fsync(fd) < 0) {
			error_errno(e, "%s", temp);
			unlink(temp);
			return false;
		}
	}
	if (rename(temp, path) < 0)
		return error_errno(e, "%s", path);
	return sync_parent(path, e);
}

bool
fs_mkdirs(const char *path, mode_t mode, struct error *e)
{
	char partial[PATH_MAX];

	if (snprintf(partial, sizeof partial, "%s", path) >= (int)sizeof partial)
		return error_set(e, ERR_LIMIT, "path too long");
	for (char *p = partial + 1;; p++) {
		char stop = *p;
		if (stop != '/' && stop != '\0')
			continue;
		*p = '\0';
		if (mkdir(partial, mode) < 0 && errno != EEXIST)
			return error_errno(e, "%s", partial);
		*p = stop;
		if (stop == '\0')
			return true;
	}
}

bool
fs_remove(const char *path, struct error *e)
{
	if (unlink(path) < 0) {
		if (errno == ENOENT)
			return true;
		return error_errno(e, "%s", path);
	}
	return sync_parent(path, e);
}

bool
fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}
