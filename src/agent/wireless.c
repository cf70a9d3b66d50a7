// SPDX-License-Identifier: Apache-2.0
#include "agent/wireless.h"

#include "agent/command.h"
#include "agent/csp/csp.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/uuid.h"
#include <stdlib.h>

enum { SCAN_S = 15, JOIN_S = 60, KEY_MIN = 8, KEY_MAX = 64 };

// The next field of a line of nmcli's terse output: ':' ends it, '\' protects what follows.
static const char *
field(struct arena *arena, const char **at)
{
	char *out = arena_alloc(arena, strlen(*at) + 1);
	size_t len = 0;
	const char *c = *at;

	for (; *c && *c != ':' && *c != '\n'; c++) {
		if (*c == '\\' && c[1] && c[1] != '\n')
			c++;
		out[len++] = *c;
	}
	*at = *c == ':' ? c + 1 : c;
	return out;
}

// "WPA1 WPA2" is a key; "WPA2 802.1X" is a person's account, which nobody has here.
static bool
key_management(const char *security, const char **out)
{
	if (strstr(security, "802.1X") || strstr(security, "WEP") || strstr(security, "OWE"))
		return false;
	*out = str_empty(security) || str_eq(security, "--")	       ? NULL
		: strstr(security, "WPA2") || strstr(security, "WPA1") ? "wpa-psk"
								       : "sae";
	return true;
}

// One name is in the air once for each access point: the strongest counts.
static void
add(struct wireless *out, const struct wireless_network *network)
{
	for (size_t i = 0; i < out->count; i++) {
		struct wireless_network *same = &out->networks[i];
		if (!str_eq(same->ssid, network->ssid))
			continue;
		same->signal = network->signal > same->signal ? network->signal : same->signal;
		same->connected = same->connected || network->connected;
		return;
	}
	if (out->count < WIRELESS_MAX)
		out->networks[out->count++] = *network;
}

static int
by_signal(const void *a, const void *b)
{
	const struct wireless_network *x = a, *y = b;

	return x->signal != y->signal ? y->signal - x->signal : strcmp(x->ssid, y->ssid);
}

static void
parse_line(struct arena *arena, const char *line, struct wireless *out)
{
	struct wireless_network network = {0};
	uint64_t signal;

	network.connected = str_eq(field(arena, &line), "*");
	network.ssid = field(arena, &line);
	const char *strength = field(arena, &line);
	if (!wireless_name_usable(network.ssid) || !utf8_valid(slice_str(network.ssid)) ||
		!str_to_u64(strength, 100, &signal) ||
		!key_management(field(arena, &line), &network.key_management))
		return;
	network.signal = (int)signal;
	add(out, &network);
}

void
wireless_parse(struct arena *arena, const char *text, struct wireless *out)
{
	*out = (struct wireless){0};
	while (text) {
		parse_line(arena, text, out);
		text = strchr(text, '\n');
		text = text && text[1] ? text + 1 : NULL;
	}
	qsort(out->networks, out->count, sizeof *out->networks, by_signal);
}

void
wireless_scan(struct arena *arena, struct wireless *out)
{
	static const char *const argv[] = {"nmcli", "-t", "-e", "yes", "-f",
		"IN-USE,SSID,SIGNAL,SECURITY", "device", "wifi", "list", NULL};
	const char *text;
	struct error ignored;

	*out = (struct wireless){0};
	if (command_run(arena, argv, SCAN_S, &text, &ignored))
		wireless_parse(arena, text, out);
}

// The network's own page that asks for a sign-in stands between device and service.
static bool
behind_portal(struct arena *arena)
{
	static const char *const argv[] = {
		"nmcli", "-t", "networking", "connectivity", "check", NULL};
	const char *text;
	struct error ignored;

	return command_run(arena, argv, SCAN_S, &text, &ignored) && str_starts(text, "portal");
}

static char *
profile_path(struct arena *arena, const char *ssid)
{
	return arena_printf(arena, WIFI_FOLDER "/%s.nmconnection", ssid);
}

void
wireless_page(struct arena *arena, struct jsonw *w)
{
	struct wireless found;

	wireless_scan(arena, &found);
	if (!found.count)
		return;
	bool portal = behind_portal(arena);
	jsonw_array(w, "networks");
	for (size_t i = 0; i < found.count; i++) {
		const struct wireless_network *n = &found.networks[i];
		jsonw_object(w, NULL);
		jsonw_str(w, "id", n->ssid);
		jsonw_int(w, "signal", n->signal);
		jsonw_bool(w, "secured", n->key_management != NULL);
		jsonw_bool(w, "known", fs_exists(profile_path(arena, n->ssid)));
		jsonw_str(w, "state", !n->connected ? NULL : portal ? "portal" : "connected");
		jsonw_end_object(w);
	}
	jsonw_end_array(w);
}

bool
wireless_name_usable(const char *ssid)
{
	return !str_empty(ssid) && strlen(ssid) <= 32 && !strpbrk(ssid, "/\r\n") && ssid[0] != '.';
}

bool
wireless_save(struct arena *arena, const char *mark, const char *ssid, const char *management,
	const char *key, struct error *e)
{
	struct buf text;

	buf_init(&text, arena, 16 << 10);
	buf_printf(&text,
		"%s[connection]\nid=%s\nuuid=%s\ntype=wifi\nautoconnect=true\n\n[wifi]\nmode="
		"infrastructure\nssid=%s\n",
		mark, ssid, uuid_new(arena), ssid);
	if (management)
		buf_printf(&text, "\n[wifi-security]\nkey-mgmt=%s\npsk=%s\n", management, key);
	buf_puts(&text, "\n[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n");
	return buf_ok(&text, e) && fs_mkdirs(WIFI_FOLDER, 0755, e) &&
		fs_write(profile_path(arena, ssid), buf_slice(&text), 0600, e);
}

static const struct wireless_network *
network_named(const struct wireless *found, const char *ssid)
{
	for (size_t i = 0; i < found->count; i++)
		if (str_eq(found->networks[i].ssid, ssid))
			return &found->networks[i];
	return NULL;
}

static bool
save_with_key(struct arena *arena, const struct wireless_network *network, const char *key,
	struct error *e)
{
	size_t len = strlen(key);

	if (network->key_management && (len < KEY_MIN || len > KEY_MAX || strpbrk(key, "\r\n")))
		return error_fault(e, ERR_INVALID, "wireless_key_refused",
			"a key has %d to %d characters", KEY_MIN, KEY_MAX);
	return wireless_save(arena, "", network->ssid, network->key_management, key, e);
}

static bool
bring_up(struct arena *arena, const char *path, const char *ssid, struct error *e)
{
	const char *const load[] = {"nmcli", "connection", "load", path, NULL};
	const char *const up[] = {"nmcli", "connection", "up", "id", ssid, NULL};
	const char *output = "";
	struct error why;

	if (command_run(arena, load, SCAN_S, &output, &why) &&
		command_run(arena, up, JOIN_S, &output, &why))
		return true;
	bool key = strstr(output, "Secrets were required") != NULL;
	return error_fault(e, ERR_UNAVAILABLE, key ? "wireless_key_refused" : "wireless_failed",
		"%.200s: %.300s", ssid, *output ? output : why.message);
}

bool
wireless_connect(struct arena *arena, const char *ssid, const char *key, struct error *e)
{
	struct wireless found;
	struct error ignored;

	wireless_scan(arena, &found);
	const struct wireless_network *network = network_named(&found, ssid);
	if (!network)
		return error_fault(e, ERR_NOT_FOUND, "wireless_failed",
			"\"%.64s\" is not in reach any more", ssid);
	char *path = profile_path(arena, ssid);
	bool known = fs_exists(path);
	if (!known || *key)
		if (!save_with_key(arena, network, key, e))
			return false;
	if (bring_up(arena, path, ssid, e))
		return true;
	// A key that is wrong must not be tried again by itself at every start.
	if (!known && !fs_remove(path, &ignored))
		return false;
	return false;
}
