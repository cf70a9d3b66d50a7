// SPDX-License-Identifier: Apache-2.0
// Which wireless networks are in reach and how the device joins one: through NetworkManager, where
// it runs (nmcli(1), nm-settings-keyfile(5)).
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "codec/json.h"

enum { WIRELESS_MAX = 40 };

struct wireless_network {
	const char *ssid;
	int signal;		    // per cent
	const char *key_management; // "wpa-psk", "sae"; NULL: open
	bool connected;
};

struct wireless {
	struct wireless_network networks[WIRELESS_MAX];
	size_t count;
};

// Read what `nmcli -t -e yes -f IN-USE,SSID,SIGNAL,SECURITY device wifi list` prints: each name
// once, the strongest first. Networks without a name and those that ask for more than a key are
// left out.
void wireless_parse(struct arena *arena, const char *text, struct wireless *out);

// What is in reach now; nothing where NetworkManager is not.
void wireless_scan(struct arena *arena, struct wireless *out);

// "networks":[…] of the network page; nothing when there are none.
void wireless_page(struct arena *arena, struct jsonw *w);

// Write a connection; `mark` is its first line, or "". `key_management` NULL: open. The name must
// be fit for a file (wireless_name_usable).
bool wireless_save(struct arena *arena, const char *mark, const char *ssid,
	const char *key_management, const char *key, struct error *e) MUST_CHECK;

// No '/', line end or leading '.'.
bool wireless_name_usable(const char *ssid);

// Join a network that is in reach. Faults: wireless_key_refused, wireless_failed.
bool wireless_connect(
	struct arena *arena, const char *ssid, const char *key, struct error *e) MUST_CHECK;
