// SPDX-License-Identifier: Apache-2.0
#include "agent/removal.h"

#include "agent/command.h"
#include "agent/csp/csp.h"
#include "agent/machine_password.h"
#include "agent/tunnel.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "base/uuid.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REMOVE_TIMEOUT_S = 300, MAX_DEPTH = 200, MAX_ROUNDS = 100000, PROFILE_MAX = 64 << 10 };

// A folder that is another file system is no part of this device: its files stay. Directories tell;
// the files of an overlay have numbers of their own.
static bool
is_mount(const char *path, dev_t parent)
{
	struct stat info;

	return lstat(path, &info) == 0 && S_ISDIR(info.st_mode) && info.st_dev != parent;
}

// A folder that is being emptied; `lifted` counts what was put to its top.
struct emptying {
	int top;
	dev_t device;
	unsigned lifted;
};

// Deeper than descriptors go: it is moved to the top, whose turn comes again.
static bool
lift(struct emptying *x, int from, const char *name, struct error *e)
{
	char to[24];
	uint8_t number[8];

	random_bytes(number, sizeof number);
	memcpy(to, ".ferry-", 8);
	for (size_t i = 0; i < sizeof number; i++)
		snprintf(to + 7 + 2 * i, 3, "%02x", number[i]);
	x->lifted++;
	return renameat(from, name, x->top, to) == 0 || errno == ENOENT ||
		error_errno(e, "%s", name);
}

// Every entry, depth first, by its name in an open folder: a link is removed, not followed. Takes
// the descriptor.
static bool
empty_folder(struct emptying *x, int fd, const char *path, int depth, struct error *e)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	bool ok = true;

	if (!dir) {
		close(fd);
		return error_errno(e, "%s", path);
	}
	while (ok && (entry = readdir(dir))) {
		struct stat info;
		const char *name = entry->d_name;
		if (str_eq(name, ".") || str_eq(name, "..") ||
			fstatat(dirfd(dir), name, &info, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		bool folder = S_ISDIR(info.st_mode);
		if (folder && info.st_dev != x->device) {
			log_warn("%s/%s is another file system: it stays", path, name);
			continue;
		}
		if (folder && depth == 0) {
			ok = lift(x, dirfd(dir), name, e);
			continue;
		}
		int child = folder
			? openat(dirfd(dir), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
			: -1;
		if (folder && child >= 0)
			ok = empty_folder(x, child, name, depth - 1, e);
		if (ok && unlinkat(dirfd(dir), name, folder ? AT_REMOVEDIR : 0) < 0 &&
			errno != ENOENT && errno != EBUSY && errno != ENOTEMPTY)
			ok = error_errno(e, "%s/%s", path, name);
	}
	closedir(dir);
	return ok;
}

static bool
remove_tree(const char *path, struct error *e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat info;
	int rounds = 0;

	if (lstat(path, &info) < 0)
		return errno == ENOENT || error_errno(e, "%s", path);
	if (!S_ISDIR(info.st_mode))
		return fs_remove(path, e);
	autoclose top = open(path, flags);
	if (top < 0)
		return error_errno(e, "%s", path);
	struct emptying x = {.top = top, .device = info.st_dev};
	do {
		x.lifted = 0;
		int fd = openat(top, ".", flags);
		if (fd < 0)
			return error_errno(e, "%s", path);
		if (!empty_folder(&x, fd, path, MAX_DEPTH, e))
			return false;
	} while (x.lifted && ++rounds < MAX_ROUNDS);
	return rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY ||
		error_errno(e, "%s", path);
}

// Call `each` for every entry of a folder; a folder that is not there has none.
static bool
in_folder(struct agent *agent, const char *folder,
	bool (*each)(struct agent *agent, const char *path, const char *name, struct error *e),
	struct error *e)
{
	DIR *dir = opendir(folder);
	bool ok = true;

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR || error_errno(e, "%s", folder);
	for (struct dirent *entry; ok && (entry = readdir(dir));)
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			ok = each(agent, arena_printf(agent->step, "%s/%s", folder, entry->d_name),
				entry->d_name, e);
	closedir(dir);
	return ok;
}

static bool
home(struct agent *agent, const char *path, const char *name, struct error *e)
{
	struct stat info;

	(void)name;
	if (stat(agent->config.homes, &info) == 0 && is_mount(path, info.st_dev)) {
		log_warn("%s is another file system: it stays", path);
		return true;
	}
	return remove_tree(path, e);
}

bool
removal_homes(struct agent *agent, struct error *e)
{
	return str_empty(agent->config.homes) || in_folder(agent, agent->config.homes, home, e);
}

// A package that is gone already is no error to dpkg; one that others need stays, and is said.
bool
removal_apps(struct agent *agent, struct error *e)
{
	const struct journal *journal = &agent->journal;

	(void)e;
	for (size_t i = 0; i < journal->package_count; i++) {
		const char *const argv[] = {"dpkg", "--purge", journal->packages[i], NULL};
		const char *output;
		struct error why;
		if (!command_run(agent->step, argv, REMOVE_TIMEOUT_S, &output, &why))
			log_warn("%s stays: %s", journal->packages[i], why.message);
	}
	return fs_mkdirs(agent_path(agent, agent->step, "packages"), 0700, e) &&
		remove_tree(agent_path(agent, agent->step, "packages"), e);
}

static bool
own_profile(struct agent *agent, const char *path, const char *name, struct error *e)
{
	(void)agent;
	return (!str_starts(name, "60-ferry") && !str_starts(name, "61-ferry")) ||
		fs_remove(path, e);
}

bool
removal_settings(struct agent *agent, struct error *e)
{
	return in_folder(agent, "/etc/issue.d", own_profile, e) &&
		in_folder(agent, "/etc/profile.d", own_profile, e) && fs_remove(KIOSK_FILE, e);
}

// The first line says whose a connection is (csp/wifi.c).
static bool
own_network(struct agent *agent, const char *path, const char *name, struct error *e)
{
	struct slice text;

	(void)name;
	if (!fs_read(agent->step, path, PROFILE_MAX, &text, e))
		return e->code == ERR_NOT_FOUND || e->code == ERR_LIMIT;
	size_t len = strlen(WIFI_MARK);
	return text.len < len || memcmp(text.data, WIFI_MARK, len) != 0 || fs_remove(path, e);
}

bool
removal_networks(struct agent *agent, struct error *e)
{
	return in_folder(agent, WIFI_FOLDER, own_network, e) && tunnels_remove(agent, e);
}

static const char *
stale_roots(struct agent *agent)
{
	return agent_path(agent, agent->step, "roots-stale");
}

// The mark is older than the first file that is missing: what the system trusts is made anew also
// when the power is cut in between, and only then. It takes seconds.
static bool
own_root(struct agent *agent, const char *path, const char *name, struct error *e)
{
	return !str_starts(name, "ferry-") ||
		(fs_write(stale_roots(agent), slice_of(NULL, 0), 0600, e) && fs_remove(path, e));
}

bool
removal_roots(struct agent *agent, struct error *e)
{
	static const char *const update[] = {"update-ca-certificates", "--fresh", NULL};
	const char *output;
	struct error why;

	if (!in_folder(agent, "/usr/local/share/ca-certificates", own_root, e))
		return false;
	if (access(stale_roots(agent), F_OK) < 0)
		return true;
	if (!command_run(agent->step, update, REMOVE_TIMEOUT_S, &output, &why))
		log_warn("%s", why.message);
	return fs_remove(stale_roots(agent), e);
}

bool
removal_join(struct agent *agent, struct error *e)
{
	const struct journal *journal = &agent->journal;

	if (journal->computer_name && !fs_write("/etc/hostname", slice_str("localhost\n"), 0644, e))
		return false;
	return machine_password_forget(agent->config.keytab, e) &&
		fs_remove(agent->config.keytab, e) && fs_remove(agent->config.sssd_conf, e) &&
		(!journal->joined || fs_remove(agent->config.krb5_conf, e));
}
