// SPDX-License-Identifier: Apache-2.0
#include "agent/tunnel.h"

#include "agent/command.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/str.h"
#include "codec/base64.h"
#include "pki/hash.h"
#include "pki/x25519.h"
#include <dirent.h>
#include <errno.h>
#include <time.h>

// FRESH_S: WireGuard renews a session after two minutes and gives it up after three.
enum { FILE_MAX = 16 << 10, UP_S = 60, DOWN_S = 30, SHOW_S = 10, FRESH_S = 180, POLL_MS = 100 };

#define MARK "# Ferry\n"

static char *
conf_path(const struct agent *agent, const char *name)
{
	return arena_printf(agent->step, "%s/%s.conf", agent->config.vpn_dir, name);
}

static char *
key_path(const struct agent *agent, const char *name)
{
	return agent_path(agent, agent->step, arena_printf(agent->step, "wireguard/%s.key", name));
}

static bool
read_key(struct agent *agent, const char *name, uint8_t out[X25519_LEN], struct error *e)
{
	struct slice text, bytes;

	if (!fs_read(agent->step, key_path(agent, name), FILE_MAX, &text, e) ||
		!base64_decode(agent->step, text, BASE64_WHITESPACE, X25519_LEN, &bytes, e))
		return false;
	if (bytes.len != X25519_LEN)
		return error_set(e, ERR_INVALID, "%s: no key", key_path(agent, name));
	memcpy(out, bytes.data, X25519_LEN);
	return true;
}

// A key stays as long as the tunnel does: the gateway knows its public half.
static bool
make_key(struct agent *agent, const char *name, struct error *e)
{
	uint8_t key[X25519_LEN];

	if (read_key(agent, name, key, e)) {
		secret_wipe(key, sizeof key);
		return true;
	}
	if (!fs_mkdirs(agent_path(agent, agent->step, "wireguard"), 0700, e) || !x25519_new(key, e))
		return false;
	char *text = arena_printf(
		agent->step, "%s\n", base64_encode(agent->step, slice_of(key, sizeof key)));
	bool ok = fs_write(key_path(agent, name), slice_str(text), 0600, e);
	secret_wipe(key, sizeof key);
	secret_wipe(text, strlen(text));
	return ok;
}

// The key is not in the file (wg-quick(8), PostUp), so that nobody who reads the settings has it.
// PersistentKeepalive makes the device speak first: it is behind somebody's router.
static bool
write_conf(struct agent *agent, const char *name, const struct vpn_profile *p, struct error *e)
{
	struct buf text;

	buf_init(&text, agent->step, FILE_MAX);
	buf_printf(&text, MARK "[Interface]\nAddress = %s/32\n", p->address);
	if (p->dns)
		buf_printf(&text, "DNS = %s%s%s\n", p->dns, p->search ? ", " : "",
			p->search ? p->search : "");
	buf_printf(&text, "PostUp = wg set %%i private-key %s\n", key_path(agent, name));
	buf_printf(&text,
		"\n[Peer]\nPublicKey = %s\nEndpoint = %s\nAllowedIPs = %s\nPersistentKeepalive = "
		"25\n",
		p->gateway_key, p->endpoint, p->allowed);
	return buf_ok(&text, e) && fs_mkdirs(agent->config.vpn_dir, 0700, e) &&
		fs_write(conf_path(agent, name), buf_slice(&text), 0600, e);
}

bool
tunnel_save(struct agent *agent, const char *name, const struct vpn_profile *p, struct error *e)
{
	return make_key(agent, name, e) && write_conf(agent, name, p, e);
}

bool
tunnel_public_key(struct agent *agent, const char *name, const char **out, struct error *e)
{
	uint8_t key[X25519_LEN], public_key[X25519_LEN];

	if (!read_key(agent, name, key, e))
		return false;
	bool ok = x25519_public(key, public_key, e);
	secret_wipe(key, sizeof key);
	if (ok)
		*out = base64_encode(agent->step, slice_of(public_key, sizeof public_key));
	return ok;
}

// A command of the configuration; the name has nothing in it that a shell would read.
static bool
run(struct agent *agent, const char *command, const char *name, int timeout_s, struct error *e)
{
	const char *at = strstr(command, "%s"), *output;
	const char *line = at
		? arena_printf(agent->step, "%.*s%s%s", (int)(at - command), command, name, at + 2)
		: command;
	const char *const argv[] = {"sh", "-c", line, NULL};

	return command_run(agent->step, argv, timeout_s, &output, e);
}

// When the gateway answered last; 0: not yet, or the tunnel is closed.
static int64_t
last_answer(struct agent *agent, const char *name)
{
	const char *const argv[] = {"wg", "show", name, "latest-handshakes", NULL};
	const char *output, *tab;
	struct error ignored;
	uint64_t at;

	if (!command_run(agent->step, argv, SHOW_S, &output, &ignored) ||
		!(tab = strchr(output, '\t')))
		return 0;
	const char *number = arena_strndup(agent->step, tab + 1, strcspn(tab + 1, "\n"));
	return str_to_u64(number, INT64_MAX, &at) ? (int64_t)at : 0;
}

static bool
wait_for_answer(struct agent *agent, const char *name, int64_t wait_s, struct error *e)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	int64_t until = clock_monotonic_ms() + wait_s * 1000;

	while (!last_answer(agent, name)) {
		if (clock_monotonic_ms() > until)
			return error_fault(e, ERR_TIMEOUT, "vpn_no_handshake",
				"the gateway of %s did not answer within %lld s", name,
				(long long)wait_s);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	}
	log_info("tunnel %s is open", name);
	return true;
}

// What is half open is closed first: a gateway that has learned of this device meanwhile is asked
// anew at once, instead of when WireGuard tries again by itself.
static bool
open_one(struct agent *agent, const char *name, int64_t wait_s, struct error *e)
{
	struct error why;
	int64_t at = last_answer(agent, name);

	if (at && (int64_t)time(NULL) - at < FRESH_S)
		return true;
	if (!run(agent, agent->config.vpn_down, name, DOWN_S, &why))
		log_debug("tunnel %s: %s", name, why.message);
	if (!run(agent, agent->config.vpn_up, name, UP_S, &why))
		return error_fault(
			e, ERR_UNAVAILABLE, "vpn_not_started", "%s: %s", name, why.message);
	return !wait_s || wait_for_answer(agent, name, wait_s, e);
}

static bool
is_ours(struct agent *agent, const char *name)
{
	struct slice text;
	struct error ignored;

	return fs_read(agent->step, conf_path(agent, name), FILE_MAX, &text, &ignored) &&
		text.len >= strlen(MARK) && memcmp(text.data, MARK, strlen(MARK)) == 0;
}

// Call `each` for every tunnel of ours; all are tried, the first failure is what is said.
static bool
for_each(struct agent *agent,
	bool (*each)(struct agent *agent, const char *name, int64_t wait_s, struct error *e),
	int64_t wait_s, struct error *e)
{
	DIR *dir = opendir(agent->config.vpn_dir);
	struct error why;
	bool ok = true;

	if (!dir)
		return errno == ENOENT || error_errno(e, "%s", agent->config.vpn_dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (!str_ends(entry->d_name, ".conf"))
			continue;
		const char *name =
			arena_strndup(agent->step, entry->d_name, strlen(entry->d_name) - 5);
		if (!vpn_name_usable(name) || !is_ours(agent, name) ||
			each(agent, name, wait_s, &why))
			continue;
		log_warn("tunnel %s: %s", name, why.message);
		if (ok)
			*e = why;
		ok = false;
	}
	closedir(dir);
	return ok;
}

bool
tunnels_open(struct agent *agent, int64_t wait_s, struct error *e)
{
	return for_each(agent, open_one, wait_s, e);
}

// The key goes first: a tunnel without one opens nothing.
static bool
remove_one(struct agent *agent, const char *name, int64_t wait_s, struct error *e)
{
	struct error why;

	(void)wait_s;
	if (!run(agent, agent->config.vpn_down, name, DOWN_S, &why))
		log_debug("tunnel %s: %s", name, why.message);
	return fs_remove(key_path(agent, name), e) && fs_remove(conf_path(agent, name), e);
}

bool
tunnels_remove(struct agent *agent, struct error *e)
{
	return for_each(agent, remove_one, 0, e);
}
